"""Gradient boosting with LightGBM.

What is here: the candidate.
What must not be here: early stopping on a part of the training rows: the number of rounds is a parameter, so that the
model refitted on all rows is the model that was cross-validated.

Source: G. Ke et al., LightGBM: a highly efficient gradient boosting decision tree (2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.modelling.candidates._candidate import Params, Profile, Trial
from credit_platform.modelling.candidates._training import (
    IMBALANCE,
    SCREENED,
    monotone_signs,
    prepare,
    useful_bins,
    useful_threads,
)
from credit_platform.portfolios.portfolio import Feature
from credit_platform.scoring import FeatureEncoder, FittedModel, LightGBMModel

_FIXED = {"objective": "binary", "verbosity": -1, "deterministic": True, "force_col_wise": True, "bagging_freq": 1}
"""`deterministic` with one fixed layout of histograms gives the same trees with any number of threads."""


class LightGBM:
    """Leaf-wise trees on the raw numbers (nulls kept) and one-hot categories; monotone where features say so."""

    name = "lightgbm"
    title = "LightGBM"
    imbalance = f"{IMBALANCE} {SCREENED}"

    def default_params(self, profile: Profile = "quick") -> dict[str, Any]:
        """Small trees; `full` takes smaller and more steps."""
        full = profile == "full"
        return {
            "rounds": 700 if full else 200,
            "learning_rate": 0.015 if full else 0.03,
            "leaves": 12 if full else 7,
            "max_depth": -1,
            "min_leaf_rows": 15,
            "row_share": 0.8,
            "column_share": 0.3,
            "reg_lambda": 20.0 if full else 5.0,
            "top_features": 0,
            "imbalance": "none",
            "monotone": True,
        }

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Rounds, learning rate, shape of trees, sampling, penalty, imbalance, monotone constraints."""
        return {
            "rounds": trial.suggest_int("rounds", 50, 800, step=50),
            "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.2, log=True),
            "leaves": trial.suggest_int("leaves", 2, 48),
            "max_depth": trial.suggest_int("max_depth", 2, 12),
            "min_leaf_rows": trial.suggest_int("min_leaf_rows", 5, 200, log=True),
            "row_share": trial.suggest_float("row_share", 0.5, 1.0),
            "column_share": trial.suggest_float("column_share", 0.1, 1.0),
            "reg_lambda": trial.suggest_float("reg_lambda", 0.1, 50.0, log=True),
            "top_features": trial.suggest_categorical("top_features", [0, 200, 400]),
            "imbalance": trial.suggest_categorical("imbalance", ["none", "weights"]),
            "monotone": trial.suggest_categorical("monotone", [False, True]),
        }

    def fit(
        self,
        frame: pl.DataFrame,
        target: NDArray[np.int8],
        features: Sequence[Feature],
        params: Params,
        *,
        seed: int,
        threads: int,
    ) -> FittedModel:
        """Train; see `Candidate.fit`."""
        import lightgbm

        training = prepare(self.name, self.default_params(), params, frame, target, features=features, seed=seed)
        chosen = training.params
        encoder = FeatureEncoder.fit(training.frame, training.features, one_hot=True)
        matrix = encoder.transform(training.frame)
        own = {
            **_FIXED,
            "learning_rate": chosen["learning_rate"],
            "num_leaves": chosen["leaves"],
            "max_depth": chosen["max_depth"],
            "min_data_in_leaf": chosen["min_leaf_rows"],
            "bagging_fraction": chosen["row_share"],
            "feature_fraction": chosen["column_share"],
            "lambda_l2": chosen["reg_lambda"],
            "max_bin": useful_bins(matrix, default=255),
            "seed": seed,
            "num_threads": useful_threads(matrix, threads),
        }
        if chosen["monotone"]:
            own["monotone_constraints"] = monotone_signs(encoder, training.features)
        data = lightgbm.Dataset(matrix, label=training.target, weight=training.weights)
        booster = lightgbm.train(own, data, num_boost_round=chosen["rounds"])
        return FittedModel(encoder, LightGBMModel(booster.model_to_string()))


CANDIDATE = LightGBM()
