"""Logistic regression with an L2 penalty, on standardised columns: the yardstick every lender can read.

What is here: the candidate; scikit-learn trains it, `scoring.LinearModel` applies it.
What must not be here: scikit-learn at scoring time.
"""

from __future__ import annotations

from typing import Any

from credit_platform.modelling.candidates._base import BaseCandidate, suggest_imbalance
from credit_platform.modelling.candidates._candidate import Profile, Trial
from credit_platform.modelling.candidates._training import IMBALANCE, MAX_ROWS, ROWS, SCREENED, Training
from credit_platform.scoring import FittedModel, LinearModel


class LogisticRegression(BaseCandidate):
    """Numbers clipped, medians for nulls with a column of their own, one-hot categories, all columns standardised."""

    name = "logistic_regression"
    title = "Logistic regression"
    imbalance = f"{IMBALANCE} {SCREENED} {ROWS}"

    def default_params(self, profile: Profile = "quick") -> dict[str, Any]:
        """Features, penalty (`c`, inverse), clipped share at each end, rows, imbalance; `full` takes more features.

        60,000 rows determine a thousand penalised coefficients; with more rows only the time would grow.
        """
        top = 300 if profile == "full" else 150
        return {"top_features": top, "c": 0.005, "clip": 0.005, "max_rows": MAX_ROWS, "imbalance": "none"}

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Penalty, clipping and imbalance."""
        return {
            "top_features": trial.suggest_int("top_features", 50, 400, step=50),
            "c": trial.suggest_float("c", 1e-3, 10.0, log=True),
            "clip": trial.suggest_categorical("clip", [0.0, 0.005, 0.02]),
            "max_rows": MAX_ROWS,
            "imbalance": suggest_imbalance(trial),
        }

    def train(self, training: Training) -> FittedModel:
        """Train; see `Candidate.fit`. The seed only draws rows: the problem is convex and starts from zero."""
        from sklearn.linear_model import LogisticRegression as Trainer

        chosen = training.params
        encoder, matrix = training.standardised()
        trainer = Trainer(C=chosen["c"], max_iter=2000, tol=1e-6)
        with training.limited_threads(matrix):
            trainer.fit(matrix, training.target, sample_weight=training.weights)
        return FittedModel(encoder, LinearModel(trainer.coef_[0], float(trainer.intercept_[0]), matrix.mean(axis=0)))


CANDIDATE = LogisticRegression()
