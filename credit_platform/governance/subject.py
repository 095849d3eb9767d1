"""What evidence is about: a scorer, and the applicants on whom it is looked at.

What is here: `load_scorer`, and the rows of the feature table that a piece of evidence is measured on.
What to add here: another choice of applicants.
What must not be here: measuring.
"""

from __future__ import annotations

import polars as pl

from credit_platform.governance.fairness_alternatives import at_most
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.lakehouse.versions import StoredTable
from credit_platform.modelling.cross_validation import holdout_rows, training_rows
from credit_platform.modelling.records import ScorerRecord
from credit_platform.modelling.splits import HOLDOUT
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Scorer

MOST_COMPARED = 50_000
"""Stability, leaks and explanations are measured on at most so many applicants of either part: a sample of that size
settles them, and the whole feature table need not be in memory."""
_SEED = 11


def load_scorer(stored: StoredTable, portfolio: Portfolio, shelf: Shelf) -> Scorer:
    """The scorer that a version of models/scorer describes, verified against its digest.

    Raises:
        RecordError: the record does not fit.
        ArtefactError: the scorer is gone, or not as it was stored.
        ScorerError: it is not the one of the record, or another portfolio's.
    """
    record = ScorerRecord.of(stored)
    return Scorer.load(record.folder(shelf), portfolio=portfolio, expected_digest=record.digest)


def part_of(portfolio: Portfolio, applicants: pl.LazyFrame, split: pl.LazyFrame, *, holdout: bool) -> pl.DataFrame:
    """Features, key and `target` of the holdout, or of the folds; of `MOST_COMPARED` applicants at most.

    Args:
        portfolio: whose applicants they are.
        applicants: the feature table.
        split: models/split.
        holdout: which part.
    """
    chosen = split.filter((pl.col("fold") == HOLDOUT) == holdout).collect()
    chosen = at_most(chosen, portfolio.applicant_key, MOST_COMPARED)
    rows_of = holdout_rows if holdout else training_rows
    return rows_of(rows_of_applicants(portfolio, applicants, chosen), chosen, portfolio)


def rows_of_applicants(portfolio: Portfolio, applicants: pl.LazyFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """Rows of the feature table of the applicants of `chosen`, without reading the others into memory."""
    key = portfolio.applicant_key
    return applicants.join(chosen.lazy().select(key), on=key, how="semi").collect(engine="streaming")


def asked_about(portfolio: Portfolio, applicants: pl.LazyFrame, split: pl.LazyFrame, *, most: int) -> pl.DataFrame:
    """Rows of the holdout, and of the scoring table where there is one, sorted by applicant; `most` of either."""
    key = portfolio.applicant_key
    holdout = at_most(split.filter(pl.col("fold") == HOLDOUT).collect(), key, most)
    scoring = (
        applicants.filter(pl.col(portfolio.target).is_null())
        .select(key)
        .sort(pl.col(key).hash(seed=_SEED), key)
        .head(most)
        .collect()
    )
    return rows_of_applicants(portfolio, applicants, pl.concat([holdout.select(key), scoring])).sort(key)
