"""Writing, finding and removing decisions, in SQLite and in PostgreSQL."""

from __future__ import annotations

import json
import math
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from credit_platform.errors import DecisionLogError, DecisionLogLostError
from credit_platform.monitoring.decision_log import (
    Conflict,
    DecisionRecord,
    DecisionStore,
    Filter,
    Recorded,
    default_url,
)
from credit_platform.monitoring.decision_log.migrations import MIGRATIONS, Migration, migrate
from credit_platform_tests.postgres import Postgres
from credit_platform_tests.unit.monitoring.decision_log.conftest import ACT, make_record


def ids(store: DecisionStore, wanted: Filter | None = None) -> list[str]:
    return [decision.request_id for decision in store.each(wanted or Filter())]


def test_what_is_written_comes_back_to_the_last_bit(store: DecisionStore) -> None:
    record = make_record()
    assert store.append([record]) == [Recorded(record.answer, repeated=False)]
    found = store.find("r1")
    assert found is not None
    assert {name: getattr(found, name) for name in DecisionRecord.__slots__} == {
        name: getattr(record, name) for name in DecisionRecord.__slots__
    }
    assert found.reasons == [{"code": "amount"}]
    plain = found.to_dict()
    assert math.isnan(plain["features"].pop("odd"))
    assert plain["features"] == {"amount": 0.1 + 0.2, "purpose": "élevé", "empty": None}
    assert (plain["id"], plain["decided_at"]) == (1, "2026-11-21T09:30:00.123456+00:00")
    assert plain["inputs"] == {"amount": 1}
    assert store.find("r2") is None


def test_times_of_other_zones_are_stored_in_utc(store: DecisionStore) -> None:
    paris = datetime(2026, 11, 21, 1, 0, tzinfo=timezone(timedelta(hours=1)))
    store.append([make_record(decided_at=paris)])
    [found] = store.search()
    assert found.decided_at == paris
    assert found.decided_at.tzinfo == UTC


def test_an_equal_request_gets_the_first_answer_and_is_not_written_again(store: DecisionStore) -> None:
    first = make_record()
    store.append([first])
    assert store.append([make_record(answer="another", probability=0.9)]) == [Recorded(first.answer, repeated=True)]
    assert store.count() == 1
    # Within one group, too.
    again = make_record("r2")
    assert store.append([again, replace(again, answer="x")]) == [
        Recorded(again.answer, repeated=False),
        Recorded(again.answer, repeated=True),
    ]
    assert ids(store) == ["r1", "r2"]


def test_another_request_with_the_same_id_is_a_conflict(store: DecisionStore) -> None:
    store.append([make_record()])
    assert store.append([make_record(inputs_digest="0" * 64)]) == [Conflict("r1")]
    assert store.count() == 1


def test_of_many_records_all_are_written_or_none(store: DecisionStore) -> None:
    store.append([make_record("r3")])
    batch = [make_record("r1"), make_record("r2"), make_record("r3", inputs_digest="0" * 64)]
    assert store.append(batch)[2] == Conflict("r3")
    assert ids(store) == ["r3"]
    store.append(batch[:2])
    assert ids(store) == ["r3", "r1", "r2"]


def test_each_decision_says_where_it_lies_also_when_it_comes_again(store: DecisionStore) -> None:
    def places(*names: str) -> list[str]:
        outcomes = store.append([make_record(name) for name in names])
        return [outcome.place for outcome in outcomes if isinstance(outcome, Recorded)]

    said = dict(zip("ab", places("a", "b"), strict=True))
    said |= dict(zip("bcad", places("b", "c", "a", "d"), strict=True))  # of a group some are new
    many = [f"r{number}" for number in range(1203)]
    said |= dict(zip(many, places(*many), strict=True))
    store.append([make_record("z"), make_record("a", inputs_digest="0" * 64)])  # taken back
    said |= dict(zip("ey", places("e", "y"), strict=True))
    with store.session() as connection:
        rows = connection.execute(text("SELECT request_id, writer, sequence FROM decisions")).all()
    assert said == {row.request_id: f"{row.writer}:{row.sequence}" for row in rows}


