"""The memory of incidents of a home: what is wrong is told once, whoever noticed it, and once more when it is over.

What is here: `IncidentBook`: `observe` takes what was noticed, `claim` hands out what is to be told, `settle` and
`postpone` say what became of it.
What must not be here: ways to tell (`channels.py`), looking for problems.

Several processes write it at once: command line, daemon, watcher. Each observation has a time, and one that is older
than what is known changes nothing, so that a run may be looked at by everybody, late, and in any order. What is to be
told is written down in the same transaction as the incident (an outbox), so that a process which is killed between the
two loses nothing; a claim runs out, so that somebody else tells it.

What comes and goes is told `TOLD_PER_WINDOW` times within `WINDOW_SECONDS`; then it is kept back until that window is
over, and told if it is still wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Row, create_engine, event, func, insert, make_url, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from credit_platform.errors import NoticeError
from credit_platform.files.durable import make_folder
from credit_platform.monitoring.notices.problems import Kind, Notice, Observation, Problem, Recovery
from credit_platform.monitoring.notices.schema import DELIVERIES, INCIDENTS, MEMORY, make_tables
from credit_platform.settings import Settings

TOLD_PER_WINDOW: Final = 3
WINDOW_SECONDS: Final = 3600.0
CLAIM_SECONDS: Final = 120.0
"""How long one process may take to deliver what it claimed."""
GIVE_UP_SECONDS: Final = 48 * 3600.0
"""How long a notice that cannot be delivered is tried again."""
FIRST_DELAY_SECONDS: Final = 60.0
LONGEST_DELAY_SECONDS: Final = 3600.0
_BUSY_SECONDS: Final = 20.0
_LOCK: Final = 0x6E6F74696365
"""Any number that nobody else uses in the same database."""


class IncidentBook:
    """Incidents, what is to be told of them, and what watchers remember."""

    def __init__(self, url: str) -> None:
        """Open the database, and make its tables where they are missing.

        Raises:
            NoticeError: it cannot be used.
        """
        self._address = make_url(url)
        self._of_sqlite = self._address.get_backend_name() == "sqlite"
        self._engine = self._open()
        with self._writing() as connection:
            make_tables(connection)

    @classmethod
    def of(cls, settings: Settings) -> IncidentBook:
        """The book of a home."""
        return cls(settings.incident_database)

    def observe(self, found: Sequence[Observation], channels: Sequence[str]) -> None:
        """Take note of what was noticed; what is new is to be told by `channels`.

        Raises:
            NoticeError: it cannot be written.
        """
        if not found:
            return
        with self._writing() as connection:
            opened = {
                row.key: row for row in connection.execute(select(INCIDENTS).where(INCIDENTS.c.resolved.is_(None)))
            }
            for one in sorted(found, key=lambda each: each.at):
                known = opened.get(one.key)
                if isinstance(one, Problem):
                    if known is None:
                        opened |= _open_incident(connection, one, channels)
                    elif one.at > known.seen:
                        _seen_again(connection, known, one)
                elif known is not None and one.at > known.seen:
                    _resolve(connection, known, one)
                    del opened[one.key]

    def open_incidents(self) -> list[Row[Any]]:
        """What is wrong now, oldest first."""
        return self._read(select(INCIDENTS).where(INCIDENTS.c.resolved.is_(None)).order_by(INCIDENTS.c.opened))

    def incidents(self, limit: int) -> list[Row[Any]]:
        """The newest incidents, open and resolved."""
        return self._read(select(INCIDENTS).order_by(INCIDENTS.c.opened.desc(), INCIDENTS.c.id.desc()).limit(limit))

    def history(self) -> tuple[list[Row[Any]], list[Row[Any]]]:
        """All incidents, oldest first, and all deliveries of notices about them, as they are at one moment."""
        with self._writing() as connection:
            tables = (INCIDENTS, DELIVERIES)
            incidents, deliveries = (connection.execute(select(one).order_by(one.c.id)).all() for one in tables)
            return list(incidents), list(deliveries)

    def claim(self, channels: Sequence[str], now: float) -> dict[str, list[Notice]]:
        """What is due, by channel, for this process alone to deliver until the claim runs out.

        Incidents that were kept back and have lasted are due now, too. That something is over is due after the notice
        that it is wrong.
        """
        with self._writing() as connection:
            kept_back = INCIDENTS.c.told.is_(None) & INCIDENTS.c.resolved.is_(None) & (INCIDENTS.c.silent_until <= now)
            for row in connection.execute(select(INCIDENTS).where(kept_back)).all():
                _tell_of(connection, row, now)
            claimed: dict[str, list[Notice]] = {}
            for row in connection.execute(_due(channels, now)).all():
                connection.execute(
                    update(DELIVERIES)
                    .where(DELIVERIES.c.id == row.delivery)
                    .values(claimed_until=now + CLAIM_SECONDS, attempts=row.attempts + 1)
                )
                claimed.setdefault(row.channel, []).append(_notice(row))
            return claimed

    def settle(self, notices: Sequence[Notice], now: float, fault: str = "") -> None:
        """These were delivered; with a `fault`, they are given up."""
        self._change(notices, {"ended": now, "fault": fault})

    def postpone(self, notices: Sequence[Notice], now: float, fault: str) -> None:
        """These could not be delivered: later again, each time after twice as long, for two days."""
        for notice in notices:
            delay = min(FIRST_DELAY_SECONDS * 2**notice.attempts, LONGEST_DELAY_SECONDS)
            given_up = now - notice.at > GIVE_UP_SECONDS
            ended = {"ended": now} if given_up else {}
            self._change([notice], {"due": now + delay, "claimed_until": 0.0, "fault": fault, **ended})

    def remembered(self, name: str) -> str | None:
        """What was remembered by that name."""
        rows = self._read(select(MEMORY.c.value).where(MEMORY.c.name == name))
        return str(rows[0].value) if rows else None

    def remember(self, name: str, value: str) -> None:
        """Remember a value by a name."""
        with self._writing() as connection:
            changed = connection.execute(update(MEMORY).where(MEMORY.c.name == name).values(value=value))
            if changed.rowcount == 0:
                connection.execute(insert(MEMORY).values(name=name, value=value))

    def _change(self, notices: Sequence[Notice], values: dict[str, object]) -> None:
        with self._writing() as connection:
            wanted = DELIVERIES.c.id.in_([notice.delivery for notice in notices])
            connection.execute(update(DELIVERIES).where(wanted).values(**values))

    def _read(self, query: Any) -> list[Row[Any]]:
        with self._told(), self._engine.connect() as connection:
            return list(connection.execute(query).all())

    def _open(self) -> Any:
        if not self._of_sqlite:
            return create_engine(self._address, poolclass=NullPool, connect_args={"connect_timeout": 5})
        with self._told():
            make_folder(Path(str(self._address.database)).parent, 0o700)
        engine = create_engine(self._address, poolclass=NullPool, connect_args={"timeout": _BUSY_SECONDS})

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _: object) -> None:
            connection.isolation_level = None  # the driver must not begin transactions by itself; `_writing` does
            connection.execute("PRAGMA journal_mode = WAL")

        return engine

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction that waits for every other one."""
        with self._told(), self._engine.connect() as connection, connection.begin():
            if self._of_sqlite:
                connection.execute(text("BEGIN IMMEDIATE"))
            else:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            reason = str(getattr(error, "orig", None) or error).strip().splitlines()[:1] or ["no reason given"]
            where = self._address.render_as_string(hide_password=True)
            raise NoticeError(
                f"Incidents cannot be written down in {where}: {reason[0]}.",
                "Give the folder or database back; until then nobody is told of failures.",
            ) from error


