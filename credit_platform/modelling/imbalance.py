"""What to do about defaults being rare: nothing, weights, or synthetic defaults (SMOTE), compared on the same folds.

What is here: `compare_imbalance`.
What to add here: another strategy, once the candidates know it (`candidates._training.IMBALANCES`).
What must not be here: resampling (`candidates._smote`), which happens inside the training rows of a fold only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from credit_platform.modelling.candidates import Candidate
from credit_platform.modelling.cross_validation import CrossValidation, cross_validate
from credit_platform.modelling.intervals import auc_difference, auc_interval, paired_bootstrap
from credit_platform.modelling.metrics import applicant_costs, brier_score, log_loss
from credit_platform.modelling.splits import thin
from credit_platform.modelling.threshold import ThresholdChoice, choose_threshold
from credit_platform.portfolios.portfolio import Portfolio

STRATEGIES = ("none", "weights", "smote")


@dataclass(frozen=True)
class ImbalanceComparison:
    """Strategies side by side."""

    table: pl.DataFrame
    """A row per candidate and strategy: candidate, strategy, auc with _low and _high, cost_per_applicant (cross-fitted)
    with _low and _high, brier, log_loss, seconds, and against `none` on the same applicants: cost_difference and
    auc_difference with _low and _high (null for `none`)."""
    conclusion: str
    """In a few sentences."""


def compare_imbalance(
    candidates: Sequence[Candidate],
    frame: pl.DataFrame,
    split: pl.DataFrame,
    portfolio: Portfolio,
    *,
    most: int,
    seed: int,
    threads: int,
) -> ImbalanceComparison:
    """Cross-validate each candidate, with its parameters of the quick profile, with each strategy on the same folds.

    Args:
        candidates: to compare with; a stack is not among them, because it does not resample.
        frame: feature table, see `cross_validate`.
        split: as from `splits.split`.
        portfolio: gives features and costs.
        most: applicants to use at most, a sample of all folds.
        seed: of everything random.
        threads: threads that one model may use.
    """
    used = thin(split, portfolio, most, seed=seed)
    rows, verdicts = [], []
    for candidate in candidates:
        results = {}
        for strategy in STRATEGIES:
            params = {**candidate.default_params(), "imbalance": strategy}
            result = cross_validate(candidate, frame, used, portfolio, params, seed=seed, threads=threads)
            results[strategy] = (result, _choose(result, portfolio, seed))
            rows.append(_row(strategy, *results[strategy], against=results["none"], portfolio=portfolio, seed=seed))
        verdicts.append(_verdict(candidate.title, rows[-len(STRATEGIES) :]))
    table = pl.DataFrame(rows, infer_schema_length=None)
    return ImbalanceComparison(table, " ".join(verdicts))


def _choose(result: CrossValidation, portfolio: Portfolio, seed: int) -> ThresholdChoice:
    y, p, fold = (result.oof[name].to_numpy() for name in ("target", "probability", "fold"))
    return choose_threshold(y, p, portfolio.costs, fold, seed=seed)


def _row(
    strategy: str,
    result: CrossValidation,
    choice: ThresholdChoice,
    *,
    against: tuple[CrossValidation, ThresholdChoice],
    portfolio: Portfolio,
    seed: int,
) -> dict[str, object]:
    y, p = result.oof["target"].to_numpy(), result.oof["probability"].to_numpy()
    plain, plain_choice = against
    own, other = (applicant_costs(y, one.refused, portfolio.costs) for one in (choice, plain_choice))
    cost = paired_bootstrap(own, other, seed=seed)
    auc = auc_difference(y, p, plain.oof["probability"].to_numpy())
    compared = strategy != "none"
    return {
        "candidate": result.candidate,
        "strategy": strategy,
        **auc_interval(y, p).columns("auc"),
        **choice.cost_interval.columns("cost_per_applicant"),
        "brier": brier_score(y, p),
        "log_loss": log_loss(y, p),
        "seconds": result.seconds,
        "cost_difference": cost.difference if compared else None,
        "cost_difference_low": cost.low if compared else None,
        "cost_difference_high": cost.high if compared else None,
        "auc_difference": auc.difference if compared else None,
        "auc_difference_low": auc.low if compared else None,
        "auc_difference_high": auc.high if compared else None,
    }


def _verdict(title: str, rows: Sequence[dict[str, object]]) -> str:
    """What the paired differences say about one candidate."""
    sentences = []
    for row in rows[1:]:
        low, high = float(str(row["cost_difference_low"])), float(str(row["cost_difference_high"]))
        word = "saves cost beyond chance" if high < 0 else "adds cost beyond chance" if low > 0 else "changes nothing"
        change = float(str(row["cost_difference"]))
        sentences.append(f"{row['strategy']} {word} ({change:+.3f} per applicant, {low:+.3f} to {high:+.3f})")
    return f"{title}, against leaving the rows as they are: {'; '.join(sentences)}."
