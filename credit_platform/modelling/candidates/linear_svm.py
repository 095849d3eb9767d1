"""Linear support vector machine.

What is here: the candidate; scikit-learn (LIBLINEAR) trains it, `scoring.LinearModel` applies it. Its margin is a
distance from the separating plane, not log-odds: calibration, fitted out of fold, makes probabilities of it.
What must not be here: kernels: their size grows with the applicants, and they have no contributions that add up.

Source: R.-E. Fan et al., LIBLINEAR: a library for large linear classification, JMLR 9 (2008) 1871-1874.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.modelling.candidates._candidate import Params, Profile, Trial
from credit_platform.modelling.candidates._training import IMBALANCE, ROWS, SCREENED, prepare, useful_threads
from credit_platform.portfolios.portfolio import Feature
from credit_platform.scoring import FeatureEncoder, FittedModel, LinearModel

_INTERCEPT = 10.0
"""LIBLINEAR penalises the intercept as if it were a coefficient; this makes that penalty a hundredth."""


class LinearSVM:
    """Squared hinge loss, L2 penalty, on clipped, imputed, standardised columns of the most informative features."""

    name = "linear_svm"
    title = "Linear SVM"
    imbalance = f"{IMBALANCE} {SCREENED} {ROWS}"

    def default_params(self, profile: Profile = "quick") -> dict[str, Any]:
        """Features, penalty (`c`, inverse), clipped share, rows at most; `full` takes more features."""
        return {
            "top_features": 200 if profile == "full" else 80,
            "c": 0.0003,
            "clip": 0.005,
            "max_rows": 60_000,
            "imbalance": "weights",
        }

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Features, penalty, clipping, imbalance."""
        return {
            "top_features": trial.suggest_int("top_features", 20, 300, step=20),
            "c": trial.suggest_float("c", 1e-5, 0.1, log=True),
            "clip": trial.suggest_categorical("clip", [0.0, 0.005, 0.02]),
            "max_rows": 60_000,
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
        """Train; see `Candidate.fit`. The seed only draws rows: the problem is convex and starts from zero."""
        from sklearn.svm import LinearSVC
        from threadpoolctl import threadpool_limits

        training = prepare(self.name, self.default_params(), params, frame, target, features=features, seed=seed)
        chosen = training.params
        encoder = FeatureEncoder.fit(
            training.frame, training.features, scale=True, impute="median", clip=chosen["clip"]
        )
        matrix = encoder.transform(training.frame)
        trainer = LinearSVC(C=chosen["c"], dual=False, intercept_scaling=_INTERCEPT, max_iter=5000, tol=1e-5)
        with threadpool_limits(limits=useful_threads(matrix, threads)):
            trainer.fit(matrix, training.target, sample_weight=training.weights)
        return FittedModel(encoder, LinearModel(trainer.coef_[0], float(trainer.intercept_[0]), matrix.mean(axis=0)))


CANDIDATE = LinearSVM()
