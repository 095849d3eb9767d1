"""Parquet files of plain values."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import RawFileError
from credit_platform.files.parquet import count_rows, flat_names


def test_lists_structures_and_bytes_are_named() -> None:
    frame = pl.DataFrame({"a": [1], "b": [[1]], "c": [{"x": 1}], "d": [b"x"]})
    with pytest.raises(RawFileError, match="in the columns b, c, d"):
        flat_names("The body", frame.schema)
    assert flat_names(Path("a.parquet"), frame.select("a").schema) == ["a"]


def test_no_rows_are_an_error() -> None:
    assert count_rows("The body", pl.LazyFrame({"a": [1, 2]})) == 2
    with pytest.raises(RawFileError, match=r"File a\.parquet has columns and no rows"):
        count_rows(Path("a.parquet"), pl.LazyFrame({"a": []}))
