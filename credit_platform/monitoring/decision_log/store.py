"""The decision log as a database: connections, writing and removing, one call after the other.

What is here: `DecisionStore`; the questions it answers are those of `reading.DecisionReader`.
What to add here: another act on the log, such as a removal.
What must not be here: threads (`writer.py`), HTTP, and changing a decision: the log grows, or forgets by rule.
"""

from __future__ import annotations

import os
import shutil
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from credit_platform.errors import DecisionLogError
from credit_platform.monitoring.decision_log.checkpoints import folder_of
from credit_platform.monitoring.decision_log.database import (
    READING,
    make_folder,
    open_engine,
    open_read_only,
    sqlite_file,
    takes_nothing,
)
from credit_platform.monitoring.decision_log.insertion import Entry, insert_entries
from credit_platform.monitoring.decision_log.ledger import Ledger, declare_lost, require_whole
from credit_platform.monitoring.decision_log.migrations import CHAINED_SINCE, migrate, require_newest
from credit_platform.monitoring.decision_log.reading import DecisionReader
from credit_platform.monitoring.decision_log.record import Act, Conflict, DecisionRecord, Recorded
from credit_platform.monitoring.decision_log.removal import remove
from credit_platform.monitoring.decision_log.schema import DECISIONS
from credit_platform.monitoring.decision_log.sealing import seal


