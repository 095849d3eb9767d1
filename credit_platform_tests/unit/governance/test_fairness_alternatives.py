"""A less discriminatory threshold or model is found where one exists, and none where it would cost more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from credit_platform.features import build_features
from credit_platform.features.inputs import feature_inputs
from credit_platform.governance.attributes import Audited
from credit_platform.governance.evidence import Evidence
from credit_platform.governance.fairness_alternatives import (
    ExclusionCost,
    cost_of_exclusion,
    least_impact_ratio,
    less_discriminatory,
)
from credit_platform.governance.fairness_omission import Omission, without_attribute
from credit_platform.modelling.candidates import get_candidate
from credit_platform.modelling.cross_validation import CrossValidation, cross_validate
from credit_platform.modelling.metrics import Floats
from credit_platform.modelling.splits import split
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.economics import CostMatrix
from credit_platform_tests.small_scorer import raw_applications

COSTS = CostMatrix(false_negative=5.0, false_positive=1.0, source="test")
GROUPS = pl.DataFrame({"sex": ["a"] * 100 + ["b"] * 100})


def now() -> Evidence:
    """a and b repay alike, but the model gives b half a step more risk than a: at 0.3 half of b is refused."""
    y = np.array(([0] * 80 + [1] * 20) * 2)
    p = np.concatenate([np.full(80, 0.10), np.full(20, 0.6), np.full(40, 0.25), np.full(40, 0.31), np.full(20, 0.6)])
    return Evidence.at_threshold(y, p, 0.30)


def test_a_threshold_that_is_fairer_and_no_dearer_is_found() -> None:
    found = less_discriminatory(now(), 0.30, GROUPS, {}, COSTS, name="ours", attributes=["sex"])

    assert [(one.kind, one.name) for one in found] == [("threshold", "ours")]
    best = found[0]
    assert best.threshold > 0.31
    assert best.least_ratio_now == pytest.approx(0.5)
    assert best.cost_now == pytest.approx(40 / 200)
    assert best.cost <= best.cost_now
    assert "least impact ratio by sex would be" in best.to_dict()["sentence"]


def test_a_model_that_is_fairer_at_equal_cost_is_found() -> None:
    fair = np.concatenate([np.full(80, 0.1), np.full(20, 0.6)] * 2)
    found = less_discriminatory(now(), 0.30, GROUPS, {"fair": fair}, COSTS, name="ours", attributes=["sex"])

    model = next(one for one in found if one.kind == "model")
    assert (model.name, model.least_ratio, model.cost) == ("fair", 1.0, 0.0)
    assert model.sentence.startswith("With model fair")


def test_fairer_but_dearer_is_no_alternative() -> None:
    accept_all: Floats = np.full(200, 0.01)
    found = less_discriminatory(now(), 0.30, GROUPS, {"lax": accept_all}, COSTS, name="ours", attributes=["sex"])
    assert all(one.kind == "threshold" for one in found)


def test_an_even_attribute_needs_no_alternative() -> None:
    assert less_discriminatory(now(), 0.30, GROUPS, {}, COSTS, name="ours", attributes=[]) == []


def test_the_least_ratio() -> None:
    accepted, codes = np.array([1, 1, 1, 0]), np.array([0, 0, 1, 1])
    assert least_impact_ratio(accepted, codes, [0, 1]) == 0.5
    assert least_impact_ratio(accepted, codes, []) is None
    assert least_impact_ratio(accepted, codes, [0]) is None, "one group is nothing to compare"
    assert least_impact_ratio(np.zeros(4), codes, [0, 1]) is None


def test_an_attribute_that_is_the_outcome_shows_what_excluding_it_costs() -> None:
    """And one that is noise shows nothing: the comparison is paired, on the same folds."""
    portfolio = get_portfolio("german_credit")
    frame = build_features(portfolio, {portfolio.training_table: raw_applications(portfolio).lazy()}).collect()
    key, target = portfolio.applicant_key, portfolio.target
    folds = split(frame.select(key, target), portfolio, seed=7)
    candidate = get_candidate("logistic_regression")

    def measure(column: pl.Expr, most_rows: int = 10_000) -> tuple[float, float, int]:
        cost = cost_of_exclusion(
            candidate,
            frame,
            folds,
            frame.select(key, column.alias("attribute")),
            portfolio,
            candidate.default_params(),
            threshold=portfolio.costs.break_even,
            seed=7,
            threads=2,
            most_rows=most_rows,
        )
        assert cost.cost_of_exclusion == pytest.approx(cost.cost_without - cost.cost_with)
        assert cost.auc_gain == pytest.approx(cost.auc_with - cost.auc_without)
        assert cost.to_dict()["attributes"] == ["attribute"]
        return cost.cost_of_exclusion_low, cost.auc_gain, cost.applicants

    low, gain, everybody = measure(pl.when(pl.col(target) == 1).then(pl.lit("x")).otherwise(pl.lit("y")))
    assert low > 0
    assert gain > 0.05
    assert everybody == folds.filter(pl.col("fold") >= 0).height
    low, gain, sampled = measure(pl.when(pl.col(key) % 2 == 0).then(pl.lit("x")).otherwise(pl.lit("y")), most_rows=500)
    assert low <= 0
    assert abs(gain) < 0.03
    assert 500 <= sampled <= 510


def test_scores_that_exist_already_are_taken_where_they_are_of_the_same_applicants() -> None:
    portfolio, candidate = get_portfolio("german_credit"), get_candidate("logistic_regression")
    frame = build_features(portfolio, {portfolio.training_table: raw_applications(portfolio).lazy()}).collect()
    key, params = portfolio.applicant_key, candidate.default_params()
    folds = split(frame.select(key, portfolio.target), portfolio, seed=7)
    groups = frame.select(key, (pl.col(key) % 2).cast(pl.String).alias("attribute"))

    def measure(without: CrossValidation | None, most_rows: int = 10_000) -> ExclusionCost:
        return cost_of_exclusion(
            candidate,
            frame,
            folds,
            groups,
            portfolio,
            params,
            threshold=portfolio.costs.break_even,
            seed=7,
            threads=1,
            most_rows=most_rows,
            without=without,
        )

    known = cross_validate(candidate, frame, folds, portfolio, params, seed=7, threads=1)
    assert measure(known) == measure(None)
    blind = replace(known, oof=known.oof.with_columns(probability=pl.lit(0.5)))
    assert measure(blind).auc_without == 0.5
    assert measure(blind, most_rows=500).auc_without > 0.7


def test_the_model_without_what_it_reads_of_an_attribute_is_an_alternative() -> None:
    portfolio, candidate = get_portfolio("german_credit"), get_candidate("logistic_regression")
    frame = build_features(portfolio, {portfolio.training_table: raw_applications(portfolio).lazy()}).collect()
    key, params = portfolio.applicant_key, candidate.default_params()
    used = split(frame.select(key, portfolio.target), portfolio, seed=7).filter(pl.col("fold") >= 0)
    read = tuple(name for name, columns in feature_inputs(portfolio).items() if "checking_account" in columns)
    groups = frame.select(key, (pl.col("application__amount") > 2000).cast(pl.String).alias("large"))
    now = cross_validate(candidate, frame, used, portfolio, params, seed=7, threads=1)

    def measure(audited: Audited) -> Omission:
        return without_attribute(
            candidate,
            frame,
            used,
            groups,
            portfolio,
            params,
            audited=audited,
            now=now,
            threshold=portfolio.costs.break_even,
            seed=7,
            threads=1,
        )

    found = measure(Audited(attribute="account", columns=("c",), features=read, groups=("large",)))
    assert found.applicants == used.height
    assert found.auc < found.auc_now - 0.02, "the account tells most"
    assert found.cost_change_high > 0
    assert (found.group, found.features) == ("large", len(read))
    assert f"Without the {len(read)} features of the portfolio that read account" in found.sentence
    assert "the least impact ratio by large would be" in found.to_dict()["sentence"]
    # Groups that nobody told apart are said to be that.
    blind = measure(Audited(attribute="account", columns=("c",), features=read[:1], groups=()))
    assert blind.least_ratio is None
    assert "no groups by account could be compared" in blind.sentence
