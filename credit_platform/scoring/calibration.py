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

_STILL = 1e-9
"""A margin closer than this to its base value has no slope between the two."""


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


@dataclass(frozen=True)
class IsotonicCalibrator:
    """Calibrated log-odds = a line through knots that never falls with the margin; level beyond the outermost knots.

    Contributions are shared out along the straight line from the base value to the margin (Aumann and Shapley): each
    is multiplied by the mean slope between the two, so that they add up on the scale of calibrated log-odds.

    Sources: B. Zadrozny and C. Elkan, KDD 2002, 694-699 (isotonic calibration); A. Oron and N. Flournoy, Statistics in
    Biopharmaceutical Research 9 (2017) 258-267 (lines between the centres of the steps).
    """

    margins: tuple[float, ...]
    """Knots, ascending."""
    values: tuple[float, ...]
    """Calibrated log-odds at the knots, never falling."""
    kind: ClassVar[str] = "isotonic"

    def log_odds(self, margin: Floats) -> Floats:
        """Calibrated log-odds of default, (n,)."""
        return np.interp(np.asarray(margin, dtype=np.float64), self.margins, self.values)

    def probability(self, margin: Floats) -> Floats:
        """Calibrated probability of default, (n,)."""
        return sigmoid(self.log_odds(margin))

    def contributions(self, contributions: Floats) -> Floats:
        """Each contribution times the mean slope from base value to margin; the base value is calibrated itself."""
        raw = np.asarray(contributions, dtype=np.float64)
        base, margin = raw[:, -1], raw.sum(axis=1)
        target = self.log_odds(margin)
        moved = margin - base
        still = np.abs(moved) < _STILL
        start = np.where(still, target, self.log_odds(base))
        slope = np.where(still, 0.0, (target - start) / np.where(still, 1.0, moved))
        shared: Floats = raw * slope[:, None]
        shared[:, -1] = target - shared[:, :-1].sum(axis=1)
        return shared

    def to_json(self) -> dict[str, Any]:
        """The knots."""
        return {"kind": self.kind, "margins": list(self.margins), "values": list(self.values)}


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
    if kind == IsotonicCalibrator.kind:
        return IsotonicCalibrator(margins=tuple(value["margins"]), values=tuple(value["values"]))
    raise ScorerError(
        f"The scorer uses a calibration of kind {kind!r}, which this version does not know.",
        "Load it with the version of credit_platform that made it, or build the scorer again.",
    )
