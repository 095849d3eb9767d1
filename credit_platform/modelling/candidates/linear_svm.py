"""Linear support vector machine.

What is here: the candidate; scikit-learn (LIBLINEAR) trains it, `scoring.LinearModel` applies it. Its margin is a
distance from the separating plane, not log-odds: calibration, fitted out of fold, makes probabilities of it.
What must not be here: kernels: their size grows with the applicants, and they have no contributions that add up.

Source: R.-E. Fan et al., LIBLINEAR: a library for large linear classification, JMLR 9 (2008) 1871-1874.
"""

from __future__ import annotations

from typing import Any

from credit_platform.modelling.candidates._base import BaseCandidate, suggest_imbalance
from credit_platform.modelling.candidates._candidate import Profile, Trial
from credit_platform.modelling.candidates._training import IMBALANCE, MAX_ROWS, ROWS, SCREENED, Training
from credit_platform.scoring import FittedModel, LinearModel

_INTERCEPT = 10.0
"""LIBLINEAR penalises the intercept as if it were a coefficient; this makes that penalty a hundredth."""


class LinearSVM(BaseCandidate):
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
            "max_rows": MAX_ROWS,
            "imbalance": "weights",
        }

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Features, penalty, clipping, imbalance."""
        return {
            "top_features": trial.suggest_int("top_features", 20, 300, step=20),
            "c": trial.suggest_float("c", 1e-5, 0.1, log=True),
            "clip": trial.suggest_categorical("clip", [0.0, 0.005, 0.02]),
            "max_rows": MAX_ROWS,
            "imbalance": suggest_imbalance(trial),
        }

    def train(self, training: Training) -> FittedModel:
        """Train; see `Candidate.fit`. The seed only draws rows: the problem is convex and starts from zero."""
        from sklearn.svm import LinearSVC

        chosen = training.params
        encoder, matrix = training.standardised()
        trainer = LinearSVC(C=chosen["c"], dual=False, intercept_scaling=_INTERCEPT, max_iter=5000, tol=1e-5)
        with training.limited_threads(matrix):
            trainer.fit(matrix, training.target, sample_weight=training.weights)
        return FittedModel(encoder, LinearModel(trainer.coef_[0], float(trainer.intercept_[0]), matrix.mean(axis=0)))


CANDIDATE = LinearSVM()
