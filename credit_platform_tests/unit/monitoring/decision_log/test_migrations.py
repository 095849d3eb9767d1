"""Logs that earlier code wrote: what they say, prove and answer stays as it was."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from credit_platform.errors import DecisionLogError
from credit_platform.monitoring.decision_log import Conflict, DecisionStore, Recorded, ShadowLog, verify
from credit_platform.monitoring.decision_log.migrations import MIGRATIONS
from credit_platform_tests.postgres import Postgres
from credit_platform_tests.unit.monitoring.decision_log.conftest import ACT, make_record, old_log

CHALLENGER, CHAMPION = "c" * 64, "e" * 64
WRITTEN = ["single", "other", "nobody", "batch:0", "batch:1", "batch:2"]


def places(file: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(file) as connection:
        rows = connection.execute("SELECT id, request_id, writer, sequence, link, salt FROM decisions").fetchall()
    connection.close()
    return rows


def shadows(store: DecisionStore) -> list[str]:
    found = ShadowLog(store).pairs("german_credit", champion=CHAMPION, challenger=CHALLENGER)
    return [one.request_id for one in found]


def require_old_answers(store: DecisionStore) -> None:
    """Everything is there, and what is asked again is not decided again."""
    assert [one.request_id for one in store.each()] == WRITTEN
    assert shadows(store) == ["single", "batch:1"]
    [again] = store.append([make_record("single")])
    assert isinstance(again, Recorded)
    assert again.repeated
    batch = [make_record(f"batch:{n}", client=None, applicant_id=f"B-{n}", batch_digest="b" * 64) for n in range(3)]
    batch[0] = make_record("batch:0", client=None, batch_id="batch", batch_digest="b" * 64)
    assert [one.repeated for one in store.append(batch) if isinstance(one, Recorded)] == [True] * 3
    more = [*batch, make_record("batch:3", client=None, batch_digest="b" * 64)]
    assert all(isinstance(one, Conflict) for one in store.append(more))
    assert [one.request_id for one in store.each()] == WRITTEN


@pytest.mark.parametrize("version", [2, 3])
def test_an_old_log_says_and_answers_what_it_did(tmp_path: Path, version: int) -> None:
    store = old_log(tmp_path / "journal à lire", version)
    require_old_answers(store)
    assert isinstance(store.append([make_record("single", client="another")])[0], Recorded)
    store.erase("B-1", ACT)
    assert shadows(store) == ["single"]
    store.close()
    for _ in range(2):
        found = verify(DecisionStore(store.engine.url.render_as_string()))
        assert (found.findings, found.uncovered) == ([], 0)


def test_the_chain_is_what_it_was(tmp_path: Path) -> None:
    store = old_log(tmp_path / "log", 3)
    before = places(tmp_path / "log" / "decisions.db")
    assert verify(store).findings == []
    assert places(tmp_path / "log" / "decisions.db") == before
    with store.connect() as connection:
        connection.execute(text("UPDATE decisions SET client_name = 'x' WHERE request_id = 'single'"))
        connection.commit()
    assert [one.request_id for one in verify(store).findings] == ["single"]


def test_two_at_once_migrate_once(tmp_path: Path) -> None:
    first = old_log(tmp_path / "log", 3)
    stores = [first, *(DecisionStore(first.engine.url.render_as_string()) for _ in range(3))]
    threads = [threading.Thread(target=store.count) for store in stores]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    with first.connect() as connection:
        versions = connection.execute(text("SELECT version FROM decision_log_migrations ORDER BY 1")).scalars().all()
    assert versions == [migration.version for migration in MIGRATIONS]
    require_old_answers(stores[1])


def test_an_old_log_where_nothing_may_be_written_says_what_to_do(tmp_path: Path) -> None:
    old_log(tmp_path / "log", 3)
    auditor = DecisionStore(f"sqlite:///{tmp_path / 'log' / 'decisions.db'}", read_only=True)
    for _ in range(2):
        with pytest.raises(DecisionLogError, match=r"schema version 3, this code reads 4.*Copy it"):
            auditor.count()
    assert len(places(tmp_path / "log" / "decisions.db")) == len(WRITTEN)


@pytest.mark.xdist_group("postgres")
def test_a_log_in_postgresql_is_migrated_in_place(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_DECISION_CHECKPOINTS", str(tmp_path / "checkpoints"))
    url = postgres.new_database()
    store = DecisionStore(url)
    store.append([make_record("single"), make_record("other", client="beefbeef"), make_record("nobody", client=None)])
    store.append([make_record(f"batch:{n}", client=None, applicant_id=f"B-{n}") for n in range(3)])
    with store.connect() as connection:
        for statement in _AS_VERSION_3:
            connection.execute(text(statement))
        connection.commit()
    store = DecisionStore(url)
    require_old_answers(store)
    with store.connect() as connection:
        assert inspect(connection).get_unique_constraints("decisions") == []
        [key] = inspect(connection).get_foreign_keys("shadow_decisions")
        assert (key["constrained_columns"], key["options"]) == (["decision_id"], {"ondelete": "CASCADE"})
        assert connection.execute(text("SHOW statement_timeout")).scalar_one() == "3s"
    assert isinstance(store.append([make_record("single", client="another")])[0], Recorded)
    store.close()
    assert verify(store).findings == []


_AS_VERSION_3 = (
    "DROP INDEX decisions_claim",
    "ALTER TABLE decisions ADD CONSTRAINT decisions_request_id_key UNIQUE (request_id)",
    "ALTER TABLE decisions DROP COLUMN client_name, DROP COLUMN batch_id, DROP COLUMN batch_digest",
    "DROP TABLE shadow_decisions",
    "CREATE TABLE shadow_decisions (request_id VARCHAR(160) NOT NULL, model_digest VARCHAR(64) NOT NULL, "
    "scored_at TIMESTAMPTZ NOT NULL, model_name VARCHAR(128) NOT NULL, model_version VARCHAR(64) NOT NULL, "
    "feature_version VARCHAR(64) NOT NULL, probability DOUBLE PRECISION NOT NULL, decision VARCHAR(16) NOT NULL, "
    "threshold DOUBLE PRECISION NOT NULL, PRIMARY KEY (request_id, model_digest), "
    "FOREIGN KEY(request_id) REFERENCES decisions (request_id) ON DELETE CASCADE)",
    f"INSERT INTO shadow_decisions SELECT request_id, '{CHALLENGER}', now(), 'm', 'v', 'f', 0.3, 'accepted', 0.5 "
    "FROM decisions WHERE request_id IN ('single', 'batch:1')",
    "DELETE FROM decision_log_migrations WHERE version = 4",
)
"""Turns a log of today into one as version 3 of the schema had it."""
