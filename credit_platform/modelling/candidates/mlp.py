"""A neural network (multilayer perceptron) with one hidden layer.

What is here: the candidate; scikit-learn trains it, `scoring.NeuralModel` applies it with exact contributions.
What must not be here: a second hidden layer: contributions would no longer have the closed form that makes them exact.

Source: D. Kingma and J. Ba, Adam: a method for stochastic optimization (2015), which trains it.
"""

from __future__ import annotations

import warnings
from typing import Any

from credit_platform.modelling.candidates._base import BaseCandidate, suggest_imbalance
from credit_platform.modelling.candidates._candidate import Profile, Trial
from credit_platform.modelling.candidates._training import IMBALANCE, MAX_ROWS, ROWS, SCREENED, Training
from credit_platform.scoring import FittedModel, NeuralModel


class MLP(BaseCandidate):
    """Rectified linear units on clipped, imputed, standardised columns of the most informative features."""

    name = "mlp"
    title = "Neural network (MLP)"
    imbalance = f"{IMBALANCE} {SCREENED} {ROWS}"

    def default_params(self, profile: Profile = "quick") -> dict[str, Any]:
        """Features, units, penalty, epochs; `full` takes more of all."""
        full = profile == "full"
        return {
            "top_features": 150 if full else 40,
            "units": 32 if full else 8,
            "alpha": 20.0 if full else 3.0,
            "learning_rate": 0.003,
            "epochs": 15 if full else 30,
            "batch": 256 if full else 64,
            "clip": 0.005,
            "max_rows": MAX_ROWS,
            "imbalance": "none",
        }

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Features, units, penalty, learning rate, epochs, imbalance."""
        return {
            "top_features": trial.suggest_int("top_features", 20, 200, step=20),
            "units": trial.suggest_int("units", 4, 48, step=4),
            "alpha": trial.suggest_float("alpha", 0.1, 100.0, log=True),
            "learning_rate": trial.suggest_float("learning_rate", 3e-4, 0.02, log=True),
            "epochs": trial.suggest_int("epochs", 5, 40, step=5),
            "batch": trial.suggest_categorical("batch", [32, 64, 256]),
            "clip": 0.005,
            "max_rows": MAX_ROWS,
            "imbalance": suggest_imbalance(trial),
        }

    def train(self, training: Training) -> FittedModel:
        """Train; see `Candidate.fit`."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier

        chosen = training.params
        encoder, matrix = training.standardised()
        trainer = MLPClassifier(
            hidden_layer_sizes=(chosen["units"],),
            alpha=chosen["alpha"],
            learning_rate_init=chosen["learning_rate"],
            batch_size=min(chosen["batch"], len(matrix)),
            max_iter=chosen["epochs"],
            tol=0.0,
            random_state=training.seed,
        )
        with training.limited_threads(matrix), warnings.catch_warnings():
            # The number of epochs is a parameter, a penalty of its own; that the loss could still fall is no news.
            warnings.simplefilter("ignore", ConvergenceWarning)
            trainer.fit(matrix, training.target, sample_weight=training.weights)
        hidden, output = trainer.coefs_
        bias, output_bias = trainer.intercepts_
        model = NeuralModel(hidden, bias, output[:, 0], float(output_bias[0]), matrix.mean(axis=0))
        return FittedModel(encoder, model)


CANDIDATE = MLP()
