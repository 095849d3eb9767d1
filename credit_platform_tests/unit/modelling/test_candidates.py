from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest

from credit_platform.errors import ModellingError
from credit_platform.modelling.candidates import Profile, candidate_names, get_candidate
from credit_platform.modelling.candidates._training import useful_bins, useful_threads
from credit_platform.modelling.metrics import classification_metrics
from credit_platform.portfolios import all_portfolios
from credit_platform.portfolios.economics import CostMatrix
from credit_platform_tests.unit.scoring.samples import FEATURES, toy

NAMES = candidate_names()
COSTS = CostMatrix(false_negative=5, false_positive=1, source="toy")


class FixedTrial:
    """Suggests one end of each range."""

    def __init__(self, high: bool) -> None:
        self.high = high

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        return high if self.high else low

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1, log: bool = False) -> int:
        return min(high, 100) if self.high else low

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        return choices[-1 if self.high else 0]


def auc(target: np.ndarray, margin: np.ndarray) -> float:
    return classification_metrics(target, 1 / (1 + np.exp(-margin)), 0.5, COSTS)["auc"]


def test_candidates_are_found_by_their_module() -> None:
    assert set(NAMES) == {
        "gradient_boosting",
        "lightgbm",
        "linear_svm",
        "logistic_regression",
        "mlp",
        "random_forest",
        "scorecard",
        "stacked",
        "xgboost",
    }
    assert list(candidate_names()) == list(NAMES)
    for name, candidate in ((one, get_candidate(one)) for one in NAMES):
        assert candidate.name == name
        assert candidate.title
        assert "none" in candidate.imbalance
        assert "weights" in candidate.imbalance
        # What a candidate does not use it says.
        for parameter in ("top_features", "max_rows"):
            assert (f"`{parameter}`" in candidate.imbalance) == (parameter in candidate.default_params())


def test_every_portfolio_asks_for_candidates_that_exist() -> None:
    for portfolio in all_portfolios():
        assert set(portfolio.candidates) <= set(NAMES)


def test_an_unknown_candidate_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ModellingError, match=r"no candidate 'crystal_ball'\. Use one of: .*xgboost"):
        get_candidate("crystal_ball")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("profile", ["quick", "full"])
def test_defaults_are_json_and_learn(name: str, profile: Profile) -> None:
    frame, target = toy(600)
    params = get_candidate(name).default_params(profile)
    assert json.loads(json.dumps(params)) == params
    fitted = get_candidate(name).fit(frame, target, FEATURES, params, seed=1, threads=1)
    unseen, outcome = toy(600, seed=1)
    assert auc(outcome, fitted.margin(unseen)) > 0.7
    assert fitted.features == [feature.name for feature in FEATURES if feature.name in fitted.features]
    assert len(fitted.features) >= (2 if name == "scorecard" else len(FEATURES))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("high", [False, True])
def test_search_spaces_are_complete_and_fit(name: str, high: bool) -> None:
    frame, target = toy(200)
    params = get_candidate(name).search_space(FixedTrial(high))
    assert set(params) == set(get_candidate(name).default_params())
    fitted = get_candidate(name).fit(frame, target, FEATURES, params, seed=1, threads=1)
    assert np.isfinite(fitted.margin(frame)).all()


@pytest.mark.parametrize("name", NAMES)
def test_same_data_and_seed_give_the_same_bytes(name: str) -> None:
    frame, target = toy(300)
    models = [get_candidate(name).fit(frame, target, FEATURES, {}, seed=3, threads=1).files() for _ in range(2)]
    assert models[0] == models[1]


@pytest.mark.parametrize("name", ["random_forest", "xgboost", "lightgbm", "gradient_boosting", "mlp", "stacked"])
def test_the_seed_matters_where_something_is_random(name: str) -> None:
    frame, target = toy(300)
    params = {"column_share": 0.5} if name == "gradient_boosting" else {}
    margins = [
        get_candidate(name).fit(frame, target, FEATURES, params, seed=s, threads=1).margin(frame) for s in (1, 2)
    ]
    assert not np.array_equal(margins[0], margins[1])


@pytest.mark.parametrize("name", [name for name in NAMES if name != "linear_svm"])
def test_weights_raise_the_scores_of_rare_defaults(name: str) -> None:
    frame, target = toy(800)
    rare = frame.with_columns(target=pl.Series(target)).filter((pl.col("target") == 0) | (pl.int_range(pl.len()) < 200))
    outcome = rare["target"].to_numpy()
    assert outcome.mean() < 0.35
    mean = {
        imbalance: get_candidate(name)
        .fit(rare, outcome, FEATURES, {"imbalance": imbalance}, seed=1, threads=1)
        .margin(rare)
        .mean()
        for imbalance in ("none", "weights")
    }
    assert mean["weights"] > mean["none"] + 0.2


@pytest.mark.parametrize("name", ["random_forest", "xgboost", "lightgbm", "gradient_boosting"])
def test_monotone_features_never_raise_the_risk(name: str) -> None:
    """`age` is declared monotone -1: with all else equal, an older applicant is not riskier."""
    frame, target = toy(400)
    fitted = get_candidate(name).fit(frame, target, FEATURES, {"monotone": True}, seed=1, threads=1)
    ages = pl.DataFrame({"age": range(18, 80)})
    for row in range(20):
        ladder = ages.join(frame[row].drop("age"), how="cross")
        assert np.diff(fitted.margin(ladder)).max() <= 1e-6


@pytest.mark.parametrize("name", NAMES)
def test_one_class_and_unknown_parameters_are_refused(name: str) -> None:
    frame, target = toy(50)
    with pytest.raises(ModellingError, match="do not hold both outcomes"):
        get_candidate(name).fit(frame, np.zeros(50, dtype=np.int8), FEATURES, {}, seed=1, threads=1)
    with pytest.raises(ModellingError, match="no parameter depth"):
        get_candidate(name).fit(frame, target, FEATURES, {"depth": 3}, seed=1, threads=1)
    with pytest.raises(ModellingError, match="imbalance by 'magic'"):
        get_candidate(name).fit(frame, target, FEATURES, {"imbalance": "magic"}, seed=1, threads=1)


def test_small_tables_are_trained_on_one_thread() -> None:
    assert useful_threads(np.zeros((1000, 60)), 8) == 1
    assert useful_threads(np.zeros((20_000, 1_000)), 8) == 8


def test_a_wide_table_of_few_rows_is_searched_over_fewer_bins() -> None:
    assert useful_bins(np.zeros((1000, 60)), default=255) == 255
    assert useful_bins(np.zeros((4000, 300)), default=255) == 63
    assert useful_bins(np.zeros((20_000, 199)), default=256) == 256
