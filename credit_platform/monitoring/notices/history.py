"""Incidents as rows of the table `monitoring/incidents`, and what stands beside them.

What is here: `incident_rows`, `IncidentsRecord`, and which portfolio an incident is about.
What must not be here: opening and resolving incidents (`incidents.py`), judging the rows (`judges.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl
from sqlalchemy import Row

from credit_platform.lakehouse.records import Record
from credit_platform.monitoring.notices.telling import NOT_FOR_IT

NAME: Final = "incidents"
"""Name of the table."""
_MOMENT = pl.Datetime("us", "UTC")
SCHEMA: Final = pl.Schema(
    {
        "incident": pl.Int64(),
        "source": pl.String(),
        "portfolio": pl.String(),
        "severity": pl.String(),
        "owner": pl.String(),
        "title": pl.String(),
        "message": pl.String(),
        "opened": _MOMENT,
        "last_seen": _MOMENT,
        "times": pl.Int64(),
        "resolved": _MOMENT,
        "resolution": pl.String(),
        "told_to": pl.String(),
        "told_at": _MOMENT,
        "not_reached": pl.String(),
        "link": pl.String(),
        "key": pl.String(),
    }
)
_SEPARATORS = ("", "/", "_", ":")


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentsRecord(Record):
    """Of monitoring/incidents: what the memory of incidents held when it was read."""

    read_at: datetime
    in_memory: int
    """Incidents that it held, of all portfolios."""
    of_others: int
    """Of them, those that are about another portfolio alone."""
    incidents: int
    """The others: about this portfolio, or about the platform as a whole."""
    unresolved: int
    not_reached: int
    """Incidents of which a notice was given up, by one of the ways to tell."""
    message: str
    """All of it as a sentence, also where there is nothing."""


def incident_rows(
    incidents: Iterable[Row[Any]], deliveries: Iterable[Row[Any]], portfolio: str, portfolios: Sequence[str]
) -> pl.DataFrame:
    """A row for each incident about `portfolio`, or about the platform as a whole (whose portfolio is null).

    Args:
        incidents: as the book holds them.
        deliveries: of notices about them.
        portfolio: whose rows.
        portfolios: names of all, to tell whom an incident is about.
    """
    told: dict[int, list[Row[Any]]] = {}
    for delivery in deliveries:
        if delivery.kind == "problem":
            told.setdefault(delivery.incident, []).append(delivery)
    rows = [_row(one, told.get(one.id, []), about(one.key, one.portfolio, portfolios)) for one in incidents]
    return pl.DataFrame([row for row in rows if row["portfolio"] in (None, portfolio)], schema=SCHEMA)


def about(key: str, named: str, portfolios: Iterable[str]) -> str | None:
    """The portfolio that an incident is about; None for the platform as a whole.

    A key is a kind, a colon, and what it is about: a table or step, a job, sensor or schedule of a portfolio, all of
    which begin with its name.
    """
    if named:
        return named
    thing = key.partition(":")[2]
    # The longer name first: one may begin with another.
    for name in sorted(portfolios, key=len, reverse=True):
        if thing.startswith(name) and thing[len(name) : len(name) + 1] in _SEPARATORS:
            return name
    return None


def _row(one: Row[Any], deliveries: Sequence[Row[Any]], portfolio: str | None) -> Mapping[str, object]:
    reached = [delivery for delivery in deliveries if delivery.ended is not None and not delivery.fault]
    missed = [delivery for delivery in deliveries if delivery.fault and delivery.fault != NOT_FOR_IT]
    return {
        "incident": one.id,
        "source": one.key.partition(":")[0],
        "portfolio": portfolio,
        "severity": one.severity,
        "owner": one.owner,
        "title": one.title,
        "message": one.message,
        "opened": _moment(one.opened),
        "last_seen": _moment(one.seen),
        "times": one.times,
        "resolved": _moment(one.resolved),
        "resolution": one.resolution,
        "told_to": ", ".join(sorted(delivery.channel for delivery in reached)),
        "told_at": _moment(min((delivery.ended for delivery in reached), default=None)),
        "not_reached": ", ".join(sorted(delivery.channel for delivery in missed)),
        "link": one.link,
        "key": one.key,
    }


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
