"""The database behind the decision log: SQLite by default, PostgreSQL by URL.

What is here: engines that are set up so that a commit survives a crash and nothing waits for ever.
What to add here: another kind of database, with what it needs for the same promise.
What must not be here: tables (`schema.py`) and queries (`store.py`).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from credit_platform.errors import DecisionLogError

BUSY_SECONDS = 3.0
"""How long a statement waits for another writer of the same database."""
CONNECT_SECONDS = 2
"""How long a connection to PostgreSQL may take."""
READING = "credit_platform_reading"
"""Execution option of a connection that only reads, so that it does not keep writers out."""
_CURE = "Set CREDIT_PLATFORM_DECISION_LOG_URL to sqlite:///<file> or postgresql+psycopg://<user>@<host>/<database>."


def default_url(home: Path) -> str:
    """SQLite below the platform's home."""
    return URL.create("sqlite", database=str((home / "decisions" / "decisions.db").resolve())).render_as_string()


def open_engine(url: str) -> Engine:
    """An engine for `url`; connects when it is used, and every connection is a new one.

    Raises:
        DecisionLogError: the URL is not one of SQLite or PostgreSQL. The message does not quote it: it may hold a
            password.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DecisionLogError("The URL of the decision log cannot be read.", _CURE) from None
    kind = parsed.get_backend_name()
    if kind == "sqlite" and parsed.database and parsed.database != ":memory:":
        return _sqlite(parsed)
    if kind == "postgresql":
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"), poolclass=NullPool, connect_args=_postgresql_arguments()
        )
    raise DecisionLogError(f"A decision log cannot be kept in {kind}.", _CURE)


def takes_nothing(url: str) -> bool:
    """Whether `url` is a file of SQLite that lies where nobody may write: an auditor's copy, a read-only medium.

    Raises:
        DecisionLogError: as `open_engine`.
    """
    file = sqlite_file(open_engine(url))
    return file is not None and file.is_file() and not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK))


def open_read_only(url: str, scratch: Path) -> Engine:
    """An engine that changes nothing beside the file of SQLite, not even a lock; its address is that of the original.

    What SQLite had not moved from the write-ahead log into the file yet is read from a copy.

    Args:
        url: of an SQLite database.
        scratch: folder for the copy, if one is needed.

    Raises:
        DecisionLogError: as `open_engine`, or the copy cannot be made.
    """
    file = sqlite_file(open_engine(url))
    if file is None:
        raise DecisionLogError("Only a log in SQLite is read from a medium that takes nothing.", _CURE)
    journal = file.with_name(f"{file.name}-wal")
    opened, how = file.resolve(), "mode=ro&immutable=1"
    if journal.is_file() and journal.stat().st_size:
        for one in (file, journal):
            shutil.copyfile(one, scratch / one.name)
        opened, how = scratch / file.name, "mode=rw"
    address = f"file:{quote(str(opened))}?{how}"
    return create_engine(
        make_url(url), poolclass=NullPool, creator=lambda: sqlite3.connect(address, uri=True, check_same_thread=False)
    )


def sqlite_file(engine: Engine) -> Path | None:
    """The file of an SQLite database; None for other databases."""
    return Path(str(engine.url.database)) if engine.dialect.name == "sqlite" else None


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        # The driver must not begin transactions by itself; see `begin`.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # a commit is on the disk when it returns, also in WAL mode
            "secure_delete=ON",  # what is erased is overwritten
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchone()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # At once the only writer: a transaction that reads first and writes later could fail in between.
        reading = connection.get_execution_options().get(READING, False)
        _execute_at_driver(connection, "BEGIN" if reading else "BEGIN IMMEDIATE", ())

    return engine


def execute_in_sqlite(connection: Connection, statement: str, values: Sequence[Any]) -> None:
    """Run a statement that gives nothing back, in the transaction of `connection`, which begins if there is none.

    Handed to the driver as it is: what SQLAlchemy puts around each statement takes as long as writing a decision.

    Raises:
        SQLAlchemyError: what the driver says, as SQLAlchemy would tell it.
    """
    if not connection.in_transaction():
        connection.begin()
    _execute_at_driver(connection, statement, values)


def _execute_at_driver(connection: Connection, statement: str, values: Sequence[Any]) -> None:
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute(statement, values)
    except sqlite3.Error as error:
        # Without the values: they are somebody's.
        raise DBAPIError.instance(statement, None, error, sqlite3.Error, dialect=connection.dialect) from error


def make_folder(engine: Engine) -> None:
    """Make the folder of an SQLite file, for its owner only.

    Raises:
        OSError: it cannot be made.
    """
    file = sqlite_file(engine)
    if file is not None and not file.parent.is_dir():
        file.parent.mkdir(parents=True, exist_ok=True)
        os.chmod(file.parent, 0o700)


def _postgresql_arguments() -> dict[str, object]:
    milliseconds = int(BUSY_SECONDS * 1000)
    return {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "credit_platform_decisions",
        # A server that is gone without a word is noticed by the network within these limits.
        "tcp_user_timeout": milliseconds,
        "keepalives_idle": 5,
        "keepalives_interval": 1,
        "keepalives_count": 3,
        # synchronous_commit=on: whoever set it off for the database did not mean this log.
        "options": f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds} -c synchronous_commit=on",
    }
