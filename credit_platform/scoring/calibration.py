"""Turning a model's margin into a probability of default: the side that applies a calibration.

What is here: calibrators, as plain numbers that go into JSON. They are fitted in `modelling.calibration`.
What to add here: another calibrator with its `kind`, and its line in `calibrator_from_json`.
What must not be here: fitting, and anything that needs a target.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from credit_platform.errors import ScorerError

Floats = NDArray[np.float64]


def sigmoid(log_odds: Floats) -> Floats:
    """Probability of log-odds, without overflow at either end; same shape, float64."""
    values = np.asarray(log_odds, dtype=np.float64)
    small = np.exp(-np.abs(values))
    return np.where(values >= 0, 1.0 / (1.0 + small), small / (1.0 + small))


class Calibrator(Protocol):
    """What a scorer asks of a calibration: calibrated log-odds, probabilities, and contributions that still add up."""

    @property
    def kind(self) -> str:
        """Name under which the calibrator is stored."""
        ...

    def log_odds(self, margin: Floats) -> Floats:
        """Calibrated log-odds of default, (n,) for margins (n,)."""
        ...

    def probability(self, margin: Floats) -> Floats:
        """Calibrated probability of default, (n,) for margins (n,)."""
        ...

    def contributions(self, contributions: Floats) -> Floats:
        """Contributions (n, k + 1, base value last) to the margin, turned into contributions to `log_odds`."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Plain values from which `calibrator_from_json` makes an equal calibrator."""
        ...


@dataclass(frozen=True)
class PlattCalibrator:
    """Calibrated log-odds = `slope` * margin + `intercept`.

    Source: J. Platt, Probabilistic outputs for support vector machines (1999).
    """

    slope: float
    intercept: float
    kind: ClassVar[str] = "platt"

    def log_odds(self, margin: Floats) -> Floats:
        """Calibrated log-odds of default, (n,)."""
        return self.slope * np.asarray(margin, dtype=np.float64) + self.intercept

    def probability(self, margin: Floats) -> Floats:
        """Calibrated probability of default, (n,)."""
        return sigmoid(self.log_odds(margin))

    def contributions(self, contributions: Floats) -> Floats:
        """Each contribution times the slope; the base value (last column) also takes the intercept."""
        scaled = self.slope * np.asarray(contributions, dtype=np.float64)
        scaled[:, -1] += self.intercept
        return scaled

    def to_json(self) -> dict[str, Any]:
        """Slope and intercept."""
        return {"kind": self.kind, "slope": self.slope, "intercept": self.intercept}


@dataclass(frozen=True)
class IdentityCalibrator:
    """No calibration: the margin is taken for the log-odds."""

    kind: ClassVar[str] = "identity"

    def log_odds(self, margin: Floats) -> Floats:
        """The margin itself, (n,)."""
        return np.asarray(margin, dtype=np.float64)

    def probability(self, margin: Floats) -> Floats:
        """Sigmoid of the margin, (n,)."""
        return sigmoid(margin)

    def contributions(self, contributions: Floats) -> Floats:
        """The contributions themselves."""
        return np.asarray(contributions, dtype=np.float64)

    def to_json(self) -> dict[str, Any]:
        """The kind only."""
        return {"kind": self.kind}


def calibrator_from_json(value: Mapping[str, Any]) -> Calibrator:
    """Make the calibrator that `to_json` described.

    Raises:
        ScorerError: the kind is not one this code knows.
    """
    kind = value.get("kind")
    if kind == PlattCalibrator.kind:
        return PlattCalibrator(slope=float(value["slope"]), intercept=float(value["intercept"]))
    if kind == IdentityCalibrator.kind:
        return IdentityCalibrator()
    raise ScorerError(
        f"The scorer uses a calibration of kind {kind!r}, which this version does not know.",
        "Load it with the version of credit_platform that made it, or build the scorer again.",
    )
