"""The thread that groups commits, when the log hangs, is down, locked, restarted or removed: nobody waits for ever."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from pathlib import Path

import pytest

from credit_platform.errors import DecisionLogError
from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform.monitoring.decision_log import writer as module
from credit_platform_tests.postgres import Postgres
from credit_platform_tests.unit.monitoring.decision_log.conftest import make_record
from credit_platform_tests.unit.monitoring.decision_log.writing import Gate, Watcher, writing


def test_a_log_that_hangs_is_given_up_and_found_again(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)

    async def ask() -> None:
        with pytest.raises(DecisionLogError, match=r"more than 0\.1 s"):
            await writer.append([make_record("r1")])
        # The thread began a little after it was asked; once it has had its time, nobody waits for it.
        while writer.problem is None:
            await asyncio.sleep(0.01)
        with pytest.raises(DecisionLogError, match="does not answer"):
            await writer.append([make_record("r2")])
        assert writer.problem is not None
        gate.open.set()
        while writer.problem is not None:
            await asyncio.sleep(0.01)
        await writer.append([make_record("r3")])

    with writing(DecisionStore(sqlite_url), seconds=0.1) as writer:
        asyncio.run(ask())
    # The first was under way when it was given up: it may be there, as when a network fails. The second is not.
    assert [decision.request_id for decision in DecisionStore(sqlite_url).each()] == ["r1", "r3"]


def test_whoever_gave_up_while_waiting_is_not_written(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)

    async def ask() -> None:
        first = asyncio.ensure_future(writer.append([make_record("r1")]))
        await asyncio.to_thread(gate.entered.wait, 5)
        second = asyncio.ensure_future(writer.append([make_record("r2")]))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.sleep(0)
        gate.open.set()
        await first

    with writing(DecisionStore(sqlite_url)) as writer:
        asyncio.run(ask())
    assert [decision.request_id for decision in DecisionStore(sqlite_url).each()] == ["r1"]


@pytest.mark.xdist_group("postgres")
def test_a_stopped_server_is_told_and_found_again(postgres: Postgres, caplog: pytest.LogCaptureFixture) -> None:
    store, watcher = DecisionStore(postgres.new_database()), Watcher()
    with writing(store, observer=watcher) as writer:
        asyncio.run(writer.append([make_record("r1")]))
        postgres.stop()
        try:
            for number in range(3):
                with pytest.raises(DecisionLogError, match="cannot be used"):
                    asyncio.run(writer.append([make_record(f"lost{number}")]))
            assert writer.problem is not None
        finally:
            postgres.start()
        deadline = time.monotonic() + 10
        while writer.problem is not None and time.monotonic() < deadline:
            time.sleep(0.05)
        asyncio.run(writer.append([make_record("r2")]))
    assert [decision.request_id for decision in store.each()] == ["r1", "r2"]
    assert watcher.failures == 3
    assert watcher.available[0]
    assert False in watcher.available
    assert watcher.available[-1]
    said = [record.getMessage() for record in caplog.records if "decision" in record.getMessage()]
    assert len([line for line in said if "no decision is made" in line]) == 1
    assert said[-1] == "the decision log is back"


@pytest.mark.xdist_group("postgres")
def test_a_restart_between_two_requests_is_not_noticed(postgres: Postgres) -> None:
    store = DecisionStore(postgres.new_database())
    with writing(store) as writer:
        asyncio.run(writer.append([make_record("r1")]))
        postgres.stop()
        postgres.start()
        asyncio.run(writer.append([make_record("r2")]))
    assert store.count() == 2


@pytest.mark.xdist_group("postgres")
def test_one_that_cannot_be_stored_is_refused_alone(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DecisionStore(postgres.new_database())
    gate = Gate(monkeypatch)

    async def ask() -> None:
        first = asyncio.ensure_future(writer.append([make_record("r1")]))
        await asyncio.to_thread(gate.entered.wait, 5)
        poison = asyncio.ensure_future(writer.append([make_record("bad", answer="a\x00b")]))
        good = asyncio.ensure_future(writer.append([make_record("r2")]))
        await asyncio.sleep(0.05)
        gate.open.set()
        await first
        with pytest.raises(DecisionLogError, match="DataError"):
            await poison
        await good
        assert writer.problem is None

    with writing(store) as writer:
        asyncio.run(ask())
    assert [decision.request_id for decision in store.each()] == ["r1", "r2"]


def test_a_log_that_is_down_at_the_start_is_tried_again(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PROBE_SECONDS", 0.02)
    (tmp_path / "log").touch()
    with writing(DecisionStore(sqlite_url)) as writer:
        assert writer.problem is not None
        assert str(tmp_path) not in writer.problem
        with pytest.raises(DecisionLogError):
            asyncio.run(writer.append([make_record()]))
        (tmp_path / "log").unlink()
        deadline = time.monotonic() + 5
        while writer.problem is not None and time.monotonic() < deadline:
            time.sleep(0.01)
        asyncio.run(writer.append([make_record()]))
    assert DecisionStore(sqlite_url).count() == 1


def test_another_program_that_writes_is_waited_for(sqlite_url: str, tmp_path: Path) -> None:
    with writing(DecisionStore(sqlite_url)) as writer:
        other = sqlite3.connect(tmp_path / "log" / "decisions.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        async def ask() -> None:
            task = asyncio.ensure_future(writer.append([make_record()]))
            await asyncio.sleep(0.1)
            assert not task.done()
            other.execute("COMMIT")
            await task

        asyncio.run(ask())
        other.close()


def test_nothing_is_written_to_a_file_that_was_removed(sqlite_url: str, tmp_path: Path) -> None:
    with writing(DecisionStore(sqlite_url)) as writer:
        asyncio.run(writer.append([make_record("r1")]))
        files = list((tmp_path / "log").glob("decisions.db*"))
        for file in files:
            file.rename(tmp_path / file.name)
        with pytest.raises(DecisionLogError, match="lacks what this process wrote"):
            asyncio.run(writer.append([make_record("r2")]))
        for file in (tmp_path / "log").glob("decisions.db*"):
            file.unlink()
        for file in files:
            (tmp_path / file.name).rename(file)
        asyncio.run(writer.append([make_record("r2")]))
        assert {one.request_id for one in DecisionStore(sqlite_url).each()} == {"r1", "r2"}
