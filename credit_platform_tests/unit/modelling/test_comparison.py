"""The cheapest candidate wins, AUC breaks ties, and only comparable candidates are compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from credit_platform.errors import ModellingError
from credit_platform.modelling.comparison import compare
from credit_platform.modelling.cross_validation import CrossValidation
from credit_platform.modelling.metrics import Floats, roc_auc
from credit_platform.portfolios import get_portfolio

PORTFOLIO = get_portfolio("german_credit")
KEY = PORTFOLIO.applicant_key


def validated(name: str, noise: float, *, seed: int = 1, rows: int = 600) -> CrossValidation:
    """Scores that know the true log-odds up to `noise`; the same applicants and folds for each name."""
    shared = np.random.default_rng(seed)
    truth = shared.normal(-1.0, 1.3, size=rows)
    target = (shared.random(rows) < sigmoid(truth)).astype(np.int8)
    margin = truth + np.random.default_rng(len(name)).normal(size=rows) * noise
    oof = pl.DataFrame(
        {KEY: np.arange(rows), "target": target, "fold": (np.arange(rows) % 5).astype(np.int8), "margin": margin}
    )
    return CrossValidation(
        candidate=name, params={}, oof=oof.with_columns(probability=pl.Series(sigmoid(margin))), seconds=1.5
    )


def sigmoid(values: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-values)), dtype=np.float64)


def test_the_cheapest_candidate_wins_and_the_rest_follow_by_cost() -> None:
    good, bad = validated("lightgbm", 0.0), validated("xgboost", 4.0)
    fair = validated("logistic_regression", 1.0)

    comparison = compare([bad, good, fair], PORTFOLIO)

    table = comparison.table
    assert comparison.winner == "lightgbm"
    assert table["candidate"].to_list() == ["lightgbm", "logistic_regression", "xgboost"]
    assert table["selected"].to_list() == [True, False, False]
    assert table["cost_per_applicant"].is_sorted()
    assert (table["cost_per_applicant_low"] < table["cost_per_applicant"]).all()
    assert (table["cost_per_applicant"] < table["cost_per_applicant_high"]).all()
    assert table["title"][1] == "Logistic regression"
    assert table["against_winner"][0] == "selected"
    words = {True: "dearer beyond chance", False: "not distinguishable by cost"}
    assert table["against_winner"].to_list()[1:] == [words[d] for d in comparison.differences["cost_distinguishable"]]


def test_a_row_holds_the_metrics_of_its_candidate() -> None:
    result = validated("lightgbm", 0.5)

    comparison = compare([result], PORTFOLIO)

    row = comparison.table.row(0, named=True)
    y, margin, fold = (result.oof[name].to_numpy() for name in ("target", "margin", "fold"))
    by_fold = [roc_auc(y[fold == number], margin[fold == number]) for number in range(5)]
    choice = comparison.thresholds["lightgbm"]
    assert row["auc"] == pytest.approx(roc_auc(y, margin))
    assert row["auc_low"] < row["auc"] < row["auc_high"]
    assert row["auc_fold_mean"] == pytest.approx(np.mean(by_fold))
    assert row["auc_fold_std"] == pytest.approx(np.std(by_fold, ddof=1))
    assert row["cost_per_applicant"] == choice.cost_per_applicant_cross_fitted
    assert row["cost_in_sample"] == choice.cost_per_applicant
    assert (row["threshold"], row["acceptance_rate"]) == (choice.threshold, choice.acceptance_rate)
    assert row["seconds"] == 1.5
    assert comparison.differences.is_empty()
    assert comparison.summary.endswith("it was the only candidate.")


def test_auc_breaks_a_tie_in_cost() -> None:
    first = validated("lightgbm", 0.5)
    # Reversing the order of the safest changes AUC but no decision near break-even.
    reversed_order = pl.when(pl.col("probability") < 0.15).then(0.15 - pl.col("probability")).otherwise("probability")
    second = replace(first, candidate="xgboost", oof=first.oof.with_columns(probability=reversed_order))

    comparison = compare([second, first], PORTFOLIO)

    costs, aucs = comparison.table["cost_per_applicant"], comparison.table["auc"]
    assert costs[0] == costs[1]
    assert aucs[0] > aucs[1]
    assert comparison.winner == comparison.table["candidate"][0]


def test_the_winner_is_set_against_each_other_candidate() -> None:
    comparison = compare([validated("lightgbm", 0.0), validated("xgboost", 6.0)], PORTFOLIO)

    gap = comparison.differences.row(0, named=True)
    costs = comparison.table["cost_per_applicant"]
    assert gap["candidate"] == "xgboost"
    assert gap["cost_difference"] == pytest.approx(costs[0] - costs[1])
    assert gap["cost_distinguishable"]
    assert gap["auc_distinguishable"]
    assert gap["auc_difference_low"] > 0
    assert "beyond chance" in comparison.summary


def test_close_candidates_are_not_distinguishable() -> None:
    comparison = compare([validated("lightgbm", 0.1), validated("xgboost", 0.1)], PORTFOLIO)

    assert not comparison.differences["cost_distinguishable"][0]
    assert "not distinguishable" in comparison.summary


def test_same_seed_same_table() -> None:
    results = [validated("lightgbm", 0.3), validated("xgboost", 0.6)]

    assert compare(results, PORTFOLIO, seed=3).table.equals(compare(results, PORTFOLIO, seed=3).table)


def test_other_applicants_are_not_comparable() -> None:
    with pytest.raises(ModellingError, match="xgboost was not validated on the applicants and folds of lightgbm"):
        compare([validated("lightgbm", 0.1), validated("xgboost", 0.1, seed=2)], PORTFOLIO)


@pytest.mark.parametrize("names", [[], ["lightgbm", "lightgbm"]])
def test_each_candidate_occurs_once(names: list[str]) -> None:
    with pytest.raises(ModellingError, match="each of them once"):
        compare([validated(name, 0.1) for name in names], PORTFOLIO)
