"""A copy of the outcome under much noise is found; the features of real loans are not suspected."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from credit_platform.features import build_features
from credit_platform.features.checks import single_feature_auc
from credit_platform.governance.assurance import LEAK_AUC
from credit_platform.governance.independence import SUSPECT_AUC, made_from_outcome
from credit_platform.portfolios import get_portfolio
from credit_platform_tests.small_scorer import raw_applications

PORTFOLIO = get_portfolio("german_credit")
LEAKING = "application__residence_since"


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    raw = raw_applications(PORTFOLIO)
    return build_features(PORTFOLIO, {PORTFOLIO.training_table: raw.lazy()}).collect()


def test_the_features_of_real_loans_are_not_suspected(frame: pl.DataFrame) -> None:
    alone = single_feature_auc(PORTFOLIO, frame)
    assert max(alone.values()) > SUSPECT_AUC
    assert made_from_outcome(frame, frame[PORTFOLIO.target], alone) == []


@pytest.mark.parametrize("spread", [1.0, 1.2, 1.5])
def test_a_copy_too_weak_for_the_bound_on_the_auc_is_found(frame: pl.DataFrame, spread: float) -> None:
    noise = np.random.default_rng(1).normal(0.0, spread, frame.height)
    leaky = frame.with_columns((pl.col(PORTFOLIO.target) + noise).alias(LEAKING))
    alone = single_feature_auc(PORTFOLIO, leaky)
    assert SUSPECT_AUC < alone[LEAKING] < LEAK_AUC
    assert made_from_outcome(leaky, leaky[PORTFOLIO.target], alone) == [LEAKING]


def test_among_few_features_nothing_is_suspected(frame: pl.DataFrame) -> None:
    target = frame[PORTFOLIO.target]
    assert made_from_outcome(frame.with_columns(copy=target), target, {"copy": 1.0, "application__amount": 0.5}) == []
