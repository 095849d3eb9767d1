"""How sure a figure is: intervals for AUC (DeLong) and for costs (bootstrap), alone and as paired differences.

What is here: `Interval`, `PairedDifference` and the functions that make them.
What to add here: an interval for another kind of figure.
What must not be here: the figures themselves (`metrics.py`) and judgements on them (`governance/gate.py`).

All intervals take the fitted model and the thresholds as given: they say how much the figure would move on other
applicants, not how much it would move after training again.

Sources: E. DeLong, D. DeLong, D. Clarke-Pearson, Biometrics 44 (1988) 837-845, for the variance of AUC and of the
difference of two AUCs on the same rows; X. Sun and W. Xu, IEEE Signal Processing Letters 21 (2014) 1389-1393, for
doing that in O(n log n); B. Efron and R. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from credit_platform.errors import ModellingError
from credit_platform.modelling.metrics import Floats, Outcomes, check_outcomes, midranks

LEVEL = 0.95
"""Confidence level of every interval unless a caller says otherwise."""
RESAMPLES = 2000
"""Bootstrap resamples; costs take few distinct values, so this is cheap at any number of rows."""
_CELLS_AT_ONCE = 5_000_000


@dataclass(frozen=True)
class Interval:
    """A figure with the lower and upper end of its confidence interval."""

    estimate: float
    low: float
    high: float

    def __str__(self) -> str:
        """`0.790 (0.755 to 0.821)`, for messages and tables."""
        return f"{self.estimate:.3f} ({self.low:.3f} to {self.high:.3f})"

    def columns(self, name: str) -> dict[str, float]:
        """Three columns of a table: the figure and the ends of its interval."""
        return {name: self.estimate, f"{name}_low": self.low, f"{name}_high": self.high}


@dataclass(frozen=True)
class PairedDifference:
    """First minus second on the same rows, with its interval."""

    difference: float
    low: float
    high: float
    probability_above_zero: float
    """Confidence that the first is truly greater: share of resamples strictly above zero, or the normal tail."""

    @property
    def distinguishable(self) -> bool:
        """Whether the interval excludes zero."""
        return self.low > 0.0 or self.high < 0.0


def auc_interval(y: npt.ArrayLike, p: npt.ArrayLike, *, level: float = LEVEL) -> Interval:
    """AUC with its DeLong interval, made on the log-odds scale so that it stays inside 0 and 1.

    Where the scores separate the classes wholly the DeLong variance is zero, which is no evidence of certainty. Then
    the bound is the exact one for min(defaults, repaid) independent pairs, all in the right (or wrong) order.
    """
    outcomes, scores = check_outcomes(y, p)
    auc, covariance = _delong(outcomes, scores[None, :])
    estimate = float(auc[0])
    if estimate in (0.0, 1.0):
        pairs = min(int(outcomes.sum()), int(outcomes.size - outcomes.sum()))
        bound = float(((1.0 - level) / 2.0) ** (1.0 / pairs))
        return Interval(estimate, bound, 1.0) if estimate == 1.0 else Interval(estimate, 0.0, 1.0 - bound)
    error = float(np.sqrt(covariance[0, 0])) / (estimate * (1.0 - estimate))
    logit = float(np.log(estimate / (1.0 - estimate)))
    half = NormalDist().inv_cdf((1.0 + level) / 2.0) * error
    return Interval(estimate, _sigmoid(logit - half), _sigmoid(logit + half))


def auc_error(y: npt.ArrayLike, p: npt.ArrayLike) -> float:
    """Standard error of the AUC by DeLong."""
    outcomes, scores = check_outcomes(y, p)
    return float(np.sqrt(_delong(outcomes, scores[None, :])[1][0, 0]))


def auc_difference(
    y: npt.ArrayLike, first: npt.ArrayLike, second: npt.ArrayLike, *, level: float = LEVEL
) -> PairedDifference:
    """AUC of `first` minus AUC of `second` on the same applicants, by DeLong's paired test."""
    outcomes, a = check_outcomes(y, first)
    b = check_outcomes(y, second)[1]
    auc, covariance = _delong(outcomes, np.stack([a, b]))
    difference = float(auc[0] - auc[1])
    variance = float(covariance[0, 0] + covariance[1, 1] - 2.0 * covariance[0, 1])
    error = float(np.sqrt(max(variance, 0.0)))
    half = NormalDist().inv_cdf((1.0 + level) / 2.0) * error
    above = NormalDist().cdf(difference / error) if error > 0.0 else float(difference > 0.0)
    return PairedDifference(difference, difference - half, difference + half, above)


