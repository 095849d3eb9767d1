"""A real scorer of the toy portfolio, which has histories, and the tables it was trained on; made in a moment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from credit_platform.features import build_features
from credit_platform.modelling.candidates import get_candidate
from credit_platform.portfolios.feature_group import FeatureKind
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import PlattCalibrator, Scorer
from credit_platform_tests.unit.features.toy import APPLICATION, HISTORY, REPAYMENT, TOY, feature, lazy, make_tables

FIRST_KIND = feature("loans__kind__first", nw.col("kind").max(), kind=FeatureKind.CATEGORICAL)
PORTFOLIO: Portfolio = replace(
    TOY,
    feature_groups=(APPLICATION, replace(HISTORY, features=(*HISTORY.features, FIRST_KIND)), REPAYMENT),
)
"""The toy portfolio with a category among the features of a history, which no shipped portfolio has."""


def toy_tables(people: int = 60) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """Raw tables, and the feature table of all people."""
    tables = make_tables(people, seed=5)
    return tables, build_features(PORTFOLIO, lazy(tables)).collect().sort("person")


def toy_scorer(features: pl.DataFrame, **more: Any) -> Scorer:
    """Train on the people with an outcome; its figures mean nothing."""
    known = features.filter(pl.col("bad").is_not_null())
    target = known["bad"].to_numpy().astype(np.int8)
    fitted = get_candidate("logistic_regression").fit(known, target, PORTFOLIO.features, {}, seed=7, threads=1)
    return Scorer(PORTFOLIO, fitted, PlattCalibrator(1.0, 0.0), 0.5, **more)
