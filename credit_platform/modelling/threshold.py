"""Where to draw the line between granting and refusing.

What is here: the cost-optimal threshold, three ways to choose it, and an honest estimate of what it will cost.
What to add here: another way to choose, as a `Method` and a line of `_Rows.thresholds`.
What must not be here: fitting or calibrating models, drawing (`charts.py`).

An applicant is refused when `p >= threshold`. Three ways to choose the threshold are tried:

- `empirical`: the minimum of the cost curve, searched over every distinct score. Right in the limit of much data; on
  some hundred applicants the curve is jagged and its lowest point is partly luck.
- `smoothed`: the same, averaged (on the log-odds scale) over bootstrap resamples of the curve. This is bagging
  (L. Breiman, Machine Learning 24 (1996) 123-140): the argmin of a jagged curve is the kind of unstable estimate that
  it steadies.
- `break_even`: c_FP / (c_FP + c_FN), optimal if the probabilities are calibrated (C. Elkan, IJCAI 2001, 973-978).

Theory is the default: another way is taken only when its cross-fitted cost is lower than that of `break_even` by more
than chance explains (one-sided paired test at 95%). On the German Credit data, over twelve random splits, taking
whichever way looked cheapest cost 0.010 per applicant more than break-even alone: the saving that it saw was luck.

The cost at the minimum of a curve is too good to be true for new applicants, because the curve was drawn from the
applicants it is judged on. The cross-fitted cost is not: each fold's threshold is chosen on the other folds. The choice
among the three ways would again be too favourable if the best of three cross-fitted costs were reported. So that choice
is made inside, too: for each fold the way is picked by cross-fitting among the other folds, and the cost reported is
that of the whole procedure, picking included. It holds as far as the probabilities themselves are out of fold.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import polars as pl

from credit_platform.errors import ModellingError
from credit_platform.modelling.intervals import Interval, bootstrap_interval
from credit_platform.modelling.metrics import Floats, Outcomes, applicant_costs, check_outcomes, cost_curve
from credit_platform.portfolios.economics import CostMatrix
from credit_platform.scoring.rule import is_refused

GRID = tuple(round(0.10 + 0.05 * step, 2) for step in range(17))
"""0.10 to 0.90 by 0.05: the thresholds that committees are used to reading."""
CURVE_ROWS = 2001
"""At most this many steps of the cost curve are kept, besides the threshold of each method."""
_EVIDENCE = NormalDist().inv_cdf(0.95)
_RESAMPLES = 100
_BINS = 300


class Method(StrEnum):
    """A way to choose the threshold, the steadiest first; the module's docstring says what each does."""

    BREAK_EVEN = "break_even"
    SMOOTHED = "smoothed"
    EMPIRICAL = "empirical"


@dataclass(frozen=True)
class ThresholdChoice:
    """A threshold and everything needed to defend it. Costs are per applicant, in units of the cost matrix."""

    threshold: float
    method: Method
    cost_per_applicant: float
    """At `threshold`, on the applicants it was chosen on: too favourable by a little."""
    cost_per_applicant_cross_fitted: float
    """Of the whole procedure, each fold decided by a threshold that did not see it: the figure to quote."""
    cost_interval: Interval
    """`cost_per_applicant_cross_fitted` with its 95% bootstrap interval."""
    acceptance_rate: float
    """Share granted at `threshold`."""
    refused: npt.NDArray[np.bool_]
    """(n,) cross-fitted decisions, in the order of the rows given."""
    fold_thresholds: dict[int, float]
    """Threshold by which each fold was decided. Where the data chose them, their spread shows how sure that choice is;
    break-even comes from the costs alone and cannot differ."""
    methods: pl.DataFrame
    """method, threshold, cost_in_sample, cost_cross_fitted, cost_low, cost_high, acceptance_rate, chosen."""
    curve: pl.DataFrame
    """Cost and acceptance rate over thresholds, ascending, fine enough to draw; columns as `grid`."""
    grid: pl.DataFrame
    """threshold (0.10 to 0.90 by 0.05), cost_per_applicant, acceptance_rate, tn, fp, fn, tp."""
    theoretical: float
    """Break-even probability of default."""
    theoretical_cost: float
    accept_all_cost: float
    refuse_all_cost: float


def cheapest_threshold(curve: pl.DataFrame) -> float:
    """Threshold at the minimum of a cost curve as `cost_curve` gives it: over all distinct scores, descending.

    Of equally cheap thresholds the highest is taken, the one that grants most loans: refusing somebody needs a reason.
    """
    return float(curve["threshold"][int(np.argmin(curve["cost"].to_numpy()))])


