"""What a gate looks at: a challenger's out-of-sample scores and decisions, and the champion's on the same applicants.

What is here: `Evidence` of one set of applicants, and `GateInput`, all that a promotion is judged on.
What to add here: another kind of evidence, when a check of the gate needs it.
What must not be here: judging it (`gate.py`), reading it from anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt

from credit_platform.errors import ModellingError
from credit_platform.governance.assurance import Assurance
from credit_platform.governance.decision import Contender
from credit_platform.modelling.metrics import Floats, Outcomes, applicant_costs, check_outcomes
from credit_platform.modelling.threshold import choose_threshold
from credit_platform.portfolios.economics import CostMatrix
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.rule import is_refused


@dataclass(frozen=True)
class Evidence:
    """Outcomes, calibrated probabilities and decisions of the same applicants, in the same order; each (n,)."""

    y: Outcomes
    probability: Floats
    refused: npt.NDArray[np.bool_]

    @classmethod
    def at_threshold(cls, y: npt.ArrayLike, probability: npt.ArrayLike, threshold: float) -> Evidence:
        """Decisions by one threshold, as for a holdout.

        Raises:
            ModellingError: see `metrics.check_outcomes`.
        """
        outcomes, scores = check_outcomes(y, probability)
        return cls(outcomes, scores, is_refused(scores, threshold))

    @classmethod
    def cross_fitted(
        cls, y: npt.ArrayLike, probability: npt.ArrayLike, fold: npt.ArrayLike, costs: CostMatrix, *, seed: int = 7
    ) -> Evidence:
        """Decisions of each fold by a threshold chosen on the others, as for development.

        Raises:
            ModellingError: see `threshold.choose_threshold`.
        """
        outcomes, scores = check_outcomes(y, probability)
        return cls(outcomes, scores, choose_threshold(outcomes, scores, costs, fold, seed=seed).refused)

    def costs(self, costs: CostMatrix) -> Floats:
        """(n,) cost of each decision."""
        return applicant_costs(self.y, self.refused, costs)

    def and_also(self, other: Evidence) -> Evidence:
        """Both, one after the other."""
        return Evidence(
            np.concatenate([self.y, other.y]),
            np.concatenate([self.probability, other.probability]),
            np.concatenate([self.refused, other.refused]),
        )


@dataclass(frozen=True, kw_only=True)
class GateInput:
    """Everything the gate looks at, and what its record must say.

    Raises:
        ModellingError: the champion was scored on other applicants than the challenger.
        ValueError: only one of `champion` and `champion_holdout` is given.
    """

    portfolio: Portfolio
    challenger: Contender
    development: Evidence
    """Out-of-fold scores of the training applicants."""
    holdout: Evidence
    """The challenger's scores of the holdout."""
    champion: Contender | None
    """The model in production; None before the first promotion."""
    champion_holdout: Evidence | None
    """The champion's scores of the same holdout, in the same order; None exactly when `champion` is."""
    assurance: Assurance
    """Measured facts beside performance: soundness, fairness, reasons, parity."""
    decided_by: str
    decided_at: datetime
    run_id: str
    digests: Mapping[str, str] = field(default_factory=dict)
    seed: int = 7
    """Of the bootstraps."""

    def __post_init__(self) -> None:
        """Refuse a champion without scores, scores without a champion, and scores of other applicants."""
        if (self.champion is None) != (self.champion_holdout is None):
            raise ValueError("Give both the champion and its scores of the holdout, or neither.")
        if self.champion_holdout is not None and not np.array_equal(self.champion_holdout.y, self.holdout.y):
            raise ModellingError(
                f"{self.champion} and {self.challenger} were scored on different holdouts.",
                "Score the champion on the challenger's holdout, in the same order.",
            )

    @property
    def pooled(self) -> Evidence:
        """Development and holdout together."""
        return self.development.and_also(self.holdout)
