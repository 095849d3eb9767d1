"""What a candidate is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.portfolios.feature_group import Feature
from credit_platform.scoring import FittedModel

Params = Mapping[str, Any]
Profile = Literal["quick", "full"]


class Trial(Protocol):
    """The part of an Optuna trial that a search space uses."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """Suggest a number from `low` to `high`."""
        ...

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1, log: bool = False) -> int:
        """Suggest a whole number from `low` to `high`."""
        ...

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        """Suggest one of `choices`."""
        ...


class Candidate(Protocol):
    """A kind of model under comparison. Candidates hold no state: what is learnt is in the `FittedModel`."""

    @property
    def name(self) -> str:
        """Name in asset keys, MLflow and tables: the name of the module."""
        ...

    @property
    def title(self) -> str:
        """Name for people."""
        ...

    @property
    def imbalance(self) -> str:
        """How the candidate treats the rarity of defaults, in a sentence."""
        ...

    def default_params(self, profile: Profile = "quick") -> dict[str, Any]:
        """Parameters that do well without tuning: `quick` for development, `full` for figures to rely on."""
        ...

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Parameters suggested by `trial`: complete, ready for `fit`."""
        ...

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
        """Train on the rows of `frame`; same rows, parameters and seed give the same model.

        Args:
            frame: training rows with a column per feature.
            target: (rows,), 1 = default, 0 = repaid.
            features: features to use.
            params: as from `default_params` or `search_space`; a missing one takes its default.
            seed: of everything random.
            threads: threads to use at most.

        Raises:
            ModellingError: the target has one class only, or a parameter is unknown.
        """
        ...
