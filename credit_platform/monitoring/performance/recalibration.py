"""How true probabilities are, as far as a holdout shows it, and how surely that is known.

What is here: `Recalibration`, and `recalibration`, which learns it of a holdout.
What to add here: another shape of what may be wrong with probabilities.
What must not be here: what follows for applicants to come (`expected.py`), the calibration of a scorer (`modelling`).

True log-odds are taken to be a parabola of the log-odds that were given, inside of the range that the holdout covers,
and to go on in a straight line beyond: a line alone (Cox) cannot say that the safest are safer than told, which is
where a shift of applicants may lead. The bend is held near none by a prior, for a small holdout says little about it.

Sources: D. Cox, Two further applications of a model for binary regression, Biometrika 45 (1958) 562-565; A. Gelman et
al., Bayesian Data Analysis (3rd ed. 2013), section 16.3, for weak priors in logistic regression.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from credit_platform.errors import ModellingError
from credit_platform.modelling.calibration import calibration_slope_intercept
from credit_platform.modelling.metrics import Floats
from credit_platform.scoring.calibration import sigmoid

_EDGE = 1e-12
_BEND = 0.25
"""Standard deviation of the prior of the bend, in log-odds for each square of log-odds."""
_COVERED = (0.005, 0.995)
"""Quantiles of the holdout between which the bend goes on."""
_ITERATIONS = 100
_TOLERANCE = 1e-9

Root = tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, kw_only=True)
class Recalibration:
    """True log-odds = level + slope * x + bend * x^2, with x the log-odds that were given, less `centre`."""

    centre: float
    low: float
    high: float
    """Ends of x between which there is a bend."""
    coefficients: tuple[float, float, float]
    """Level, slope and bend."""
    root: Root
    """A square root of their covariance: this times three independent normal numbers is what to add."""

    def basis(self, p: Floats) -> Floats:
        """(n, 3): what the coefficients are multiplied with."""
        x = logit(p) - self.centre
        inside = np.clip(x, self.low, self.high)
        # Beyond the ends the parabola goes on as its tangent.
        bend = inside * inside + 2.0 * inside * (x - inside)
        basis: Floats = np.column_stack([np.ones(x.size), x, bend])
        return basis

    def draw(self, random: np.random.Generator) -> Floats:
        """Coefficients that the holdout is compatible with."""
        drawn: Floats = np.array(self.coefficients) + np.array(self.root) @ random.standard_normal(3)
        return drawn


TRUE = Recalibration(centre=0.0, low=0.0, high=0.0, coefficients=(0.0, 1.0, 0.0), root=((0.0, 0.0, 0.0),) * 3)
"""Of probabilities that are true, and known to be."""


def recalibration(y: npt.ArrayLike, p: npt.ArrayLike) -> Recalibration | str:
    """What the outcomes `y` of a holdout say of its probabilities `p`; a sentence where they say nothing."""
    try:
        line = calibration_slope_intercept(y, p)
    except ModellingError as error:
        return error.what
    outcomes, given = np.asarray(y, dtype=np.float64), logit(np.asarray(p, dtype=np.float64))
    centre = float(given.mean())
    low, high = (float(end) - centre for end in np.quantile(given, _COVERED))
    start = (line.intercept + line.slope * centre, line.slope, 0.0)
    shape = Recalibration(centre=centre, low=low, high=high, coefficients=start, root=TRUE.root)
    found = _fitted(shape.basis(np.asarray(p, dtype=np.float64)), outcomes, np.array(start))
    if found is None:
        return "Its calibration could not be fitted; look for extreme or nearly constant probabilities."
    level, slope, bend = (float(value) for value in found[0])
    root = tuple((float(a), float(b), float(c)) for a, b, c in np.linalg.cholesky(found[1]))
    return Recalibration(centre=centre, low=low, high=high, coefficients=(level, slope, bend), root=root)


def logit(p: Floats) -> Floats:
    """Log-odds, kept finite."""
    kept = np.clip(p, _EDGE, 1.0 - _EDGE)
    odds: Floats = np.log(kept) - np.log1p(-kept)
    return odds


def _fitted(basis: Floats, y: Floats, start: Floats) -> tuple[Floats, Floats] | None:
    """Most probable coefficients and their covariance: Newton with step halving; None where it does not converge."""
    precision = np.diag([0.0, 0.0, 1.0 / _BEND**2])

    def loss(value: Floats) -> float:
        odds = basis @ value
        return float(np.sum(np.logaddexp(0.0, odds) - y * odds) + value @ precision @ value / 2.0)

    value = start
    for _ in range(_ITERATIONS):
        p = sigmoid(basis @ value)
        information = basis.T @ (basis * (p * (1.0 - p))[:, None]) + precision
        gradient = basis.T @ (y - p) - precision @ value
        step = np.linalg.solve(information, gradient)
        if float(gradient @ step) <= _TOLERANCE:
            covariance = np.linalg.inv(information).astype(np.float64)
            return value, covariance
        while loss(value + step) > loss(value):
            step = step / 2.0
        value = value + step
    return None
