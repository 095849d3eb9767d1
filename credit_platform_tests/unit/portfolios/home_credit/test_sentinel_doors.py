"""A sentinel is valid beside the range at every door, and opens none of them for another value."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from bento.published.schema import column_schema
from credit_platform.errors import RequestError
from credit_platform.features.request_rows import RowReader
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.source_table import SourceTable
from credit_platform.quality.rules import row_rules
from credit_platform.values import Fault, ValueRule

HOME_CREDIT = get_portfolio("home_credit")
CASES = [
    ("application_train", "DAYS_EMPLOYED", 365243, -1500, 36500),
    ("application_train", "REGION_RATING_CLIENT_W_CITY", -1, 2, 0),
    ("previous_application", "DAYS_FIRST_DUE", 365243.0, -200.0, 300000.0),
    ("previous_application", "SELLERPLACE_AREA", -1, 40, -2),
]


def by_rules(table: SourceTable, name: str, value: Any) -> bool:
    rules = [rule for rule in row_rules(table) if rule.column == name]
    frame = pl.DataFrame({name: [value]})
    return not any(frame.select(rule.broken).item() for rule in rules)


def by_request(table: SourceTable, name: str, value: Any) -> bool:
    rule = ValueRule(table.column(name))
    found = rule.read_all([value])
    assert (found is None) == isinstance(rule.read(value), Fault)
    return found is not None


def by_cell(table: SourceTable, name: str, value: Any) -> bool:
    return not isinstance(ValueRule(table.column(name)).read_cell(str(value)), Fault)


@pytest.mark.parametrize("door", [by_rules, by_request, by_cell])
@pytest.mark.parametrize("case", CASES)
def test_the_sentinel_and_the_range_are_valid_and_nothing_else(door: Any, case: tuple[Any, ...]) -> None:
    table, name, *values = case
    contract = HOME_CREDIT.table(table)
    assert [door(contract, name, value) for value in values] == [True, True, False]


def test_the_library_reads_the_sentinel_and_refuses_what_lies_beside_the_range() -> None:
    table = HOME_CREDIT.table("previous_application")
    row: dict[str, Any] = {
        c.name: None if c.nullable else c.allowed[0] if c.allowed else c.maximum or c.minimum or 0
        for c in table.columns
        if c.name != "SK_ID_CURR"
    }
    reader = RowReader(table, HOME_CREDIT, needed=["DAYS_FIRST_DUE"], is_application=False)
    assert reader.read({**row, "DAYS_FIRST_DUE": 365243.0}, "rows[0]").values_read["DAYS_FIRST_DUE"] is None
    with pytest.raises(RequestError, match="DAYS_FIRST_DUE is 300000"):
        reader.read({**row, "DAYS_FIRST_DUE": 300000.0}, "rows[0]")


def test_the_published_schema_shows_the_sentinel_beside_the_range() -> None:
    schema = column_schema(HOME_CREDIT.table("application_train").column("DAYS_EMPLOYED"))
    assert schema["anyOf"][0] == {"type": "integer", "minimum": -30000, "maximum": 0}
    assert schema["anyOf"][1]["const"] == 365243
