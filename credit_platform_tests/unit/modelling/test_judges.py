"""Judges of what modelling makes find what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from credit_platform.features import build_features
from credit_platform.modelling.candidates import get_candidate
from credit_platform.modelling.judges import everyone_once, out_of_fold_scores, scores_again
from credit_platform.modelling.score_judges import holds_scorer
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
