"""The decisions of some days, out of the logs, as often as a page asks for them.

What is here: `DecisionMemory`, which reads what is new and keeps the rest.
What to add here: another column of the log that a figure needs.
What must not be here: whom a decision is about; figures (`decisions.py`).

A log of 300,000 decisions takes six seconds to read, five times that from a cold disk, and a page looks every few
seconds. So a look takes `PATIENCE_SECONDS`, the newest first, and the next one goes on from there; rows that were read
stay in memory, and only those of the last `OVERLAP`, `OVERLAP_ROWS` at most, are read again: a service commits in
another order than it decides. When anything was removed from a log, or one of these rows is not there any more, all of
it is read anew.
"""

from __future__ import annotations

import threading
import time
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
OVERLAP_ROWS: Final = 5_000
"""With so many decisions in that time, the newest of them."""
PATIENCE_SECONDS: Final = 2.0
"""How long a look reads a log; it reads `PAGE` rows at least."""
PAGE: Final = 5_000
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
_Place = tuple[datetime, int]
"""Moment and number of a row."""
_READ: Final = tuple(name for name in LOG_COLUMNS if name != "log")


@dataclass(frozen=True, kw_only=True)
class LoggedDecisions:
    """Decisions from a moment on."""

    frame: pl.DataFrame
    """Columns `LOG_COLUMNS`, the newest first."""
    since: datetime
    """All decisions after this moment are there; later than asked for where not all could be read."""
    full: bool
    """Whether as many are kept as may be; else the next look brings those before `since`."""


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What is known of one log."""

    frame: pl.DataFrame
    since: datetime
    """All rows after this moment are there."""
    removed: int


class DecisionMemory:
    """Decisions about one portfolio, kept between two looks. May be used by threads."""

    def __init__(self, portfolio: str, *, most: int = MOST_ROWS, patience: float = PATIENCE_SECONDS) -> None:
        """Know nothing yet; keep at most so many decisions of a log, and read one for so many seconds at a time."""
        self._portfolio, self._most, self._patience = portfolio, most, patience
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
        covered = max([since, *(one.since for one in found)])
        frames = [pl.DataFrame(schema=LOG_COLUMNS), *(one.frame for one in found)]
        shown = pl.concat(frames).filter(pl.col("decided_at") >= covered)
        return LoggedDecisions(
            frame=shown.sort("decided_at", "id", descending=True),
            since=covered,
            full=any(one.frame.height >= self._most for one in found),
        )

    def _looked(self, log: NamedLog, since: datetime) -> _Known:
        known, removed = self._known.get(log.name), removed_from(log)
        deadline = time.monotonic() + self._patience
        if known is None or known.removed != removed:
            return self._anew(log, since, removed, deadline)
        begin = _from(known)
        fresh, reached = _rows(log, self._portfolio, (begin, None), self._most, deadline, whole_from=_newest(known))
        if reached > begin:  # more has come than a look can read: what was known is too far off
            return _Known(frame=fresh, since=reached, removed=removed)
        if known.frame.filter(pl.col("decided_at") >= begin).join(fresh, on=("id", "request_id"), how="anti").height:
            return self._anew(log, since, removed, deadline)
        frame = pl.concat([fresh, known.frame.filter(pl.col("decided_at") < begin)])
        reached = known.since
        if frame.height > self._most:
            frame = frame.head(self._most)
            reached = frame["decided_at"][-1]
        elif since < reached and frame.height < self._most:
            left = self._most - frame.height
            older, reached = _rows(log, self._portfolio, (since, _oldest(known)), left, deadline)
            frame = pl.concat([frame, older])
        return _Known(frame=frame, since=reached, removed=removed)

    def _anew(self, log: NamedLog, since: datetime, removed: int, deadline: float) -> _Known:
        frame, reached = _rows(log, self._portfolio, (since, None), self._most, deadline)
        return _Known(frame=frame, since=reached, removed=removed)


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


def _newest(known: _Known) -> datetime:
    """The newest moment that is known."""
    if known.frame.is_empty():
        return known.since
    newest: datetime = known.frame["decided_at"][0]
    return newest


def _from(known: _Known) -> datetime:
    """From when on rows are read again."""
    if known.frame.is_empty():
        return known.since
    some: datetime = known.frame["decided_at"][min(OVERLAP_ROWS, known.frame.height) - 1]
    return max(known.since, some, _newest(known) - OVERLAP)


def _oldest(known: _Known) -> _Place:
    """Before which row reading goes on."""
    if known.frame.is_empty():
        return known.since, 0
    return known.frame["decided_at"][-1], known.frame["id"][-1]


def _rows(
    log: NamedLog,
    portfolio: str,
    between: tuple[datetime, _Place | None],
    most: int,
    deadline: float,
    *,
    whole_from: datetime | None = None,
) -> tuple[pl.DataFrame, datetime]:
    """The newest decisions from a moment until before a row, at most so many, and after when they are all there.

    The deadline ends it only while rows are newer than `whole_from`, where that is given.
    """
    (since, before), moment, row = between, DECISIONS.c.decided_at, DECISIONS.c.id
    query = select(*(DECISIONS.c[name] for name in _READ)).where(DECISIONS.c.portfolio == portfolio, moment >= since)
    pieces, left = [pl.DataFrame(schema=LOG_COLUMNS)], most
    while True:
        page = query.order_by(moment.desc(), row.desc())
        if before is not None:
            # The first condition is for the index, the second for a batch, whose decisions have one moment.
            page = page.where(moment <= before[0], or_(moment < before[0], row < before[1]))
        size = min(PAGE, left)
        with log.store.session(reading=True) as connection:
            rows = connection.execute(page.limit(size)).all()
        pieces.append(_frame(log.name, rows))
        left -= len(rows)
        if len(rows) < size:
            return pl.concat(pieces), since
        before = (rows[-1].decided_at, rows[-1].id)
        late = time.monotonic() >= deadline and (whole_from is None or before[0] > whole_from)
        if not left or late:
            return pl.concat(pieces), before[0]


def _frame(name: str, rows: Sequence[Row[Any]]) -> pl.DataFrame:
    columns = {column: [row[place] for row in rows] for place, column in enumerate(_READ)}
    return pl.DataFrame({"log": [name] * len(rows), **columns}, schema=LOG_COLUMNS)
