"""What every candidate does before it trains: complete its parameters, take the rows and features that they ask for.

What is here: `BaseCandidate`, and choices that several search spaces offer.
What must not be here: anything that a single candidate does.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.modelling.candidates._candidate import Params, Profile, Trial
from credit_platform.modelling.candidates._training import Training, prepare
from credit_platform.portfolios.feature_group import Feature
from credit_platform.scoring import FittedModel


class BaseCandidate(ABC):
    """A `Candidate` whose own part is `train`."""

    name: str
    title: str
    imbalance: str

    @abstractmethod
    def default_params(self, profile: Profile = "quick") -> dict[str, Any]:
        """See `Candidate.default_params`."""

    @abstractmethod
    def search_space(self, trial: Trial) -> dict[str, Any]:
        """See `Candidate.search_space`."""

    @abstractmethod
    def train(self, training: Training) -> FittedModel:
        """Train on rows, features and complete parameters.

        Raises:
            ModellingError: nothing can be learnt with these parameters.
        """

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
        defaults = self.default_params()
        training = prepare(self.name, defaults, params, frame, target, features=features, seed=seed, threads=threads)
        return self.train(training)


def suggest_imbalance(trial: Trial) -> str:
    """`none` or `weights`; SMOTE is compared in `models/imbalance`, not searched."""
    return str(trial.suggest_categorical("imbalance", ["none", "weights"]))


def suggest_boosting(trial: Trial) -> dict[str, Any]:
    """What the searches of all boosted trees have in common: step, columns drawn, penalty, signs, imbalance."""
    return {
        "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.2, log=True),
        "column_share": trial.suggest_float("column_share", 0.1, 1.0),
        "reg_lambda": trial.suggest_float("reg_lambda", 0.1, 50.0, log=True),
        "monotone": trial.suggest_categorical("monotone", [False, True]),
        "imbalance": suggest_imbalance(trial),
    }
