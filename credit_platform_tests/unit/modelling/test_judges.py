"""Judges of what modelling makes find what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from credit_platform.features import build_features
from credit_platform.modelling.candidates import get_candidate
from credit_platform.modelling.judges import (
    beats_trivial_rules,
    calibration_error,
    calibration_slope,
    every_strategy_compared,
    everyone_once,
    held_out_by_hash,
    least_cost_selected,
    not_worse_than_untuned,
    on_the_curve,
    out_of_fold_scores,
    scores_again,
)
from credit_platform.modelling.score_judges import holds_scorer
from credit_platform.modelling.splits import split
from credit_platform.portfolios import get_portfolio
from credit_platform.scoring import PlattCalibrator, Scorer
from credit_platform_tests.small_scorer import raw_applications

PORTFOLIO = get_portfolio("german_credit")
KEY, TARGET = PORTFOLIO.applicant_key, PORTFOLIO.target
APPLICANTS = pl.LazyFrame({KEY: [1, 2, 3, 4], TARGET: [0, 1, 0, None]})


@pytest.mark.parametrize(
    ("placed", "passed"),
    [([1, 2, 3], True), ([1, 2], False), ([1, 2, 3, 3], False), ([1, 2, 3, 4], False), ([1, 2, 5], False)],
)
def test_each_applicant_with_an_outcome_is_placed_once(placed: list[int], passed: bool) -> None:
    split = pl.LazyFrame({KEY: placed, "fold": [-1, *([0] * (len(placed) - 1))]})
    verdict = everyone_once(PORTFOLIO, split, APPLICANTS)
    assert (verdict.passed, verdict.final) == (passed, True)
    assert verdict.numbers["holdout"] == 1


@pytest.mark.parametrize(
    ("scores", "passed", "final"),
    [
        ([0.1, 0.9], True, False),
        ([0.9, 0.1], False, False),
        ([0.5, 0.5], False, False),
        ([0.1, 1.5], False, True),
        ([0.1, None], False, True),
        ([float("nan"), 0.9], False, True),
    ],
)
def test_scores_are_probabilities_and_beat_chance(scores: list[float], passed: bool, final: bool) -> None:
    verdict = out_of_fold_scores(pl.LazyFrame({"target": [0, 1], "probability": scores}))
    assert (verdict.passed, verdict.final) == (passed, final)
    assert ("AUC was not measured" in verdict.message) == final


@pytest.fixture(scope="module")
def features() -> pl.DataFrame:
    raw = raw_applications(PORTFOLIO).head(200)
    return build_features(PORTFOLIO, {PORTFOLIO.training_table: raw.lazy()}).collect()


@pytest.fixture(scope="module")
def scorer(features: pl.DataFrame) -> Scorer:
    target = features[TARGET].to_numpy().astype(np.int8)
    fitted = get_candidate("logistic_regression").fit(features, target, PORTFOLIO.features, {}, seed=7, threads=1)
    return Scorer(PORTFOLIO, fitted, PlattCalibrator(0.9, -0.05), 1 / 6, {}, candidate="logistic_regression")


@pytest.fixture
def folder(scorer: Scorer, tmp_path: Path) -> Path:
    scorer.save(tmp_path / "scorer")
    return tmp_path / "scorer"


def recorded(scorer: Scorer, features: pl.DataFrame) -> pl.LazyFrame:
    return features.select(KEY, probability=pl.Series(scorer.score_features(features))).lazy()


def test_a_scorer_that_scores_as_recorded_passes(scorer: Scorer, features: pl.DataFrame, folder: Path) -> None:
    verdict = scores_again(PORTFOLIO, folder, scorer.digest, recorded(scorer, features), features.lazy())
    assert verdict.passed, verdict.message
    assert verdict.numbers["scored_again"] == 200


def test_other_scores_another_digest_or_a_damaged_file_refuse_it(
    scorer: Scorer, features: pl.DataFrame, folder: Path
) -> None:
    rows = recorded(scorer, features)
    shifted = rows.with_columns(probability=pl.col("probability") * (1 - 1e-6))
    verdict = scores_again(PORTFOLIO, folder, scorer.digest, shifted, features.lazy())
    assert not verdict.passed
    assert "200 probabilities differ" in verdict.message
    unknown = rows.with_columns((pl.col(KEY) + 10_000).alias(KEY))
    assert not scores_again(PORTFOLIO, folder, scorer.digest, unknown, features.lazy()).passed
    assert not scores_again(PORTFOLIO, folder, "0" * 64, rows, features.lazy()).passed
    file = folder / "scorer.json"
    file.write_text(file.read_text(encoding="utf-8").replace("0.9", "0.8"), encoding="utf-8")
    verdict = scores_again(PORTFOLIO, folder, scorer.digest, rows, features.lazy())
    assert (verdict.passed, verdict.final) == (False, True)
    assert not holds_scorer(folder, scorer.digest).passed


def test_a_package_holds_its_scorer(scorer: Scorer, folder: Path, tmp_path: Path) -> None:
    assert holds_scorer(folder, scorer.digest).passed
    assert not holds_scorer(folder, "0" * 64).passed
    assert not holds_scorer(tmp_path / "nothing", scorer.digest).passed


def test_the_holdout_follows_from_the_key_alone() -> None:
    rows = pl.DataFrame({KEY: range(1, 201), TARGET: [0, 1] * 100})
    placed = split(rows, PORTFOLIO, seed=1)
    assert held_out_by_hash(PORTFOLIO, placed.lazy()).passed
    assert held_out_by_hash(PORTFOLIO, placed.head(50).lazy()).passed
    one_more = placed.with_columns(fold=pl.when(pl.col("fold") >= 0).then(pl.lit(-1)).otherwise(0))
    verdict = held_out_by_hash(PORTFOLIO, one_more.lazy())
    assert verdict.refuses
    assert verdict.numbers["misplaced"] == 200


COMPARED = {"candidate": ["a", "b"], "cost_per_applicant": [0.4, 0.5], "selected": [True, False]}


@pytest.mark.parametrize(
    ("change", "winner", "passes"),
    [
        ({}, "a", True),
        ({"cost_per_applicant": [0.4, 0.4]}, "a", True),
        ({}, "b", False),
        ({"selected": [False, True]}, "b", False),
        ({"selected": [True, True]}, "a", False),
        ({"candidate": ["a", "a"]}, "a", False),
        ({"cost_per_applicant": [0.4, float("nan")]}, "a", False),
        ({"cost_per_applicant": [0.4, None]}, "a", False),
        ({"selected": [False, False]}, None, False),
    ],
)
def test_the_cheapest_of_all_candidates_is_selected(change: dict[str, object], winner: str, passes: bool) -> None:
    verdict = least_cost_selected(pl.LazyFrame({**COMPARED, **change}), ["b", "a"], winner)
    assert (verdict.passed, verdict.refuses) == (passes, not passes)
    assert least_cost_selected(pl.LazyFrame(COMPARED), ["b"], "b").refuses
    assert least_cost_selected(pl.concat([pl.LazyFrame(COMPARED)] * 2), ["a", "b"], "a").refuses


def test_every_candidate_is_compared_with_every_strategy() -> None:
    whole = pl.DataFrame(
        {"candidate": ["a"] * 3, "strategy": ["none", "weights", "smote"], "cost_per_applicant": [0.5, 0.4, 0.6]}
    )
    assert every_strategy_compared(whole.lazy()).passed
    assert every_strategy_compared(whole.head(2).lazy()).refuses
    assert every_strategy_compared(whole.head(0).lazy()).refuses
    assert every_strategy_compared(pl.concat([whole, whole.head(1)]).lazy()).refuses
    assert every_strategy_compared(whole.with_columns(cost_per_applicant=pl.lit(float("inf"))).lazy()).refuses


@pytest.mark.parametrize(
    ("threshold", "method", "passes"),
    [
        (0.2, "empirical", True),
        (0.5, "empirical", False),
        (0.5, "break_even", True),
        (0.3, "break_even", False),
        (1.5, "smoothed", False),
    ],
)
def test_the_threshold_lies_on_the_curve(threshold: float, method: str, passes: bool) -> None:
    curve = pl.LazyFrame({"threshold": [0.2, 0.5, 0.9, 1.5], "cost_per_applicant": [0.3, 0.4, 0.6, 0.7]})
    assert on_the_curve(curve, threshold, method).refuses is not passes


def test_what_only_warns_refuses_nothing() -> None:
    pairs = [
        (beats_trivial_rules(0.3, 0.5, 0.7), beats_trivial_rules(0.6, 0.5, 0.7)),
        (not_worse_than_untuned(0.3, 0.3), not_worse_than_untuned(0.31, 0.3)),
        (not_worse_than_untuned(0.3, 0.4), not_worse_than_untuned(0.3, None)),
        (calibration_slope(1.0), calibration_slope(0.7)),
        (calibration_slope(1.25), calibration_slope(1.3)),
        (calibration_error(0.05), calibration_error(0.06)),
    ]
    for right, wrong in pairs:
        assert right.passed
        assert (wrong.passed, wrong.refuses) == (False, False)