def _open_incident(connection: Connection, problem: Problem, channels: Sequence[str]) -> dict[str, Row[Any]]:
    """Write down a new incident; nothing when it is older than what is known of the same key."""
    same = INCIDENTS.c.key == problem.key
    newest = connection.execute(select(func.max(INCIDENTS.c.seen), func.max(INCIDENTS.c.resolved)).where(same)).one()
    if problem.at <= max(newest[0] or float("-inf"), newest[1] or float("-inf")):
        return {}
    told = connection.execute(
        select(INCIDENTS.c.told)
        .where(same & (INCIDENTS.c.told > problem.at - WINDOW_SECONDS))
        .order_by(INCIDENTS.c.told)
    ).all()
    kept_back = len(told) >= TOLD_PER_WINDOW
    until = told[0].told + WINDOW_SECONDS if told else None
    message = problem.message
    if len(told) == TOLD_PER_WINDOW - 1 and until is not None:
        message = f"{message} {_comes_and_goes(len(told) + 1, until)}"
    row = connection.execute(
        insert(INCIDENTS)
        .values(
            key=problem.key,
            title=problem.title,
            message=message,
            severity=problem.severity,
            link=problem.link,
            owner=problem.owner,
            told_by=",".join(name for name in channels if name != problem.not_by),
            opened=problem.at,
            seen=problem.at,
            times=1,
            silent_until=until if kept_back else None,
            resolution="",
            portfolio=problem.portfolio,
        )
        .returning(INCIDENTS)
    ).one()
    if not kept_back:
        _tell_of(connection, row, problem.at)
    return {problem.key: row}


