"""What disk, databases, stores and servers say becomes a sentence that names the thing, its cure, and no password."""

from __future__ import annotations

import errno
import os
import sqlite3
from functools import partial
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy
from deltalake import DeltaTable
from mlflow.exceptions import MlflowException

from credit_platform.outside_errors import explained, explained_text


def raised(fail: object) -> BaseException:
    assert callable(fail)
    try:
        fail()
    except Exception as error:  # noqa: BLE001  # whichever it is, is what is looked at
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    ("code", "sentence", "cure"),
    [
        (errno.ENOSPC, "There is no space left for /a b/é.parquet.", "Free some"),
        (errno.EDQUOT, "There is no space left for /a b/é.parquet.", "Free some"),
        (errno.EROFS, "/a b/é.parquet cannot be written: it is read-only.", "CREDIT_PLATFORM_HOME"),
        (errno.EACCES, "This account may not use /a b/é.parquet.", "right"),
        (errno.EIO, "The device under /a b/é.parquet does not answer as it should.", "log of the device"),
        (errno.EMFILE, "This process has too many files open.", "ulimit"),
        (errno.EISDIR, "/a b/é.parquet: is a directory.", "another place"),
        (errno.ENAMETOOLONG, "/a b/é.parquet: file name too long.", "another place"),
    ],
)
def test_what_the_system_says_of_a_file(code: int, sentence: str, cure: str, tmp_path: Path) -> None:
    error = OSError(code, os.strerror(code), "/a b/é.parquet")
    for found in (explained(error, tmp_path), explained_text(f"{type(error).__name__}: {error}", tmp_path)):
        assert found is not None
        assert found.what == sentence
        assert cure in found.cure


def test_a_damaged_database_is_named_though_the_library_does_not(tmp_path: Path) -> None:
    (tmp_path / "mlflow").mkdir()
    good, bad = tmp_path / "mlflow" / "good.db", tmp_path / "mlflow" / "bad é.db"
    sqlite3.connect(good).execute("create table a (b)")
    bad.write_bytes(b"garbage" * 1000)
    (tmp_path / "mlflow" / "empty.db").touch()
    error = raised(lambda: sqlalchemy.create_engine(f"sqlite:///{bad}").connect().exec_driver_sql("select * from a"))
    found = explained(error, tmp_path)
    assert found is not None
    assert found.what == f"{bad} is damaged: what is in it is no database."
    worse = tmp_path / "optuna" / "worse.db"
    worse.parent.mkdir()
    worse.write_bytes(b"garbage")
    found = explained_text(f"sqlalchemy.exc.DatabaseError: {error}", tmp_path)
    assert found is not None
    assert found.what == f"These databases are damaged, what is in them is no database: {bad}, {worse}."


def test_a_database_that_cannot_be_opened_or_is_read_only(tmp_path: Path) -> None:
    missing = raised(lambda: sqlite3.connect(tmp_path / "nowhere" / "a.db"))
    found = explained(missing, tmp_path)
    assert found is not None
    assert "cannot be opened or made" in found.what
    read_only = sqlalchemy.exc.OperationalError(
        "insert", {}, sqlite3.OperationalError("attempt to write a readonly database")
    )
    found = explained(read_only, tmp_path)
    assert found is not None
    assert found.what == f"A database of the home {tmp_path} cannot be written: it is read-only."


def test_a_password_in_an_address_is_not_told(tmp_path: Path) -> None:
    text = (
        "psycopg.OperationalError: connection failed: postgresql://scoring:s3cret@db.example:5432/x: Connection refused"
    )
    found = explained_text(text, tmp_path)
    assert found is not None
    assert "s3cret" not in str(found)
    other = explained_text(text.replace("connection failed", "odd").replace("Connection refused", "odd"), tmp_path)
    assert other is not None
    assert "s3cret" not in str(other)
    assert "db.example" in str(other)


def deleted_experiment() -> None:
    raise MlflowException("Experiment 7 must be in the 'active' state")


def test_tables_files_and_mlflow(tmp_path: Path) -> None:
    for fail, about in (
        (partial(DeltaTable, str(tmp_path)), "table"),
        (partial(pl.read_parquet, tmp_path / "none.parquet"), "none.parquet"),
        (deleted_experiment, "Experiment 7"),
    ):
        found = explained(raised(fail), tmp_path)
        assert found is not None
        assert about in found.what


def test_the_cause_is_looked_at(tmp_path: Path) -> None:
    error = RuntimeError("the step failed")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device", "/x")
    found = explained(error, tmp_path)
    assert found is not None
    assert found.what == "There is no space left for /x."


@pytest.mark.parametrize("error", [ValueError("no space left"), ZeroDivisionError(), KeyError("read-only file system")])
def test_faults_of_our_own_are_not_taken_for_others(error: Exception, tmp_path: Path) -> None:
    assert explained(error, tmp_path) is None
    assert explained_text(f"{type(error).__name__}: {error}", tmp_path) is None
