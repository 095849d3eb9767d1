"""What the asset pages show."""

from __future__ import annotations

import base64

import polars as pl

from credit_platform.orchestration.metadata import columns_schema, image, markdown_table, preview


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
