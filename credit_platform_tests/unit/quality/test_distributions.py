"""Histograms hold every value once; PSI is a distance."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_platform.quality.distributions import exchanged, histogram, population_stability, top_values, unit_factor

NUMBERS = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=100, max_size=120)
TEXTS = st.lists(st.sampled_from(["a", "b", "c", None]), min_size=100, max_size=120)


@settings(deadline=None)
@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=50))
def test_histogram_holds_every_value_once(values: list[float]) -> None:
    bins = histogram(pl.Series(values, dtype=pl.Float64))
    assert len(bins) == 20
    assert sum(share for _, share in bins) == pytest.approx(1)


def test_far_values_do_not_flatten_a_histogram() -> None:
    bins = histogram(pl.Series([*range(100), 10**9]))
    assert sum(share > 0 for _, share in bins) > 5


def test_top_values_are_in_order_and_the_rest_is_one() -> None:
    values = pl.Series(["x"] * 5 + ["y"] * 3 + [str(i) for i in range(10)])
    top = top_values(values)
    assert [label for label, _ in top] == ["x", "y", "0", "1", "2", "3", "4", "5", "(other)"]
    assert sum(share for _, share in top) == pytest.approx(1)
    assert top_values(pl.Series([], dtype=pl.String)) == ()


@settings(deadline=None, max_examples=30)
@given(st.one_of(st.tuples(NUMBERS, NUMBERS), st.tuples(TEXTS, TEXTS)))
def test_psi_is_never_negative(pair: tuple[list[float | None], list[float | None]]) -> None:
    before, after = (pl.Series(values, strict=False) for values in pair)
    psi = population_stability(before, after)
    assert psi is not None
    assert psi >= 0


@settings(deadline=None, max_examples=30)
@given(st.one_of(NUMBERS, TEXTS))
def test_psi_against_itself_is_zero(values: list[float | str | None]) -> None:
    series = pl.Series(values)
    assert population_stability(series, series) == 0


def test_psi_of_known_shares() -> None:
    before = pl.Series(["a"] * 50 + ["b"] * 50)
    after = pl.Series(["a"] * 80 + ["b"] * 20)
    expected = 30 / 101 * math.log(80.5 / 50.5) - 30 / 101 * math.log(20.5 / 50.5)
    assert population_stability(before, after) == pytest.approx(expected)


def test_new_nulls_show_in_psi() -> None:
    before = pl.Series([float(i % 10) for i in range(200)])
    after = pl.Series([None if i % 2 else float(i % 10) for i in range(200)])
    assert (population_stability(before, after) or 0) > 1


def test_a_column_of_two_numbers_keeps_two_bins() -> None:
    before = pl.Series([0] * 90 + [1] * 10)
    assert (population_stability(before, pl.Series([0] * 50 + [1] * 50)) or 0) > 0.5


def test_too_few_rows_have_no_psi() -> None:
    assert population_stability(pl.Series([1] * 99), pl.Series([1] * 500)) is None


def lognormal(seed: int, scale: float = 1.0) -> pl.Series:
    return pl.Series(np.random.default_rng(seed).lognormal(0, 1, 2000) * scale)


@pytest.mark.parametrize("factor", [0.001, 0.01, 10.0, 1000.0])
def test_a_power_of_ten_is_recognised_in_another_sample(factor: float) -> None:
    assert unit_factor(lognormal(1), lognormal(2, factor)) == pytest.approx(factor)


def test_what_no_power_of_ten_explains_is_no_change_of_unit() -> None:
    before = lognormal(1)
    assert unit_factor(before, lognormal(2)) is None
    assert unit_factor(before, lognormal(2, 4.0)) is None
    assert unit_factor(before, -before) is None
    assert unit_factor(before, pl.Series([0.0] * 2000)) is None
    # The medians are a thousand apart, the shapes have nothing in common.
    assert unit_factor(before, pl.Series(np.linspace(0, 2000, 2000))) is None


def test_zeros_do_not_hide_a_change_of_unit() -> None:
    zeros = pl.Series([0.0] * 3000)
    assert unit_factor(lognormal(1).append(zeros), lognormal(2, 100.0).append(zeros)) == pytest.approx(100.0)


def test_exchanged_columns_are_found_by_their_distributions() -> None:
    low, high = lognormal(1), lognormal(2, 50.0)
    before = {"a": low, "b": high, "c": pl.Series(["x"] * 2000)}
    assert exchanged(before, {"a": lognormal(3, 50.0), "b": lognormal(4), "c": before["c"]}) == (("a", "b"),)
    assert exchanged(before, before) == ()
    assert exchanged({"a": low, "c": before["c"]}, {"a": before["c"], "c": low}) == (("a", "c"),)


@pytest.mark.parametrize("values", [[0.0, 5e-324], [1e300, 1e300], [-1.7e308, 1.7e308], [2.0**60, 2.0**60 + 256]])
def test_values_that_cannot_be_binned_are_one_bin(values: list[float]) -> None:
    ((_, share),) = histogram(pl.Series(values))
    assert share == 1.0