class DecisionStore(DecisionReader):
    """The decision log as a database; connections are short, except inside `session`."""

    def __init__(self, url: str, checkpoints: Path | str | None = None, *, read_only: bool | None = None) -> None:
        """Name the database; nothing is opened yet.

        Args:
            url: of the database.
            checkpoints: where those of all logs lie; by default as `checkpoints.folder_of` says.
            read_only: change nothing where the log lies; by default only where nothing may be changed.

        Raises:
            DecisionLogError: the URL is not one of SQLite or PostgreSQL.
        """
        self.read_only = takes_nothing(url) if read_only is None else read_only
        self.engine: Engine = self._read_only_engine(url) if self.read_only else open_engine(url)
        self.checkpoints = folder_of(self.engine, checkpoints)
        """Folder of the checkpoints of this log."""
        self._file = sqlite_file(self.engine)
        self._ledger: Ledger | None = None
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None

    def _read_only_engine(self, url: str) -> Engine:
        scratch = Path(mkdtemp(prefix="credit_platform_"))
        weakref.finalize(self, shutil.rmtree, scratch, ignore_errors=True)
        return open_read_only(url, scratch)

    @property
    def where(self) -> str:
        """The database, without its password."""
        return self.engine.url.render_as_string(hide_password=True)

    def connect(self) -> Connection:
        """A connection to a database whose schema is the newest one.

        Raises:
            DecisionLogError: the database cannot be reached, or its schema is newer than this code.
        """
        # Before and after connecting: a new file may get the number of the one that was removed.
        unknown = self._stamp is None or self.has_moved()
        try:
            if not self.read_only:
                make_folder(self.engine)
            connection = self.engine.connect()
        except (SQLAlchemyError, OSError) as error:
            raise unreachable(self.where, error) from error
        try:
            if unknown or self.has_moved():
                self._migrate(connection)
                self._stamp = self._stamp_now()
        except (SQLAlchemyError, DecisionLogError) as error:
            connection.close()
            raise error if isinstance(error, DecisionLogError) else unreachable(self.where, error) from error
        return connection

    def _migrate(self, connection: Connection) -> None:
        if self.read_only:
            require_newest(connection)
            return
        before = migrate(connection)
        if 0 < before < CHAINED_SINCE:
            seal(connection, self.checkpoints)
        else:
            connection.commit()

    def has_moved(self) -> bool:
        """Whether the SQLite file is no longer the one that was opened: what is written to that one would be lost."""
        return self._stamp_now() != self._stamp

    def _stamp_now(self) -> tuple[int, int]:
        if self._file is None:
            return (0, 0)
        try:
            status = os.stat(self._file)
        except OSError:
            return (-1, -1)
        return status.st_dev, status.st_ino

    def append(self, records: Sequence[DecisionRecord]) -> list[Recorded | Conflict]:
        """Commit `records`, all or none; return the answer to give for each, or what stands in the way.

        Raises:
            DecisionLogError: the database cannot be reached or refuses; then nothing was committed, or all was.
        """
        with self.linked() as (connection, ledger):
            return insert_entries(connection, [Entry(records)], ledger.chain)[0]

    @contextmanager
    def linked(self, *, announced: bool = False) -> Iterator[tuple[Connection, Ledger]]:
        """A transaction whose rows go into the chain of this store, committed and vouched for at the end.

        Args:
            announced: whether the checkpoints are told before the commit, so that nothing of it is ever uncovered.

        Raises:
            DecisionLogError: the database or the checkpoints cannot be reached or refuse.
        """
        with self._lock, self.session() as connection:
            require_whole(connection, self.checkpoints, self.where)
            ledger = self._ledger = (self._ledger or Ledger(self.checkpoints)).settle(connection)
            connection.rollback()
            ledger.begin()
            try:
                yield connection, ledger
                if announced and ledger.chain.fresh:
                    ledger.announce()
                ledger.committing()
                connection.commit()
                ledger.committed()
            except BaseException:
                ledger.failed()
                raise
            ledger.checkpoint()
            ledger.try_to_note(connection)

    def require_whole(self) -> None:
        """Refuse a log that holds less than its checkpoints vouch for.

        Raises:
            DecisionLogLostError: it is empty, shorter, or another one.
            DecisionLogError: the database or the checkpoints cannot be reached.
        """
        with self.session() as connection:
            require_whole(connection, self.checkpoints, self.where)

    def declare_lost(self, act: Act) -> dict[str, int]:
        """Declare rows lost that checkpoints vouch for, so that the log may go on; their files keep who did and why.

        Returns:
            How many rows of which writer are lost; empty when nothing is, and then nothing is written.

        Raises:
            DecisionLogError: the database or the checkpoints cannot be reached.
        """
        with self.session() as connection:
            return declare_lost(connection, self.checkpoints, act)

    def close(self) -> None:
        """End the chain of this store, if it wrote anything. Safe to call twice."""
        with self._lock:
            ledger, self._ledger = self._ledger, None
            if ledger is None:
                return
            ledger.close()
            with self.session() as connection:
                ledger.try_to_note(connection)

    def purge(self, before: datetime, act: Act, *, portfolio: str | None = None) -> int:
        """Remove what was decided before a moment; return how many decisions, which is also written down.

        Raises:
            DecisionLogError: the database cannot be reached.
        """
        wanted = DECISIONS.c.decided_at < before
        if portfolio is not None:
            wanted &= DECISIONS.c.portfolio == portfolio
        return remove(self, wanted, act, kind="retention", decided_before=before, portfolio=portfolio)

    def erase(self, applicant_id: str, act: Act) -> int:
        """Remove all decisions about an applicant; return how many, which is also written down, without the applicant.

        A key that is a whole number is found in every spelling in which it was ever logged.

        Raises:
            DecisionLogError: the database cannot be reached.
        """
        return remove(self, self._about(applicant_id), act, kind="erasure")

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection that sees the log as it is at one moment, however long it is read.

        Raises:
            DecisionLogError: the database cannot be reached or refuses.
        """
        with self.session(reading=True) as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield connection

    @contextmanager
    def session(self, *, reading: bool = False) -> Iterator[Connection]:
        """A connection; what is not committed in it is rolled back.

        Raises:
            DecisionLogError: the database cannot be reached or refuses.
        """
        with self.connect() as connection:
            try:
                yield connection.execution_options(**{READING: reading})
            except SQLAlchemyError as error:
                self._stamp = None
                raise unreachable(self.where, error) from error


def unreachable(where: str, error: Exception) -> DecisionLogError:
    """The error for a database that fails; without the values that SQLAlchemy quotes in its texts."""
    cause = getattr(error, "orig", None) or error
    return DecisionLogError(
        f"The decision log {where} cannot be used ({type(cause).__name__}).",
        "Start the database, or mend CREDIT_PLATFORM_DECISION_LOG_URL, rights or disk space.",
    )