def test_more_records_than_one_statement_takes(store: DecisionStore) -> None:
    records = [make_record(f"r{number}") for number in range(1203)]
    assert store.append(records) == [Recorded(record.answer, repeated=False) for record in records]
    assert ids(store) == [record.request_id for record in records]
    assert [decision.request_id for decision in store.search(limit=2)] == ["r1202", "r1201"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter(), ["a", "b", "c"]),
        (Filter(applicant_id="A-2"), ["b"]),
        (Filter(decision="accepted"), ["b", "c"]),
        (Filter(model_version="2", portfolio="german_credit"), ["c"]),
        (Filter(portfolio="other"), []),
        (Filter(since=datetime(2026, 11, 2, tzinfo=UTC)), ["b", "c"]),
        (Filter(until=datetime(2026, 11, 2, tzinfo=UTC)), ["a"]),
    ],
)
def test_filters(store: DecisionStore, wanted: Filter, expected: list[str]) -> None:
    store.append([make_record("a", decided_at=datetime(2026, 11, 1, 23, 59, 59, tzinfo=UTC))])
    second = make_record("b", decided_at=datetime(2026, 11, 2, tzinfo=UTC), decision="accepted", applicant_id="A-2")
    store.append([second, replace(second, request_id="c", applicant_id=None, model_version="2")])
    assert ids(store, wanted) == expected
    assert store.count(wanted) == len(expected)


def test_retention_removes_what_is_old_and_says_so(store: DecisionStore) -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    store.append([make_record(f"r{day}", decided_at=start + timedelta(days=day)) for day in range(10)])
    before = start + timedelta(days=7)
    assert store.purge(before, ACT) == 7
    assert ids(store) == ["r7", "r8", "r9"]
    [removal] = store.removals()
    assert (removal.kind, removal.decisions, removal.decided_before) == ("retention", 7, before)


def test_erasure_leaves_nothing_of_the_applicant_and_says_so(store: DecisionStore) -> None:
    secret = "CANARY-4711"
    mine = make_record("r1", applicant_id=secret, inputs=json.dumps({"applicant_id": secret}), answer=secret)
    store.append([mine, make_record("r2")])
    assert store.erase(secret, ACT) == 1
    assert ids(store) == ["r2"]
    [removal] = store.removals()
    assert (removal.kind, removal.decisions, removal.decided_before) == ("erasure", 1, None)
    assert (datetime.now(UTC) - removal.removed_at).total_seconds() < 60
    assert secret not in repr(store.removals())


@pytest.mark.parametrize("typed", ["100002", "100002.0", " 0100002"])
def test_a_number_is_found_and_erased_in_every_spelling_that_was_logged(store: DecisionStore, typed: str) -> None:
    """Before keys were read by their value, the log took them as they were sent."""
    logged = ["100002", "100002.0", "0100002", "1.00002e5", "100002.5", "1000020", "A-100002", None]
    of_home_credit = [
        make_record(f"r{number}", applicant_id=name, portfolio="home_credit") for number, name in enumerate(logged)
    ]
    # Whether another portfolio knows people by texts is not known here.
    store.append([*of_home_credit, make_record("other", applicant_id="0100002", portfolio="gone")])
    wanted = Filter(applicant_id=typed)
    assert set(ids(store, wanted)) == {"r0", "r1", "r2", "r3"}
    assert store.count(wanted) == len(list(store.each(wanted))) == store.erase(typed, ACT) == 4
    assert set(ids(store)) == {"r4", "r5", "r6", "r7", "other"}


def test_what_is_erased_is_not_in_the_files_of_sqlite_either(sqlite_url: str, tmp_path: Path) -> None:
    store = DecisionStore(sqlite_url)
    secret = "CANARY-4711"
    store.append([make_record(f"r{number}", applicant_id=secret, answer=secret * 100) for number in range(50)])
    files = list((tmp_path / "log").glob("decisions.db*"))
    assert any(secret.encode() in file.read_bytes() for file in files)
    store.erase(secret, ACT)
    assert not any(secret.encode() in file.read_bytes() for file in (tmp_path / "log").glob("decisions.db*"))


def test_sqlite_commits_survive_a_crash_and_others_cannot_read_them(sqlite_url: str, tmp_path: Path) -> None:
    store = DecisionStore(sqlite_url)
    with store.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
    assert (tmp_path / "log").stat().st_mode & 0o077 == 0


@pytest.mark.xdist_group("postgres")
def test_postgresql_waits_for_the_disk_and_not_for_ever(postgres: Postgres) -> None:
    store = DecisionStore(postgres.new_database())
    with store.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"SHOW {name}").scalar_one()
            for name in ("synchronous_commit", "statement_timeout", "lock_timeout")
        }
    assert settings == {"synchronous_commit": "on", "statement_timeout": "3s", "lock_timeout": "3s"}


