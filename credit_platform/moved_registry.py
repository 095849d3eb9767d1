"""The MLflow store of a home that was copied, moved or restored: its artefacts are those of this home.

What is here: `follow_home`.
What to add here: another column in which MLflow keeps where an artefact lies.
What must not be here: MLflow itself (`modelling/tracking.py`).

MLflow keeps the whole address of every artefact in its database. In a copied home these would be those of the original,
which would be read from, and written to by the next run. So whoever opens the store of a home makes them its own first:
what began with `<any home>/mlflow/artifacts` begins with that of this home. A place outside of every home, which
`CREDIT_PLATFORM_MLFLOW_ARTIFACT_ROOT` once named, is left alone.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

_SQLITE = "sqlite:///"
_COLUMNS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
_INSIDE = "/mlflow/artifacts"
_DEFAULT = "/mlruns"
"""MLflow puts its own experiment, number 0, below whichever folder its store was first opened in; we do not use it."""
_PATIENCE_SECONDS = 60.0


def follow_home(uri: str, artifact_root: str | None) -> bool:
    """Make the addresses of artefacts in a home's MLflow store those of this home; whether any had to be changed.

    Nothing is done for a store, or a root of artefacts, that is not where a home has it; nor on a read-only medium.

    Args:
        uri: of the store.
        artifact_root: where its artefacts lie.

    Raises:
        sqlite3.Error: somebody else keeps the database locked.
    """
    if not uri.startswith(_SQLITE) or artifact_root is None or "://" in artifact_root:
        return False
    database, root = Path(uri.removeprefix(_SQLITE)), Path(artifact_root).resolve()
    if root != database.resolve().parent / "artifacts" or not os.access(database, os.W_OK):
        return False
    try:
        return _follow(database, root)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):  # MLflow says so to who needs it
            return False
        raise


def _follow(database: Path, root: Path) -> bool:
    # By hand: the module's own transactions would not cover what is read first.
    with closing(sqlite3.connect(database, timeout=_PATIENCE_SECONDS, isolation_level=None)) as connection:
        if not _foreign(connection, root):
            return False
        connection.execute("BEGIN IMMEDIATE")
        moved = _foreign(connection, root)
        for table, column in _COLUMNS:
            for old in moved if column in _columns(connection, table) else ():
                _replace(connection, table, column, old, root.as_uri() if "://" in old else str(root))
        connection.execute("COMMIT")
    return bool(moved)


def _foreign(connection: sqlite3.Connection, root: Path) -> list[str]:
    """Roots of artefacts of other homes, as they begin addresses here; the longest first."""
    if "artifact_location" not in _columns(connection, "experiments"):
        return []  # a store that MLflow has not set up yet
    rows = connection.execute("SELECT DISTINCT artifact_location FROM experiments WHERE artifact_location IS NOT NULL")
    found = {str(location).rpartition("/")[0]: str(location).rpartition("/")[2] for (location,) in rows}
    return sorted((old for old, name in found.items() if _is_of_another_home(old, name, root)), key=len, reverse=True)


def _is_of_another_home(old: str, experiment: str, root: Path) -> bool:
    if "://" in old and not old.startswith("file://"):
        return False
    place = Path(unquote(urlsplit(old).path) if "://" in old else old)
    if old.endswith(_DEFAULT) and experiment == "0":
        return not place.is_dir()
    if place == root or not old.endswith(_INSIDE):
        return False
    # Somebody's own root may be called so, too: it has no database beside it, and is where it always was.
    is_own = place.is_dir() and not (place.parent / "mlflow.db").exists() and not (root / unquote(experiment)).exists()
    return not is_own


def _replace(connection: sqlite3.Connection, table: str, column: str, old: str, new: str) -> None:
    connection.execute(
        f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE substr({column}, 1, ?) = ?",  # noqa: S608  # names of `_COLUMNS`
        (new, len(old) + 1, len(old) + 1, f"{old}/"),
    )


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
