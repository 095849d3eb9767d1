"""Judges of what a scorer goes into, asked before it is stored: scores of a table, and the package that serves it.

What is here: functions from rows or a folder to a `Verdict`.
What to add here: a rule that stored scores, or a package, must keep.
What must not be here: judging the model (`judges.py`, `governance`).
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from credit_platform.errors import ScorerError
from credit_platform.lakehouse import Verdict
from credit_platform.quality.distributions import population_stability
from credit_platform.scoring import Scorer
from credit_platform.scoring.rule import DecisionRule, decided

MAX_SCORE_SHIFT = 0.25
"""PSI from which a population is commonly called shifted (Siddiqi 2006, chapter 8)."""


def everyone_scored(key: str, scored: pl.LazyFrame, applicants: pl.LazyFrame) -> Verdict:
    """Whether each of `applicants` has one row in `scored`, by the column `key`."""
    expected, found = applicants.select(key).collect(), scored.select(key).collect()
    missing = expected.join(found, on=key, how="anti").height
    return Verdict(
        check="everyone_scored",
        passed=not missing and found.height == expected.height and found[key].n_unique() == found.height,
        numbers={"applicants": expected.height, "rows": found.height, "missing": missing},
        message=f"{found.height} rows for {expected.height} applicants, {missing} of them not scored.",
        final=True,
    )


def probabilities(scored: pl.LazyFrame) -> Verdict:
    """Whether each probability of default is a number from 0 to 1, and nothing is null."""
    frame = scored.collect()
    nulls = sum(frame.null_count().row(0))
    wrong = frame.filter(~pl.col("probability_of_default").is_between(0, 1)).height
    return Verdict(
        check="probabilities",
        passed=not nulls and not wrong,
        numbers={"nulls": nulls, "outside": wrong},
        message=f"{nulls} nulls, {wrong} probabilities outside of 0 to 1.",
        final=True,
    )


def decisions_follow_threshold(scored: pl.LazyFrame, rule: DecisionRule) -> Verdict:
    """Whether each decision is the one that its probability and the rule lead to."""
    probability = pl.col("probability_of_default")
    expected = decided(probability, rule.threshold, rule.review)
    wrong = int(scored.filter(pl.col("decision") != expected).select(pl.len()).collect().item())
    return Verdict(
        check="decisions_follow_threshold",
        passed=not wrong,
        numbers={"contradicting": wrong},
        message=f"{wrong} decisions contradict threshold {rule.threshold:.4f}.",
        final=True,
    )


def holds_scorer(folder: Path, digest: str) -> Verdict:
    """Whether the scorer in `folder`, of a package, is whole and the one of this digest (64 hex digits)."""
    try:
        Scorer.load(folder, verify=True, expected_digest=digest)
    except ScorerError as error:
        return Verdict(check="holds_scorer", passed=False, message=str(error), final=True)
    return Verdict(
        check="holds_scorer",
        passed=True,
        message=f"The scorer inside is whole and has the digest {digest[:12]} that is recorded.",
        final=True,
    )


def score_shift(before: pl.Series, after: pl.Series) -> Verdict:
    """Whether scores `after` are distributed as those `before`, of the holdout of training; it only warns."""
    index = population_stability(before, after)
    if index is None:
        said = "Too few applicants to tell."
    else:
        said = f"PSI {index:.3f} against the holdout of training; below {MAX_SCORE_SHIFT} is no shift."
    return Verdict(
        check="score_shift",
        passed=index is None or index < MAX_SCORE_SHIFT,
        warns=True,
        numbers={"scored": len(after), "holdout": len(before), **({} if index is None else {"psi": index})},
        message=said,
    )
