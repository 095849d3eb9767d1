"""Incidents as rows: each once, with who was told, about whom; also out of the database of an earlier home."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from credit_platform.monitoring.notices.history import SCHEMA, about, incident_rows
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.notices.problems import Problem, Recovery
from credit_platform.monitoring.notices.receiver import alert_observations
from credit_platform.settings import Settings
from credit_platform_tests.unit.monitoring.notices.test_receiver import alert

NAMES = ["german_credit", "german", "home_credit"]
NOW = 1_800_000_000.0
WAYS = ["file", "webhook"]


def problem(key: str, at: float = NOW) -> Problem:
    return Problem(key=key, title=f"{key} is wrong", message="Mend it.", at=at, owner="team:operations")


def rows_of(book: IncidentBook, portfolio: str = "german_credit") -> pl.DataFrame:
    return incident_rows(*book.history(), portfolio, NAMES)


@pytest.fixture
def book(tmp_path: Path) -> IncidentBook:
    return IncidentBook.of(Settings(home=tmp_path / "a home, été"))


@pytest.mark.parametrize(
    ("key", "named", "portfolio"),
    [
        ("check:german_credit/raw/applications:no_outliers", "", "german_credit"),
        ("step:german_credit__models__scorer", "", "german_credit"),
        ("run:german_credit", "", "german_credit"),
        ("run:german_credit_monitoring", "", "german_credit"),
        ("sensor:home_credit_raw_files", "", "home_credit"),
        ("stale:german/monitoring/drift", "", "german"),
        ("run:germanic_monitoring", "", None),
        ("daemon", "", None),
        ("program:Dagster", "", None),
        ("alert:DriftHigh:f1", "home_credit", "home_credit"),
        ("alert:ApiDown:f1", "", None),
    ],
)
def test_whom_an_incident_is_about(key: str, named: str, portfolio: str | None) -> None:
    assert about(key, named, NAMES) == portfolio


def test_a_row_says_since_when_who_was_told_and_when_it_was_over(book: IncidentBook) -> None:
    book.observe([problem("check:german_credit/raw/applications:x"), problem("daemon", NOW + 1)], WAYS)
    book.observe([problem("check:home_credit/raw/bureau:x")], WAYS)
    claimed = book.claim(WAYS, NOW + 2)
    book.settle(claimed["file"], NOW + 3)
    book.postpone(claimed["webhook"], NOW + 3, "It does not answer.")
    book.observe([problem("daemon", NOW + 5)], WAYS)
    book.observe([Recovery(key="daemon", at=NOW + 9, message="It beats.")], WAYS)
    rows = rows_of(book)
    assert rows.schema == SCHEMA
    first, second = rows.rows(named=True)
    assert (first["source"], first["portfolio"], first["resolved"]) == ("check", "german_credit", None)
    assert (first["told_to"], first["not_reached"]) == ("file", "webhook")
    assert first["told_at"] == datetime.fromtimestamp(NOW + 3, UTC)
    assert (second["source"], second["portfolio"], second["times"]) == ("daemon", None, 2)
    assert (second["opened"], second["last_seen"]) == tuple(datetime.fromtimestamp(NOW + n, UTC) for n in (1, 5))
    assert (second["resolved"], second["resolution"]) == (datetime.fromtimestamp(NOW + 9, UTC), "It beats.")
    assert rows_of(book).equals(rows), "the same memory gives the same rows"


def test_an_alert_is_of_the_portfolio_that_its_label_names(book: IncidentBook) -> None:
    labels = {"alertname": "DriftHigh", "severity": "warning", "portfolio": "home_credit"}
    book.observe(alert_observations({"alerts": [alert(labels=labels)]}), ["file"])
    assert rows_of(book).is_empty()
    (row,) = rows_of(book, "home_credit").rows(named=True)
    assert (row["source"], row["portfolio"], row["severity"]) == ("alert", "home_credit", "warning")


def test_without_an_incident_there_are_no_rows_and_all_columns(book: IncidentBook) -> None:
    assert rows_of(book).equals(pl.DataFrame(schema=SCHEMA))


def test_the_memory_of_an_earlier_home_gets_the_column_and_keeps_its_rows(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    IncidentBook.of(settings).observe([problem("run:german_credit")], WAYS)
    file = tmp_path / "incidents" / "incidents.db"
    with sqlite3.connect(file) as database:
        database.execute("ALTER TABLE incidents DROP COLUMN portfolio")
    database.close()
    for _ in range(2):
        book = IncidentBook.of(settings)
        book.observe([problem("run:german_credit", NOW + 1)], WAYS)
    assert rows_of(book)["times"].to_list() == [2]