def smoothed_threshold(
    outcomes: Outcomes, scores: Floats, curve: pl.DataFrame, costs: CostMatrix, *, seed: int
) -> float:
    """Mean, on the log-odds scale, of the optimal thresholds of bootstrap resamples of rows whose cost curve is known.

    Applicants are first put into at most 300 groups of neighbouring scores, so that the work does not grow with them.
    """
    edges = _thin(curve["threshold"].to_numpy()[::-1], _BINS)
    group = np.searchsorted(edges, scores, side="right")
    cells = np.bincount(group * 2 + outcomes, minlength=2 * (edges.size + 1)).astype(np.float64)
    drawn = np.random.default_rng(seed).multinomial(outcomes.size, cells / cells.sum(), size=_RESAMPLES)
    repaid, defaults = drawn[:, 0::2].astype(np.float64), drawn[:, 1::2].astype(np.float64)
    # Raising the threshold over a group grants it: its defaults become losses, its repaid loans stop being refused.
    granted = np.cumsum(costs.false_negative * defaults - costs.false_positive * repaid, axis=1)[:, :-1]
    best = edges.size - 1 - np.argmin(granted[:, ::-1], axis=1)
    clipped = np.clip(edges[best], 1e-9, 1.0 - 1e-9)
    return float(1.0 / (1.0 + np.exp(-np.mean(np.log(clipped / (1.0 - clipped))))))


def choose_threshold(
    y: npt.ArrayLike, p: npt.ArrayLike, costs: CostMatrix, fold: npt.ArrayLike, *, seed: int = 7
) -> ThresholdChoice:
    """Choose the threshold for calibrated out-of-fold probabilities and say what it costs.

    Args:
        y: (n,) outcomes, 1 = default.
        p: (n,) calibrated probabilities, each from a model that did not see its row.
        costs: what wrong decisions cost.
        fold: (n,) fold of each row; at least three folds.
        seed: of the bootstraps.

    Raises:
        ModellingError: see `metrics.check_outcomes`; or there are fewer than three folds.
    """
    outcomes, scores = check_outcomes(y, p)
    folds = np.asarray(fold)
    if np.unique(folds).size < 3:  # noqa: PLR2004  # one to judge, two to pick among
        raise ModellingError(
            f"There are {np.unique(folds).size} folds.", "Use at least three, so that choosing and judging stay apart."
        )
    rows = _Rows(outcomes, scores, folds, costs, seed=seed)
    refused, fold_thresholds = _decide_cross_fitted(rows)
    methods = _methods_table(rows)
    chosen = methods.row(by_predicate=pl.col("chosen"), named=True)
    interval = bootstrap_interval(applicant_costs(outcomes, refused, costs), seed=seed)
    everyone = at_thresholds(outcomes, scores, costs, [np.inf, -np.inf])
    return ThresholdChoice(
        threshold=chosen["threshold"],
        method=Method(chosen["method"]),
        cost_per_applicant=chosen["cost_in_sample"],
        cost_per_applicant_cross_fitted=interval.estimate,
        cost_interval=interval,
        acceptance_rate=chosen["acceptance_rate"],
        refused=refused,
        fold_thresholds=fold_thresholds,
        methods=methods,
        curve=_drawable_curve(outcomes, scores, costs, methods["threshold"].to_numpy()),
        grid=at_thresholds(outcomes, scores, costs, GRID),
        theoretical=costs.break_even,
        theoretical_cost=methods.row(by_predicate=pl.col("method") == Method.BREAK_EVEN, named=True)["cost_in_sample"],
        accept_all_cost=float(everyone["cost_per_applicant"][0]),
        refuse_all_cost=float(everyone["cost_per_applicant"][1]),
    )


def at_thresholds(y: npt.ArrayLike, p: npt.ArrayLike, costs: CostMatrix, thresholds: npt.ArrayLike) -> pl.DataFrame:
    """Decisions and cost at given thresholds.

    Returns:
        threshold, cost_per_applicant, acceptance_rate, tn, fp, fn, tp; a row per threshold, in the order given.
    """
    outcomes, scores = check_outcomes(y, p)
    wanted = np.asarray(thresholds, dtype=np.float64)
    fn = np.searchsorted(np.sort(scores[outcomes == 1]), wanted, side="left")
    tn = np.searchsorted(np.sort(scores[outcomes == 0]), wanted, side="left")
    tp, fp = outcomes.sum() - fn, (1 - outcomes).sum() - tn
    return pl.DataFrame(
        {
            "threshold": wanted,
            "cost_per_applicant": (costs.false_negative * fn + costs.false_positive * fp) / outcomes.size,
            "acceptance_rate": (tn + fn) / outcomes.size,
            "tn": tn,
            "fp": fp,
            "fn": fn,
            "tp": tp,
        }
    )


