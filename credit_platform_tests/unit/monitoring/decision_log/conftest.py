"""A decision log in each of the databases it can live in, and records to write."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from credit_platform.monitoring.decision_log import Act, DecisionRecord, DecisionStore
from credit_platform_tests.postgres import Postgres, postgres

__all__ = ["postgres"]

ACT = Act(person="K. Auditor", reason="a test", account="tester")
OLD_LOGS = Path(__file__).parent / "old_logs"
MakeRecord = Callable[..., DecisionRecord]


def make_record(request_id: str = "r1", **changes: object) -> DecisionRecord:
    values: dict[str, Any] = {
        "decided_at": datetime(2026, 11, 21, 9, 30, 0, 123456, tzinfo=UTC),
        "request_id": request_id,
        "applicant_id": "A-1",
        "client": "0123abcd",
        "portfolio": "german_credit",
        "inputs": '{"amount":1}',
        "inputs_digest": "d" * 64,
        "features": json.dumps({"amount": 0.1 + 0.2, "purpose": "élevé", "empty": None, "odd": float("nan")}),
        "probability": 0.1 + 0.2,
        "decision": "refused",
        "threshold": 1 / 6,
        "points": 500,
        "language": "fr",
        "answer": json.dumps({"request_id": request_id, "reasons": [{"code": "amount"}]}),
        "model_name": "german_credit",
        "model_version": "abc",
        "model_digest": "e" * 64,
        "feature_version": "f",
        "latency_ms": 1.5,
    }
    return DecisionRecord(**{**values, **changes})


def old_log(folder: Path, version: int) -> DecisionStore:
    """A log in SQLite as the code of an earlier version of the schema wrote it: seven decisions, one erased.

    `single`, `other` and `nobody` came alone, from three clients; `batch:0` to `batch:2` together, from nobody.
    Challengers scored `single` and `batch:1`. Its checkpoints are there, if that version wrote any.
    """
    saved = OLD_LOGS / f"version_{version}"
    folder.mkdir(parents=True)
    with sqlite3.connect(folder / "decisions.db") as connection:
        connection.executescript((saved / "decisions.sql").read_text(encoding="utf-8"))
    connection.close()
    if (saved / "checkpoints").is_dir():
        shutil.copytree(saved / "checkpoints", folder / "checkpoints")
    return DecisionStore(f"sqlite:///{folder / 'decisions.db'}")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'log' / 'decisions.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgres"))])
def store(request: pytest.FixtureRequest) -> Iterator[DecisionStore]:
    if request.param == "sqlite":
        yield DecisionStore(request.getfixturevalue("sqlite_url"))
    else:
        server: Postgres = request.getfixturevalue("postgres")
        tmp_path: Path = request.getfixturevalue("tmp_path")
        monkeypatch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
        monkeypatch.setenv("CREDIT_PLATFORM_DECISION_CHECKPOINTS", str(tmp_path / "checkpoints"))
        yield DecisionStore(server.new_database())
