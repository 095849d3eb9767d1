"""Which days are counted and judged anew, and what the tables `cell_counts` and `drift` are to hold.

What is here: `count_days`, `judge_days`.
What to add here: another ground on which a day is made anew.
What must not be here: counting (`counting.py`), judging (`drift.py`), pages, Dagster.

There is no cursor. Each day records what it was made from: its decisions and the references of their models, and for a
judgement the counts of 28 days. A day whose ground differs is made anew, so that late rows, erased ones, a reference
that came later and a run that was killed are all found the same way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from credit_platform.lakehouse import Lakehouse, Replacement, StoredTable, TableVersion
from credit_platform.lakehouse.partitions import fitted
from credit_platform.monitoring.decisions.schema import decisions_key
from credit_platform.monitoring.drift.counting import DAILY_COLUMNS, count_cells
from credit_platform.monitoring.drift.drift import Drift, measure_drift
from credit_platform.monitoring.drift.freezing import read_references
from credit_platform.monitoring.drift.records import DRIFT, CountsRecord, DayOfDrift, DriftRecord
from credit_platform.monitoring.drift.reference import Reference
from credit_platform.monitoring.drift.verdicts import FEATURE_COLUMNS
from credit_platform.monitoring.drift.windows import LENGTHS
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.portfolios.portfolio import Portfolio

COUNTS = "cell_counts"
DAY = "day"
DRIFT_COLUMNS: dict[str, Any] = {DAY: pl.Date, "model": pl.String, **FEATURE_COLUMNS}
"""Columns of `monitoring/drift`: a row per day, model, and feature, score or decisions."""


@dataclass(frozen=True, kw_only=True)
class Days:
    """What a table of days is to hold."""

    frame: pl.LazyFrame
    replacement: Replacement
    record: CountsRecord | DriftRecord
    made: tuple[str, ...]
    """Days that were made anew."""
    unchanged: TableVersion | None


@dataclass(frozen=True, kw_only=True)
class JudgedDay:
    """The newest day that was judged, for its page."""

    drift: Drift
    reference: Reference


def count_days(lakehouse: Lakehouse, portfolio: Portfolio, days: Collection[date] | None = None) -> Days:
    """Count the days whose decisions or references changed.

    Args:
        lakehouse: holds `monitoring/decisions` and `monitoring/reference`.
        portfolio: whose decisions.
        days: these in any case, and only these; None for all that changed.
    """
    table = _Table.of(lakehouse, portfolio, COUNTS, DAILY_COLUMNS)
    references = read_references(lakehouse, portfolio)
    key = decisions_key(portfolio.name)
    decisions = lakehouse.scan(key) if lakehouse.exists(key) else None
    by_model = _by_model(decisions)
    grounds = _grounds(decisions, references)
    before = CountsRecord.of(table.stored) if table.stored else None
    wanted = _wanted(grounds, before.days if before else {}, days)
    frames = {day: _counted(decisions, date.fromisoformat(day), references) for day in wanted}
    counted = {
        day: {model: n for model, n in models.items() if model in references} for day, models in by_model.items()
    }
    left = _summed(by_model, [model for models in by_model.values() for model in models if model not in references])
    known = {**(before.decisions if before else {}), **{day: counted.get(day, {}) for day in wanted}}
    there = {day: models for day, models in sorted(known.items()) if day in grounds}
    bases = {**(before.days if before else {}), **{day: grounds.get(day, "") for day in wanted}}
    record = CountsRecord(
        message=_counts_message(portfolio, there, left),
        days={day: ground for day, ground in sorted(bases.items()) if day in grounds},
        decisions=there,
        not_counted=left,
    )
    return table.made(frames, record)


def judge_days(
    lakehouse: Lakehouse, portfolio: Portfolio, days: Collection[date] | None = None, *, page: str | None = None
) -> tuple[Days, JudgedDay | None]:
    """Judge the days whose counts changed, their own or those of the 27 days before.

    Args:
        lakehouse: holds `monitoring/cell_counts` and `monitoring/reference`.
        portfolio: whose decisions.
        days: these in any case, and only these; None for all that changed.
        page: file that the newest day will be written to.

    Returns:
        What the table is to hold, and the newest of the days with decisions, whether or not it was judged anew.
    """
    table = _Table.of(lakehouse, portfolio, DRIFT, DRIFT_COLUMNS)
    references = read_references(lakehouse, portfolio)
    key = monitoring_key(portfolio.name, COUNTS)
    stored = lakehouse.read(key) if lakehouse.exists(key) else None
    counts = CountsRecord.of(stored) if stored else None
    grounds = _window_grounds(counts.days if counts else {})
    before = DriftRecord.of(table.stored) if table.stored else None
    wanted = _wanted(grounds, before.based_on if before else {}, days)
    judged = {day: _judged(stored, counts, date.fromisoformat(day), references, portfolio) for day in wanted}
    told = {day: tuple(DayOfDrift.made(one) for one in found) for day, found in judged.items() if found}
    kept = {day: one for day, one in (before.days if before else {}).items() if day in grounds and day not in wanted}
    all_days = {**kept, **told}
    newest = max(all_days, default=None)
    record = DriftRecord(
        message=_drift_message(portfolio, counts, all_days),
        based_on={
            **{d: g for d, g in (before.based_on if before else {}).items() if d in grounds},
            **{d: grounds.get(d, "") for d in wanted if d in grounds},
        },
        days=dict(sorted(all_days.items())),
        page=page if newest else None,
    )
    frames = {day: _rows(found) for day, found in judged.items()}
    shown = None
    if newest is not None:
        found = judged.get(newest) or _judged(stored, counts, date.fromisoformat(newest), references, portfolio)
        shown = JudgedDay(drift=found[0], reference=references[found[0].model])
    return table.made(frames, record), shown


@dataclass(frozen=True, kw_only=True)
class _Table:
    """A table in days, as it was when it was looked at."""

    stored: StoredTable | None
    base: int | None
    schema: pl.Schema

    @classmethod
    def of(cls, lakehouse: Lakehouse, portfolio: Portfolio, name: str, columns: Mapping[str, Any]) -> _Table:
        key = monitoring_key(portfolio.name, name)
        base, newest = lakehouse.head(key), lakehouse.latest(key)
        stored = lakehouse.read(key, newest.version) if newest is not None else None
        return cls(stored=stored, base=base, schema=pl.Schema(columns))

    def made(self, frames: Mapping[str, pl.DataFrame], record: CountsRecord | DriftRecord) -> Days:
        """The table with these days in place of its own."""
        parts = [fitted(frame.lazy(), self.schema) for frame in frames.values()]
        if self.stored is not None:
            gone = [date.fromisoformat(day) for day in frames]
            parts.append(fitted(self.stored.frame.filter(~pl.col(DAY).is_in(gone)), self.schema))
        same = self.stored is not None and not frames and record.to_summary().items() <= self.stored.summary.items()
        return Days(
            frame=pl.concat([pl.LazyFrame(schema=self.schema), *parts]),
            replacement=Replacement(column=DAY, base=self.base, schema=self.schema, frames=dict(frames)),
            record=record,
            made=tuple(frames),
            unchanged=self.stored.version if self.stored is not None and same else None,
        )


def _wanted(grounds: Mapping[str, str], before: Mapping[str, str], days: Collection[date] | None) -> list[str]:
    """Days to make: asked for, or with another ground than they were made from; also those that have none any more."""
    if days is not None:
        return sorted(day.isoformat() for day in set(days))
    changed = {day for day, ground in grounds.items() if before.get(day) != ground}
    return sorted(changed | (set(before) - set(grounds)))


def _grounds(decisions: pl.LazyFrame | None, references: Mapping[str, Reference]) -> dict[str, str]:
    """Day to a digest of its rows, and of which models something is frozen."""
    if decisions is None:
        return {}
    rows = (
        decisions.group_by(DAY, "log", "model_digest")
        .agg(
            pl.len().alias("n"),
            pl.col("row").sum().alias("sum"),
            (pl.col("row") * pl.col("row")).sum().alias("squares"),
        )
        .sort(DAY, "log", "model_digest")
        .collect()
    )
    found: dict[str, list[str]] = {}
    for day, log, model, *sums in rows.iter_rows():
        found.setdefault(day.isoformat(), []).append(f"{log} {model} {model in references} {sums}")
    return {day: _digest(lines) for day, lines in found.items()}


def _window_grounds(days: Mapping[str, str]) -> dict[str, str]:
    """Day to a digest of the grounds of the 28 days that end with it."""
    found = {}
    for day in days:
        last = date.fromisoformat(day)
        window = [(last - timedelta(days=age)).isoformat() for age in range(LENGTHS[-1])]
        found[day] = _digest([f"{one} {days[one]}" for one in window if one in days])
    return found


def _digest(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _by_model(decisions: pl.LazyFrame | None) -> dict[str, dict[str, int]]:
    if decisions is None:
        return {}
    rows = (
        decisions.group_by(DAY, "model_digest").len().sort(DAY, "len", "model_digest", descending=[False, True, False])
    )
    found: dict[str, dict[str, int]] = {}
    for day, model, count in rows.collect().iter_rows():
        found.setdefault(day.isoformat(), {})[model] = count
    return found


def _summed(by_model: Mapping[str, Mapping[str, int]], models: list[str]) -> dict[str, int]:
    return {model: sum(counts.get(model, 0) for counts in by_model.values()) for model in sorted(set(models))}


def _counted(decisions: pl.LazyFrame | None, day: date, references: Mapping[str, Reference]) -> pl.DataFrame:
    empty = pl.DataFrame(schema=DAILY_COLUMNS)
    if decisions is None:
        return empty
    batch = decisions.filter(pl.col(DAY) == day).collect()
    models = [model for model in batch["model_digest"].unique().sort() if model in references]
    return pl.concat([empty, *(count_cells(batch, references[model]) for model in models)])


def _judged(
    stored: StoredTable | None,
    counts: CountsRecord | None,
    day: date,
    references: Mapping[str, Reference],
    portfolio: Portfolio,
) -> list[Drift]:
    """Of each model that decided on the day, the one with most decisions first."""
    if stored is None or counts is None:
        return []
    models = [model for model in counts.decisions.get(day.isoformat(), {}) if model in references]
    if not models:
        return []
    first = day - timedelta(days=LENGTHS[-1] - 1)
    daily = stored.frame.filter(pl.col(DAY).is_between(first, day)).collect()
    return [measure_drift(daily, references[model], day, portfolio.costs) for model in models]


def _rows(found: list[Drift]) -> pl.DataFrame:
    empty = pl.DataFrame(schema=DRIFT_COLUMNS)
    parts = [
        one.judged.table.select(pl.lit(one.day).alias(DAY), pl.lit(one.model).alias("model"), pl.all()) for one in found
    ]
    return pl.concat([empty, *parts])


def _counts_message(portfolio: Portfolio, counted: Mapping[str, Mapping[str, int]], left: Mapping[str, int]) -> str:
    total = sum(sum(models.values()) for models in counted.values())
    if not total and not left:
        return f"There is no decision about {portfolio.name} yet: there is nothing to count."
    days = sum(1 for models in counted.values() if models)
    said = f"{total:,} decisions on {days} days are counted."
    if left:
        names = ", ".join(f"{model[:12]} ({count:,})" for model, count in left.items())
        said += f" Not counted, because nothing was frozen of the model: {names}. Run monitoring/reference."
    return said


def _drift_message(
    portfolio: Portfolio, counts: CountsRecord | None, days: Mapping[str, tuple[DayOfDrift, ...]]
) -> str:
    if not days:
        return counts.message if counts else f"Nothing was counted of {portfolio.name}: there is nothing to judge."
    newest = max(days)
    return f"{newest}: {days[newest][0].level}. {days[newest][0].sentence}"
