"""The evidence of a home: what its tables and logs say at this moment.

What is here: `gather`, `stored_loans` and `decided_on_sound_feeds` of them, `broken_feeds`, `refused_tables`,
`past_refits`.
What to add here: another table that says something of the champion.
What must not be here: what follows from it (`rule.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from credit_platform.governance.promotion_history import champion_table
from credit_platform.governance.records import PromotedModel
from credit_platform.lakehouse import Lakehouse, StoredTable, is_refused
from credit_platform.lakehouse.verdicts import key_in_force
from credit_platform.monitoring.decisions.logs import NamedLog
from credit_platform.monitoring.decisions.schema import FIXED, decisions_key
from credit_platform.monitoring.drift.decided_population import broken_days
from credit_platform.monitoring.drift.records import DRIFT, DayOfDrift, DriftRecord
from credit_platform.monitoring.outcomes.contract import NAME as OUTCOMES
from credit_platform.monitoring.outcomes.matching import OUTCOME
from credit_platform.monitoring.performance.records import NAME as PERFORMANCE
from credit_platform.monitoring.performance.records import PerformanceRecord
from credit_platform.monitoring.performance.report import ALL_MATURE, EXPECTED, HOLDOUT, YARDSTICK
from credit_platform.monitoring.performance.verdicts import Answer
from credit_platform.monitoring.retraining.evidence import Evidence, Ground, PastRefit
from credit_platform.monitoring.retraining.inputs import count_trainable, mature_loans
from credit_platform.monitoring.retraining.records import TAKEN_IN, DecidedRecord
from credit_platform.portfolios.keys import monitoring_key, table_key
from credit_platform.portfolios.portfolio import Portfolio

_LAYERS: Final = ("raw", "aggregates", "monitoring")
"""Layers whose newest data, when they were refused, keep a refit from starting."""


def gather(
    portfolio: Portfolio, lakehouse: Lakehouse, logs: Sequence[NamedLog], unmade: Sequence[str] = ()
) -> Evidence:
    """All that is known of the champion; a table that is not there yet says nothing.

    Args:
        portfolio: whose.
        lakehouse: holds its tables.
        logs: of all services.
        unmade: tables of what is watched that the newest run could not make.

    Raises:
        DecisionLogError: a log cannot be read.
        RecordError: a table was made by another version of the platform.
    """
    promoted = champion_table(lakehouse, portfolio.name)
    champion = None if promoted is None else PromotedModel.of(promoted).digest
    performance = _performance(lakehouse, portfolio.name, champion)
    loans = decided_on_sound_feeds(portfolio, lakehouse, stored_loans(portfolio, lakehouse))
    return Evidence(
        champion=champion,
        incidents=broken_feeds(lakehouse, portfolio.name),
        failing=refused_tables(lakehouse, portfolio.name),
        unmade=tuple(unmade),
        **_drift(lakehouse, portfolio.name, champion),
        trainable=count_trainable(logs, loans),
        **performance,
    )


def stored_loans(portfolio: Portfolio, lakehouse: Lakehouse) -> pl.DataFrame:
    """Loans whose outcome is mature, by the stored decisions and outcomes."""
    decisions = _rows(lakehouse, decisions_key(portfolio.name), FIXED)
    outcomes = _rows(lakehouse, monitoring_key(portfolio.name, OUTCOMES), OUTCOME)
    return mature_loans(decisions, outcomes, portfolio.monitoring)


def decided_on_sound_feeds(portfolio: Portfolio, lakehouse: Lakehouse, loans: pl.DataFrame) -> pl.DataFrame:
    """Those of `loans` that were decided on a day on which no feed was broken: damage is mended, not learnt from."""
    local = pl.col("decided_at").dt.convert_time_zone(portfolio.monitoring.timezone).dt.date()
    return loans.filter(~local.is_in(broken_days(lakehouse, portfolio)))


def refused_tables(lakehouse: Lakehouse, portfolio: str) -> tuple[str, ...]:
    """Tables of data of which the newest was refused, and nothing was put in force since."""
    found = []
    for layer in _LAYERS:
        for key in filter(is_refused, lakehouse.keys(table_key(portfolio, layer, ""))):
            refused, in_force = lakehouse.latest(key), lakehouse.latest(key_in_force(key))
            if refused is not None and (in_force is None or in_force.timestamp < refused.timestamp):
                found.append(key_in_force(key))
    return tuple(found)


def past_refits(lakehouse: Lakehouse, portfolio: str) -> list[PastRefit]:
    """Every refit that began, by the versions of what they took in, removed ones included."""
    key = monitoring_key(portfolio, TAKEN_IN)
    began: dict[str, PastRefit] = {}
    for _, summary in lakehouse.records(key):
        record = DecidedRecord.from_summary(summary, key)
        began[record.evidence_hash] = PastRefit(evidence=record.evidence_hash, at=record.began_at)
    return [*began.values()]


def broken_feeds(lakehouse: Lakehouse, portfolio: str) -> tuple[str, ...]:
    """Features whose feed broke on the newest day that drift judged, whoever decided."""
    names = {name for one in _newest_day(lakehouse, portfolio) for name in one.incidents}
    return tuple(sorted(names))


def _newest_day(lakehouse: Lakehouse, portfolio: str) -> tuple[DayOfDrift, ...]:
    stored = _stored(lakehouse, monitoring_key(portfolio, DRIFT))
    days = {} if stored is None else DriftRecord.of(stored).days
    return days[max(days)] if days else ()


def _drift(lakehouse: Lakehouse, portfolio: str, champion: str | None) -> dict[str, Any]:
    """What the newest day of drift says, where the champion decided then."""
    own = next((one for one in _newest_day(lakehouse, portfolio) if one.model == champion), None)
    return {} if own is None else {"drift_level": own.level, "drift_score": own.score, "drifted": own.drifted}


def _performance(lakehouse: Lakehouse, portfolio: str, champion: str | None) -> dict[str, Any]:
    """What outcomes say of the champion; nothing where the table is about another model."""
    stored = _stored(lakehouse, monitoring_key(portfolio, PERFORMANCE))
    record = None if stored is None else PerformanceRecord.of(stored)
    if stored is None or record is None or champion is None or record.champion != champion:
        return {}
    answers = {
        Ground.CALIBRATION: record.verdicts.calibration,
        Ground.DISCRIMINATION: record.verdicts.discrimination,
        Ground.CONCEPT: record.verdicts.concept,
    }
    return {
        "fails": tuple(ground for ground, said in answers.items() if said.answer is Answer.FAILS),
        "expected_worse": _expected_worse(stored, champion),
        "mature_months": record.mature_months,
        "mature_outcomes": record.mature_outcomes,
        "mature_defaults": record.mature_defaults,
    }


def _expected_worse(stored: StoredTable, champion: str) -> bool:
    """Whether the AUC to be expected of the newest month lies below the yardstick's, interval against interval."""
    rows = stored.frame.filter((pl.col("model_digest") == champion) & (pl.col("measure") == "auc")).collect()
    yardstick = rows.filter((pl.col("month") == HOLDOUT) & (pl.col("basis") == YARDSTICK))["low"].drop_nulls()
    months = rows.filter((pl.col("basis") == EXPECTED) & ~pl.col("month").is_in([HOLDOUT, ALL_MATURE]))
    expected = months.sort("month").select("high").drop_nulls().to_series()
    return bool(len(yardstick) and len(expected) and expected[-1] < yardstick[0])


def _stored(lakehouse: Lakehouse, key: str) -> StoredTable | None:
    return lakehouse.read(key) if lakehouse.latest(key) is not None else None


def _rows(lakehouse: Lakehouse, key: str, schema: Mapping[str, Any]) -> pl.DataFrame:
    stored = _stored(lakehouse, key)
    return pl.DataFrame(schema=dict(schema)) if stored is None else stored.frame.select(list(schema)).collect()
