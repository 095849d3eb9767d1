"""What decisions are worth in money, and how much the threshold hangs on what is assumed.

What is here: expected profit and return of a threshold, the bootstrap band of the cost curve, the review band, and the
sensitivity of the threshold to the cost ratio.
What to add here: another question that a committee asks of a threshold.
What must not be here: choosing the threshold (`threshold.py`), drawing (`charts.py`).

Every granted loan counts as one of average amount: the margin is earned if it is repaid, the loss given default lost if
it is not. A refused applicant earns and costs nothing, which leaves out what a customer turned away is worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from credit_platform.modelling.intervals import LEVEL, Interval, bootstrap_interval
from credit_platform.modelling.metrics import Floats, applicant_costs, check_outcomes
from credit_platform.modelling.threshold import at_thresholds, choose_threshold
from credit_platform.portfolios.economics import CostMatrix, Economics
from credit_platform.scoring.rule import in_review, is_refused

RATIOS = (5.0, 10.0, 20.0)
"""Cost ratios (a granted default in refused good applicants) at which the threshold is chosen anew."""
_POINTS = 101
_RESAMPLES = 500


@dataclass(frozen=True)
class Profit:
    """What a set of decisions earns, in shares of the average loan."""

    per_applicant: Interval
    """Profit per applicant, refused ones included, with its 95% bootstrap interval."""
    on_lent: float
    """Return: profit divided by the amount lent; 0 when nothing is lent."""
    acceptance_rate: float
    default_rate: float
    """Of the loans granted; 0 when none is."""


def profit(y: npt.ArrayLike, refused: npt.ArrayLike, economics: Economics, *, seed: int = 7) -> Profit:
    """Expected profit and return of decisions on applicants whose outcome is known.

    Args:
        y: (n,) outcomes, 1 = default.
        refused: (n,) decisions.
        economics: what a loan earns and loses.
        seed: of the bootstrap.
    """
    outcomes, granted = np.asarray(y), ~np.asarray(refused, dtype=bool)
    values = np.where(outcomes == 1, -economics.loss_given_default, economics.margin) * granted
    lent = int(granted.sum())
    return Profit(
        per_applicant=bootstrap_interval(values, seed=seed),
        on_lent=float(values.sum() / lent) if lent else 0.0,
        acceptance_rate=float(granted.mean()),
        default_rate=float(outcomes[granted].mean()) if lent else 0.0,
    )


def with_profit(table: pl.DataFrame, economics: Economics) -> pl.DataFrame:
    """A table with tn, fp, fn, tp and a row per threshold, with `profit_per_applicant` and `return_on_lent` added."""
    earned = economics.margin * pl.col("tn") - economics.loss_given_default * pl.col("fn")
    lent = pl.col("tn") + pl.col("fn")
    everybody = pl.sum_horizontal("tn", "fp", "fn", "tp")
    return table.with_columns(
        profit_per_applicant=earned / everybody,
        return_on_lent=pl.when(lent > 0).then(earned / lent).otherwise(0.0),
    )


def cost_band(
    y: npt.ArrayLike, p: npt.ArrayLike, costs: CostMatrix, *, seed: int = 7, level: float = LEVEL
) -> pl.DataFrame:
    """The cost curve on 0.00 to 1.00 by 0.01 with its pointwise bootstrap band.

    Applicants between two neighbouring thresholds are decided alike, so resampling them is one multinomial draw of
    these groups, whatever the number of applicants.

    Returns:
        threshold, cost_per_applicant, cost_low, cost_high; ascending.
    """
    outcomes, scores = check_outcomes(y, p)
    thresholds = np.linspace(0.0, 1.0, _POINTS)
    group = np.searchsorted(thresholds, scores, side="right")
    cells = np.bincount(2 * group + outcomes, minlength=2 * (_POINTS + 1)).astype(np.float64)
    drawn = np.random.default_rng(seed).multinomial(outcomes.size, cells / cells.sum(), size=_RESAMPLES)
    resampled = _costs(np.vstack([cells[None, :], drawn]), costs) / outcomes.size
    low, high = np.quantile(resampled[1:], [(1 - level) / 2, (1 + level) / 2], axis=0)
    return pl.DataFrame(
        {"threshold": thresholds, "cost_per_applicant": resampled[0], "cost_low": low, "cost_high": high}
    )


def _costs(cells: Floats, costs: CostMatrix) -> Floats:
    """Cost of each row of cells (repaid and defaults by turns) at each threshold: those below it are granted."""
    repaid, defaults = cells[:, 0::2], cells[:, 1::2]
    granted_defaults = np.cumsum(defaults, axis=1)[:, :-1]
    refused_repaid = repaid.sum(axis=1, keepdims=True) - np.cumsum(repaid, axis=1)[:, :-1]
    total: Floats = costs.false_negative * granted_defaults + costs.false_positive * refused_repaid
    return total


def review_band(costs: CostMatrix, review_cost: float, threshold: float) -> tuple[float, float] | None:
    """Probabilities from (included) and to (excluded) which a person should decide; None when never.

    A person who decides rightly costs `review_cost`; deciding by machine costs min(p * c_FN, (1 - p) * c_FP) on
    average. Where that is more, the case goes to a person. The band is widened to hold the threshold.

    Source: C. Chow, On optimum recognition error and reject tradeoff, IEEE Trans. Information Theory 16 (1970) 41-46.

    Args:
        costs: of wrong decisions.
        review_cost: of one review, in units of `costs`; above 0.
        threshold: from which applicants are refused.
    """
    low, high = review_cost / costs.false_negative, 1.0 - review_cost / costs.false_positive
    return (min(low, threshold), max(high, threshold)) if low < high else None


def review_table(
    y: npt.ArrayLike, p: npt.ArrayLike, costs: CostMatrix, threshold: float, prices: Sequence[float]
) -> pl.DataFrame:
    """What a review band would do at several prices of a review, if reviewers decided rightly.

    Returns:
        review_cost, from, to (null when nobody is reviewed), reviewed (share), cost_per_applicant (reviews included).
    """
    outcomes, scores = check_outcomes(y, p)
    rows = []
    for price in prices:
        band = review_band(costs, price, threshold)
        inside = in_review(scores, band)
        wrong = applicant_costs(outcomes, is_refused(scores, threshold), costs)
        rows.append(
            {
                "review_cost": price,
                "from": band[0] if band else None,
                "to": band[1] if band else None,
                "reviewed": float(inside.mean()),
                "cost_per_applicant": float(np.where(inside, price, wrong).mean()),
            }
        )
    return pl.DataFrame(rows, schema_overrides={"from": pl.Float64, "to": pl.Float64})


def sensitivity(
    y: npt.ArrayLike, p: npt.ArrayLike, fold: npt.ArrayLike, threshold: float, *, seed: int = 7
) -> pl.DataFrame:
    """The threshold chosen anew for each cost ratio of `RATIOS`, and what keeping `threshold` would cost instead.

    Returns:
        cost_ratio, threshold, method, acceptance_rate, cost_per_applicant (cross-fitted), cost_if_kept,
        accept_all_cost, refuse_all_cost; costs in refused good applicants.
    """
    rows = []
    for ratio in RATIOS:
        costs = CostMatrix(false_negative=ratio, false_positive=1.0, source="sensitivity")
        choice = choose_threshold(y, p, costs, fold, seed=seed)
        kept = at_thresholds(y, p, costs, [threshold])
        rows.append(
            {
                "cost_ratio": ratio,
                "threshold": choice.threshold,
                "method": choice.method.value,
                "acceptance_rate": choice.acceptance_rate,
                "cost_per_applicant": choice.cost_per_applicant_cross_fitted,
                "cost_if_kept": float(kept["cost_per_applicant"][0]),
                "accept_all_cost": choice.accept_all_cost,
                "refuse_all_cost": choice.refuse_all_cost,
            }
        )
    return pl.DataFrame(rows)
