"""Gradient boosting with XGBoost.

What is here: the candidate.
What must not be here: early stopping on a part of the training rows: the number of rounds is a parameter, so that the
model refitted on all rows is the model that was cross-validated.

Source: T. Chen and C. Guestrin, XGBoost: a scalable tree boosting system (2016).
"""

from __future__ import annotations

from typing import Any

from credit_platform.modelling.candidates._base import BaseCandidate, suggest_boosting
from credit_platform.modelling.candidates._candidate import Profile, Trial
from credit_platform.modelling.candidates._training import IMBALANCE, MAX_ROWS, ROWS, SCREENED, TOP_FEATURES, Training
from credit_platform.modelling.candidates._xgboost import train
from credit_platform.scoring import FittedModel


class XGBoost(BaseCandidate):
    """Histogram trees on the raw numbers (nulls kept) and one-hot categories; monotone where features say so."""

    name = "xgboost"
    title = "XGBoost"
    imbalance = f"{IMBALANCE} {SCREENED} {ROWS}"

    def default_params(self, profile: Profile = "quick") -> dict[str, Any]:
        """Shallow trees; `full` takes smaller and more steps."""
        full = profile == "full"
        return {
            "rounds": 350 if full else 200,
            "learning_rate": 0.04 if full else 0.045,
            "max_depth": 4 if full else 3,
            "min_child_weight": 3.0,
            "row_share": 0.7,
            "column_share": 0.3,
            "reg_lambda": 5.0,
            "top_features": TOP_FEATURES,
            "max_rows": MAX_ROWS,
            "imbalance": "none",
            "monotone": True,
        }

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Rounds, learning rate, shape of trees, sampling, penalty, imbalance, monotone constraints."""
        return {
            "rounds": trial.suggest_int("rounds", 50, 600, step=50),
            "max_depth": trial.suggest_int("max_depth", 1, 6),
            "min_child_weight": trial.suggest_float("min_child_weight", 0.5, 30.0, log=True),
            "row_share": trial.suggest_float("row_share", 0.5, 1.0),
            "top_features": TOP_FEATURES,
            "max_rows": MAX_ROWS,
            **suggest_boosting(trial),
        }

    def train(self, training: Training) -> FittedModel:
        """Train; see `Candidate.fit`."""
        chosen = training.params
        own = {
            "learning_rate": chosen["learning_rate"],
            "max_depth": chosen["max_depth"],
            "min_child_weight": chosen["min_child_weight"],
            "subsample": chosen["row_share"],
            "colsample_bytree": chosen["column_share"],
            "reg_lambda": chosen["reg_lambda"],
            "seed": training.seed,
        }
        return train(
            training,
            own=own,
            rounds=chosen["rounds"],
            monotone=chosen["monotone"],
        )


CANDIDATE = XGBoost()