def test_readers_do_not_keep_writers_out(store: DecisionStore) -> None:
    store.append([make_record("r1")])
    with store.session(reading=True) as reader:
        assert reader.execute(text("SELECT count(*) FROM decisions")).scalar_one() == 1
        store.append([make_record("r2")])
    assert store.count() == 2


class TestMigrations:
    def test_they_are_numbered_without_gaps_and_noted(self, store: DecisionStore) -> None:
        assert [migration.version for migration in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))
        with store.connect() as connection:
            rows = connection.execute(text("SELECT version, description FROM decision_log_migrations")).all()
        assert [tuple(row) for row in rows] == [(m.version, m.description) for m in MIGRATIONS]

    def test_an_older_database_takes_only_the_steps_it_lacks(self, store: DecisionStore) -> None:
        store.append([make_record()])
        applied = []

        def second(connection: Connection) -> None:
            connection.execute(text("ALTER TABLE decisions ADD COLUMN extra INTEGER"))
            applied.append(2)

        later = (*MIGRATIONS, Migration(len(MIGRATIONS) + 1, "One more", second))
        for _ in range(2):
            with store.connect() as connection:
                migrate(connection, later)
                connection.commit()
        assert applied == [2]
        with store.connect() as connection:
            assert connection.execute(text("SELECT extra FROM decisions")).scalar_one() is None

    def test_a_newer_database_is_refused(self, store: DecisionStore) -> None:
        with store.connect() as connection:
            connection.execute(text("INSERT INTO decision_log_migrations VALUES (99, '2030-01-01 00:00:00', 'x')"))
            connection.commit()
        with pytest.raises(DecisionLogError, match=r"schema version 99.*newer one"):
            DecisionStore(store.engine.url.render_as_string(hide_password=False)).connect()


class TestUnreachable:
    @pytest.mark.parametrize("url", ["nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:"])
    def test_a_url_that_cannot_hold_a_log_is_refused(self, url: str) -> None:
        with pytest.raises(DecisionLogError, match="CREDIT_PLATFORM_DECISION_LOG_URL"):
            DecisionStore(url)

    def test_a_server_that_is_not_there_is_named_without_its_password(self, tmp_path: Path) -> None:
        store = DecisionStore(f"postgresql://user:hidden@/db?host={tmp_path}")
        with pytest.raises(DecisionLogError, match=r"cannot be used \(OperationalError\)") as caught:
            store.search()
        assert "hidden" not in str(caught.value)

    def test_a_file_that_is_no_database(self, sqlite_url: str, tmp_path: Path) -> None:
        (tmp_path / "log").mkdir()
        (tmp_path / "log" / "decisions.db").write_text("this is no database " * 100)
        with pytest.raises(DecisionLogError, match="DatabaseError"):
            DecisionStore(sqlite_url).append([make_record()])

    def test_a_folder_that_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(DecisionLogError, match="cannot be used"):
            DecisionStore(f"sqlite:///{tmp_path / 'file' / 'x' / 'y.db'}").count()

    def test_a_failing_statement_is_told_without_its_values(self, store: DecisionStore) -> None:
        store.append([make_record()])
        with store.connect() as connection:
            connection.execute(text("DROP TABLE shadow_decisions"))
            connection.execute(text("DROP TABLE decisions"))
            connection.commit()
        with pytest.raises(DecisionLogError) as caught:
            store.append([make_record("CANARY")])
        assert "CANARY" not in str(caught.value)


def test_a_database_file_that_is_gone_is_noticed(sqlite_url: str, tmp_path: Path) -> None:
    store = DecisionStore(sqlite_url)
    store.append([make_record("r1")])
    assert not store.has_moved()
    for file in (tmp_path / "log").glob("decisions.db*"):
        file.unlink()
    assert store.has_moved()
    with pytest.raises(DecisionLogLostError, match=r"emptied, cut.*declare-lost"):
        store.append([make_record("r2")])


def test_the_default_is_a_file_below_the_home(tmp_path: Path) -> None:
    assert default_url(tmp_path) == f"sqlite:///{tmp_path / 'decisions' / 'decisions.db'}"
    DecisionStore(default_url(tmp_path)).append([make_record()])
    with sqlite3.connect(tmp_path / "decisions" / "decisions.db") as connection:
        assert connection.execute("SELECT count(*), max(decided_at) FROM decisions").fetchone() == (
            1,
            "2026-11-21 09:30:00.123456",
        )
    connection.close()
