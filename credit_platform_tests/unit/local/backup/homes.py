"""A small home with something of each kind in it, and what a test asks of one."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.monitoring.decision_log import Act, DecisionStore, Verification, verify
from credit_platform.settings import Settings
from credit_platform_tests.unit.monitoring.decision_log.conftest import make_record

KEY = "german_credit/raw/applications"
ACT = Act(person="K. Auditor", reason="a test", account="tester")


def decide(settings: Settings, *names: str, at: datetime | None = None, portfolio: str = "german_credit") -> None:
    """Log a decision about each applicant."""
    with closing(store_of(settings)) as store:
        moment = at or datetime.now(UTC)
        store.append(
            [
                make_record(
                    f"{name}-{portfolio}-{moment:%Y%m%d%H%M%S%f}",
                    applicant_id=name,
                    decided_at=moment,
                    portfolio=portfolio,
                )
                for name in names
            ]
        )


def applicants(settings: Settings) -> list[str]:
    """Whom the log knows."""
    return sorted(str(one.applicant_id) for one in store_of(settings).each())


def store_of(settings: Settings) -> DecisionStore:
    """The decision log of a home, with the checkpoints beside it."""
    return DecisionStore(settings.decision_log, settings.decision_checkpoints)


def verified(settings: Settings) -> Verification:
    """What following the log finds."""
    return verify(store_of(settings))


def fill(settings: Settings) -> None:
    """Put something of each kind into a home."""
    home = settings.home
    write_table(settings, 3)
    write_table(settings, 4)
    decide(settings, "A-1", "A-2")
    database(home / "optuna" / "german_credit.db", 5)
    database(home / "mlflow" / "mlflow.db", 7)
    for name in ("raw/german_credit/a file.csv", "scorers/german_credit/abc/scorer.json", "reports/x/é.html"):
        put(home / name, name)
    put(home / "api_keys.json", "[]", mode=0o600)
    for name in ("page_token", "up.json", "running_services.lock", "logs/dagster.log", "matplotlib/fonts.json"):
        put(home / name, "of this machine")
    put(home / "notifications.jsonl", "{}\n")


def put(path: Path, text: str, mode: int = 0o644) -> None:
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def write_table(settings: Settings, rows: int, key: str = KEY) -> None:
    """A version of a table."""
    Lakehouse(settings.lakehouse_root).write(key, pl.DataFrame({"a": list(range(rows))}), info=CommitInfo())


def database(path: Path, rows: int) -> None:
    """An SQLite file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE t (a)")
        connection.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(rows)])


def rows_in(path: Path) -> int:
    """How many rows `database` put there."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM t").fetchone()[0])


@contextmanager
def full_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of its own that is soon full."""
    folder.mkdir()
    assert os.system(f"mount -t tmpfs -o size={size} tmpfs '{folder}'") == 0
    try:
        yield folder
    finally:
        os.system(f"umount '{folder}'")
