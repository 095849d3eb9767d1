"""Logistic regression with an L2 penalty, on standardised columns: the yardstick every lender can read.

What is here: the candidate; scikit-learn trains it, `scoring.LinearModel` applies it.
What must not be here: scikit-learn at scoring time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.modelling.candidates._candidate import Params, Profile, Trial
from credit_platform.modelling.candidates._training import IMBALANCE, check_target, complete_params, row_weights
from credit_platform.portfolios.portfolio import Feature
from credit_platform.scoring import FeatureEncoder, FittedModel, LinearModel


class LogisticRegression:
    """Numbers clipped, medians for nulls with a column of their own, one-hot categories, all columns standardised."""

    name = "logistic_regression"
    title = "Logistic regression"
    imbalance = IMBALANCE

    def default_params(self, profile: Profile = "quick") -> dict[str, Any]:
        """Strength of the penalty (`c`, inverse), clipped share at each end, treatment of imbalance; any profile."""
        del profile  # one convex problem: there is nothing to save on
        return {"c": 0.005, "clip": 0.005, "imbalance": "none"}

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Penalty, clipping and imbalance."""
        return {
            "c": trial.suggest_float("c", 1e-3, 10.0, log=True),
            "clip": trial.suggest_categorical("clip", [0.0, 0.005, 0.02]),
            "imbalance": trial.suggest_categorical("imbalance", ["none", "weights"]),
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
        """Train; see `Candidate.fit`. The seed has no say: the problem is convex and starts from zero."""
        from sklearn.linear_model import LogisticRegression as Trainer  # noqa: PLC0415 - slow to import
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # noqa: PLC0415 - comes with scikit-learn

        del seed
        check_target(self.name, target)
        chosen = complete_params(self.name, self.default_params(), params)
        encoder = FeatureEncoder.fit(frame, features, one_hot=True, scale=True, impute="median", clip=chosen["clip"])
        matrix = encoder.transform(frame)
        trainer = Trainer(C=chosen["c"], max_iter=2000, tol=1e-6)
        with threadpool_limits(limits=threads):
            trainer.fit(matrix, target, sample_weight=row_weights(target, chosen["imbalance"]))
        return FittedModel(encoder, LinearModel(trainer.coef_[0], float(trainer.intercept_[0]), matrix.mean(axis=0)))


CANDIDATE = LogisticRegression()
