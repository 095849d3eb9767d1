"""Training with XGBoost, for the two candidates that use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.modelling.candidates._training import monotone_signs, row_weights, useful_bins, useful_threads
from credit_platform.portfolios.portfolio import Feature
from credit_platform.scoring import FeatureEncoder, FittedModel, XGBoostModel


def train(
    frame: pl.DataFrame,
    target: NDArray[np.int8],
    features: Sequence[Feature],
    *,
    params: Mapping[str, Any],
    threads: int,
    rounds: int,
    imbalance: str,
    monotone: bool,
) -> FittedModel:
    """Encode (nulls kept, one-hot categories), train `rounds` rounds with XGBoost's own `params`, keep the bytes.

    The starting score is the weighted default rate, set here so that it does not hang on a library default.
    """
    import xgboost  # noqa: PLC0415 - slow to import

    encoder = FeatureEncoder.fit(frame, features, one_hot=True)
    weights = row_weights(target, imbalance)
    matrix = encoder.transform(frame)
    nthread = useful_threads(matrix, threads)
    settings = {
        "objective": "binary:logistic",
        "tree_method": "hist",
        "max_bin": useful_bins(matrix, default=256),
        "verbosity": 0,
        "nthread": nthread,
        "base_score": float(np.average(target, weights=weights)),
        **params,
    }
    if monotone:
        settings["monotone_constraints"] = tuple(monotone_signs(encoder, features))
    data = xgboost.DMatrix(matrix, label=target, weight=weights, nthread=nthread)
    booster = xgboost.train(settings, data, num_boost_round=rounds)
    return FittedModel(encoder, XGBoostModel(bytes(booster.save_raw("ubj"))))
