"""Files spelled as the published ones are, with every value that their statistics report: no row is rejected.

The real files are not here. What is known of them is: the categories, extremes and nulls of 339 columns
(`generator/facts.json`), and how they are written: in no order of applicants, numbers with and without a decimal point
or an exponent, quotes only around text that holds a comma, nothing at all where a value is unknown.
"""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from credit_platform.portfolios.home_credit.generator.facts import ColumnFacts, table_facts
from credit_platform.portfolios.home_credit.tables import TABLES
from credit_platform.portfolios.source_table import Column, SourceTable
from credit_platform.quality import CheckedTable, ingest
from credit_platform.values import POLARS_TYPES

Value = str | int | float | None

SPELLINGS = {
    "AMT_INCOME_TOTAL": ("117000000.0", "1.17E8", "1.17e+08", "25650"),
    "AMT_CREDIT_SUM_DEBT": ("-4705600.32", "-0.0", "-0"),
    "AMT_BALANCE": ("-420250.185", "0", "1e5"),
    "RATE_DOWN_PAYMENT": ("-1.4978763414307848e-05", "0.0"),
    "EXT_SOURCE_2": ("8.173616518884397e-08", "0.8549996664047012"),
    "SELLERPLACE_AREA": ("4000000", "-1"),
    "NAME_FAMILY_STATUS": ("Unknown",),
    "DAYS_FIRST_DRAWING": ("365243.0", "-2922.0"),
    "DAYS_EMPLOYED": ("365243", "-17912", "0"),
}
"""Texts of real or likely fields that a reader could stumble over, beside those made of the facts."""


def texts_of(column: Column, facts: ColumnFacts) -> list[str | None]:
    """Every value known of a column, as the real files write it; None for an empty field."""
    known: list[str | None]
    if not column.type.is_numeric or column.allowed is not None:
        known = list(facts.values)
    elif column.type.is_integer:
        known = [str(round(value)) for value in facts.quantiles]
    else:
        known = [repr(float(value)) for value in facts.quantiles]
    return [*known, *SPELLINGS.get(column.name, ()), *([None] if facts.null else [])]


def rows_of(table: SourceTable) -> list[list[str | None]]:
    """Rows that hold every known value of every column once or more, in no order; keys differ."""
    facts, chance = table_facts(table.name), random.Random(5)
    fields = {column.name: texts_of(column, facts[column.name]) for column in table.columns if column.name in facts}
    height = max(map(len, fields.values()))
    keys = chance.sample(range(100_002, 456_256), height)
    return [
        [
            fields[name][number % len(fields[name])] if name in fields else str(keys[number])
            for name in table.column_names
        ]
        for number in range(height)
    ]


def value(text: str | None, column: Column) -> Value:
    """What a field means."""
    if text is None or not column.type.is_numeric:
        return text
    return int(text) if column.type.is_integer else float(text)


def written(text: str | None, *, quoted: bool) -> str:
    """A field in the file; text with a comma has to be quoted, other text may be."""
    if text is None:
        return ""
    return f'"{text}"' if "," in text or quoted else text


@pytest.mark.parametrize(
    ("end", "quoted"), [("\n", False), ("\r\n", False), ("\n", True)], ids=["LF", "CRLF", "quotes"]
)
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_known_value_of_the_real_files_loads(table: SourceTable, end: str, quoted: bool, tmp_path: Path) -> None:
    rows = rows_of(table)
    text = [column.type.is_numeric for column in table.columns]
    lines = [",".join(written(name, quoted=quoted) for name in table.column_names)]
    lines += [
        ",".join(written(field, quoted=quoted and not number) for field, number in zip(row, text, strict=True))
        for row in rows
    ]
    path = tmp_path / table.file_name
    path.write_bytes("".join(line + end for line in lines).encode())
    ingested = ingest(table, path, {}, staging=tmp_path)
    assert ingested.counts.by_rule == {}
    assert isinstance(ingested.storable, CheckedTable), "the quick path did not suffice"
    expected = pl.DataFrame(
        [[value(field, column) for field, column in zip(row, table.columns, strict=True)] for row in rows],
        schema={column.name: POLARS_TYPES[column.type] for column in table.columns},
        orient="row",
    )
    assert_frame_equal(ingested.kept.collect(), expected.sort(table.sort_by, maintain_order=True))


def test_values_are_known_of_every_column_but_the_keys() -> None:
    for table in TABLES:
        unknown = {column.name for column in table.columns} - set(table_facts(table.name))
        assert unknown <= {"SK_ID_CURR", "SK_ID_PREV", "SK_ID_BUREAU"}, table.name
    assert {name for table in TABLES for name in table.column_names} >= set(SPELLINGS)
