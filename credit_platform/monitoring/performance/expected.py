"""What to expect of decisions before their outcomes are known (CBPE): AUC, default rate and cost, with intervals.

What is here: `expected_of` and what it returns.
What to add here: another figure that follows from probabilities.
What must not be here: how true probabilities are (`recalibration.py`), figures of known outcomes (`measures.py`).

Were the true probabilities q known, outcomes would be coin throws with them, and a figure T of outcomes would spread
about its expectation m(q) by chance alone. Of q a holdout tells what `recalibration.py` finds, up to its covariance. So
    T - m(expected) = (T - m(q)) + (m(q) - m(expected)),
chance of the outcomes plus error of the calibration, independent of each other; both are drawn, with as many q as the
holdout is compatible with. Two questions are asked of the draws, and the interval answers both:

- *Of one month*, over all holdouts that there might have been: quantiles of T, a 95% prediction interval.
- *Of all months of this holdout*: they share its error, and an unlucky one would be wrong month after month. A
  tolerance interval holds at least nine of ten months for 95 of 100 holdouts: quantiles of m(q) at 2.5 and 97.5%, and
  from there the chance of outcomes at 10 and 90%, for a month can miss on the side of the error alone.

With s the deviation by chance and t that of the calibration, to each side the first is 1.96 sqrt(s^2 + t^2) wide and
the second 1.28 s + 1.96 t. The wider one holds 95% of the months on average where either of s and t is small beside
the other, and at most 98% in between: what certainty about an unlucky holdout costs.

What cannot be seen this way is a change of what applicants with the same score do: then outcomes leave the interval,
which is how it shows.

Sources: J. Bialek, W. Kuberski, N. Perrakis, A. Bifet, Estimating model performance under covariate shift without
labels (2024), for the idea; A. Davison, D. Hinkley, Bootstrap Methods and their Application (1997), chapter 2, for the
parametric bootstrap; K. Krishnamoorthy, T. Mathew, Statistical Tolerance Regions (2009), chapter 1; V. Vovk,
Conditional validity of inductive conformal predictors, ACML (2012) 475-490, for why an average over training sets is
not what one training set gets.
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
_MONTHS = 0.90
"""Share of the months of one holdout that are to lie inside, for `LEVEL` of all holdouts."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What to expect; a figure is None where there is none, and `said` says why."""

    auc: Interval | None
    default_rate: Interval | None
    cost_per_applicant: Interval | None
    applicants: int
    said: str


def expected_of(
    p: npt.ArrayLike, refused: npt.ArrayLike, trust: Recalibration | str, costs: CostMatrix, *, seed: int = 7
) -> Expected:
    """Expected AUC, default rate and cost per applicant of decided applicants, each with a 95% interval.

    Args:
        p: (n,) probabilities of default by which they were decided.
        refused: (n,) whether they were refused; what a refused one would have done costs, too.
        trust: how true the probabilities are, as from `recalibration`.
        costs: of wrong decisions.
        seed: of the draws.
    """
    scores = np.asarray(p, dtype=np.float64)
    if isinstance(trust, str):
        return _nothing(scores.size, f"The holdout does not say how true the probabilities are: {trust}")
    if not scores.size:
        return _nothing(0, "no decisions yet")
    draws = _draws(_Decided.of(scores, np.asarray(refused, dtype=bool), costs), trust, seed)
    auc, rate, cost = (_interval(means, came) for means, came in zip(*(part.T for part in draws), strict=True))
    said = "expected from calibrated probabilities" if auc else "too few applicants to expect defaults and repaid loans"
    return Expected(auc=auc, default_rate=rate, cost_per_applicant=cost, applicants=scores.size, said=said)


@dataclass(frozen=True, kw_only=True)
class _Decided:
    """What figures of decided applicants are made of, whatever they will do."""

    scores: Floats
    ranks: Floats
    place: npt.NDArray[np.int64]
    """(n,) number of each score among the distinct ones."""
    if_repaid: Floats
    """(n,) what each costs who repays."""
    if_default: Floats

    @classmethod
    def of(cls, scores: Floats, refused: npt.NDArray[np.bool_], costs: CostMatrix) -> _Decided:
        """Sorted once."""
        none = np.zeros(scores.size, dtype=bool)
        return cls(
            scores=scores,
            ranks=midranks(scores),
            place=np.unique(scores, return_inverse=True)[1],
            if_repaid=applicant_costs(none, refused, costs),
            if_default=applicant_costs(~none, refused, costs),
        )

    def came(self, defaults: npt.NDArray[np.bool_]) -> tuple[float, float, float]:
        """AUC (NaN of one class), default rate and cost per applicant of outcomes."""
        size, bad = defaults.size, int(defaults.sum())
        auc = float("nan")
        if 0 < bad < size:
            auc = float(self.ranks[defaults].sum() - bad * (bad + 1) / 2) / (bad * (size - bad))
        return auc, bad / size, float(np.where(defaults, self.if_default, self.if_repaid).mean())

    def mean(self, q: Floats) -> tuple[float, float, float]:
        """The same in expectation over outcomes thrown with `q`; of the AUC, expected pairs in order over all pairs."""
        good = 1.0 - q
        of_score = np.bincount(self.place, weights=good)
        below = (np.cumsum(of_score) - of_score / 2.0)[self.place]
        # Nobody makes a pair with themselves.
        alone = float(q @ good)
        pairs = float(q.sum() * good.sum()) - alone
        auc = (float(q @ below) - alone / 2.0) / pairs if pairs > 0.0 else float("nan")
        return auc, float(q.mean()), float((q * self.if_default + good * self.if_repaid).mean())


def _draws(decided: _Decided, trust: Recalibration, seed: int) -> tuple[Floats, Floats]:
    """(draws, 3) twice: what is to be expected of probabilities that the holdout is compatible with, and what came."""
    size = decided.scores.size
    random, basis = np.random.default_rng(seed), trust.basis(decided.scores)
    draws = int(np.clip(_CELLS // size, _FEWER_DRAWS, DRAWS))
    means, came = np.empty((draws, 3)), np.empty((draws, 3))
    for row in range(draws):
        q = sigmoid(basis @ trust.draw(random))
        means[row], came[row] = decided.mean(q), decided.came(random.random(size) < q)
    return means, came


def _interval(means: Floats, came: Floats) -> Interval | None:
    """Mean of the draws that have a value, and the wider end of both intervals; None where few have one."""
    known = ~np.isnan(came) & ~np.isnan(means)
    if known.sum() < _SMALLEST_SHARE * known.size:
        return None
    means, came = means[known], came[known]
    outside, missed = (1.0 - LEVEL) / 2.0, 1.0 - _MONTHS
    one_month = np.quantile(came, [outside, 1.0 - outside])
    all_months = np.quantile(means, [outside, 1.0 - outside]) + np.quantile(came - means, [missed, 1.0 - missed])
    low, high = min(one_month[0], all_months[0]), max(one_month[1], all_months[1])
    return Interval(float(came.mean()), float(low), float(high))


def _nothing(applicants: int, said: str) -> Expected:
    return Expected(auc=None, default_rate=None, cost_per_applicant=None, applicants=applicants, said=said)
