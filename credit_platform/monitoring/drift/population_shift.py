"""Training against scoring applicants: the same questions of people who applied, before any of them is decided about.

What is here: `measure_shift`.
What to add here: nothing; another pair of populations would be another function of the same shape.
What must not be here: questions of its own: they are those of `drift.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from credit_platform.governance.subject import load_scorer
from credit_platform.lakehouse import Lakehouse
from credit_platform.modelling.records import ScorerRecord
from credit_platform.monitoring.drift.counting import DAY, HISTORIES, count_cells
from credit_platform.monitoring.drift.drift import Drift, measure_drift
from credit_platform.monitoring.drift.freezing import decided_months, read_references, reference_of_training
from credit_platform.monitoring.drift.records import DayOfDrift, PopulationShiftRecord
from credit_platform.monitoring.drift.reference import DECISION, NONE, SCORE, STORED, Reference
from credit_platform.monitoring.drift.training import as_stored
from credit_platform.portfolios.keys import applicants_key, scorer_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Scorer
from credit_platform.scoring.rule import decided

NAME = "population_shift"


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Two populations, or why there are none."""

    record: PopulationShiftRecord
    drift: Drift | None = None
    reference: Reference | None = None
    synthetic: bool = False


def measure_shift(lakehouse: Lakehouse, portfolio: Portfolio, *, page: str | None = None) -> Shift:
    """Compare the applicants of the scoring table with those whom the newest scorer was trained on.

    Args:
        lakehouse: holds feature table, scorer and references.
        portfolio: whose.
        page: file that will be written, for the record.

    Raises:
        ScorerError: the scorer is gone or altered.
    """
    if portfolio.scoring_table is None:
        return _nothing(f"{portfolio.name} has no table of applicants without an outcome: there is nothing to compare.")
    key = scorer_key(portfolio.name)
    if not lakehouse.exists(key):
        return _nothing(f"{portfolio.name} has no model yet: there is nothing to compare.")
    model = lakehouse.read(key)
    digest = ScorerRecord.of(model).digest
    reference = read_references(lakehouse, portfolio).get(digest)
    if digest in decided_months(lakehouse, portfolio):
        reference = reference_of_training(lakehouse, portfolio, model)
    if reference is None:
        return _nothing(f"Nothing is frozen of model {digest[:12]} yet: run monitoring/reference first.")
    applicants = lakehouse.read(applicants_key(portfolio.name))
    rows = applicants.frame.filter(pl.col(portfolio.target).is_null()).collect()
    if rows.is_empty():
        return _nothing(
            f"The feature table holds no applicant of {portfolio.scoring_table}: there is nothing to compare."
        )
    batch = scored_batch(
        load_scorer(model, portfolio, lakehouse.shelf), rows, reference, applicants.version.timestamp.date()
    )
    drift = measure_drift(count_cells(batch, reference), reference, batch[DAY][0], portfolio.costs)
    record = PopulationShiftRecord(
        message=f"{rows.height:,} applicants of {portfolio.scoring_table} against those of training. {drift.sentence}",
        model=digest,
        applicants=rows.height,
        shift=DayOfDrift.made(drift),
        page=page,
    )
    return Shift(record=record, drift=drift, reference=reference, synthetic=applicants.version.synthetic)


def scored_batch(scorer: Scorer, rows: pl.DataFrame, reference: Reference, day: object) -> pl.DataFrame:
    """Rows of a feature table as if they had been decided about on a day; scored where no `probability` is given."""
    scores = rows[SCORE] if SCORE in rows.columns else pl.Series(SCORE, scorer.score_features(rows))
    return as_stored(rows, scorer.fitted.features).with_columns(
        scores,
        pl.lit(day).alias(DAY),
        pl.lit(STORED if scorer.history_tables else NONE).alias(HISTORIES),
        decided(pl.lit(scores), reference.rule.threshold, reference.rule.review).alias(DECISION),
    )


def _nothing(message: str) -> Shift:
    return Shift(record=PopulationShiftRecord(message=message, model=None, applicants=0, shift=None, page=None))
