"""The Pandera contract and its enforcement agree with the declaration, column by column and rule by rule."""

from __future__ import annotations

import dataclasses
import sys

import pandera.polars as pa
import polars as pl
import pytest
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaErrors

from credit_platform.errors import ContractError
from credit_platform.quality import contract, enforce
from credit_platform_tests.unit.quality.tables import EVENTS, LOANS, ROWS, frame


def test_contract_is_the_declaration() -> None:
    schema = contract(LOANS)
    assert isinstance(schema, pa.DataFrameSchema)
    assert list(schema.columns) == list(LOANS.column_names)
    assert schema.unique == ["id"]
    assert schema.strict
    assert schema.ordered
    assert [schema.columns[name].nullable for name in LOANS.column_names] == [False, True, True, False, False]
    assert [check.name for check in schema.columns["amount"].checks] == ["type:amount", "range:amount"]
    assert contract(EVENTS).unique is None


def test_contract_validates_by_itself() -> None:
    wrong = frame(ROWS[0], (1, 10, -1.0, "boat", 0))
    with config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA), pytest.raises(SchemaErrors) as raised:
        contract(LOANS).validate(wrong, lazy=True)
    checks = " ".join(raised.value.failure_cases["check"])
    for expected in ("allowed:purpose (is one of: car, tv)", "range:amount", "multiple_fields_uniqueness"):
        assert expected in checks


@pytest.mark.parametrize("good", [frame(*ROWS), frame()], ids=["rows", "no rows"])
def test_good_rows_pass(good: pl.DataFrame) -> None:
    enforce(LOANS, good)
    enforce(LOANS, good.lazy())


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ((9, 1, -1.0, "car", 0), r"range:amount \(lies within 0 to 1e\+06\): 1 rows"),
        ((9, 1, float("nan"), "car", 0), r"type:amount \(is a finite number\): 1 rows"),
        ((9, 1, 1.0, "boat", 0), r"allowed:purpose \(is one of: car, tv\): 1 rows"),
        ((9, 1, 1.0, None, 0), "not_null:purpose: 1 rows"),
        ((None, 1, 1.0, "car", 0), "not_null:id: 1 rows"),
        ((9, 1, 1.0, "car", 1), r"range:days \(lies within … to 0\): 1 rows"),
        ((1, 1, 1.0, "car", 0), r"duplicate_key \(id\): 1 rows"),
    ],
)
def test_wrong_row_is_refused_by_its_rule(row: tuple[object, ...], says: str) -> None:
    with pytest.raises(ContractError, match=f"Table loans breaks its contract .version 1.: {says}. It was not written"):
        enforce(LOANS, frame(*ROWS, row))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (frame(*ROWS).drop("days"), "column days is missing"),
        (frame(*ROWS).with_columns(x=1), "column x is not part of it"),
        (frame(*ROWS).cast({"days": pl.Int64}), "column days is Int64, not Int32"),
        (frame(*ROWS).cast({"amount": pl.String}), "column amount is String, not Float64"),
        (frame(*ROWS).select("customer", "id", "amount", "purpose", "days"), "out of order"),
    ],
)
def test_wrong_columns_are_named(wrong: pl.DataFrame, says: str) -> None:
    with pytest.raises(ContractError, match=says):
        enforce(LOANS, wrong)


def test_counts_add_up_over_batches_and_keys_are_unique_over_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["credit_platform.quality.contract"], "_BATCH_ROWS", 2)
    bad = [(i, 1, -1.0, "car", 0) for i in range(5)]
    with pytest.raises(ContractError, match=r"range:amount .*: 5 rows"):
        enforce(LOANS, frame(*bad))
    with pytest.raises(ContractError, match=r"duplicate_key \(id\): 1 rows"):
        enforce(LOANS, frame(*((i % 4, 1, 1.0, "car", 0) for i in range(5))))


def test_many_failures_are_shortened() -> None:
    columns = tuple(dataclasses.replace(LOANS.columns[0], name=f"x{i}") for i in range(14))
    with pytest.raises(ContractError, match="column x9 is missing; and 4 more"):
        enforce(dataclasses.replace(LOANS, columns=columns), pl.DataFrame())
