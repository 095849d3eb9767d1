"""One writer's chain together with its checkpoints and the database: begin, commit, note, settle, close.

What is here: `Ledger`, and `require_whole`, which refuses a log that holds less than its checkpoints say.
What to add here: what must happen between a commit and the file that vouches for it.
What must not be here: how rows are inserted (`insertion.py`), judging every row (`verification.py`).
"""

from __future__ import annotations

import logging
import time
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from credit_platform.errors import DecisionLogError, DecisionLogLostError
from credit_platform.monitoring.decision_log.chain import Chain, Head
from credit_platform.monitoring.decision_log.checkpoint_lines import CheckpointFile
from credit_platform.monitoring.decision_log.checkpoints import CheckpointWriter, Place, continue_file, read_files
from credit_platform.monitoring.decision_log.record import Act
from credit_platform.monitoring.decision_log.schema import CHECKPOINT_NOTES, DECISIONS, REMOVALS, REMOVED

LOGGER = logging.getLogger("credit_platform.decision_log")
CHECKPOINT_ROWS = 1000
CHECKPOINT_SECONDS = 60.0
CHAINED = (DECISIONS, REMOVED, REMOVALS)
"""Tables whose rows are links of a chain."""


class Ledger:
    """The chain of one writer, and its file of checkpoints."""

    def __init__(self, folder: Place, writer: str | None = None) -> None:
        """Begin the chain of a new writer; the file is made with the first row."""
        self.folder = folder
        self.chain = Chain(writer)
        self.file = CheckpointWriter(folder, self.chain.writer)
        self.is_unnoted = False
        """Whether there is a checkpoint that the database does not know of."""
        self._pending: Head | None = None
        self._last = time.monotonic()

    def begin(self) -> None:
        """Make the file before the first row: a writer without one is nobody's.

        Raises:
            DecisionLogError: it cannot be written.
        """
        if self.file.lines == 0:
            self.file.append("start", self.chain.committed)

    def announce(self) -> None:
        """Say what is about to be committed, so that it is covered from the moment on when it is.

        Raises:
            DecisionLogError: the file cannot be written.
        """
        self.begin()
        self.file.append("announced", self.chain.head)

    def committing(self) -> None:
        """From here on nobody knows whether the rows are in the database until `committed` or `settle`."""
        self._pending = self.chain.head

    def committed(self) -> None:
        """The rows are in the database."""
        self._pending = None
        self.chain.commit()

    def failed(self) -> None:
        """The transaction failed: before its commit, and then nothing of it is there; or in it, see `settle`."""
        self.is_unnoted = self.file.lines > 0  # a note may have gone with the transaction
        if self._pending is None:
            self.chain.back_to(self.chain.committed)

    def settle(self, connection: Connection) -> Ledger:
        """The ledger to go on with after a failed commit: this one if it went through all the same, else a new one.

        A new one, because what is not there now may still come: two rows of one number would look like a forgery.

        Raises:
            DecisionLogLostError: what was committed is no longer there.
        """
        if self.chain.committed.sequence and not holds(connection, self.chain.writer, self.chain.committed):
            raise DecisionLogLostError(
                f"The decision log lacks what this process wrote to it (writer {self.chain.writer}).",
                "Restore the database, or start the service again once it is known what became of it.",
            )
        pending, self._pending = self._pending, None
        if pending is None:
            return self
        if holds(connection, self.chain.writer, pending):
            self.chain.commit()
            return self
        self.chain.back_to(self.chain.committed)
        self.checkpoint()
        return Ledger(self.folder)

    @property
    def due(self) -> bool:
        """Whether it is time for a checkpoint."""
        rows = len(self.chain.fresh)
        return rows >= CHECKPOINT_ROWS or (rows > 0 and time.monotonic() - self._last >= CHECKPOINT_SECONDS)

    def checkpoint(self) -> None:
        """Vouch for what is committed; a file that takes nothing now is tried again with the next one."""
        if not self.chain.fresh:
            return
        try:
            self.file.append("checkpoint", self.chain.committed, self.chain.fresh)
        except DecisionLogError as error:
            LOGGER.error("no checkpoint was written: %s", error)  # noqa: TRY400  # the cause is in the message
        else:
            self.chain.fresh.clear()
            self.is_unnoted = True
        self._last = time.monotonic()

    def close(self) -> None:
        """Say that no row of this writer will follow. Safe to call twice, and without any row."""
        if self.file.lines == 0 or self._pending is not None:
            return
        self.checkpoint()
        if self.chain.fresh:
            return
        try:
            self.file.append("close", self.chain.committed)
        except DecisionLogError as error:
            LOGGER.error("the chain was not closed: %s", error)  # noqa: TRY400  # the cause is in the message

    def note(self, connection: Connection) -> None:
        """Tell the database how long the file is, so that nobody can cut it; does not commit."""
        values = {"lines": self.file.lines, "digest": self.file.digest}
        known = CHECKPOINT_NOTES.c.writer == self.chain.writer
        if not connection.execute(update(CHECKPOINT_NOTES).where(known).values(values)).rowcount:
            connection.execute(insert(CHECKPOINT_NOTES).values(writer=self.chain.writer, **values))
        self.is_unnoted = False

    def try_to_note(self, connection: Connection) -> None:
        """`note` and commit. The file matters, the note is a second witness: a database that fails is only logged."""
        try:
            self.note(connection)
            connection.commit()
        except SQLAlchemyError as error:
            LOGGER.warning("decision log: a checkpoint was not noted in the database (%s)", type(error).__name__)


