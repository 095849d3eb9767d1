"""The decision logs of all services: which rows they hold, and what monitoring needs of some.

What is here: `NamedLog`, `open_logs`, `existing_logs`, `every_store`, `held` (which rows there are), `read_rows`,
`models_in` (who decided), `removed_from` (how many went by right).
What to add here: another question to all logs at once.
What must not be here: building columns (`rows.py`), and anything that changes a log.

Reads are short, each in a transaction of its own: a service beside it is never kept from writing, nor an erasure from
emptying the write-ahead log.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
from sqlalchemy import Row, select

from credit_platform.errors import DecisionLogError, SettingError
from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform.monitoring.decision_log.database import sqlite_file
from credit_platform.monitoring.decision_log.schema import DECISIONS
from credit_platform.monitoring.decisions.schema import FIXED
from credit_platform.settings import Settings

PAGE: Final = 20_000
"""Keys of one read."""
ROWS: Final = 250
"""Whole rows of one read: home_credit's hold 740 features and the histories."""
HELD: Final = pl.Schema({name: FIXED[name] for name in ("log", "row", "decided_at")})
_READ: Final = (
    "id",
    "decided_at",
    "features",
    "probability",
    "decision",
    "threshold",
    "points",
    "language",
    "answer",
    "model_version",
    "model_digest",
    "feature_version",
)


@dataclass(frozen=True, kw_only=True)
class NamedLog:
    """A decision log, and what the table calls it."""

    name: str
    store: DecisionStore


def open_logs(settings: Settings) -> list[NamedLog]:
    """The logs that the settings name, the home's own when they name none; nothing is opened yet.

    Raises:
        DecisionLogError: the address of the home's own is none of SQLite or PostgreSQL.
        SettingError: another address is none, or one is named twice.
    """
    logs = []
    for name, url in settings.decision_logs_by_name.items():
        own = url == settings.decision_log
        try:
            store = DecisionStore(url, settings.decision_checkpoints if own else None)
        except DecisionLogError as error:
            if own:
                raise
            raise SettingError(
                f"CREDIT_PLATFORM_DECISION_LOGS, log {name}: {error.what}",
                "Write sqlite:///<file> or postgresql+psycopg://<user>@<host>/<database>.",
            ) from error
        logs.append(NamedLog(name=name, store=store))
    places = [str(log.store.engine.url) for log in logs]
    if len(set(places)) < len(places):
        raise SettingError(
            "CREDIT_PLATFORM_DECISION_LOGS names one decision log twice.", "Name each once: its rows would count twice."
        )
    return logs


def existing_logs(settings: Settings) -> list[NamedLog]:
    """Those of `open_logs` that are there: removing from one that is not would make it."""
    return [log for log in open_logs(settings) if (file := sqlite_file(log.store.engine)) is None or file.is_file()]


def every_store(settings: Settings) -> list[DecisionStore]:
    """The decision logs of all services that are there, and this home's own in any case, first.

    Raises:
        DecisionLogError: the address of the home's own is none of SQLite or PostgreSQL.
        SettingError: another address is none, or one is named twice.
    """
    own = DecisionStore(settings.decision_log, settings.decision_checkpoints)
    others = [log.store for log in existing_logs(settings) if str(log.store.engine.url) != str(own.engine.url)]
    return [own, *others]


def held(logs: Sequence[NamedLog], portfolio: str, known: Sequence[str] = ()) -> pl.DataFrame:
    """Key and moment of every decision about `portfolio` that the logs hold now; columns `HELD`.

    Args:
        logs: where to look. One whose file does not exist yet holds nothing.
        portfolio: whose decisions.
        known: names of logs of which the table holds rows: these must exist.

    Raises:
        DecisionLogLostError: a log holds less than its checkpoints vouch for: it was lost, and nobody was erased.
        DecisionLogError: a log cannot be reached, or its file is gone.
    """
    return pl.concat([pl.DataFrame(schema=HELD), *(_held(log, portfolio, log.name in known) for log in logs)])


def _held(log: NamedLog, portfolio: str, known: bool) -> pl.DataFrame:  # noqa: FBT001  # said by `held` alone
    file = sqlite_file(log.store.engine)
    if file is not None and not file.is_file():
        if known:
            raise DecisionLogError(
                f"The decision log {log.store.where} is gone, of which the table holds decisions.",
                "Restore it, with its checkpoints; nothing was changed.",
            )
        return pl.DataFrame(schema=HELD)
    log.store.require_whole()
    keys: list[int] = []
    moments: list[Any] = []
    query = select(DECISIONS.c.id, DECISIONS.c.decided_at).where(DECISIONS.c.portfolio == portfolio)
    while True:
        with log.store.session(reading=True) as connection:
            after = query.where(DECISIONS.c.id > (keys[-1] if keys else -1))
            page = connection.execute(after.order_by(DECISIONS.c.id).limit(PAGE)).all()
        keys += [row.id for row in page]
        moments += [row.decided_at for row in page]
        if len(page) < PAGE:
            return pl.DataFrame({"log": [log.name] * len(keys), "row": keys, "decided_at": moments}, schema=HELD)


def models_in(logs: Sequence[NamedLog], portfolio: str) -> frozenset[str]:
    """Digests of the models by which the decisions about `portfolio` were made that the logs hold now.

    Raises:
        DecisionLogError: a log cannot be reached.
    """
    query = select(DECISIONS.c.model_digest).distinct().where(DECISIONS.c.portfolio == portfolio)
    found: set[str] = set()
    for log in logs:
        file = sqlite_file(log.store.engine)
        if file is None or file.is_file():
            with log.store.session(reading=True) as connection:
                found |= {row.model_digest for row in connection.execute(query)}
    return frozenset(found)


def removed_from(log: NamedLog) -> int:
    """How many decisions were ever removed from a log by erasure or retention, of all portfolios.

    Raises:
        DecisionLogError: the log cannot be reached.
    """
    return sum(removal.decisions for removal in log.store.removals())


def read_rows(log: NamedLog, keys: Sequence[int]) -> Iterator[Sequence[Row[Any]]]:
    """What monitoring needs of some decisions, in pieces; one that was removed meanwhile is left out.

    Raises:
        DecisionLogError: the log cannot be reached.
    """
    query = select(*(DECISIONS.c[name] for name in _READ))
    for some in (keys[i : i + ROWS] for i in range(0, len(keys), ROWS)):
        with log.store.session(reading=True) as connection:
            yield connection.execute(query.where(DECISIONS.c.id.in_(some)).order_by(DECISIONS.c.id)).all()
