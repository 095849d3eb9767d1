"""The decisions of some days, out of the logs, as often as a page asks for them.

What is here: `DecisionMemory`, which reads what is new and keeps the rest.
What to add here: another column of the log that a figure needs.
What must not be here: whom a decision is about; figures (`decisions.py`).

A log of 300,000 decisions takes six seconds to read, and a page looks every few seconds. So rows that were read stay
in memory, and a look reads those of the last `OVERLAP` before the newest again: a service commits in another order than
it decides. When anything was removed from a log, or its newest row is not there any more, all of it is read anew.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl
from sqlalchemy import Row, or_, select

from credit_platform.monitoring.decision_log.schema import DECISIONS
from credit_platform.monitoring.decisions.logs import NamedLog, removed_from

MOST_ROWS: Final = 300_000
"""Decisions of one portfolio and log that are kept, the newest."""
OVERLAP: Final = timedelta(minutes=10)
PAGE: Final = 20_000
"""Rows of one read: short, so that nobody who writes waits, and within the statement timeout of PostgreSQL."""
LOG_COLUMNS: Final[dict[str, Any]] = {
    "log": pl.String(),
    "id": pl.Int64(),
    "decided_at": pl.Datetime("us", "UTC"),
    "request_id": pl.String(),
    "decision": pl.String(),
    "probability": pl.Float64(),
    "points": pl.Int64(),
    "latency_ms": pl.Float64(),
    "model_version": pl.String(),
    "model_digest": pl.String(),
}
_READ: Final = tuple(name for name in LOG_COLUMNS if name != "log")


@dataclass(frozen=True, kw_only=True)
class LoggedDecisions:
    """Decisions from a moment on."""

    frame: pl.DataFrame
    """Columns `LOG_COLUMNS`, the newest first."""
    since: datetime
    """All decisions from this moment on are there: later than asked for where there are more than are kept."""


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What is known of one log."""

    frame: pl.DataFrame
    since: datetime
    removed: int


class DecisionMemory:
    """Decisions about one portfolio, kept between two looks. May be used by threads."""

    def __init__(self, portfolio: str, *, most: int = MOST_ROWS) -> None:
        """Know nothing yet; keep at most so many decisions of a log."""
        self._portfolio, self._most = portfolio, most
        self._known: dict[str, _Known] = {}
        self._lock = threading.Lock()

    def decisions(self, logs: Sequence[NamedLog], since: datetime) -> LoggedDecisions:
        """All decisions about the portfolio from `since` on, as the logs hold them now.

        Raises:
            DecisionLogError: a log cannot be reached.
        """
        with self._lock:
            self._known = {log.name: self._looked(log, since) for log in logs}
            found = list(self._known.values())
        covered = max([since, *(one.since for one in found if one.since > since)])
        frames = [pl.DataFrame(schema=LOG_COLUMNS), *(one.frame for one in found)]
        shown = pl.concat(frames).filter(pl.col("decided_at") >= covered)
        return LoggedDecisions(frame=shown.sort("decided_at", "id", descending=True), since=covered)

    def _looked(self, log: NamedLog, since: datetime) -> _Known:
        known, removed = self._known.get(log.name), removed_from(log)
        if known is None or known.removed != removed or (fresh := self._fresh(log, known)) is None:
            return self._cut(_rows(log, self._portfolio, since, None, self._most), since, removed)
        frame = pl.concat([fresh, known.frame.filter(pl.col("decided_at") < _from(known))])
        reached = known.since
        if since < reached and frame.height < self._most:
            older = _rows(log, self._portfolio, since, reached, self._most - frame.height)
            frame, reached = pl.concat([frame, older]), since
        return self._cut(frame, reached, removed)

    def _fresh(self, log: NamedLog, known: _Known) -> pl.DataFrame | None:
        """Rows of the last minutes that are known, and what came since; None where these are other rows by now."""
        fresh = _rows(log, self._portfolio, _from(known), None, self._most)
        expected = known.frame.filter(pl.col("decided_at") >= _from(known))
        return None if expected.join(fresh, on=("id", "request_id"), how="anti").height else fresh

    def _cut(self, frame: pl.DataFrame, since: datetime, removed: int) -> _Known:
        """At most so many rows, and from when on they are all there are."""
        if frame.height < self._most:
            return _Known(frame=frame, since=since, removed=removed)
        kept = frame.head(self._most)
        return _Known(frame=kept, since=kept["decided_at"][-1], removed=removed)


def newest_decision(logs: Sequence[NamedLog], portfolio: str) -> datetime | None:
    """When the newest decision about a portfolio was made, however long ago; None where there never was one.

    Raises:
        DecisionLogError: a log cannot be reached.
    """
    moment = DECISIONS.c.decided_at
    query = select(moment).where(DECISIONS.c.portfolio == portfolio).order_by(moment.desc()).limit(1)
    found: list[datetime] = []
    for log in logs:
        with log.store.session(reading=True) as connection:
            found += connection.execute(query).scalars().all()
    return max(found, default=None)


def _from(known: _Known) -> datetime:
    """From when on rows are read again."""
    if known.frame.is_empty():
        return known.since
    newest: datetime = known.frame["decided_at"][0]
    return max(known.since, newest - OVERLAP)


def _rows(log: NamedLog, portfolio: str, since: datetime, until: datetime | None, most: int) -> pl.DataFrame:
    """The newest decisions from `since` until before `until`, at most so many."""
    moment, row = DECISIONS.c.decided_at, DECISIONS.c.id
    query = select(*(DECISIONS.c[name] for name in _READ)).where(DECISIONS.c.portfolio == portfolio, moment >= since)
    if until is not None:
        query = query.where(moment < until)
    query = query.order_by(moment.desc(), row.desc())
    pieces, left, page = [pl.DataFrame(schema=LOG_COLUMNS)], most, query
    while left > 0:
        size = min(PAGE, left)
        with log.store.session(reading=True) as connection:
            rows = connection.execute(page.limit(size)).all()
        pieces.append(_frame(log.name, rows))
        left -= len(rows)
        if len(rows) < size:
            break
        last = rows[-1]
        # The first condition is for the index, the second for decisions of the same microsecond.
        page = query.where(moment <= last.decided_at, or_(moment < last.decided_at, row < last.id))
    return pl.concat(pieces)


def _frame(name: str, rows: Sequence[Row[Any]]) -> pl.DataFrame:
    columns = {column: [row[place] for row in rows] for place, column in enumerate(_READ)}
    return pl.DataFrame({"log": [name] * len(rows), **columns}, schema=LOG_COLUMNS)
