"""Builders: exact sums, masks, names, ranges."""

from __future__ import annotations

import math
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_platform.portfolios.home_credit.features.declare import (
    MONEY_BITS,
    RATIO_BITS,
    Measure,
    Rows,
    at_least_zero,
    currency,
    days,
    exact,
    flag,
    latest,
    mask_step,
    of,
    ratio,
    share,
    slope,
    statistics,
    tallies,
    tally,
    within_months,
)

amounts = st.floats(min_value=-1e7, max_value=1e7)


def _row(expression: nw.Expr, **columns: list[Any]) -> list[Any]:
    frame = nw.from_native(pl.DataFrame(columns, strict=False))
    return frame.select(expression.alias("x"))["x"].to_list()


@given(st.lists(amounts, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_sums_of_exact_values_do_not_depend_on_order(values: list[float], shuffler: Any) -> None:
    rounded = _row(exact(nw.col("a"), MONEY_BITS), a=values)
    mixed = list(rounded)
    shuffler.shuffle(mixed)
    assert sum(mixed) == sum(rounded) == math.fsum(rounded)


@given(amounts)
def test_exact_moves_a_value_by_half_a_step_at_most(value: float) -> None:
    (rounded,) = _row(exact(nw.col("a"), MONEY_BITS), a=[value])
    assert abs(rounded - value) <= 2.0 ** -(MONEY_BITS + 1)
    assert (rounded * 2**MONEY_BITS).is_integer()


def test_exact_survives_the_lazy_optimiser() -> None:
    lazy = nw.from_native(pl.LazyFrame({"a": [0.1]})).select(exact(nw.col("a"), 2))
    assert lazy.to_native().collect().item() == 0.0


def test_whole_numbers_are_exact_on_every_grid() -> None:
    assert _row(exact(nw.col("a"), RATIO_BITS), a=[-3.0, 0.0, 70_000.0]) == [-3.0, 0.0, 70_000.0]


def test_a_ratio_needs_a_positive_denominator() -> None:
    found = _row(ratio(nw.col("a"), nw.col("b")), a=[1.0, 1.0, 1.0, 1.0, None], b=[2.0, 0.0, -1.0, None, 2.0])
    assert found == [0.5, None, None, None, None]


def test_an_unknown_condition_is_not_fulfilled() -> None:
    assert _row(flag(nw.col("a") > 1), a=[2.0, 1.0, None]) == [1.0, 0.0, 0.0]


def test_at_least_zero_keeps_null() -> None:
    assert _row(at_least_zero(nw.col("a")), a=[-2.0, 3.0, None]) == [0.0, 3.0, None]


def test_months_are_a_twelfth_of_a_year() -> None:
    assert _row(within_months("a", 12), a=[365.0, 366.0, 0.0, None]) == [1.0, 0.0, 1.0, 0.0]


def test_the_latest_rows_share_places_on_ties() -> None:
    frame = nw.from_native(pl.DataFrame({"key": [1, 1, 1, 2], "age": [5.0, 3.0, 5.0, 9.0]}))
    found = frame.select(latest("age", "key", 2).alias("x"))["x"].to_list()
    assert found == [1.0, 1.0, 1.0, 1.0]
    assert frame.select(latest("age", "key", 1).alias("x"))["x"].to_list() == [0.0, 1.0, 0.0, 1.0]


def test_a_slope_is_that_of_the_line_through_the_known_points() -> None:
    assert _row(slope("v", "t"), v=[1.0, 3.0, None, 7.0], t=[0.0, 1.0, 2.0, 3.0]) == [2.0]
    assert _row(slope("v", "t"), v=[1.0, 3.0], t=[2.0, 2.0]) == [None]
    assert _row(slope("v", "t"), v=[1.0], t=[2.0]) == [None]


def test_a_quotient_of_features() -> None:
    assert _row(of("a", "b"), a=[1.0, 1.0], b=[4.0, 0.0]) == [0.25, None]


_DEBT = currency("debt", "Debt", "money", monotone=1)
_LATE = Rows(name="late", words="late rows")


def test_a_plan_makes_masked_columns_and_features() -> None:
    plan = ((_DEBT, _LATE, "sum mean max min std"),)
    frame = nw.from_native(pl.DataFrame({"debt": [1.0, 5.0, 9.0, None], "late": [1.0, 1.0, 0.0, 1.0]}))
    masked = frame.with_columns(*(e.alias(name) for name, e in mask_step(plan).items()))
    features = statistics("books", plan)
    row = masked.select(*(f.expression.alias(f.name) for f in features)).to_native().row(0, named=True)
    assert row == {
        "books__debt__late__sum": 6.0,
        "books__debt__late__mean": 3.0,
        "books__debt__late__max": 5.0,
        "books__debt__late__min": 1.0,
        "books__debt__late__std": pytest.approx(math.sqrt(8.0)),
    }


def test_a_feature_says_what_it_is() -> None:
    total, spread = statistics("books", ((_DEBT, _LATE, "sum std"),))
    assert total.description == "Debt: total over late rows."
    assert (total.unit, total.reason, total.monotone, total.minimum) == ("currency", "money", 1, 0.0)
    assert (spread.monotone, spread.minimum, spread.maximum) == (0, 0.0, None)


def test_a_sum_of_what_may_be_negative_has_no_range() -> None:
    (total,) = statistics("books", ((days("wait", "Wait", "x", minimum=-5.0), _LATE, "sum"),))
    assert (total.minimum, total.maximum) == (None, None)


def test_an_extreme_keeps_the_range_of_its_measure() -> None:
    (highest,) = statistics("books", ((share("part", "Part", "x", maximum=1.0), _LATE, "max"),))
    assert (highest.minimum, highest.maximum, highest.unit) == (0.0, 1.0, "ratio")


def test_all_rows_need_no_mask() -> None:
    everything = Rows(name="all", words="all rows")
    assert mask_step(((_DEBT, everything, "sum"),)) == {}


def test_one_value_has_no_deviation_and_equal_ones_deviate_by_zero() -> None:
    (spread,) = statistics("books", ((Measure(name="v", words="V", reason="x"), Rows(name="all", words=""), "std"),))
    assert _row(spread.expression, v=[0.1]) == [None]
    assert _row(spread.expression, v=[0.1, 0.1, 0.1]) == [0.0]


def test_tallies_count_and_share() -> None:
    count, part = tallies("books", "old rows", [tally("late", "that are late", "x", monotone=1)])
    assert (count.name, part.name) == ("books__old_rows__late__count", "books__old_rows__late__share")
    assert count.description == "Number of old rows that are late."
    assert (part.minimum, part.maximum, part.monotone) == (0.0, 1.0, 1)
    assert _row(count.expression, late=[1.0, 0.0, 1.0, 0.0]) == [2.0]
    assert _row(part.expression, late=[1.0, 0.0, 1.0, 0.0]) == [0.5]
