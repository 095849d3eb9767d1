"""Gradient boosting with XGBoost.

What is here: the candidate.
What must not be here: early stopping on a part of the training rows: the number of rounds is a parameter, so that the
model refitted on all rows is the model that was cross-validated.

Source: T. Chen and C. Guestrin, XGBoost: a scalable tree boosting system (2016).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.modelling.candidates._candidate import Params, Profile, Trial
from credit_platform.modelling.candidates._training import IMBALANCE, SCREENED, prepare
from credit_platform.modelling.candidates._xgboost import train
from credit_platform.portfolios.portfolio import Feature
from credit_platform.scoring import FittedModel


class XGBoost:
    """Histogram trees on the raw numbers (nulls kept) and one-hot categories; monotone where features say so."""

    name = "xgboost"
    title = "XGBoost"
    imbalance = f"{IMBALANCE} {SCREENED}"

    def default_params(self, profile: Profile = "quick") -> dict[str, Any]:
        """Shallow trees; `full` takes smaller and more steps."""
        full = profile == "full"
        return {
            "rounds": 700 if full else 200,
            "learning_rate": 0.02 if full else 0.045,
            "max_depth": 4 if full else 3,
            "min_child_weight": 3.0,
            "row_share": 0.7,
            "column_share": 0.3,
            "reg_lambda": 5.0,
            "top_features": 0,
            "imbalance": "none",
            "monotone": True,
        }

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Rounds, learning rate, shape of trees, sampling, penalty, imbalance, monotone constraints."""
        return {
            "rounds": trial.suggest_int("rounds", 50, 600, step=50),
            "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.2, log=True),
            "max_depth": trial.suggest_int("max_depth", 1, 6),
            "min_child_weight": trial.suggest_float("min_child_weight", 0.5, 30.0, log=True),
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
        training = prepare(self.name, self.default_params(), params, frame, target, features=features, seed=seed)
        chosen = training.params
        own = {
            "learning_rate": chosen["learning_rate"],
            "max_depth": chosen["max_depth"],
            "min_child_weight": chosen["min_child_weight"],
            "subsample": chosen["row_share"],
            "colsample_bytree": chosen["column_share"],
            "reg_lambda": chosen["reg_lambda"],
            "seed": seed,
        }
        return train(
            training,
            own=own,
            threads=threads,
            rounds=chosen["rounds"],
            monotone=chosen["monotone"],
        )


CANDIDATE = XGBoost()
