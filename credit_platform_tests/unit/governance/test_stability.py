"""PSI against hand-computed values; flips are found, chance is not."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_platform.governance.stability import (
    SHIFT,
    Shift,
    dominant_feature,
    feature_shifts,
    flipped_features,
    population_shift,
)


def test_psi_of_categories_is_that_computed_by_hand() -> None:
    before, after = pl.Series(["a"] * 50 + ["b"] * 50), pl.Series(["a"] * 80 + ["b"] * 20)

    shift = population_shift("x", before, after)

    a, b = 80.5 / 101, 20.5 / 101  # half an applicant more in each group
    by_hand = (a - 0.5) * np.log(a / 0.5) + (b - 0.5) * np.log(b / 0.5)
    assert shift.psi == pytest.approx(by_hand)
    assert shift.shifted
    assert shift.to_dict() == {"name": "x", "psi": shift.psi, "bound": SHIFT, "shifted": True}


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=60))
def test_psi_against_itself_is_zero(values: list[float | None]) -> None:
    column = pl.Series(values, dtype=pl.Float64)
    assert population_shift("x", column, column).psi == 0.0


@given(st.lists(st.integers(0, 5), min_size=1, max_size=50), st.lists(st.integers(0, 5), min_size=1, max_size=50))
def test_psi_is_never_negative(first: list[int], second: list[int]) -> None:
    assert population_shift("x", pl.Series(first), pl.Series(second)).psi >= 0.0


def test_nulls_are_a_group_of_their_own() -> None:
    before, after = pl.Series([1.0, 2.0, 3.0, 4.0] * 50), pl.Series([1.0, 2.0, None, None] * 50)
    assert population_shift("x", before, after).shifted
    assert population_shift("x", pl.Series(["a", None] * 50), pl.Series(["a", "b"] * 50)).shifted


def test_small_samples_get_the_bound_that_chance_needs() -> None:
    """Twenty and twenty applicants of one population are hardly ever called a shift."""
    random = np.random.default_rng(1)
    shifts = [population_shift("x", *(pl.Series(random.normal(size=20)) for _ in range(2))) for _ in range(200)]
    assert shifts[0].bound > SHIFT
    assert np.mean([shift.shifted for shift in shifts]) < 0.05


def test_a_moved_distribution_is_a_shift_and_an_equal_one_is_not() -> None:
    random = np.random.default_rng(2)
    before = pl.DataFrame({"same": random.normal(size=800), "moved": random.normal(size=800)})
    after = pl.DataFrame({"same": random.normal(size=200), "moved": random.normal(1.0, 1.0, 200)})
    assert [shift.shifted for shift in feature_shifts(["same", "moved"], before, after)] == [False, True]


def test_nobody_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="x: there is nobody"):
        population_shift("x", pl.Series([1.0]), pl.Series([], dtype=pl.Float64))


def test_a_feature_whose_meaning_flips_is_named_and_one_that_weakens_is_not() -> None:
    random = np.random.default_rng(3)
    y, y_after = (random.random(n) < 0.3 for n in (800, 200))

    def columns(target: np.ndarray[tuple[int], np.dtype[np.bool_]], sign: float, weak: float) -> pl.DataFrame:
        noise = random.normal(size=(3, target.size))
        columns = {"flips": sign * target + noise[0], "weakens": weak * target + noise[1], "chance": noise[2]}
        return pl.DataFrame(columns).with_columns(word=pl.Series(["a"] * target.size), constant=pl.lit(1.0))

    names = ["flips", "weakens", "chance", "word", "constant"]
    found = flipped_features(
        names, columns(y, 1.2, 1.2), y.astype(int), columns(y_after, -1.2, 0.0), y_after.astype(int)
    )
    assert found == ["flips"]


def test_chance_seldom_flips_a_feature() -> None:
    random = np.random.default_rng(4)
    names = [f"f{number}" for number in range(10)]
    found = 0
    for _ in range(20):
        y, y_after = (random.integers(0, 2, n) for n in (400, 100))
        before, after = (pl.DataFrame({name: random.normal(size=n) for name in names}) for n in (400, 100))
        found += len(flipped_features(names, before, y, after, y_after))
    assert found == 0


def test_the_dominant_feature() -> None:
    assert dominant_feature({"a": 0.2, "b": 0.8}) == ("b", 0.8)
    assert dominant_feature({}) == ("", 0.0)


def test_a_shift_within_its_bound_is_none() -> None:
    assert not Shift(name="x", psi=0.2, bound=0.25).shifted
