"""Judges of what modelling makes, asked before it is stored: splits, scores of candidates, the scorer itself.

What is here: functions from rows to a `Verdict`.
What to add here: a rule that a table of the modelling layer must keep to be stored.
What must not be here: the promotion gate (`governance/gate.py`), whose refusals are records.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from credit_platform.errors import FeatureError, ScorerError
from credit_platform.features.checks import auc_interval
from credit_platform.features.decided import has_decided, of_raw_files
from credit_platform.lakehouse import Verdict
from credit_platform.modelling.imbalance import STRATEGIES
from credit_platform.modelling.metrics import roc_auc
from credit_platform.modelling.splits import HOLDOUT, held_out
from credit_platform.modelling.threshold import Method
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Scorer

CHANCE = 0.5
"""AUC that tossing a coin reaches."""
MAX_CALIBRATION_ERROR = 0.05
"""Mean distance between predicted and observed default rate, by applicant, above which probabilities mislead."""
SLOPES = (0.8, 1.25)
"""Calibration slopes that the gate accepts on the holdout."""
_SAMPLE = 1000
"""Applicants of the holdout that are scored again."""
_RTOL = 1e-9
"""Products of matrices of another height may differ in the last bits."""
_RECORDED = "__recorded__"


def everyone_once(portfolio: Portfolio, split: pl.LazyFrame, applicants: pl.LazyFrame) -> Verdict:
    """Whether each applicant with a known outcome is in the holdout or in one fold, once."""
    known = applicants.filter(pl.col(portfolio.target).is_not_null()).select(portfolio.applicant_key).collect()
    placed = split.select(portfolio.applicant_key, "fold").collect()
    expected = set(known.to_series())
    missing = expected ^ set(placed[portfolio.applicant_key])
    holdout = placed.filter(pl.col("fold") == HOLDOUT).height
    return Verdict(
        check="everyone_once",
        passed=not missing and placed.height == len(expected),
        numbers={"applicants": len(expected), "placed": placed.height, "holdout": holdout},
        message=f"{placed.height} of {len(expected)} applicants placed, {len(missing)} on one side only.",
        final=True,
    )


def out_of_fold_scores(scores: pl.LazyFrame) -> Verdict:
    """Whether each out-of-fold score is a probability, and together they are no worse than chance."""
    oof = scores.select("probability", "target").collect()
    probability = oof["probability"]
    wrong = int((probability.is_null() | ~probability.is_finite() | ~probability.is_between(0, 1)).sum())
    auc = roc_auc(oof["target"].to_numpy(), probability.to_numpy()) if not wrong else 0.0
    defaults = int((oof["target"] == 1).sum())
    low, high = auc_interval(auc, defaults, oof.height - defaults)
    passed = not wrong and auc > CHANCE
    # Below a half by chance is no error of the candidate: the gate has the last word on what it can do.
    by_chance = not wrong and high >= CHANCE
    told = f"{oof.height} scores, {wrong} of them not a probability"
    told += ". Their AUC was not measured." if wrong else f", AUC {auc:.3f} (interval {low:.2f} to {high:.2f})."
    if not passed and by_chance:
        told += f" With {defaults} defaults that is no better and no worse than chance: more outcomes would tell."
    return Verdict(
        check="out_of_fold_scores",
        passed=passed,
        warns=by_chance,
        numbers={"scores": oof.height, "not_a_probability": wrong, "auc": auc},
        message=told,
        final=bool(wrong),
    )


def scores_again(
    portfolio: Portfolio, folder: Path, digest: str, recorded: pl.LazyFrame, applicants: pl.LazyFrame
) -> Verdict:
    """Whether the scorer in `folder` is the one that was made: it loads, unaltered, and scores as is recorded.

    Args:
        portfolio: what it scores.
        folder: what `Scorer.save` wrote.
        digest: what it must be, 64 hex digits.
        recorded: applicants with their `probability`.
        applicants: features of at least these.
    """
    name = "scores_again"
    try:
        scorer = Scorer.load(folder, portfolio=portfolio, expected_digest=digest)
        key = portfolio.applicant_key
        sample = recorded.select(key, "probability").head(_SAMPLE).collect()
        named = sample.lazy().rename({"probability": _RECORDED})
        rows = named.join(applicants, on=key, how="left", maintain_order="left").collect(engine="streaming")
        same = np.isclose(scorer.score_features(rows), rows[_RECORDED].to_numpy(), rtol=_RTOL, atol=0.0)
    except (ScorerError, FeatureError) as error:
        return Verdict(check=name, passed=False, message=str(error), numbers={"digest": digest[:12]}, final=True)
    apart = int((~same).sum())
    return Verdict(
        check=name,
        passed=not apart,
        numbers={"scored_again": len(same), "apart": apart, "digest": digest[:12]},
        message=f"The saved scorer {digest[:12]} scored {len(same)} applicants of the holdout again; "
        f"{apart} probabilities differ from those recorded.",
        final=True,
    )


def calibration_error(error: float) -> Verdict:
    """Whether predicted and observed default rates agree (`calibration.expected_calibration_error`); it only warns."""
    return Verdict(
        check="calibration_error",
        passed=error <= MAX_CALIBRATION_ERROR,
        warns=True,
        numbers={"expected_calibration_error": error, "allowed": MAX_CALIBRATION_ERROR},
        message=f"Mean distance {error:.3f}, allowed {MAX_CALIBRATION_ERROR}.",
    )


def held_out_by_hash(portfolio: Portfolio, split: pl.LazyFrame, applicants: pl.LazyFrame | None = None) -> Verdict:
    """Whether the holdout is who the hash of the applicant's key says, whoever else has applied.

    Args:
        portfolio: whose applicants.
        split: as stored.
        applicants: the feature table; nobody in it who was decided about may be held out.
    """
    placed = split.select(portfolio.applicant_key, "fold").collect()
    expected = held_out(placed[portfolio.applicant_key], portfolio)
    if applicants is not None and has_decided(applicants):
        of_files = of_raw_files(applicants).select(portfolio.applicant_key).collect()[portfolio.applicant_key]
        expected &= placed[portfolio.applicant_key].is_in(of_files.implode())
    wrong = int(((placed["fold"] == HOLDOUT) != expected).sum())
    return Verdict(
        check="held_out_by_hash",
        passed=not wrong,
        numbers={"applicants": placed.height, "holdout": int(expected.sum()), "misplaced": wrong},
        message=f"{wrong} of {placed.height} applicants are on the other side of the holdout than their key says.",
        final=True,
    )


def least_cost_selected(table: pl.LazyFrame, candidates: Sequence[str], winner: str | None) -> Verdict:
    """Whether no candidate has two rows, all are declared ones, and the one that costs least is selected.

    Args:
        table: candidate, cost_per_applicant, selected.
        candidates: those that the portfolio declares; a run may be asked to compare some of them only.
        winner: the candidate that the table's summary names.
    """
    rows = table.select("candidate", "cost_per_applicant", "selected").collect()
    compared = rows["candidate"].to_list()
    sound = len(set(compared)) == len(compared) and set(compared) <= set(candidates)
    finite = bool(rows["cost_per_applicant"].is_finite().fill_null(value=False).all())
    selected = rows.filter("selected")["candidate"].to_list()
    cheapest = rows.filter(pl.col("cost_per_applicant") == pl.col("cost_per_applicant").min())["candidate"].to_list()
    return Verdict(
        check="least_cost_selected",
        passed=sound and finite and selected == [winner] and winner in cheapest,
        numbers={"candidates": len(candidates), "rows": rows.height},
        message=f"Selected: {', '.join(selected) or 'nobody'}; recorded: {winner}; least cost: {', '.join(cheapest)}; "
        f"{rows.height} rows, of {len(candidates)} candidates declared"
        + ("." if finite else ", not every cost is a number."),
        final=True,
    )


def every_strategy_compared(table: pl.LazyFrame) -> Verdict:
    """Whether each candidate was validated with each treatment of rare defaults, at a cost that is a number."""
    rows = table.select("candidate", "strategy", "cost_per_applicant").collect()
    expected = {(name, how) for name in rows["candidate"].unique() for how in STRATEGIES}
    found = list(rows.select("candidate", "strategy").iter_rows())
    wrong = rows.filter(~pl.col("cost_per_applicant").is_finite().fill_null(value=False)).height
    return Verdict(
        check="every_strategy_compared",
        passed=bool(found) and set(found) == expected and len(found) == len(expected) and not wrong,
        numbers={"rows": len(found), "expected": len(expected), "costs_missing": wrong},
        message=f"{len(found)} rows for {len(expected)} pairs of candidate and strategy, {wrong} without a cost.",
    )


def on_the_curve(curve: pl.LazyFrame, threshold: float, method: str) -> Verdict:
    """Whether the threshold is a point of the stored cost curve, and its least where it was chosen as the least.

    Args:
        curve: threshold, cost_per_applicant.
        threshold: the one that was chosen.
        method: by which way (`threshold.Method`).
    """
    rows = curve.select("threshold", "cost_per_applicant").collect()
    at = rows.filter((pl.col("threshold") - threshold).abs() <= _RTOL)
    costs = rows["cost_per_applicant"].to_list()
    least, cost = min(costs), min(at["cost_per_applicant"].to_list(), default=None)
    right = cost is not None and (method != Method.EMPIRICAL or cost == least)
    return Verdict(
        check="on_the_curve",
        passed=right and 0.0 <= threshold <= 1.0,
        numbers={"threshold": threshold, "method": method, "points": rows.height},
        message=f"Threshold {threshold:.4f} ({method}) "
        + ("is no point of the stored cost curve" if cost is None else f"costs {cost:.4f} on the stored curve")
        + f", whose least is {least:.4f}.",
        final=True,
    )


def beats_trivial_rules(cost: float, accept_all: float, refuse_all: float) -> Verdict:
    """Whether deciding by the model costs no more than granting, or refusing, everybody; it only warns."""
    return Verdict(
        check="beats_trivial_rules",
        passed=cost <= min(accept_all, refuse_all),
        warns=True,
        numbers={"cost_per_applicant": cost, "accept_all": accept_all, "refuse_all": refuse_all},
        message=f"Cost per applicant {cost:.4f}; {accept_all:.4f} if all are granted, {refuse_all:.4f} if all are "
        "refused. The gate has the last word.",
    )


def not_worse_than_untuned(tuned: float, untuned: float | None) -> Verdict:
    """Whether the tuned model costs no more than the same candidate before, on the same folds; it only warns.

    Args:
        tuned: cross-fitted cost per applicant.
        untuned: the same of the selected candidate's own table; None where it is not recorded.
    """
    before = "is not recorded" if untuned is None else f"{untuned:.4f}"
    return Verdict(
        check="not_worse_than_untuned",
        passed=untuned is not None and tuned <= untuned,
        warns=True,
        numbers={"tuned": tuned, **({} if untuned is None else {"untuned": untuned})},
        message=f"Cost per applicant with the parameters of the study {tuned:.4f}; with those of before {before}.",
    )


def calibration_slope(slope: float) -> Verdict:
    """Whether probabilities out of fold are neither too extreme nor too timid (Cox); it only warns."""
    low, high = SLOPES
    return Verdict(
        check="calibration_slope",
        passed=low <= slope <= high,
        warns=True,
        numbers={"slope": slope, "lowest": low, "highest": high},
        message=f"Calibration slope {slope:.2f}, usual {low} to {high}; below 1 they are too extreme, above it too "
        "timid.",
    )