def bootstrap_interval(
    values: npt.ArrayLike, *, resamples: int = RESAMPLES, level: float = LEVEL, seed: int = 7
) -> Interval:
    """Mean of per-applicant `values` (costs, squared errors) with its percentile bootstrap interval."""
    sample = np.asarray(values, dtype=np.float64)
    means = _bootstrap_means(sample, resamples, seed)
    low, high = np.quantile(means, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return Interval(float(sample.mean()), float(low), float(high))


def paired_bootstrap(
    first: npt.ArrayLike, second: npt.ArrayLike, *, resamples: int = RESAMPLES, level: float = LEVEL, seed: int = 7
) -> PairedDifference:
    """Mean of `first - second`, two per-applicant figures on the same rows, resampled together.

    Equal figures give difference 0, interval [0, 0] and probability 0 of being above zero.
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.shape != b.shape:
        raise ModellingError(
            f"The figures to compare have shapes {a.shape} and {b.shape}.", "Compare on the same applicants."
        )
    means = _bootstrap_means(a - b, resamples, seed)
    low, high = np.quantile(means, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return PairedDifference(float((a - b).mean()), float(low), float(high), float((means > 0.0).mean()))


def _bootstrap_means(values: Floats, resamples: int, seed: int) -> Floats:
    """(resamples,) means of resampled rows.

    Drawing n rows with replacement and counting how often each distinct value comes up is one multinomial draw, so
    the work depends on the number of distinct values (a cost has three), not on the number of rows.
    """
    if values.ndim != 1 or values.size == 0:
        raise ModellingError("There is no applicant to resample.", "Give at least one figure per applicant.")
    distinct, counts = np.unique(values, return_counts=True)
    random = np.random.default_rng(seed)
    at_once = max(1, _CELLS_AT_ONCE // distinct.size)
    parts = [
        random.multinomial(values.size, counts / values.size, size=min(at_once, resamples - done)) @ distinct
        for done in range(0, resamples, at_once)
    ]
    means: Floats = np.concatenate(parts) / values.size
    return means


def _delong(y: Outcomes, scores: Floats) -> tuple[Floats, Floats]:
    """AUCs (m,) of m score sets (m, n) on the same rows, and their covariance (m, m)."""
    default = y == 1
    n_defaults, n_repaid = int(default.sum()), int((~default).sum())
    above_repaid = np.empty((len(scores), n_defaults))
    below_defaults = np.empty((len(scores), n_repaid))
    for row, values in enumerate(scores):
        ranks = midranks(values)
        above_repaid[row] = (ranks[default] - midranks(values[default])) / n_repaid
        below_defaults[row] = 1.0 - (ranks[~default] - midranks(values[~default])) / n_defaults
    covariance = _covariance(above_repaid) / n_defaults + _covariance(below_defaults) / n_repaid
    return above_repaid.mean(axis=1), covariance


def _covariance(rows: Floats) -> Floats:
    """(m, m) sample covariance; with a single observation it is not estimable and taken as the largest possible."""
    if rows.shape[1] == 1:
        return np.full((len(rows), len(rows)), 0.25) * np.eye(len(rows))
    return np.atleast_2d(np.asarray(np.cov(rows), dtype=np.float64))


def _sigmoid(value: float) -> float:
    return float(1.0 / (1.0 + np.exp(-value)))
