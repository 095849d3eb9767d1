"""Strategies are compared on the same folds, and resampling never touches the fold that is judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from credit_platform.modelling.candidates import get_candidate
from credit_platform.modelling.imbalance import STRATEGIES, ImbalanceComparison, compare_imbalance
from credit_platform.modelling.splits import HOLDOUT, split, thin
from credit_platform.portfolios import get_portfolio
from credit_platform_tests.small_scorer import raw_applications

PORTFOLIO = get_portfolio("german_credit")


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    from credit_platform.features import build_features  # noqa: PLC0415  # only this fixture

    return build_features(PORTFOLIO, {PORTFOLIO.training_table: raw_applications(PORTFOLIO).lazy()}).collect()


@pytest.fixture(scope="module")
def folds(frame: pl.DataFrame) -> pl.DataFrame:
    return split(frame, PORTFOLIO, seed=7)


def compared(frame: pl.DataFrame, folds: pl.DataFrame, names: Sequence[str], most: int = 5000) -> ImbalanceComparison:
    settings: dict[str, Any] = {"most": most, "seed": 7, "threads": 1}
    return compare_imbalance([get_candidate(name) for name in names], frame, folds, PORTFOLIO, **settings)


def test_each_strategy_has_a_row_and_a_paired_difference(frame: pl.DataFrame, folds: pl.DataFrame) -> None:
    comparison = compared(frame, folds, ["logistic_regression"])
    table = comparison.table
    assert table["strategy"].to_list() == list(STRATEGIES)
    assert table["cost_difference"].is_null().to_list() == [True, False, False]
    costs = table["cost_per_applicant"].to_list()
    assert table["cost_difference"].to_list()[1:] == pytest.approx([cost - costs[0] for cost in costs[1:]])
    assert (table["auc"] > 0.75).all()
    assert table["auc"].n_unique() == 3
    assert comparison.conclusion.startswith("Logistic regression, against leaving the rows as they are: weights ")


def test_a_sample_keeps_folds_outcomes_and_holdout(frame: pl.DataFrame, folds: pl.DataFrame) -> None:
    few = thin(folds, PORTFOLIO, 200, seed=1)
    training, all_training = (one.filter(pl.col("fold") != HOLDOUT) for one in (few, folds))
    assert training.height == pytest.approx(200, abs=10)
    assert training["target"].mean() == pytest.approx(all_training["target"].mean(), abs=0.03)
    assert training.group_by("fold").len()["len"].to_list() == pytest.approx([40] * 5, abs=2)
    assert few.filter(pl.col("fold") == HOLDOUT).height == folds.filter(pl.col("fold") == HOLDOUT).height
    assert few.join(folds, on=few.columns).height == few.height
    assert thin(folds.reverse(), PORTFOLIO, 200, seed=1).sort(PORTFOLIO.applicant_key).equals(few)
    assert thin(folds, PORTFOLIO, 5000, seed=1).equals(folds)
