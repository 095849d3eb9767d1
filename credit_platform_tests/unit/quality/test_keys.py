"""Repeated keys are counted exactly, even when hashes collide."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_platform.quality import keys
from credit_platform.quality.keys import repeated_hashes, repeated_keys


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("ab"))))
def test_rows_less_distinct_keys(rows: list[tuple[int, str]]) -> None:
    frame = pl.LazyFrame(rows, schema={"a": pl.Int64, "b": pl.String}, orient="row")
    assert repeated_keys(frame, ["a", "b"]) == len(rows) - len(set(rows))


def test_hashes_that_repeat_are_told_once_each() -> None:
    frame = pl.LazyFrame({"a": [7, 1, 7, 2, 7, 2]}, schema={"a": pl.UInt64})
    assert repeated_hashes(frame, pl.col("a")).to_list() == [2, 7]


def test_colliding_hashes_are_not_mistaken_for_repeated_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "key_hash", lambda _: pl.col("a") * 0)
    assert repeated_keys(pl.LazyFrame({"a": [1, 2, 2]}), ["a"]) == 1
