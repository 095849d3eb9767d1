"""Judges of what modelling makes, asked before it is stored: splits, scores of candidates, the scorer itself.

What is here: functions from rows to a `Verdict`.
What to add here: a rule that a table of the modelling layer must keep to be stored.
What must not be here: the promotion gate (`governance/gate.py`), whose refusals are records.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from credit_platform.errors import FeatureError, ScorerError
from credit_platform.features.checks import auc_interval
from credit_platform.lakehouse import Verdict
from credit_platform.modelling.metrics import roc_auc
from credit_platform.modelling.splits import HOLDOUT
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Scorer

CHANCE = 0.5
"""AUC that tossing a coin reaches."""
MAX_CALIBRATION_ERROR = 0.05
"""Mean distance between predicted and observed default rate, by applicant, above which probabilities mislead."""
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
