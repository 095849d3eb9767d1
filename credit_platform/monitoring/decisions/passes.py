"""A pass over the logs: which days of the table differ from them, and these days made anew.

What is here: `read_logs`, `Pass`.
What to add here: another ground on which a day is made anew.
What must not be here: committing and judging (`orchestration`, `tables`), forgetting (`forgetting.py`).

There is no cursor: each pass compares the keys of all rows of the logs with those of the table, so that a late row, one
of an old day, one that went, and what a killed pass left undone are all found the same way. A day is always made from
all of its rows: made twice, or in another order, it is the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from credit_platform.errors import DamagedTableError, DecisionLogError
from credit_platform.lakehouse import Lakehouse, Replacement, StoredTable, TableVersion
from credit_platform.lakehouse.partitions import fitted
from credit_platform.monitoring.decisions.days import first_promotion_day
from credit_platform.monitoring.decisions.logs import NamedLog, held, read_rows
from credit_platform.monitoring.decisions.rows import Features, frame_of
from credit_platform.monitoring.decisions.schema import (
    DAY,
    FIXED,
    KEY,
    DecisionsRecord,
    day_of,
    decisions_key,
    decisions_schema,
    feature_columns,
    feature_of,
)
from credit_platform.portfolios.portfolio import Portfolio

_PLACE: Final = ["log", "row", "decided_at", DAY]
"""What tells a row of one day from every other: a log may give the number of a row that went to another one."""
_ATTEMPTS: Final = 5


@dataclass(frozen=True, kw_only=True)
class Pass:
    """What the table is to hold after a pass."""

    frame: pl.LazyFrame
    """All rows."""
    replacement: Replacement
    record: DecisionsRecord
    unchanged: TableVersion | None
    """The version in force where it holds just these rows already."""


def read_logs(
    lakehouse: Lakehouse, portfolio: Portfolio, logs: Sequence[NamedLog], days: Collection[date] | None = None
) -> Pass:
    """Make the days anew that differ from the logs.

    Args:
        lakehouse: where the table lies.
        portfolio: whose decisions.
        logs: of all services.
        days: only these, and these in any case; None for all that differ.

    Raises:
        DecisionLogError: a log cannot be read, was lost, or kept changing meanwhile.
    """
    for _ in range(_ATTEMPTS):
        found = _Attempt.begin(lakehouse, portfolio, logs).made(days)
        if found is not None:
            return found
    raise DecisionLogError(
        f"Decisions about {portfolio.name} were removed again and again while they were read.",
        "Run it again when the erasure is done.",
    )


@dataclass(frozen=True, kw_only=True)
class _Attempt:
    """The table and the logs, as they were at one moment."""

    lakehouse: Lakehouse
    portfolio: Portfolio
    logs: Sequence[NamedLog]
    stored: StoredTable | None
    """The table, pins or not; None where there is none, or one that is damaged and will be made again as a whole."""
    base: int | None
    """Its newest commit."""
    have: pl.DataFrame
    """Places of the rows of the table."""
    keys: pl.DataFrame
    """Places of the rows of the logs."""
    features: Features

    @classmethod
    def begin(cls, lakehouse: Lakehouse, portfolio: Portfolio, logs: Sequence[NamedLog]) -> _Attempt:
        """Look at the table first, and then at the logs."""
        key = decisions_key(portfolio.name)
        base, newest = lakehouse.head(key), lakehouse.latest(key)
        stored: StoredTable | None = None
        if newest is not None:
            with suppress(DamagedTableError):
                stored = lakehouse.read(key, newest.version)
        have, columns = pl.DataFrame(schema={name: FIXED[name] for name in _PLACE}), {}
        if stored is not None:
            have, columns = stored.frame.select(_PLACE).collect(), _features_of(stored)
        keys = held(logs, portfolio.name, have["log"].unique().to_list()).with_columns(
            day_of(pl.col("decided_at"), portfolio.monitoring.timezone).alias(DAY)
        )
        return cls(
            lakehouse=lakehouse,
            portfolio=portfolio,
            logs=logs,
            stored=stored,
            base=base,
            have=have,
            keys=keys,
            features=Features.of(portfolio, columns),
        )

    def made(self, days: Collection[date] | None) -> Pass | None:
        """The pass; None where a row that was to be read went meanwhile."""
        frames: dict[str, pl.DataFrame] = {}
        for day in self._wanted(days):
            frame = self._day(day)
            if frame is None:
                return None
            frames[day.isoformat()] = frame
        schema = decisions_schema(self.portfolio, self.features.types)
        return Pass(
            frame=self._whole(frames, schema),
            replacement=Replacement(column=DAY, base=self.base, schema=schema, frames=frames),
            record=self._record(frames),
            unchanged=self._same(frames, schema),
        )

    def _wanted(self, days: Collection[date] | None) -> list[date]:
        """Days to make: those with a row that only the logs have, or only the table; or those that were asked for."""
        if self.stored is None and self.base is not None:
            return sorted({*self.keys[DAY].to_list(), *self._days_of_damaged()})
        if days is not None:
            return sorted(set(days))
        new = self.keys.join(self.have, on=_PLACE, how="anti")
        gone = self.have.join(self.keys, on=_PLACE, how="anti")
        return sorted({*new[DAY].to_list(), *gone[DAY].to_list()})

    def _days_of_damaged(self) -> list[date]:
        key = decisions_key(self.portfolio.name)
        newest = next(iter(self.lakehouse.parts(key).values()), {})
        return [date.fromisoformat(value) for value in newest.values() if value is not None]

    def _day(self, day: date) -> pl.DataFrame | None:
        """The rows of a day; None where one of them is not in its log any more."""
        of_day = self.keys.filter(pl.col(DAY) == day)
        pieces = []
        for log in self.logs:
            rows = read_rows(log, of_day.filter(pl.col("log") == log.name)["row"].to_list())
            pieces.append(frame_of(log.name, rows, self.portfolio, self.features))
        frame = pl.concat(pieces, how="diagonal").sort(*KEY)
        same = frame.height == of_day.height and of_day.join(frame, on=_PLACE, how="anti").is_empty()
        return frame if same else None

    def _whole(self, frames: Mapping[str, pl.DataFrame], schema: pl.Schema) -> pl.LazyFrame:
        parts = [fitted(frame.lazy(), schema) for frame in frames.values()]
        if self.stored is not None:
            parts.append(fitted(self.stored.frame.filter(~pl.col(DAY).is_in(_days(frames))), schema))
        return pl.concat([pl.LazyFrame(schema=schema), *parts])

    def _same(self, frames: Mapping[str, pl.DataFrame], schema: pl.Schema) -> TableVersion | None:
        """The version in force where the rows of these days are the same there, and so are the columns."""
        if self.stored is None or self.stored.frame.collect_schema() != schema:
            return None
        there = self.stored.frame.filter(pl.col(DAY).is_in(_days(frames))).sort(*KEY).collect()
        made = pl.concat([pl.LazyFrame(schema=schema), *(fitted(frame.lazy(), schema) for frame in frames.values())])
        return self.stored.version if there.equals(made.sort(*KEY).collect()) else None

    def _record(self, frames: Mapping[str, pl.DataFrame]) -> DecisionsRecord:
        by_day: dict[str, dict[str, int]] = {}
        for day, log, count in self.keys.group_by(DAY, "log").len().sort(DAY, "log").iter_rows():
            by_day.setdefault(day.isoformat(), {})[log] = count
        counts = dict(self.keys.group_by("log").len().iter_rows())
        return DecisionsRecord(
            message=self._message(),
            timezone=self.portfolio.monitoring.timezone,
            logs={log.name: counts.get(log.name, 0) for log in self.logs},
            days=by_day,
            rebuilt=tuple(frames),
            unfit=dict(sorted(self.features.unfit.items())),
        )

    def _message(self) -> str:
        name, keys = self.portfolio.name, self.keys
        where = "The decision log holds" if len(self.logs) == 1 else f"The {len(self.logs)} decision logs hold"
        if not keys.is_empty():
            days = sorted(set(keys[DAY].to_list()))
            span = f"on {days[0]}" if len(days) == 1 else f"on {len(days)} days from {days[0]} to {days[-1]}"
            decisions = "1 decision" if keys.height == 1 else f"{keys.height:,} decisions"
            return f"{where} {decisions} about {name}, {span} ({self.portfolio.monitoring.timezone})."
        if first_promotion_day(self.lakehouse, self.portfolio) is None:
            return (
                f"No model of {name} was promoted yet, and no decision about it is logged: there is nothing to watch."
            )
        return f"{where} no decision about {name} yet: there is nothing to watch."


def _days(frames: Mapping[str, pl.DataFrame]) -> list[date]:
    return [date.fromisoformat(day) for day in frames]


def _features_of(stored: StoredTable) -> dict[str, pl.DataType]:
    columns = stored.frame.collect_schema()
    return {str(feature_of(name)): columns[name] for name in feature_columns(columns.names())}
