"""Whom Evidently's page compares: training against decisions, or against those who are to be scored.

What is here: `write_report`.
What to add here: another pair of populations.
What must not be here: calling Evidently (`evidently_page.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from credit_platform.errors import ModellingError
from credit_platform.features.decided import of_raw_files
from credit_platform.governance.subject import load_scorer, part_of
from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.lakehouse.records import Record
from credit_platform.modelling.records import ScorerRecord
from credit_platform.monitoring.decisions.schema import decisions_key
from credit_platform.monitoring.drift.days import COUNTS
from credit_platform.monitoring.drift.decided_population import Population, decided_population
from credit_platform.monitoring.drift.evidently_page import EvidentlyPage, most_important, write_evidently_page
from credit_platform.monitoring.drift.freezing import models_by_digest, read_references
from credit_platform.monitoring.drift.mature_outcomes import made_up, mature_loans
from credit_platform.monitoring.drift.population_shift import scored_batch
from credit_platform.monitoring.drift.records import CountsRecord
from credit_platform.monitoring.drift.reference import DECISION, TARGET, Reference
from credit_platform.monitoring.drift.windows import LENGTHS
from credit_platform.portfolios.keys import applicants_key, model_key, monitoring_key, scorer_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Scorer
from credit_platform.scoring.rule import ACCEPTED

NAME = "evidently_report"
_COLUMNS: dict[str, Any] = {"feature": pl.String, "importance": pl.Float64}


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidentlyRecord(Record):
    """Of monitoring/evidently_report: what its page compares."""

    message: str
    model: str | None
    rows: tuple[int, int]
    """Of training, and of now."""
    drifted: int
    """Features that Evidently calls drifted."""
    page: str | None


@dataclass(frozen=True, kw_only=True)
class Written:
    """The features that were compared, and the record."""

    frame: pl.DataFrame
    record: EvidentlyRecord
    synthetic: bool = False
    """Whether training, decisions or outcomes are made up."""


def write_report(lakehouse: Lakehouse, portfolio: Portfolio, path: Path) -> Written:
    """Write Evidently's page, where there is somebody to compare.

    Args:
        lakehouse: holds decisions, references, feature table and scorers.
        portfolio: whose.
        path: HTML file to write.

    Raises:
        ScorerError: the scorer is gone or altered.
    """
    references = read_references(lakehouse, portfolio)
    decided = _decisions(lakehouse, portfolio)
    digest = decided[0] if decided else _newest(lakehouse, portfolio)
    model = models_by_digest(lakehouse, portfolio).get(digest or "")
    if digest is None or digest not in references or model is None:
        return _nothing(f"{portfolio.name} has nobody to compare with training yet: there is nothing for Evidently.")
    reference, scorer = references[digest], load_scorer(model, portfolio, lakehouse.shelf)
    applicants = lakehouse.read(applicants_key(portfolio.name), ScorerRecord.of(model).table_version)
    now = decided[1] if decided else _to_be_scored(scorer, portfolio, lakehouse, reference)
    if now is None or now.is_empty():
        return _nothing(f"{portfolio.name} has no decision and no applicant to be scored: there is nothing to compare.")
    applied = decided_population(lakehouse, portfolio, scorer, model, applicants.frame) if decided else None
    before = _before(lakehouse, portfolio, scorer, reference, applicants.frame, applied)
    try:
        synthetic = applicants.version.synthetic or (decided is not None and made_up(lakehouse, portfolio))
        page = write_evidently_page(path, before, now, most_important(reference), synthetic=synthetic)
    except ModellingError as error:
        return _nothing(str(error))
    whom = "holdout applicants" if applied is None else f"applicants of {', '.join(applied.months)}"
    who = "decisions of 28 days" if decided else f"applicants of {portfolio.scoring_table}"
    found = _written(page, reference, who, whom)
    return replace(found, synthetic=synthetic)


def _before(  # noqa: PLR0917  # one call
    lakehouse: Lakehouse,
    portfolio: Portfolio,
    scorer: Scorer,
    reference: Reference,
    applicants: pl.LazyFrame,
    applied: Population | None,
) -> pl.DataFrame:
    """The holdout, or of a refit whoever applied while its loans were granted."""
    if applied is None:
        rows = part_of(
            portfolio, of_raw_files(applicants), lakehouse.scan(model_key(portfolio.name, "split")), holdout=True
        )
    else:
        rows = pl.concat(applied.strata.values())
    found = scored_batch(scorer, rows, reference, date.today())  # noqa: DTZ011  # any day
    # Of decisions outcomes are known of the accepted alone: like is compared with like.
    return found.with_columns(pl.when(pl.col(DECISION) == ACCEPTED).then(rows[TARGET]).alias(TARGET))


def _written(page: EvidentlyPage, reference: Reference, who: str, whom: str) -> Written:
    importance = [float(reference.importance[reference.numbers[name]]) for name in page.features]
    target = "" if page.with_target else " Target drift is left out: no outcome of them counts yet."
    return Written(
        frame=pl.DataFrame({"feature": list(page.features), "importance": importance}, schema=_COLUMNS),
        record=EvidentlyRecord(
            message=f"Evidently compared {page.rows[1]:,} {who} with {page.rows[0]:,} {whom} on "
            f"{len(page.features)} features, and calls {page.drifted} of them drifted.{target}",
            model=reference.model,
            rows=page.rows,
            drifted=page.drifted,
            page=page.path.name,
        ),
    )


def _nothing(message: str) -> Written:
    record = EvidentlyRecord(message=message, model=None, rows=(0, 0), drifted=0, page=None)
    return Written(frame=pl.DataFrame(schema=_COLUMNS), record=record)


def _decisions(lakehouse: Lakehouse, portfolio: Portfolio) -> tuple[str, pl.DataFrame] | None:
    """The model that decided most on the newest day that was counted, and its decisions of the 28 days up to then."""
    key = monitoring_key(portfolio.name, COUNTS)
    counted = CountsRecord.of(lakehouse.read(key)).decisions if lakehouse.exists(key) else {}
    days = [day for day, models in counted.items() if models]
    if not days:
        return None
    last, model = date.fromisoformat(max(days)), next(iter(counted[max(days)]))
    own = lakehouse.scan(decisions_key(portfolio.name)).filter(
        pl.col("model_digest") == model, pl.col("day").is_between(last - timedelta(days=LENGTHS[-1] - 1), last)
    )
    known = mature_loans(lakehouse, portfolio, model).select(
        "log", "row", pl.col("defaulted").cast(pl.Int64).alias(TARGET)
    )
    return model, own.collect().join(known, on=["log", "row"], how="left", maintain_order="left")


def _newest(lakehouse: Lakehouse, portfolio: Portfolio) -> str | None:
    key = scorer_key(portfolio.name)
    return ScorerRecord.of(lakehouse.read(key)).digest if lakehouse.exists(key) else None


def _to_be_scored(
    scorer: Scorer, portfolio: Portfolio, lakehouse: Lakehouse, reference: Reference
) -> pl.DataFrame | None:
    if portfolio.scoring_table is None:
        return None
    applicants: StoredTable = lakehouse.read(applicants_key(portfolio.name))
    rows = applicants.frame.filter(pl.col(portfolio.target).is_null()).collect()
    if rows.is_empty():
        return None
    return scored_batch(scorer, rows, reference, applicants.version.timestamp.date())
