"""Checks of aggregates find what is wrong, and nothing else."""

from __future__ import annotations

import dataclasses

import polars as pl
import pytest

from credit_platform.features import aggregate_checks
from credit_platform.portfolios import get_portfolio

PORTFOLIO = get_portfolio("home_credit")
GROUP = next(group for group in PORTFOLIO.feature_groups if group.history)
BOUNDED = next(feature for feature in GROUP.all_features if feature.minimum is not None)


@pytest.fixture
def frame() -> pl.DataFrame:
    """Three applicants of whom nothing is known but a number each."""
    values: dict[str, list[float | None]] = {feature.name: [None, 0.5, 0.25] for feature in GROUP.all_features}
    inside = max(BOUNDED.minimum or 0.0, 0.0)
    return pl.DataFrame({PORTFOLIO.applicant_key: [1, 2, 3], **values, BOUNDED.name: [None, inside, inside]})


def test_an_applicant_twice_or_none_is_found(frame: pl.DataFrame) -> None:
    assert aggregate_checks.key(PORTFOLIO, GROUP, frame.lazy()) == []
    twice = frame.with_columns(pl.lit(1).alias(PORTFOLIO.applicant_key))
    nobody = frame.with_columns(pl.lit(None, dtype=pl.Int64).alias(PORTFOLIO.applicant_key))
    assert [f.value for f in aggregate_checks.key(PORTFOLIO, GROUP, twice.lazy())] == [2]
    assert [f.value for f in aggregate_checks.key(PORTFOLIO, GROUP, nobody.lazy())] == [3]


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_found(frame: pl.DataFrame, wrong: float) -> None:
    assert aggregate_checks.not_finite(PORTFOLIO, GROUP, frame.lazy()) == []
    name = GROUP.all_features[-1].name
    broken = frame.with_columns(pl.lit(wrong).alias(name)).lazy()
    assert [(f.feature, f.value) for f in aggregate_checks.not_finite(PORTFOLIO, GROUP, broken)] == [(name, 3)]


def test_a_group_without_floats_has_nothing_to_look_for(frame: pl.DataFrame) -> None:
    whole = dataclasses.replace(GROUP, features=GROUP.features[:1], derived=())
    counts = frame.with_columns(pl.lit(1).alias(GROUP.features[0].name)).lazy()
    assert aggregate_checks.not_finite(PORTFOLIO, whole, counts) == []


def test_what_is_out_of_range_is_found(frame: pl.DataFrame) -> None:
    found = aggregate_checks.out_of_range(PORTFOLIO, GROUP, frame.lazy())
    assert BOUNDED.name not in {f.feature for f in found}
    assert BOUNDED.minimum is not None
    broken = frame.with_columns(pl.lit(BOUNDED.minimum - 1).alias(BOUNDED.name)).lazy()
    found = [f for f in aggregate_checks.out_of_range(PORTFOLIO, GROUP, broken) if f.feature == BOUNDED.name]
    assert [f.value for f in found] == [3]
