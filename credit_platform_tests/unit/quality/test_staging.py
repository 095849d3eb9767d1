"""Rows are stored in the declared order, however the sort is made cheaper; several frames are staged at once."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from credit_platform.portfolios.source_table import Column, ColumnType, SourceTable
from credit_platform.quality.staging import sorted_rows, stage_all
from credit_platform.values import POLARS_TYPES

INTEGERS = [ColumnType.INT8, ColumnType.INT16, ColumnType.INT32, ColumnType.INT64]


def table(types: list[ColumnType], *, nullable: bool = False) -> SourceTable:
    names = [f"k{position}" for position in range(len(types))]
    columns = [Column(name=n, type=t, description="", nullable=nullable) for n, t in zip(names, types, strict=True)]
    return SourceTable(name="t", file_name="t.csv", description="", columns=tuple(columns), sort_by=tuple(names))


@settings(deadline=None, max_examples=60)
@given(types=st.lists(st.sampled_from(INTEGERS), min_size=1, max_size=4), draw=st.data())
def test_integers_are_ordered_as_declared(types: list[ColumnType], draw: st.DataObject) -> None:
    declared = table(types)
    schema = {column.name: POLARS_TYPES[column.type] for column in declared.columns}
    limits = [2 ** (int(kind.value.removeprefix("int")) - 1) for kind in types]
    value = [st.sampled_from([-limit, -1, 0, 1, limit - 1]) for limit in limits]
    rows = draw.draw(st.lists(st.tuples(*value), max_size=12))
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_row_index("place").lazy()
    expected = frame.sort(declared.sort_by, maintain_order=True)
    assert_frame_equal(sorted_rows(declared, frame).collect(), expected.collect())


@pytest.mark.parametrize(
    "declared",
    [
        pytest.param(table([ColumnType.INT8, ColumnType.INT8], nullable=True), id="nulls"),
        pytest.param(table([ColumnType.INT8, ColumnType.FLOAT64]), id="a fraction"),
    ],
)
def test_what_cannot_be_one_integer_is_ordered_as_well(declared: SourceTable) -> None:
    schema = {column.name: POLARS_TYPES[column.type] for column in declared.columns}
    nothing = None if declared.columns[0].nullable else 1
    frame = pl.LazyFrame([(2, 1), (1, 2), (1, nothing)], schema=schema, orient="row")
    assert sorted_rows(declared, frame).collect().rows() == [(1, nothing), (1, 2), (2, 1)]


def test_rows_without_a_declared_order_stay_as_they_are() -> None:
    frame = pl.LazyFrame({"a": [2, 1]})
    declared = SourceTable(name="t", file_name="t.csv", description="", columns=())
    assert sorted_rows(declared, frame).collect()["a"].to_list() == [2, 1]


@pytest.mark.parametrize("staged", [True, False])
def test_several_frames_are_staged_by_name(staged: bool, tmp_path: Path) -> None:
    frame = pl.LazyFrame({"a": [1, 2, 3]})
    parts = {"small": frame.filter(pl.col("a") < 2), "large": frame.filter(pl.col("a") >= 2)}
    small, large = stage_all(parts, tmp_path if staged else None)
    assert (small.collect()["a"].to_list(), large.collect()["a"].to_list()) == ([1], [2, 3])
    assert sorted(path.name for path in tmp_path.iterdir()) == (["large.parquet", "small.parquet"] if staged else [])