class _Rows:
    """Applicants with their folds, and the thresholds that any part of them chooses."""

    def __init__(self, y: Outcomes, p: Floats, folds: Outcomes, costs: CostMatrix, *, seed: int) -> None:
        self.y, self.p, self.folds, self.costs, self.seed = y, p, folds, costs, seed
        self.numbers = [int(number) for number in np.unique(folds)]
        self._known: dict[frozenset[int], dict[Method, float]] = {}

    def thresholds(self, without: frozenset[int] = frozenset()) -> dict[Method, float]:
        """Threshold of each method, chosen on all folds but those in `without`."""
        if without not in self._known:
            kept = ~np.isin(self.folds, list(without))
            y, p = self.y[kept], self.p[kept]
            curve = cost_curve(y, p, self.costs)
            self._known[without] = {
                Method.BREAK_EVEN: self.costs.break_even,
                Method.SMOOTHED: smoothed_threshold(y, p, curve, self.costs, seed=self.seed),
                Method.EMPIRICAL: cheapest_threshold(curve),
            }
        return self._known[without]

    def costs_by_method(self, without: frozenset[int] = frozenset()) -> dict[Method, Floats]:
        """Cross-fitted cost of each applicant outside the folds `without`, by each method."""
        parts: dict[Method, list[Floats]] = {method: [] for method in Method}
        for number in self.numbers:
            if number not in without:
                held = self.folds == number
                for method, threshold in self.thresholds(without | {number}).items():
                    parts[method].append(applicant_costs(self.y[held], is_refused(self.p[held], threshold), self.costs))
        return {method: np.concatenate(costs) for method, costs in parts.items()}


def _preferred(by_method: dict[Method, Floats]) -> Method:
    """The cheapest method if it beats break-even by more than chance explains, else break-even."""
    cheapest = min(by_method, key=lambda method: float(by_method[method].mean()))
    saving = by_method[Method.BREAK_EVEN] - by_method[cheapest]
    error = float(saving.std()) / np.sqrt(saving.size)
    return cheapest if float(saving.mean()) > _EVIDENCE * error else Method.BREAK_EVEN


def _decide_cross_fitted(rows: _Rows) -> tuple[npt.NDArray[np.bool_], dict[int, float]]:
    """Decide each fold by method and threshold that only the other folds chose."""
    refused = np.zeros(rows.y.size, dtype=bool)
    chosen = {}
    for number in rows.numbers:
        held_out = frozenset([number])
        chosen[number] = rows.thresholds(held_out)[_preferred(rows.costs_by_method(held_out))]
        held = rows.folds == number
        refused[held] = rows.p[held] >= chosen[number]
    return refused, chosen


def _methods_table(rows: _Rows) -> pl.DataFrame:
    """A row per method: its threshold on all rows, and its cost in sample and cross-fitted."""
    by_method = rows.costs_by_method()
    chosen = _preferred(by_method)
    at = at_thresholds(rows.y, rows.p, rows.costs, [rows.thresholds()[method] for method in Method])
    intervals = [bootstrap_interval(by_method[method], seed=rows.seed) for method in Method]
    return pl.DataFrame(
        {
            "method": [method.value for method in Method],
            "threshold": at["threshold"],
            "cost_in_sample": at["cost_per_applicant"],
            "cost_cross_fitted": [interval.estimate for interval in intervals],
            "cost_low": [interval.low for interval in intervals],
            "cost_high": [interval.high for interval in intervals],
            "acceptance_rate": at["acceptance_rate"],
            "chosen": [method is chosen for method in Method],
        }
    )


def _drawable_curve(y: Outcomes, p: Floats, costs: CostMatrix, marked: Floats) -> pl.DataFrame:
    """The cost curve at few enough thresholds to store and draw, those `marked` among them, ascending."""
    steps = cost_curve(y, p, costs)["threshold"].to_numpy()
    return at_thresholds(y, p, costs, np.unique(np.concatenate([_thin(steps, CURVE_ROWS), marked])))


def _thin(values: Floats, keep: int) -> Floats:
    """At most `keep` of the values, evenly by position, the first and the last among them."""
    positions = np.unique(np.linspace(0, values.size - 1, min(keep, values.size)).round().astype(np.int64))
    thinned: Floats = values[positions]
    return thinned
