"""Which candidate costs the lender least, and whether that is more than luck.

What is here: the comparison table of candidates, the choice of the winner, and paired tests of the winner against each
other candidate.
What to add here: a column of the comparison.
What must not be here: training (`cross_validation.py`), drawing (`charts.py`), and the holdout: choosing among
candidates on it would spoil it as a judge.

All figures are of calibrated out-of-fold probabilities. Costs are cross-fitted (`threshold.py`), in units of the
portfolio's cost matrix per applicant. The least of several costs is a little too favourable for its owner; the paired
tests say how far ahead it is, and the holdout, which is not used here, gives the unbiased figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from credit_platform.errors import ModellingError
from credit_platform.modelling.candidates import get_candidate
from credit_platform.modelling.cross_validation import CrossValidation
from credit_platform.modelling.intervals import auc_difference, auc_interval, paired_bootstrap
from credit_platform.modelling.metrics import Floats, Outcomes, applicant_costs, classification_metrics, roc_auc
from credit_platform.modelling.threshold import ThresholdChoice, choose_threshold
from credit_platform.portfolios.economics import CostMatrix
from credit_platform.portfolios.portfolio import Portfolio


@dataclass(frozen=True)
class Comparison:
    """Candidates side by side."""

    table: pl.DataFrame
    """A row per candidate, winner first, then by cost: candidate, auc with _low and _high, cost_per_applicant
    (cross-fitted, with _low and _high), selected, title, cost_in_sample, threshold, threshold_method, acceptance_rate,
    auc_fold_mean, auc_fold_std, gini, ks, average_precision, brier, log_loss, seconds, against_winner (in words)."""
    differences: pl.DataFrame
    """A row per candidate other than the winner: candidate, cost_difference (winner minus it; negative favours the
    winner) with _low and _high, auc_difference with _low and _high, cost_distinguishable, auc_distinguishable."""
    winner: str
    thresholds: dict[str, ThresholdChoice]
    """Of each candidate."""
    summary: str
    """One sentence on who won and whether the next is distinguishable."""


def compare(results: Sequence[CrossValidation], portfolio: Portfolio, *, seed: int = 7) -> Comparison:
    """Compare candidates on the same applicants and folds; the least cross-fitted cost wins, AUC breaks ties.

    Args:
        results: one for each candidate, all from the same split.
        portfolio: gives the costs.
        seed: of the bootstraps.

    Raises:
        ModellingError: there is no candidate, one occurs twice, or they were not validated on the same split.
    """
    _check_comparable(results, [portfolio.applicant_key, "target", "fold"])
    thresholds = {result.candidate: _threshold(result, portfolio.costs, seed) for result in results}
    rows = [_row(result, thresholds[result.candidate], portfolio.costs) for result in results]
    table = pl.DataFrame(rows).sort("cost_per_applicant", "auc", descending=[False, True], maintain_order=True)
    winner = str(table["candidate"][0])
    table = table.with_columns(selected=pl.col("candidate") == winner)
    by_name = {result.candidate: result for result in results}
    others = [by_name[name] for name in table["candidate"].to_list()[1:]]
    differences = pl.DataFrame(
        [_difference(by_name[winner], other, thresholds, portfolio.costs, seed) for other in others],
        schema=_DIFFERENCE_SCHEMA,
    )
    table = table.join(
        differences.select("candidate", against_winner=_VERDICT), on="candidate", how="left"
    ).with_columns(pl.col("against_winner").fill_null("selected"))
    return Comparison(table, differences, winner, thresholds, _sentence(table, differences))


_VERDICT = (
    pl.when(pl.col("cost_distinguishable"))
    .then(pl.lit("dearer beyond chance"))
    .otherwise(pl.lit("not distinguishable by cost"))
)
_DIFFERENCE_SCHEMA = {
    "candidate": pl.String,
    "cost_difference": pl.Float64,
    "cost_difference_low": pl.Float64,
    "cost_difference_high": pl.Float64,
    "auc_difference": pl.Float64,
    "auc_difference_low": pl.Float64,
    "auc_difference_high": pl.Float64,
    "cost_distinguishable": pl.Boolean,
    "auc_distinguishable": pl.Boolean,
}


def _check_comparable(results: Sequence[CrossValidation], identity: list[str]) -> None:
    names = [result.candidate for result in results]
    if not names or len(set(names)) < len(names):
        raise ModellingError(
            f"The candidates to compare are: {', '.join(names) or 'none'}.", "Give at least one, each of them once."
        )
    identity = [results[0].oof.columns[0], "target", "fold"]  # the first column is the applicant key
    for result in results[1:]:
        if not result.oof.select(identity).equals(results[0].oof.select(identity)):
            raise ModellingError(
                f"{result.candidate} was not validated on the applicants and folds of {names[0]}.",
                "Cross-validate all candidates again on the same version of the split.",
            )


def _arrays(result: CrossValidation) -> tuple[Outcomes, Floats, Outcomes]:
    oof = result.oof
    return oof["target"].to_numpy(), oof["probability"].to_numpy(), oof["fold"].to_numpy()


def _threshold(result: CrossValidation, costs: CostMatrix, seed: int) -> ThresholdChoice:
    y, p, fold = _arrays(result)
    return choose_threshold(y, p, costs, fold, seed=seed)


def _row(result: CrossValidation, choice: ThresholdChoice, costs: CostMatrix) -> dict[str, object]:
    y, p, fold = _arrays(result)
    metrics = classification_metrics(y, p, choice.threshold, costs)
    # Within a fold all margins come from one model, so this spread is the model's own.
    margins = result.oof["margin"].to_numpy()
    fold_aucs = [roc_auc(y[fold == number], margins[fold == number]) for number in np.unique(fold)]
    return {
        "candidate": result.candidate,
        **auc_interval(y, p).columns("auc"),
        **choice.cost_interval.columns("cost_per_applicant"),
        "selected": False,
        "title": get_candidate(result.candidate).title,
        "cost_in_sample": choice.cost_per_applicant,
        "threshold": choice.threshold,
        "threshold_method": choice.method.value,
        "acceptance_rate": choice.acceptance_rate,
        "auc_fold_mean": float(np.mean(fold_aucs)),
        "auc_fold_std": float(np.std(fold_aucs, ddof=1)),
        **{name: metrics[name] for name in ("gini", "ks", "average_precision", "brier", "log_loss")},
        "seconds": result.seconds,
    }


def _difference(
    winner: CrossValidation,
    other: CrossValidation,
    thresholds: dict[str, ThresholdChoice],
    costs: CostMatrix,
    seed: int,
) -> dict[str, object]:
    y = winner.oof["target"].to_numpy()
    first, second = (applicant_costs(y, thresholds[one.candidate].refused, costs) for one in (winner, other))
    cost = paired_bootstrap(first, second, seed=seed)
    auc = auc_difference(y, winner.oof["probability"].to_numpy(), other.oof["probability"].to_numpy())
    return {
        "candidate": other.candidate,
        "cost_difference": cost.difference,
        "cost_difference_low": cost.low,
        "cost_difference_high": cost.high,
        "auc_difference": auc.difference,
        "auc_difference_low": auc.low,
        "auc_difference_high": auc.high,
        "cost_distinguishable": cost.distinguishable,
        "auc_distinguishable": auc.distinguishable,
    }


def _sentence(table: pl.DataFrame, differences: pl.DataFrame) -> str:
    first = table.row(0, named=True)
    opening = f"{first['title']} costs least: {first['cost_per_applicant']:.3f} per applicant"
    if differences.is_empty():
        return f"{opening}; it was the only candidate."
    second, gap = table.row(1, named=True), differences.row(0, named=True)
    verdict = "beyond chance" if gap["cost_distinguishable"] else "within chance, so the two are not distinguishable"
    return (
        f"{opening}, against {second['cost_per_applicant']:.3f} for the next, {second['title']}: a difference of "
        f"{gap['cost_difference']:.3f} (95% interval {gap['cost_difference_low']:.3f} to "
        f"{gap['cost_difference_high']:.3f}), {verdict}."
    )
