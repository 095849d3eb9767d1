"""Commits to Dagster's SQLite files without a wait: which files, for how long, and that nothing is lost."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import sqlalchemy as sa

from credit_platform.orchestration.event_log import quick_commits

NORMAL = 1


def write(file: Path, value: int) -> int:
    """Add a row as Dagster does, over a connection of its own; return how the connection commits."""
    engine = sa.create_engine(f"sqlite:///{file}", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text("PRAGMA journal_mode=WAL"))
        connection.execute(sa.text("CREATE TABLE IF NOT EXISTS events (value INTEGER)"))
        connection.execute(sa.text("INSERT INTO events VALUES (:value)"), {"value": value})
        connection.commit()
        synchronous = connection.execute(sa.text("PRAGMA synchronous")).scalar_one()
    engine.dispose()
    return int(synchronous)


def rows(file: Path) -> list[int]:
    connection = sqlite3.connect(file)
    try:
        return [value for (value,) in connection.execute("SELECT value FROM events ORDER BY value")]
    finally:
        connection.close()


def test_only_files_below_the_folder_commit_without_a_wait_and_only_meanwhile(tmp_path: Path) -> None:
    folder, other = tmp_path / "dagster" / "history", tmp_path / "mlflow.db"
    folder.mkdir(parents=True)
    usual = write(other, 1)
    assert usual != NORMAL
    with quick_commits(tmp_path / "dagster"):
        assert write(folder / "index.db", 1) == NORMAL
        assert write(other, 2) == usual
    assert write(folder / "index.db", 2) == usual


def test_the_log_is_emptied_at_the_end_and_every_row_is_in_the_file(tmp_path: Path) -> None:
    file, log = tmp_path / "index.db", tmp_path / "index.db-wal"
    with quick_commits(tmp_path):
        write(file, 1)
        assert not log.exists(), "the last connection to a file empties its log"
        write(file, 2)
        write(file, 3)
        assert log.stat().st_size > 0, "another connection is open"
        assert rows(file) == [1, 2, 3]
    assert not log.exists()
    assert rows(file) == [1, 2, 3]


def test_a_database_in_memory_is_left_alone(tmp_path: Path) -> None:
    with quick_commits(tmp_path):
        engine = sa.create_engine("sqlite://")
        with engine.connect() as connection:
            assert connection.execute(sa.text("PRAGMA synchronous")).scalar_one() != NORMAL
        engine.dispose()


def test_a_folder_behind_a_link_counts_and_one_of_a_like_name_does_not(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real-other").mkdir()
    (tmp_path / "link").symlink_to("real")
    with quick_commits(tmp_path / "link"):
        assert write(tmp_path / "link" / "index.db", 1) == NORMAL
        assert write(tmp_path / "real-other" / "index.db", 1) != NORMAL