def holds(connection: Connection, writer: str, head: Head) -> bool:
    """Whether the log has that row, or the trace of its removal."""
    for table in CHAINED:
        place = (table.c.writer == writer) & (table.c.sequence == head.sequence)
        if connection.execute(select(table.c.link).where(place)).scalar() == head.digest:
            return True
    return False


def _not_held(connection: Connection, folder: Place) -> list[CheckpointFile]:
    """Files whose last checkpoint names a row that is not in the log, and that nobody declared lost."""
    files = (file for file in read_files(folder).values() if file.lost is None and file.last.sequence > 0)
    return [file for file in files if not holds(connection, file.writer, file.last)]


def declare_lost(connection: Connection, folder: Place, act: Act) -> dict[str, int]:
    """Note in the file of each writer whose rows are gone that a person knows it; see `DecisionStore.declare_lost`.

    Raises:
        DecisionLogError: the checkpoints cannot be read or written.
    """
    lost: dict[str, int] = {}
    for file in _not_held(connection, folder):
        newest = (
            connection.execute(select(func.max(table.c.sequence)).where(table.c.writer == file.writer)).scalar() or 0
            for table in CHAINED
        )
        lost[file.writer] = max(0, file.last.sequence - max(newest))
        facts: dict[str, Any] = {
            "person": act.person,
            "account": act.account,
            "reason": act.reason,
            "rows": lost[file.writer],
        }
        continue_file(folder, file).append("lost", file.last, (), **facts)
    connection.rollback()
    return lost


def require_whole(connection: Connection, folder: Place, where: str) -> None:
    """Refuse a log that lacks what its checkpoints vouch for; leaves no transaction open.

    Raises:
        DecisionLogLostError: it is empty, shorter, or not the one that the checkpoints are of.
        DecisionLogError: the checkpoints cannot be read.
    """
    gone = _not_held(connection, folder)
    connection.rollback()
    if gone:
        raise DecisionLogLostError(
            f"The decision log {where} lacks decisions that its checkpoints in {folder} vouch for "
            f"(the last ones of {len(gone)} writers): it was emptied, cut, altered or replaced.",
            "Restore the database; credit-platform decisions verify names what is missing. Only if it is lost for "
            "good: credit-platform decisions declare-lost --by NAME --reason TEXT.",
        )
