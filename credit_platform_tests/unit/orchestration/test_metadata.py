"""What the asset pages show."""

from __future__ import annotations

import base64

import polars as pl

from credit_platform.orchestration.metadata import columns_schema, image, markdown_table, preview, size
from credit_platform.tables.column_descriptions import column_descriptions
from credit_platform.tables.column_rules import column_rules


def test_markdown_table_rounds_floats_and_leaves_null_empty() -> None:
    frame = pl.DataFrame({"name": ["a|b", None], "value": [0.123456, 2.0]})
    assert markdown_table(frame).md_str == "| name | value |\n| --- | --- |\n| a\\|b | 0.1235 |\n|  | 2.0000 |"


def test_preview_keeps_the_first_rows_and_columns() -> None:
    frame = pl.LazyFrame({f"c{i}": range(50) for i in range(40)})
    lines = (preview(frame).md_str or "").splitlines()
    assert len(lines) == 2 + 5
    assert lines[0].count("|") == 13


def test_image_is_inline() -> None:
    assert image(b"png").md_str == f"![chart](data:image/png;base64,{base64.b64encode(b'png').decode()})"


def test_schema_carries_descriptions() -> None:
    schema = columns_schema(pl.LazyFrame({"a": [1], "b": ["x"]}), {"a": "first"}.get)
    assert [(c.name, c.type, c.description) for c in schema.columns] == [("a", "Int64", "first"), ("b", "String", None)]


def test_schema_carries_units_and_rules() -> None:
    frame = pl.LazyFrame({"amount": [1500], "purpose": ["new car"], "applicant_id": ["1"], "other": [1]})
    key = "german_credit/raw/applications"
    schema = columns_schema(frame, column_descriptions(key), column_rules(key))
    amount, purpose, applicant, other = schema.columns
    assert amount.description is not None
    assert amount.description.endswith("Unit: DM.")
    assert amount.constraints.other == ["at least 100", "at most 100,000"]
    assert not amount.constraints.nullable
    assert purpose.constraints.other[0].startswith("one of: ")
    assert applicant.constraints.unique
    assert other.constraints.other == []


def test_sizes_are_read_at_a_glance() -> None:
    assert [size(value) for value in (0, 999, 3435, 5_000_000, 3 * 1024**3)] == [
        "0 B",
        "999 B",
        "3.4 KiB",
        "4.8 MiB",
        "3.0 GiB",
    ]
