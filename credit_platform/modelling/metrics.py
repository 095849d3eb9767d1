"""How good a set of probabilities is, in points.

What is here: ranking, probability and decision metrics and the cost curve. Numpy only; every figure is exact and treats
tied scores as one step, so row order never matters.
What to add here: a metric of outcomes and probabilities.
What must not be here: intervals (`intervals.py`), thresholds (`threshold.py`), calibration (`calibration.py`).

Throughout, `y` is (n,) with 1 = default and 0 = repaid, `p` is (n,) with the probability of default, and an applicant
is refused when `p >= threshold`. "Positive" means default.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from credit_platform.errors import ModellingError
from credit_platform.portfolios.economics import CostMatrix
from credit_platform.scoring.rule import is_refused

Floats = npt.NDArray[np.float64]
Outcomes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Steps:
    """Counts above each distinct score, from the highest score down, starting with nobody above.

    Each array is (k + 1,) for k distinct scores: element i counts the rows whose score is among the i highest.
    """

    scores: Floats
    """(k,) distinct scores, descending."""
    defaults: Outcomes
    repaid: Outcomes


def check_outcomes(y: npt.ArrayLike, p: npt.ArrayLike) -> tuple[Outcomes, Floats]:
    """Return `y` and `p` as arrays fit for every metric.

    Raises:
        ModellingError: lengths differ, a value is not finite, an outcome is not 0 or 1, or only one class occurs.
    """
    outcomes, scores = np.asarray(y), np.asarray(p, dtype=np.float64)
    if outcomes.ndim != 1 or outcomes.shape != scores.shape:
        raise ModellingError(
            f"Outcomes have shape {outcomes.shape} and scores {scores.shape}.", "Give one score for each outcome."
        )
    if not np.isfinite(scores).all():
        raise ModellingError(
            f"{int((~np.isfinite(scores)).sum())} of {scores.size} scores are not finite.",
            "Look for missing features or a model that did not converge.",
        )
    if not ((outcomes == 0) | (outcomes == 1)).all():
        raise ModellingError("Some outcomes are neither 0 nor 1.", "Drop applicants whose outcome is not known.")
    outcomes = outcomes.astype(np.int64)
    defaults = int(outcomes.sum())
    if defaults in (0, outcomes.size):
        raise ModellingError(
            f"Among {outcomes.size} applicants there are {defaults} defaults, so only one class.",
            "Use more applicants, or fewer folds: a metric needs both outcomes.",
        )
    return outcomes, scores


def score_steps(y: npt.ArrayLike, p: npt.ArrayLike) -> Steps:
    """Count defaults and repaid loans at or above each distinct score; O(n log n)."""
    outcomes, scores = check_outcomes(y, p)
    distinct, position = np.unique(-scores, return_inverse=True)
    defaults = np.bincount(position, weights=outcomes, minlength=distinct.size).astype(np.int64)
    total = np.bincount(position, minlength=distinct.size)
    zero = np.zeros(1, dtype=np.int64)
    return Steps(
        scores=-distinct,
        defaults=np.concatenate([zero, np.cumsum(defaults)]),
        repaid=np.concatenate([zero, np.cumsum(total - defaults)]),
    )


def roc_auc(y: npt.ArrayLike, p: npt.ArrayLike) -> float:
    """Probability that a random default scores above a random repaid loan, ties counting one half."""
    outcomes, scores = check_outcomes(y, p)
    n_defaults = int(outcomes.sum())
    n_repaid = outcomes.size - n_defaults
    rank_sum = float(midranks(scores)[outcomes == 1].sum())
    return (rank_sum - n_defaults * (n_defaults + 1) / 2) / (n_defaults * n_repaid)


def roc_curve(y: npt.ArrayLike, p: npt.ArrayLike) -> pl.DataFrame:
    """Columns threshold, false_positive_rate, true_positive_rate; from (0, 0) to (1, 1), a row per distinct score."""
    steps = score_steps(y, p)
    return pl.DataFrame(
        {
            "threshold": np.concatenate([[np.inf], steps.scores]),
            "false_positive_rate": steps.repaid / steps.repaid[-1],
            "true_positive_rate": steps.defaults / steps.defaults[-1],
        }
    )


def precision_recall_curve(y: npt.ArrayLike, p: npt.ArrayLike) -> pl.DataFrame:
    """Columns threshold, precision, recall; recall rises, a row per distinct score."""
    steps = score_steps(y, p)
    defaults, repaid = steps.defaults[1:], steps.repaid[1:]
    return pl.DataFrame(
        {
            "threshold": steps.scores,
            "precision": defaults / (defaults + repaid),
            "recall": defaults / defaults[-1],
        }
    )


def kolmogorov_smirnov(y: npt.ArrayLike, p: npt.ArrayLike) -> float:
    """Largest distance between the score distributions of defaults and repaid loans (0 to 1)."""
    steps = score_steps(y, p)
    return float(np.abs(steps.defaults / steps.defaults[-1] - steps.repaid / steps.repaid[-1]).max())


def average_precision(y: npt.ArrayLike, p: npt.ArrayLike) -> float:
    """Mean precision over the steps of recall, without interpolation (as scikit-learn defines it)."""
    curve = precision_recall_curve(y, p)
    gains = np.diff(curve["recall"].to_numpy(), prepend=0.0)
    return float(gains @ curve["precision"].to_numpy())


def brier_score(y: npt.ArrayLike, p: npt.ArrayLike) -> float:
    """Mean squared error of the probabilities (0 is best)."""
    outcomes, scores = check_outcomes(y, p)
    return float(np.mean((scores - outcomes) ** 2))


def log_loss(y: npt.ArrayLike, p: npt.ArrayLike) -> float:
    """Mean negative log-likelihood in nats; probabilities are kept one float step away from 0 and 1."""
    outcomes, scores = check_outcomes(y, p)
    step = float(np.finfo(np.float64).eps)
    kept = np.clip(scores, step, 1.0 - step)
    return float(-np.mean(np.where(outcomes == 1, np.log(kept), np.log1p(-kept))))


def lift(y: npt.ArrayLike, p: npt.ArrayLike, share: float = 0.1) -> float:
    """Default rate among the riskiest `share` of applicants, divided by the default rate of all.

    The number taken is `share` of the rows, rounded up. Where tied scores straddle the border, each of them counts
    in proportion, which is the mean over every way of breaking the tie.
    """
    steps = score_steps(y, p)
    seen = steps.defaults + steps.repaid
    taken = int(np.ceil(round(share * int(seen[-1]), 9)))
    defaults = float(np.interp(taken, seen, steps.defaults))
    return (defaults / taken) / (float(steps.defaults[-1]) / float(seen[-1]))


def confusion(y: npt.ArrayLike, p: npt.ArrayLike, threshold: float) -> dict[str, int]:
    """Counts tn, fp, fn, tp when applicants with `p >= threshold` are refused."""
    outcomes, scores = check_outcomes(y, p)
    refused = is_refused(scores, threshold)
    tp = int((refused & (outcomes == 1)).sum())
    fp = int(refused.sum()) - tp
    fn = int(outcomes.sum()) - tp
    return {"tn": outcomes.size - tp - fp - fn, "fp": fp, "fn": fn, "tp": tp}


def applicant_costs(y: npt.ArrayLike, refused: npt.ArrayLike, costs: CostMatrix) -> Floats:
    """(n,) cost of each decision: a granted default, a refused good applicant, else nothing."""
    outcomes, decisions = np.asarray(y), np.asarray(refused, dtype=bool)
    wrong_grant = (outcomes == 1) & ~decisions
    wrong_refusal = (outcomes == 0) & decisions
    cost: Floats = costs.false_negative * wrong_grant + costs.false_positive * wrong_refusal
    return cost


def classification_metrics(y: npt.ArrayLike, p: npt.ArrayLike, threshold: float, costs: CostMatrix) -> dict[str, float]:
    """Every metric of one set of probabilities at one threshold.

    Precision is 0 when nobody is refused. Costs are in the units of `costs`.

    Raises:
        ModellingError: see `check_outcomes`.
    """
    counts = confusion(y, p, threshold)
    rows = sum(counts.values())
    refused = counts["tp"] + counts["fp"]
    precision = counts["tp"] / refused if refused else 0.0
    recall = counts["tp"] / (counts["tp"] + counts["fn"])
    cost = costs.false_negative * counts["fn"] + costs.false_positive * counts["fp"]
    auc = roc_auc(y, p)
    return {
        "auc": auc,
        "gini": 2.0 * auc - 1.0,
        "ks": kolmogorov_smirnov(y, p),
        "average_precision": average_precision(y, p),
        "brier": brier_score(y, p),
        "log_loss": log_loss(y, p),
        "precision": precision,
        "recall": recall,
        "f1": 2 * counts["tp"] / (2 * counts["tp"] + counts["fp"] + counts["fn"]),
        "accuracy": (counts["tp"] + counts["tn"]) / rows,
        **{name: float(count) for name, count in counts.items()},
        "lift_top_decile": lift(y, p),
        "cost": cost,
        "cost_per_applicant": cost / rows,
        "acceptance_rate": 1.0 - refused / rows,
    }


def cost_curve(y: npt.ArrayLike, p: npt.ArrayLike, costs: CostMatrix) -> pl.DataFrame:
    """Cost of every decision rule that the scores allow, from accept-all down to refuse-all; O(n log n).

    Thresholds lie halfway between neighbouring scores, as far from both as can be, so that a last-bit difference in a
    score (another machine, another library version) changes no decision. Beyond the outermost scores they lie halfway
    to 1 and to 0.

    Returns:
        k + 1 rows for k distinct scores, thresholds descending: threshold, tn, fp, fn, tp, cost, cost_per_applicant,
        acceptance_rate.
    """
    steps = score_steps(y, p)
    tp, fp = steps.defaults, steps.repaid
    fn, tn = tp[-1] - tp, fp[-1] - fp
    cost = costs.false_negative * fn + costs.false_positive * fp
    rows = int(tp[-1] + fp[-1])
    return pl.DataFrame(
        {
            "threshold": _between(steps.scores),
            "tn": tn,
            "fp": fp,
            "fn": fn,
            "tp": tp,
            "cost": cost,
            "cost_per_applicant": cost / rows,
            "acceptance_rate": (tn + fn) / rows,
        }
    )


def midranks(scores: Floats) -> Floats:
    """Return (n,) ranks from 1, tied scores sharing the mean of their ranks."""
    _, position, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Floats = (last - (counts - 1) / 2.0)[position]
    return ranks


def _between(scores: Floats) -> Floats:
    """(k + 1,) thresholds around k descending scores, each refusing exactly the scores before it."""
    highest, lowest = float(scores[0]), float(scores[-1])
    top = max((highest + 1.0) / 2.0, float(np.nextafter(highest, np.inf)))
    middle = scores[1:] + (scores[:-1] - scores[1:]) / 2.0
    # Between two neighbouring floats there is no middle: the upper one separates them just as well.
    middle = np.where(middle > scores[1:], middle, scores[:-1])
    bottom = lowest / 2.0 if lowest > 0.0 else lowest
    return np.concatenate([[top], middle, [bottom]])
