"""Whether databases answer: files, servers, and those that accept a connection and say nothing."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from credit_platform.monitoring.exporter import reachability
from credit_platform.monitoring.exporter.reachability import answers, business_hours, decision_logs, disk, mlflow
from credit_platform.monitoring.metrics.pipeline import OPEN_FOR_BUSINESS
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_file_answers_is_absent_or_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "a home, é" / "d#b.db"
    assert answers(f"sqlite:///{file}") is None
    file.parent.mkdir()
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE t (x)")
    connection.commit()
    connection.close()
    assert answers(f"sqlite:///{file}") is True
    file.write_bytes(b"no database, but long enough to be one" * 100)
    assert answers(f"sqlite:///{file}") is False


@pytest.mark.parametrize("address", ["http://127.0.0.1:{}", "postgresql+psycopg://u@127.0.0.1:{}/d"])
def test_a_server_that_is_gone_or_says_nothing_is_lost(
    silent: int, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reachability, "PATIENCE_SECONDS", 2.0)
    assert answers(address.format(silent)) is False
    assert answers(address.format(1)) is False


def test_a_fresh_home_has_no_database_to_lose(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert list(mlflow(settings)) == []
    assert list(decision_logs(settings)) == []


def test_logs_are_told_by_name(tmp_path: Path) -> None:
    lost = {"paris": "postgresql+psycopg://u:secret@127.0.0.1:1/d"}
    (sample,) = decision_logs(Settings(home=tmp_path, decision_logs=lost))
    assert (sample.labels, sample.value) == (("paris",), 0.0)


def test_the_disk_is_fuller_than_empty(tmp_path: Path) -> None:
    used, size = disk(Settings(home=tmp_path))
    assert 0 < used.value < size.value


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (datetime(2026, 11, 30, 7, 59, tzinfo=UTC), 0.0),  # Monday, 8:59 in Paris
        (datetime(2026, 11, 30, 8, 0, tzinfo=UTC), 1.0),
        (datetime(2026, 7, 6, 7, 0, tzinfo=UTC), 1.0),  # in summer the sun is two hours ahead
        (datetime(2026, 11, 30, 17, 0, tzinfo=UTC), 0.0),
        (datetime(2026, 11, 29, 11, 0, tzinfo=UTC), 0.0),  # Sunday
    ],
)
def test_hours_are_those_of_the_portfolio(moment: datetime, is_open: float) -> None:
    samples = list(business_hours([get_portfolio("german_credit")], clock=lambda: moment))
    assert [(s.labels, s.value) for s in samples if s.metric is OPEN_FOR_BUSINESS] == [(("german_credit",), is_open)]