def _comes_and_goes(times: int, until: float) -> str:
    said = datetime.fromtimestamp(until, UTC).strftime("%H:%M UTC")
    return f"It came {times} times within an hour: until {said} no more is told, then only if it is wrong still."


def _tell_of(connection: Connection, incident: Row[Any], now: float) -> None:
    connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == incident.id).values(told=now))
    _put_out(connection, incident.id, "problem", now, filter(None, incident.told_by.split(",")))


def _put_out(connection: Connection, incident: int, kind: Kind, now: float, channels: Iterable[str]) -> None:
    for channel in channels:
        connection.execute(
            insert(DELIVERIES).values(
                incident=incident,
                kind=kind,
                channel=channel,
                due=now,
                since=now,
                attempts=0,
                claimed_until=0.0,
                fault="",
            )
        )


def _seen_again(connection: Connection, known: Row[Any], problem: Problem) -> None:
    connection.execute(
        update(INCIDENTS).where(INCIDENTS.c.id == known.id).values(seen=problem.at, times=INCIDENTS.c.times + 1)
    )


def _resolve(connection: Connection, known: Row[Any], recovery: Recovery) -> None:
    connection.execute(
        update(INCIDENTS).where(INCIDENTS.c.id == known.id).values(resolved=recovery.at, resolution=recovery.message)
    )
    told = select(DELIVERIES.c.channel).where((DELIVERIES.c.incident == known.id) & (DELIVERIES.c.kind == "problem"))
    _put_out(connection, known.id, "resolved", recovery.at, [row.channel for row in connection.execute(told)])


def _due(channels: Sequence[str], now: float) -> Any:
    """Deliveries that are due, with their incidents; that it is over waits for the notice that it is wrong."""
    first = DELIVERIES.alias("first")
    waits = (
        select(first.c.id)
        .where(first.c.incident == DELIVERIES.c.incident)
        .where(first.c.channel == DELIVERIES.c.channel)
        .where((first.c.kind == "problem") & first.c.ended.is_(None) & (DELIVERIES.c.kind == "resolved"))
        .exists()
    )
    columns = [column for column in INCIDENTS.c if column.name != "id"]
    return (
        select(
            DELIVERIES.c.id.label("delivery"),
            DELIVERIES.c.incident,
            DELIVERIES.c.kind,
            DELIVERIES.c.channel,
            DELIVERIES.c.attempts,
            DELIVERIES.c.since,
            *columns,
        )
        .join(INCIDENTS, INCIDENTS.c.id == DELIVERIES.c.incident)
        .where(DELIVERIES.c.ended.is_(None) & DELIVERIES.c.channel.in_(channels))
        .where((DELIVERIES.c.due <= now) & (DELIVERIES.c.claimed_until <= now) & ~waits)
        .order_by(DELIVERIES.c.id)
    )


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        delivery=row.delivery,
        incident=row.incident,
        kind=row.kind,
        key=row.key,
        title=row.title,
        message=row.resolution if row.kind == "resolved" else row.message,
        severity=row.severity,
        link=row.link,
        owner=row.owner,
        opened=row.opened,
        at=row.since,
        times=row.times,
        attempts=row.attempts,
    )
