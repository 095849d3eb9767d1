"""Databases that are written to while they are copied: SQLite, and the decision log with what vouches for it.

What is here: `is_database`, `open_reading`, `copy_database`, `copy_decisions`, `copy_checkpoints`.
What to add here: another database that a home holds.
What must not be here: PostgreSQL, which `pg_dump` secures.

SQLite's own backup gives the database as of one moment. A checkpoint of the decision log vouches for rows, and the
database notes how many lines of checkpoints there are, so either copied alone would look cut beside the other:
checkpoints are read before the database and once more after it, and of the later ones only those stay that vouch for
rows of the copy. What the database noted is among these: it notes a checkpoint after the rows that it vouches for.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import orjson

from credit_platform.errors import BackupError
from credit_platform.files import literal
from credit_platform.local.backup.contents import DECISIONS
from credit_platform.local.backup.copying import Draft, reading
from credit_platform.monitoring.decision_log.checkpoints import Place, read_raw

CHECKPOINTS: Final = "decisions/checkpoints"
_MAGIC: Final = b"SQLite format 3\x00"
_PATIENCE_SECONDS: Final = 60.0
_CHAINED: Final = ("decisions", "removed_decisions", "removals")
_VOUCHING: Final = ("checkpoint", "close")


def is_database(path: Path) -> bool:
    """Whether a file begins as one of SQLite does.

    Raises:
        FileNotFoundError: it is gone.
        BackupError: it cannot be read.
    """
    with reading(path), path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def copy_database(draft: Draft, source: Path, inside: str) -> str | None:
    """Copy a database as of one moment.

    Returns:
        A sentence where the database is damaged; it is copied byte by byte then.

    Raises:
        FileNotFoundError: it is gone.
        BackupError: it cannot be read, or the backup cannot be written.
    """
    place = draft.place(inside)
    try:
        _back_up(draft, source, place)
    except sqlite3.DatabaseError as error:
        if not source.is_file():
            raise FileNotFoundError(source) from error
        draft.add(source, inside)
        return f"{source} is damaged ({error}); it was copied as it is."
    draft.note(inside)
    return None


def copy_decisions(draft: Draft, home: Path, checkpoints: Place) -> int | None:
    """Copy the decision log of a home with the checkpoints that vouch for it.

    Args:
        draft: the backup.
        home: the home; its log may be elsewhere, then only checkpoints are copied.
        checkpoints: folder of the checkpoints of this log.

    Returns:
        How many decisions are in the log; None where there is none in the home.

    Raises:
        BackupError: something cannot be read or written, or the log is damaged.
    """
    log = home / DECISIONS
    if not log.is_file():
        copy_checkpoints(draft, checkpoints)
        return None
    before = read_raw(checkpoints)
    if copy_database(draft, log, DECISIONS) is not None:
        raise BackupError(f"The decision log {log} is damaged. No backup was made.", "Restore it from a backup.")
    count, last = _what_is_in(draft.home / DECISIONS)
    for name, content in read_raw(checkpoints).items():
        kept = _vouching(content, len(before.get(name, b"")), last.get(name, 0))
        draft.put(kept, f"{CHECKPOINTS}/{checkpoints.name}/{name}.jsonl")
    return count


def copy_checkpoints(draft: Draft, folder: Place) -> None:
    """Copy checkpoints alone: of promotions, and of a log that is not in the home.

    Raises:
        BackupError: they cannot be read, or the backup cannot be written.
    """
    for name, content in read_raw(folder).items():
        draft.put(content, f"{CHECKPOINTS}/{folder.name}/{name}.jsonl")


def _back_up(draft: Draft, source: Path, place: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS

    def watch(status: int, _remaining: int, _total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > deadline:
            raise BackupError(f"{source} was locked for {_PATIENCE_SECONDS:.0f} s.", "Let go of it, then again.")

    with draft.writing():
        place.unlink(missing_ok=True)
        os.close(os.open(place, os.O_WRONLY | os.O_CREAT, 0o600))
    with closing(open_reading(source)) as live, closing(sqlite3.connect(place)) as copy:
        copy.execute("PRAGMA synchronous = OFF").fetchone()  # all is synced together at the end
        try:
            live.backup(copy, pages=-1, progress=watch)
        except sqlite3.OperationalError as error:
            if _is_full(error):
                with draft.writing():
                    raise OSError(error.sqlite_errorcode, "No space left on device") from error
            raise
        # The pages are copied as they lie there, whatever is in them.
        (state,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    if state != "ok":
        raise sqlite3.DatabaseError(str(state).replace("\n", " "))


def _is_full(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_IOERR_WRITE)


def open_reading(source: Path, *, nobody_writes: bool = False) -> sqlite3.Connection:
    """A connection that only reads a database that others may write to.

    Args:
        source: its file.
        nobody_writes: as in a backup, beside whose files none of SQLite's locks shall appear.

    Raises:
        FileNotFoundError: it is gone.
    """
    if not source.is_file():
        raise FileNotFoundError(source)
    # Of a medium that takes nothing, not even the file of SQLite's locks, nobody writes meanwhile either.
    alone = not os.access(source.parent, os.W_OK) and not source.with_name(f"{source.name}-wal").exists()
    how = {"mode": "ro", "immutable": "1"} if alone or nobody_writes else {"mode": "ro"}
    return sqlite3.connect(literal.sqlite_uri(source, how), uri=True, timeout=_PATIENCE_SECONDS)


def _what_is_in(log: Path) -> tuple[int, dict[str, int]]:
    """How many decisions, and the last place in the chain of each writer."""
    with closing(open_reading(log, nobody_writes=True)) as copy:
        names = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        count = copy.execute("SELECT count(*) FROM decisions").fetchone()[0] if "decisions" in names else 0
        last: dict[str, int] = {}
        for table in names & set(_CHAINED):
            columns = {row[1] for row in copy.execute(f"PRAGMA table_info({table})")}
            if not {"writer", "sequence"} <= columns:  # of a version before the chain
                continue
            query = f"SELECT writer, max(sequence) FROM {table} WHERE writer IS NOT NULL GROUP BY writer"  # noqa: S608  # a name of ours
            for writer, sequence in copy.execute(query):
                last[writer] = max(last.get(writer, 0), int(sequence))
    return count, last


def _vouching(content: bytes, known: int, last: int) -> bytes:
    """The lines from before the database was copied, and those behind them that vouch for rows of the copy."""
    end = min(known, len(content))
    for line in content[end:].splitlines(keepends=True):
        if _is_beyond(line, last):
            break
        end += len(line)
    return content[:end]


def _is_beyond(line: bytes, last: int) -> bool:
    try:
        document: dict[str, Any] = orjson.loads(line)
        return document["kind"] in _VOUCHING and document["sequence"] > last
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return True
