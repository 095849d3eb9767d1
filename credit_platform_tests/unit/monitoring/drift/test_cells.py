"""Frozen cells: what lies where, whatever the values are."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_platform.monitoring.drift.cells import (
    MOST_BINS,
    QUANTILE_CELLS,
    Kind,
    as_categories,
    as_numbers,
    cells_of_categories,
    cells_of_numbers,
)

NUMBERS = st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), max_size=60)


@given(NUMBERS, NUMBERS)
def test_every_number_lies_in_one_cell(training: list[float], now: list[float]) -> None:
    cells = cells_of_numbers("any", np.array(training, dtype=np.float64))
    counts = cells.counts_of_sorted(np.sort(np.array(now, dtype=np.float64)))
    assert counts.size == cells.size == cells.bins.size
    assert counts.sum() == len(now)
    assert counts[0] == sum(math.isnan(value) for value in now)
    assert cells.bins.max() < MOST_BINS


def test_a_number_is_where_its_edges_say() -> None:
    cells = cells_of_numbers("any", np.array([1.0, 2.0, 3.0]))
    #                 missing, below 1, 1, 2, 3, above 3
    for value, place in ((np.nan, 0), (0.4, 1), (-np.inf, 1), (1.0, 2), (1.4, 2), (2.0, 3), (3.0, 4), (np.inf, 5)):
        assert np.flatnonzero(cells.counts_of_sorted(np.array([value]))).tolist() == [place], value
    assert cells.unseen == (1, 5)


def test_large_columns_have_256_cells_of_equally_many() -> None:
    values = np.random.default_rng(1).standard_normal(51_200)
    cells = cells_of_numbers("any", values)
    counts = cells.counts_of_sorted(np.sort(values))
    assert cells.size == QUANTILE_CELLS + 3
    assert set(counts[2:-1].tolist()) == {200}
    assert counts[[0, 1, -1]].tolist() == [0, 0, 0]
    assert np.bincount(cells.bins, weights=counts).tolist() == [0, *[6400] * 8, 0]


def test_a_cut_is_an_edge() -> None:
    cells = cells_of_numbers("any", np.linspace(0, 1, 1001), cuts=(0.12345, 7.0))
    assert 0.12345 in cells.edges
    assert 7.0 not in cells.edges


@given(st.lists(st.one_of(st.none(), st.text(max_size=3)), max_size=40), st.lists(st.text(max_size=3), max_size=9))
def test_every_category_lies_in_one_cell(training: list[str | None], now: list[str]) -> None:
    cells = cells_of_categories("any", pl.Series(training, dtype=pl.String))
    values = pl.Series([*now, None], dtype=pl.String)
    places = cells.cells_of_categories(values).tolist()
    assert places[-1] == 0
    for value, place in zip(now, places, strict=False):
        assert place == (1 + cells.categories.index(value) if value in cells.categories else cells.size - 1)
    assert cells.bins.max() < MOST_BINS


def test_beyond_254_categories_the_rarest_count_as_unseen() -> None:
    names = [f"c{number}" for number in range(400) for _ in range(1 if number < 200 else 2)]
    cells = cells_of_categories("any", pl.Series(names))
    assert len(cells.categories) == 254
    assert {f"c{number}" for number in range(200, 400)} <= set(cells.categories)


def test_what_is_no_number_is_missing() -> None:
    assert np.isnan(as_numbers(pl.Series(["1.5", "no"]))).tolist() == [False, True]
    assert as_numbers(pl.Series([True, None]))[0] == 1.0
    assert as_categories(pl.Series([1, None])).to_list() == ["1", None]


@pytest.mark.parametrize("values", [[], [np.nan], [np.inf, -np.inf]])
def test_training_without_a_number_still_has_cells(values: list[float]) -> None:
    cells = cells_of_numbers("any", np.array(values, dtype=np.float64))
    assert cells.kind is Kind.NUMBER
    assert cells.counts_of_sorted(np.array([1.0, np.nan])).tolist() == [1, 0, 1]
