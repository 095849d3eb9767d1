"""Scorers of german_credit, trained once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import polars as pl
import pytest

from credit_platform.features import build_features
from credit_platform.modelling.candidates import get_candidate
from credit_platform.portfolios import get_portfolio
from credit_platform.scoring import PlattCalibrator
from credit_platform.scoring.scorer import Scorer
from credit_platform_tests.small_scorer import raw_applications

PORTFOLIO = get_portfolio("german_credit")


@pytest.fixture(scope="session")
def raw() -> pl.DataFrame:
    return raw_applications(PORTFOLIO)


@pytest.fixture(scope="session")
def features(raw: pl.DataFrame) -> pl.DataFrame:
    return build_features(PORTFOLIO, {PORTFOLIO.training_table: raw.lazy()}).collect()


@pytest.fixture(scope="session")
def scorer_of(features: pl.DataFrame) -> Callable[[str], Scorer]:
    @cache
    def train(name: str) -> Scorer:
        target = features[PORTFOLIO.target].to_numpy().astype(np.int8)
        candidate = get_candidate(name)
        fitted = candidate.fit(features, target, PORTFOLIO.features, {}, seed=7, threads=1)
        return Scorer(PORTFOLIO, fitted, PlattCalibrator(0.9, -0.05), 1 / 6, {"auc": 0.78}, candidate=name)

    return train
