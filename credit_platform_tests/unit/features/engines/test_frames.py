"""Stages on data frames."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import polars as pl
import pytest

from credit_platform.features.engines.frames import apply_stage, apply_stages
from credit_platform.features.stages import AddColumns, Aggregate, Filter, JoinParent, Select, Stage
from credit_platform_tests.unit.features.toy import LOANS

FRAME = nw.from_native(pl.LazyFrame({"k": [1, 1, 2, None], "v": [1.0, 2.0, 3.0, 4.0]}))
A_JOIN = JoinParent(parent=LOANS, key=("k",), columns=("w",))


def rows(frame: nw.LazyFrame[Any]) -> list[tuple[Any, ...]]:
    found: pl.DataFrame = frame.to_native().collect()
    return found.sort(found.columns).rows()


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        (Filter(condition=nw.col("k") == 1), [(1, 1.0), (1, 2.0)]),
        (AddColumns(expressions=((nw.col("v") * 2).alias("v"),)), [(None, 8.0), (1, 2.0), (1, 4.0), (2, 6.0)]),
        (Aggregate(key=("k",), expressions=(nw.col("v").sum().alias("total"),)), [(1, 3.0), (2, 3.0)]),
        (Select(carried=("k", "gone"), expressions=()), [(None,), (1,), (1,), (2,)]),
    ],
    ids=["null is not true", "replaced", "nobody's rows are left out", "what is not there is not carried"],
)
def test_a_stage(stage: Stage, expected: list[tuple[Any, ...]]) -> None:
    assert rows(apply_stage(FRAME, stage)) == expected


def test_a_join_drops_rows_without_a_parent() -> None:
    parent = nw.from_native(pl.LazyFrame({"k": [1], "w": ["x"], "other": [0]}))
    assert rows(apply_stages(FRAME, [A_JOIN], lambda _: parent)) == [(1, 1.0, "x"), (1, 2.0, "x")]


def test_a_join_needs_the_parents_frame() -> None:
    with pytest.raises(ValueError, match="parent"):
        apply_stage(FRAME, A_JOIN)
