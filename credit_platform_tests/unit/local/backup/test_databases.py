"""Of the checkpoints that came while the log was copied, those stay that vouch for rows of the copy."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from credit_platform.errors import BackupError
from credit_platform.local.backup.copying import Draft
from credit_platform.local.backup.databases import _vouching, copy_database, copy_decisions, is_database, open_reading
from credit_platform_tests.unit.local.backup.homes import database, put, rows_in


def line(kind: str, sequence: int) -> bytes:
    return json.dumps({"kind": kind, "sequence": sequence}).encode() + b"\n"


def test_lines_stay_while_they_vouch_for_rows_of_the_copy() -> None:
    lines = [line("start", 0), line("checkpoint", 5), line("announced", 9), line("checkpoint", 9), line("close", 12)]
    whole = b"".join(lines)
    assert _vouching(whole, 0, 12) == whole
    assert _vouching(whole, 0, 9) == b"".join(lines[:4])
    assert _vouching(whole, 0, 8) == b"".join(lines[:3])
    assert _vouching(whole, 0, 0) == lines[0]
    # What was there before stays, whatever it vouches for: a log that was cut is found out.
    assert _vouching(whole, len(whole), 0) == whole
    assert _vouching(lines[0] + b"no line\n" + lines[1], 0, 12) == lines[0]


def test_a_database_is_told_by_its_first_bytes(tmp_path: Path) -> None:
    database(tmp_path / "a", 3)
    put(tmp_path / "b.db", "none")
    assert is_database(tmp_path / "a")
    assert not is_database(tmp_path / "b.db")
    with pytest.raises(FileNotFoundError):
        open_reading(tmp_path / "c")


def test_a_database_is_copied_while_somebody_writes(tmp_path: Path) -> None:
    database(tmp_path / "a.db", 3)
    draft = Draft(tmp_path / "draft", tmp_path, None, {})
    writing = open_writing(tmp_path / "a.db")
    try:
        assert copy_database(draft, tmp_path / "a.db", "x/a.db") is None
        assert rows_in(draft.home / "x" / "a.db") == 3  # what was not committed is not in it
    finally:
        writing.close()
    assert draft.entries["x/a.db"].size > 0


def open_writing(path: Path) -> sqlite3.Connection:

    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO t VALUES (9)")
    return connection


def test_a_damaged_decision_log_makes_no_backup(tmp_path: Path) -> None:
    database(tmp_path / "decisions" / "decisions.db", 100)
    path = tmp_path / "decisions" / "decisions.db"
    path.write_bytes(path.read_bytes()[:-100])
    draft = Draft(tmp_path / "draft", tmp_path, None, {})
    with pytest.raises(BackupError, match=r"decisions.db is damaged. No backup"):
        copy_decisions(draft, tmp_path, tmp_path / "checkpoints")
