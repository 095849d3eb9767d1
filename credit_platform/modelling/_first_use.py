"""One process at a time sets up an MLflow store; kept apart from `tracking`, which needs it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path

_SQLITE = "sqlite:///"
_PATIENCE_SECONDS = 120.0


def first_use(uri: str) -> AbstractContextManager[object]:
    """Let one process at a time make tables and experiments of a SQLite store: MLflow's own set-up races.

    The lock is a SQLite transaction on a file of its own, so the system releases it when a process is killed.
    """
    database = database_of(uri)
    if database is None:
        return nullcontext()
    database.parent.mkdir(parents=True, exist_ok=True)
    return _exclusive(database.with_name(f"{database.name}.lock"))


def database_of(uri: str) -> Path | None:
    """The file of a SQLite store; None of any other."""
    return Path(uri.removeprefix(_SQLITE)) if uri.startswith(_SQLITE) else None


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, timeout=_PATIENCE_SECONDS, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("COMMIT")
