"""The one binning and the one index."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_platform.quality.stability_index import index_of_counts, stability_index

COUNTS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=12)


@given(counts=COUNTS)
def test_it_is_never_negative_and_the_same_both_ways_round(counts: list[tuple[int, int]]) -> None:
    before, after = ([pair[side] for pair in counts] for side in (0, 1))
    assert index_of_counts(before, after) >= 0
    assert index_of_counts(before, after) == pytest.approx(index_of_counts(after, before))
    assert index_of_counts(before, before) == 0


def test_half_a_row_more_in_each_group() -> None:
    by_hand = (0.5 / 11 - 5.5 / 11) * math.log(0.5 / 5.5) + (10.5 / 11 - 5.5 / 11) * math.log(10.5 / 5.5)
    assert index_of_counts([5, 5], [0, 10]) == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("before", "groups"),
    [
        ([*range(100)], 10),
        ([0.0] * 90 + [1.0] * 10, 2),
        ([0.0, 1.0, None, float("nan")], 3),
        ([None, None], 1),
        (["a", "b", None], 3),
        ([True, False], 2),
    ],
    ids=["deciles", "two values are two groups", "NaN is null", "nothing known", "texts", "truth values"],
)
def test_groups(before: list[object], groups: int) -> None:
    column = pl.Series(before, strict=False)
    index = stability_index(column, column)
    assert (index.psi, index.groups) == (0, groups)


def test_a_number_that_became_a_text_is_compared_as_text() -> None:
    assert stability_index(pl.Series([1, 2]), pl.Series(["1", "2"])).psi == 0
    assert stability_index(pl.Series([1, 2] * 50), pl.Series(["a", "b"] * 50)).psi > 1


def test_values_too_rare_to_be_counted_are_one_group() -> None:
    """A column in which nearly every value is new is no shift of the population."""
    before, after = (pl.Series([f"{side}{n}" for n in range(30_000)]) for side in ("a", "b"))
    assert stability_index(before, after).groups == 1


def test_nothing_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="nothing to compare"):
        stability_index(pl.Series([1.0]), pl.Series([], dtype=pl.Float64))
