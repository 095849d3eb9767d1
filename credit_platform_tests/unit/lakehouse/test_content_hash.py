"""The content hash sees every difference between tables and none between layouts of the same table."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_platform.lakehouse import content_hash
from credit_platform.lakehouse.content_hash import hashed_rows, row_hash

TABLE = pl.DataFrame(
    {"id": [1, 2, 3], "purpose": ["car", None, "é"], "amount": [1.5, -0.25, None]},
    schema={"id": pl.Int32, "purpose": pl.String, "amount": pl.Float64},
)


def test_known_table_keeps_its_hash() -> None:
    """Characterization of Polars' value hash: if it fails, stored hashes cannot be compared."""
    assert content_hash(TABLE) == "52a422ccfd80607474fd5c6c7f4310b4"


@settings(deadline=None)
@given(st.permutations(range(3)))
def test_row_order_does_not_matter(order: list[int]) -> None:
    assert content_hash(TABLE[order]) == content_hash(TABLE)


def test_chunks_and_file_layout_do_not_matter(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": range(1000), "b": [str(i) for i in range(1000)]})
    frame.write_parquet(tmp_path / "small.parquet", row_group_size=7)
    chunked = pl.concat([frame[500:], frame[:500]], rechunk=False)
    assert content_hash(pl.scan_parquet(tmp_path / "small.parquet")) == content_hash(chunked) == content_hash(frame)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(TABLE.with_columns(amount=pl.Series([1.5, -0.5, None])), id="one value"),
        pytest.param(TABLE.with_columns(amount=pl.col("amount").fill_null(0.0)), id="a null"),
        pytest.param(TABLE.with_columns(purpose=pl.col("purpose").fill_null("")), id="null and empty text"),
        pytest.param(TABLE.rename({"amount": "Amount"}), id="a name"),
        pytest.param(TABLE.cast({"id": pl.Int64}), id="a type"),
        pytest.param(TABLE.select("purpose", "id", "amount"), id="order of columns"),
        pytest.param(pl.concat([TABLE, TABLE[:1]]), id="a repeated row"),
        pytest.param(TABLE[:2], id="a missing row"),
        pytest.param(TABLE[:0], id="no rows"),
    ],
)
def test_any_difference_shows(other: pl.DataFrame) -> None:
    assert content_hash(other) != content_hash(TABLE)


def test_values_exchanged_between_rows_show() -> None:
    one = pl.DataFrame({"a": [1, 2], "b": [1, 2]})
    other = pl.DataFrame({"a": [1, 2], "b": [2, 1]})
    assert content_hash(one) != content_hash(other)


def test_values_exchanged_between_columns_show() -> None:
    assert content_hash(pl.DataFrame({"a": [1], "b": [2]})) != content_hash(pl.DataFrame({"a": [2], "b": [1]}))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=6), st.data())
def test_equal_exactly_when_the_multisets_of_rows_are(rows: list[tuple[int, int]], data: st.DataObject) -> None:
    others = data.draw(st.one_of(st.permutations(rows), st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)))))
    schema = {"a": pl.Int64, "b": pl.Int64}
    hashes = [content_hash(pl.DataFrame(r, schema=schema, orient="row")) for r in (rows, others)]
    assert (hashes[0] == hashes[1]) == (sorted(rows) == sorted(others))


def test_table_without_columns_has_a_hash() -> None:
    assert len(content_hash(pl.DataFrame())) == 32


@pytest.mark.parametrize("columns", [1, 15, 16, 17, 40])
def test_rows_of_many_columns_are_mixed_in_steps_to_the_same_hash(columns: int) -> None:
    names = ["mixed", "mixed_", *(f"column {number}" for number in range(columns))][:columns]
    frame = pl.DataFrame({name: [1.5, None, float(place)] for place, name in enumerate(names)})
    lazy = frame.lazy()
    assert hashed_rows(lazy, frame.schema).collect().equals(frame.select(row=row_hash(frame.schema)))
