"""Decided applicants below those of the raw files, and away again."""

from __future__ import annotations

import polars as pl

from credit_platform.features.decided import DECIDED, MARK, ORIGIN, RAW_FILE, has_decided, of_raw_files, with_decided

RAW = pl.LazyFrame({"id": [1, 2], "x": [0.5, None]})


def test_a_table_without_anybody_is_as_it_was() -> None:
    assert not has_decided(RAW)
    assert of_raw_files(RAW) is RAW


def test_added_and_taken_away_again() -> None:
    decided = pl.LazyFrame({"x": [9.0], MARK: ["home#1"], "id": [-5], "log": ["home"]})
    both = with_decided(RAW, decided)
    assert has_decided(both)
    assert both.collect().rows() == [(1, 0.5, RAW_FILE, None), (2, None, RAW_FILE, None), (-5, 9.0, DECIDED, "home#1")]
    assert both.collect_schema().names() == ["id", "x", ORIGIN, MARK]
    assert of_raw_files(both).collect().equals(RAW.collect())
