"""What to expect of decisions before their outcomes are known (CBPE): AUC, default rate and cost, with intervals.

What is here: `expected_of` and what it returns.
What to add here: another figure that follows from probabilities.
What must not be here: how true probabilities are (`recalibration.py`), figures of known outcomes (`measures.py`).

Were the probabilities of default true, outcomes would be coin throws with these probabilities, and every figure of
outcomes would have a known distribution, whoever applies. Nobody knows that they are true: how far from it they may be
is what the holdout leaves open, so each throw is made with other probabilities that the holdout is compatible with.
What cannot be seen this way is a change of what applicants with the same features do (concept shift): then outcomes
leave the interval, which is how it shows.

Source: J. Bialek, W. Kuberski, N. Perrakis, A. Bifet, Estimating model performance under covariate shift without labels
(2024), for the idea; the interval is that of a parametric bootstrap (A. Davison, D. Hinkley, Bootstrap Methods and
their Application, 1997, chapter 2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from credit_platform.modelling.intervals import LEVEL, Interval
from credit_platform.modelling.metrics import Floats, applicant_costs, midranks
from credit_platform.monitoring.performance.recalibration import Recalibration
from credit_platform.portfolios.economics import CostMatrix
from credit_platform.scoring.calibration import sigmoid

DRAWS = 1000
_FEWER_DRAWS = 200
_CELLS = 100_000_000
"""Applicants times draws, at most; never fewer than `_FEWER_DRAWS` draws."""
_SMALLEST_SHARE = 0.5
"""Where fewer than this share of the draws hold both outcomes, no AUC is told."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What to expect; a figure is None where there is none, and `said` says why."""

    auc: Interval | None
    default_rate: Interval | None
    cost_per_applicant: Interval | None
    applicants: int
    said: str


def expected_of(
    p: npt.ArrayLike,
    refused: npt.ArrayLike,
    trust: Recalibration | str,
    costs: CostMatrix,
    *,
    seed: int = 7,
    level: float = LEVEL,
) -> Expected:
    """Expected AUC, default rate and cost per applicant of decided applicants, each with an interval.

    Args:
        p: (n,) probabilities of default by which they were decided.
        refused: (n,) whether they were refused; what a refused one would have done costs, too.
        trust: how true the probabilities are, as from `recalibration`.
        costs: of wrong decisions.
        seed: of the draws.
        level: of the intervals, which hold what one realisation brings: chance of the outcomes included.
    """
    scores = np.asarray(p, dtype=np.float64)
    if isinstance(trust, str):
        return _nothing(scores.size, f"The holdout does not say how true the probabilities are: {trust}")
    if not scores.size:
        return _nothing(0, "no decisions yet")
    drawn = _draws(scores, np.asarray(refused, dtype=bool), trust, costs, seed)
    auc, rate, cost = (_interval(column, level) for column in drawn.T)
    said = "expected from calibrated probabilities" if auc else "too few applicants to expect defaults and repaid loans"
    return Expected(auc=auc, default_rate=rate, cost_per_applicant=cost, applicants=scores.size, said=said)


def _draws(
    scores: Floats, refused: npt.NDArray[np.bool_], trust: Recalibration, costs: CostMatrix, seed: int
) -> Floats:
    """(draws, 3): AUC (NaN where a draw has one class), default rate, cost per applicant."""
    random, basis, ranks = np.random.default_rng(seed), trust.basis(scores), midranks(scores)
    draws = int(np.clip(_CELLS // scores.size, _FEWER_DRAWS, DRAWS))
    found = np.full((draws, 3), np.nan)
    for row in found:
        defaults = random.random(scores.size) < sigmoid(basis @ trust.draw(random))
        bad = int(defaults.sum())
        if 0 < bad < scores.size:
            row[0] = (ranks[defaults].sum() - bad * (bad + 1) / 2) / (bad * (scores.size - bad))
        row[1] = bad / scores.size
        row[2] = applicant_costs(defaults, refused, costs).mean()
    return found


def _interval(values: Floats, level: float) -> Interval | None:
    """Mean and middle of the draws that have a value; None where few have."""
    known = values[~np.isnan(values)]
    if known.size < _SMALLEST_SHARE * values.size:
        return None
    low, high = np.quantile(known, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return Interval(float(known.mean()), float(low), float(high))


def _nothing(applicants: int, said: str) -> Expected:
    return Expected(auc=None, default_rate=None, cost_per_applicant=None, applicants=applicants, said=said)
