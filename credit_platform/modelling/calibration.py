"""Making margins into probabilities, and measuring how true the probabilities are.

What is here: fitting a Platt calibrator, Cox's calibration slope and intercept, the reliability table, calibration
error, and Brier score and log loss before and after.
What to add here: fitting of another calibrator of `scoring.calibration`, another measure of calibration.
What must not be here: applying a calibrator (`scoring.calibration`), judging whether it is good enough (`governance`).

Sources: J. Platt, Probabilistic outputs for support vector machines (1999); H.-T. Lin, C.-J. Lin, R. Weng, A note on
Platt's probabilistic outputs, Machine Learning 68 (2007) 267-276; D. Cox, Two further applications of a model for
binary regression, Biometrika 45 (1958) 562-565; E. Steyerberg, Clinical Prediction Models (2nd ed. 2019), chapter 15.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import polars as pl

from credit_platform.errors import ModellingError
from credit_platform.modelling.intervals import LEVEL, Interval
from credit_platform.modelling.metrics import Floats, Outcomes, brier_score, check_outcomes, log_loss
from credit_platform.scoring.calibration import PlattCalibrator, sigmoid

BINS = 10
_ITERATIONS = 100
_TOLERANCE = 1e-10
_EQUAL = 1e-9
_EDGE = 1e-12
"""Probabilities are kept this far from 0 and 1 before their log-odds are taken."""


@dataclass(frozen=True)
class CalibrationFit:
    """Cox's recalibration of probabilities p: log-odds of default = `intercept` + `slope` * logit(p).

    Perfect calibration has slope 1 and intercept 0. Slope below 1: the probabilities are too extreme (overfitting);
    above 1: too timid.
    """

    slope: float
    slope_error: float
    intercept: float
    intercept_error: float
    in_the_large: float
    """Intercept with the slope held at 1: above 0 when the probabilities are too low on the whole."""
    in_the_large_error: float

    def slope_interval(self, level: float = LEVEL) -> Interval:
        """Slope with its Wald interval."""
        half = NormalDist().inv_cdf((1.0 + level) / 2.0) * self.slope_error
        return Interval(self.slope, self.slope - half, self.slope + half)


def fit_platt(margin: npt.ArrayLike, y: npt.ArrayLike) -> PlattCalibrator:
    """Fit slope and intercept of a Platt calibrator by Newton's method.

    Args:
        margin: (n,) log-odds from a model that did not see these rows.
        y: (n,) outcomes, 1 = default. They are smoothed as Platt does, to (n1 + 1) / (n1 + 2) and 1 / (n0 + 2), so that
            even margins which separate the classes wholly give finite parameters.

    Raises:
        ModellingError: see `metrics.check_outcomes`; or all margins are equal.
    """
    outcomes, margins = check_outcomes(y, margin)
    defaults = int(outcomes.sum())
    repaid = outcomes.size - defaults
    target = np.where(outcomes == 1, (defaults + 1.0) / (defaults + 2.0), 1.0 / (repaid + 2.0))
    coefficients, _ = _logistic(_design(margins), target, np.zeros(outcomes.size))
    return PlattCalibrator(slope=float(coefficients[1]), intercept=float(coefficients[0]))


def calibration_slope_intercept(y: npt.ArrayLike, p: npt.ArrayLike) -> CalibrationFit:
    """Cox's calibration slope and intercept of probabilities `p`, with standard errors.

    Raises:
        ModellingError: see `metrics.check_outcomes`; all probabilities are equal; or they separate the classes wholly,
            so that no finite slope exists.
    """
    outcomes, probabilities = check_outcomes(y, p)
    kept = np.clip(probabilities, _EDGE, 1.0 - _EDGE)
    logit = np.log(kept) - np.log1p(-kept)
    design = _design(logit)
    _refuse_separation(outcomes, logit)
    target = outcomes.astype(np.float64)
    both, both_errors = _logistic(design, target, np.zeros(target.size))
    large, large_error = _logistic(np.ones((target.size, 1)), target, logit)
    return CalibrationFit(
        slope=float(both[1]),
        slope_error=float(both_errors[1]),
        intercept=float(both[0]),
        intercept_error=float(both_errors[0]),
        in_the_large=float(large[0]),
        in_the_large_error=float(large_error[0]),
    )


def reliability_table(y: npt.ArrayLike, p: npt.ArrayLike, *, bins: int = BINS) -> pl.DataFrame:
    """Predicted against observed default rate in groups of equally many applicants.

    Applicants of equal probability stay together, so there may be fewer groups than `bins`.

    Returns:
        group (1 = safest), applicants, predicted (mean probability), observed (default rate), observed_low and
        observed_high (95% Wilson interval), ascending.
    """
    outcomes, probabilities = check_outcomes(y, p)
    edges = np.unique(np.quantile(probabilities, np.linspace(0.0, 1.0, bins + 1)[1:-1], method="higher"))
    group = np.searchsorted(edges, probabilities, side="right")
    _, group = np.unique(group, return_inverse=True)
    counts = np.bincount(group)
    defaults = np.bincount(group, weights=outcomes)
    intervals = [wilson_interval(int(d), int(n)) for d, n in zip(defaults, counts, strict=True)]
    return pl.DataFrame(
        {
            "group": np.arange(1, counts.size + 1),
            "applicants": counts,
            "predicted": np.bincount(group, weights=probabilities) / counts,
            "observed": defaults / counts,
            "observed_low": [interval.low for interval in intervals],
            "observed_high": [interval.high for interval in intervals],
        }
    )


def expected_calibration_error(y: npt.ArrayLike, p: npt.ArrayLike, *, bins: int = BINS) -> float:
    """Mean distance of predicted from observed default rate over the groups of `reliability_table`, by applicants."""
    table = reliability_table(y, p, bins=bins)
    gaps = (table["predicted"] - table["observed"]).abs()
    return float((gaps * table["applicants"]).sum()) / float(table["applicants"].sum())


def before_and_after(y: npt.ArrayLike, before: npt.ArrayLike, after: npt.ArrayLike) -> pl.DataFrame:
    """Calibration measures of two sets of probabilities of the same applicants.

    Returns:
        Two rows, stage `before` and `after`: brier, log_loss, calibration_error, slope, intercept, in_the_large.
    """
    rows = []
    for stage, probabilities in (("before", before), ("after", after)):
        fit = calibration_slope_intercept(y, probabilities)
        rows.append(
            {
                "stage": stage,
                "brier": brier_score(y, probabilities),
                "log_loss": log_loss(y, probabilities),
                "calibration_error": expected_calibration_error(y, probabilities),
                "slope": fit.slope,
                "intercept": fit.intercept,
                "in_the_large": fit.in_the_large,
            }
        )
    return pl.DataFrame(rows)


def wilson_interval(events: int, trials: int, *, level: float = LEVEL) -> Interval:
    """Share of `events` among `trials` with the interval of E. Wilson, JASA 22 (1927) 209-212."""
    z = NormalDist().inv_cdf((1.0 + level) / 2.0)
    share = events / trials
    centre = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * float(np.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)))
    # At 0 and 1 the end of the interval is the share itself, but for rounding.
    return Interval(share, max(0.0, centre - half) if events else 0.0, min(1.0, centre + half))


def _design(values: Floats) -> Floats:
    # Scores equal but for rounding count as equal: their slope would be noise.
    if float(np.ptp(values)) <= _EQUAL * float(np.abs(values).max()):
        raise ModellingError(
            f"All {values.size} scores are equal, so no calibration slope exists.",
            "The model tells nobody apart: look at its features and parameters.",
        )
    return np.column_stack([np.ones(values.size), values])


def _refuse_separation(y: Outcomes, scores: Floats) -> None:
    defaults, repaid = scores[y == 1], scores[y == 0]
    if defaults.min() >= repaid.max() or defaults.max() <= repaid.min():
        raise ModellingError(
            "The scores separate defaults from repaid loans wholly, so no finite calibration slope exists.",
            "Look for a feature that leaks the outcome, or use more applicants.",
        )


def _logistic(design: Floats, target: Floats, offset: Floats) -> tuple[Floats, Floats]:
    """Coefficients and standard errors of an unpenalised logistic regression: Newton with step halving.

    Stops when the Newton decrement (twice the loss still to be gained) is negligible.
    """
    scale = np.abs(design).max(axis=0)
    scaled = design / scale

    def loss(coefficients: Floats) -> float:
        log_odds = scaled @ coefficients + offset
        return float(np.sum(np.logaddexp(0.0, log_odds) - target * log_odds))

    coefficients = np.zeros(design.shape[1])
    for _ in range(_ITERATIONS):
        p = sigmoid(scaled @ coefficients + offset)
        information = scaled.T @ (scaled * (p * (1.0 - p))[:, None])
        gradient = scaled.T @ (target - p)
        step = np.linalg.solve(information, gradient)
        if float(gradient @ step) <= _TOLERANCE:
            errors: Floats = np.sqrt(np.diag(np.linalg.inv(information))) / scale
            return (coefficients + step) / scale, errors
        while loss(coefficients + step) > loss(coefficients):
            step = step / 2.0
        coefficients = coefficients + step
    raise ModellingError(
        f"The calibration did not converge in {_ITERATIONS} steps.", "Look for extreme or nearly constant scores."
    )
