"""Judges of stored scores find what is wrong; that of a package is tried with a scorer in `test_judges.py`."""

from __future__ import annotations

import polars as pl
import pytest

from credit_platform.modelling.score_judges import (
    decisions_follow_threshold,
    everyone_scored,
    probabilities,
    score_shift,
)
from credit_platform.scoring.rule import DecisionRule

KEY = "applicant_id"
SCORED = pl.LazyFrame(
    {KEY: [1, 2, 3], "probability_of_default": [0.1, 0.3, 0.2], "decision": ["accepted", "refused", "review"]}
)


def test_everybody_is_scored_once() -> None:
    assert everyone_scored(KEY, SCORED, pl.LazyFrame({KEY: [3, 1, 2]})).passed
    assert not everyone_scored(KEY, SCORED, pl.LazyFrame({KEY: [3, 1, 2, 4]})).passed
    assert not everyone_scored(KEY, pl.concat([SCORED, SCORED]), pl.LazyFrame({KEY: [3, 1, 2]})).passed
    assert not everyone_scored(KEY, SCORED, pl.LazyFrame({KEY: [1, 2, 5]})).passed


@pytest.mark.parametrize("wrong", [None, -0.1, 1.1, float("nan")])
def test_stored_scores_are_probabilities(wrong: float | None) -> None:
    assert probabilities(SCORED).passed
    broken = SCORED.with_columns(probability_of_default=pl.lit(wrong, dtype=pl.Float64))
    assert not probabilities(broken).passed


def test_decisions_follow_from_threshold_and_band() -> None:
    assert decisions_follow_threshold(SCORED, DecisionRule(threshold=0.25, review=(0.15, 0.25))).passed
    verdict = decisions_follow_threshold(SCORED, DecisionRule(threshold=0.25))
    assert (verdict.passed, verdict.numbers["contradicting"]) == (False, 1)


def test_shifted_scores_are_told_and_few_tell_nothing() -> None:
    before = pl.Series([i / 1000 for i in range(1000)])
    assert score_shift(before, before).passed
    shifted = score_shift(before, before / 4)
    assert (shifted.passed, shifted.refuses) == (False, False)
    few = score_shift(before, before.head(5))
    assert few.passed
    assert few.message == "Too few applicants to tell."
