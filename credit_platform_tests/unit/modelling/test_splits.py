from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_platform.errors import ModellingError
from credit_platform.features.decided import MARK, with_decided
from credit_platform.modelling.judges import held_out_by_hash
from credit_platform.modelling.splits import HOLDOUT, held_out, split
from credit_platform.portfolios import get_portfolio

PORTFOLIO = get_portfolio("german_credit")
KEY, TARGET = PORTFOLIO.applicant_key, PORTFOLIO.target


def applicants(rows: int, every: int = 4) -> pl.DataFrame:
    return pl.DataFrame({KEY: range(1, rows + 1), TARGET: [int(i % every == 0) for i in range(rows)]})


def test_columns_types_and_order() -> None:
    result = split(applicants(500), PORTFOLIO, seed=7)
    assert result.schema == {KEY: pl.Int64, "target": pl.Int8, "fold": pl.Int8}
    assert result[KEY].is_sorted()
    assert set(result["fold"]) == {HOLDOUT, 0, 1, 2, 3, 4}


def test_known_members_of_the_holdout_never_change() -> None:
    """The rule is part of the contract: applicants held out in production must stay held out."""
    held = split(applicants(60), PORTFOLIO, seed=7).filter(pl.col("fold") == HOLDOUT)[KEY]
    assert held.to_list() == [11, 18, 21, 22, 23, 26, 35, 43, 47, 48]


@settings(deadline=None, max_examples=20)
@given(shuffle=st.integers(0, 2**16), seed=st.integers(0, 5), other=st.integers(6, 9))
def test_row_order_changes_nothing_and_the_seed_changes_folds_only(shuffle: int, seed: int, other: int) -> None:
    frame = applicants(300)
    result = split(frame, PORTFOLIO, seed=seed)
    assert split(frame.sample(fraction=1, shuffle=True, seed=shuffle), PORTFOLIO, seed=seed).equals(result)
    reseeded = split(frame, PORTFOLIO, seed=other)
    held = pl.col("fold") == HOLDOUT
    assert reseeded.filter(held).equals(result.filter(held))
    assert not reseeded.equals(result)


def test_the_holdout_is_stable_as_data_grow() -> None:
    small, large = (split(applicants(rows), PORTFOLIO, seed=7) for rows in (400, 4000))
    held = pl.col("fold") == HOLDOUT
    assert small.filter(held)[KEY].to_list() == [key for key in large.filter(held)[KEY] if key <= 400]
    assert large.filter(held).height / 4000 == pytest.approx(0.2, abs=0.02)


def test_folds_are_stratified() -> None:
    counts = (
        split(applicants(1000), PORTFOLIO, seed=7)
        .filter(pl.col("fold") != HOLDOUT)
        .group_by("target", "fold")
        .len()
        .group_by("target")
        .agg(spread=pl.col("len").max() - pl.col("len").min())
    )
    assert counts["spread"].max() == 1 or counts["spread"].max() == 0


def test_applicants_without_an_outcome_are_left_out() -> None:
    frame = applicants(300).with_columns(pl.when(pl.col(KEY) <= 250).then(TARGET).alias(TARGET))
    assert split(frame, PORTFOLIO, seed=7)[KEY].max() == 250


def test_another_portfolio_holds_out_others() -> None:
    frame = applicants(400)
    here, there = (split(frame, p, seed=7) for p in (PORTFOLIO, replace(PORTFOLIO, name="other")))
    assert not here["fold"].equals(there["fold"])


def test_no_holdout_and_other_numbers_of_folds() -> None:
    assert set(split(applicants(100), PORTFOLIO, holdout_share=0, folds=3, seed=7)["fold"]) == {0, 1, 2}


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pl.DataFrame({KEY: [1, 1], TARGET: [0, 1]}), "more than once"),
        (pl.DataFrame({KEY: [None, 1], TARGET: [0, 1]}), "null"),
        (pl.DataFrame({KEY: [1, 2], TARGET: [0, 2]}), "1 values of default are neither"),
        (applicants(300, every=100), "defaulted, too few for 5 folds"),
        (applicants(300).with_columns(pl.lit(1).alias(TARGET)), "Only 0 applicants outside the holdout repaid"),
    ],
)
def test_unusable_data_are_explained(frame: pl.DataFrame, message: str) -> None:
    with pytest.raises(ModellingError, match=message):
        split(frame, PORTFOLIO, seed=7)


@pytest.mark.parametrize(("share", "folds"), [(1.0, 5), (-0.1, 5), (0.2, 1)])
def test_arguments_out_of_range_are_refused(share: float, folds: int) -> None:
    with pytest.raises(ValueError, match="holdout_share"):
        split(applicants(100), PORTFOLIO, holdout_share=share, folds=folds, seed=7)


def test_decided_applicants_are_in_folds_only_and_move_nobody() -> None:
    """Whoever is of a raw file stays where they were, in the holdout or in their fold; nobody else is held out."""
    raw = applicants(400)
    before = split(raw, PORTFOLIO, seed=7)
    decided = pl.DataFrame({KEY: range(-200, 0), TARGET: [int(i % 5 == 0) for i in range(200)]})
    marked = decided.with_columns(pl.lit("home#1").alias(MARK))
    both = with_decided(raw.lazy(), marked.lazy()).collect()
    after = split(both, PORTFOLIO, seed=7)
    assert after.filter(pl.col(KEY) > 0).equals(before)
    new = after.filter(pl.col(KEY) < 0)
    assert new.height == 200
    assert set(new["fold"]) == set(range(5))
    assert held_out(new[KEY], PORTFOLIO).any(), "by their keys alone some would be held out"
    assert held_out_by_hash(PORTFOLIO, after.lazy(), both.lazy()).passed
    assert not held_out_by_hash(PORTFOLIO, after.lazy()).passed, "the judge looks at where they come from"
