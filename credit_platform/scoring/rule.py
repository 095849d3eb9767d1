"""The rule by which a probability of default becomes a decision: the one place that compares it with a threshold.

What is here: `DecisionRule`, the threshold and review band as they travel; `is_refused` and `in_review` for one
probability, an array, a column or a Polars expression; `decide` for one applicant; `decided`, the same as a Polars
expression.
What to add here: nothing; another rule of the lender would be another argument of these.
What must not be here: choosing the threshold (`modelling/threshold.py`), the shape of a decision (`decision.py`).

From the threshold on an applicant is refused; inside the review band, its lower end included, a person decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import overload

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.scoring.decision import Outcome

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Band = tuple[float, float]
"""Probabilities between which a person decides: from the first, below the second."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionRule:
    """By which probability of default an applicant is refused, and between which ones a person decides."""

    threshold: float
    """From this probability on an applicant is refused."""
    review: Band | None = None
    """Probabilities between which a person decides; nobody is reviewed without."""


ACCEPTED: Outcome = "accepted"
REFUSED: Outcome = "refused"
REVIEW: Outcome = "review"


@overload
def is_refused(probability: float, threshold: float) -> bool: ...
@overload
def is_refused(probability: Floats, threshold: float) -> Booleans: ...
@overload
def is_refused(probability: pl.Series, threshold: float) -> pl.Series: ...
@overload
def is_refused(probability: pl.Expr, threshold: float) -> pl.Expr: ...
def is_refused(
    probability: float | Floats | pl.Series | pl.Expr, threshold: float
) -> bool | Booleans | pl.Series | pl.Expr:
    """Whether the threshold alone refuses; whoever is not refused is accepted."""
    return probability >= threshold


@overload
def in_review(probability: float, band: Band | None) -> bool: ...
@overload
def in_review(probability: Floats, band: Band | None) -> Booleans: ...
@overload
def in_review(probability: pl.Expr, band: Band | None) -> pl.Expr: ...
def in_review(probability: float | Floats | pl.Expr, band: Band | None) -> bool | Booleans | pl.Expr:
    """Whether a person decides; nobody is reviewed without a band."""
    low, high = band or (np.inf, np.inf)
    if isinstance(probability, float | int):
        return low <= probability < high
    if isinstance(probability, pl.Expr):
        return probability.is_between(low, high, closed="left")
    return (probability >= low) & (probability < high)


def decide(probability: float, threshold: float, review: Band | None = None) -> Outcome:
    """Decision for one probability of default."""
    if in_review(probability, review):
        return REVIEW
    return REFUSED if is_refused(probability, threshold) else ACCEPTED


def decided(probability: pl.Expr, threshold: float, review: Band | None = None) -> pl.Expr:
    """`decide` for every row of a table; null where there is no probability."""
    by_threshold = pl.when(is_refused(probability, threshold)).then(pl.lit(REFUSED)).otherwise(pl.lit(ACCEPTED))
    outcome = pl.when(in_review(probability, review)).then(pl.lit(REVIEW)).otherwise(by_threshold)
    return pl.when(probability.is_not_null()).then(outcome)
