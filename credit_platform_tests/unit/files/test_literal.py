"""A path means the file of that name, whatever characters it has."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from credit_platform.files import literal

NAMES = [
    "a[1]",
    "a*",
    "a?",
    "~a",
    "a b",
    "é",
    "e\u0301",
    "a%20b",
    "a#1",
    "日本",
    "-a",
    "a'b",
    'a"b',
    "a{b}",
    "x=1",
    "a\\b",
]
ROWS = pl.DataFrame({"n": [1, 2, 3]})
OTHERS = pl.DataFrame({"n": [9]})


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_read_by_its_name_and_not_what_the_name_might_match(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    for other in ("a1", "ab", "a"):  # what a pattern would find
        OTHERS.write_csv(folder / f"{other}.csv")
        OTHERS.write_parquet(folder / f"{other}.parquet")
    csv, parquet = folder / f"{name}.csv", folder / f"{name}.parquet"
    csv.write_text("n\n1\n2\n3\n")
    ROWS.lazy().sink_parquet(literal.exact(parquet))
    for frame in (
        literal.read_csv(csv),
        literal.scan_csv(csv).collect(),
        literal.read_parquet(parquet),
        literal.scan_parquet(parquet).collect(),
        literal.scan_parquet([parquet]).collect(),
    ):
        assert frame.equals(ROWS)  # and no column from a folder called x=1


def test_a_relative_name_with_a_tilde_is_no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("~").mkdir()
    ROWS.write_csv(tmp_path / "~" / "a.csv")
    assert literal.read_csv("~/a.csv").equals(ROWS)


def test_addresses_of_object_stores_stay_and_nothing_is_not_everything() -> None:
    assert literal.exact("s3://bucket/a b.parquet") == "s3://bucket/a b.parquet"
    with pytest.raises(ValueError, match="at least one file"):
        literal.scan_parquet([])


@pytest.mark.parametrize("name", [*NAMES, "a?mode=memory"])
def test_sqlite_opens_the_file_of_that_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE t (n)")
    with closing(sqlite3.connect(literal.sqlite_uri(path, {"mode": "ro"}), uri=True)) as connection:
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("DELETE FROM t")
