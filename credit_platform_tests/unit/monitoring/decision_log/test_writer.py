"""The thread that groups commits: nothing is answered before its commit, and nothing waits for ever."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from credit_platform.errors import DecisionLogError
from credit_platform.monitoring.decision_log import Conflict, DecisionStore, DecisionWriter
from credit_platform.monitoring.decision_log import writer as module
from credit_platform.monitoring.decision_log.insertion import Entry, insert_entries
from credit_platform_tests.postgres import Postgres
from credit_platform_tests.unit.monitoring.decision_log.conftest import make_record


class Watcher:
    """Remembers what the writer told."""

    def __init__(self) -> None:
        self.groups: list[int] = []
        self.failures = 0
        self.waiting: list[int] = []
        self.available: list[bool] = []

    def log_committed(self, size: int, seconds: float) -> None:
        assert seconds >= 0
        self.groups.append(size)

    def log_failed(self) -> None:
        self.failures += 1

    def log_waiting(self, waiting: int) -> None:
        self.waiting.append(waiting)

    def log_available(self, *, available: bool) -> None:
        self.available.append(available)


@contextmanager
def writing(store: DecisionStore, **options: Any) -> Iterator[DecisionWriter]:
    writer = DecisionWriter(store, **options)
    writer.start()
    try:
        yield writer
    finally:
        writer.stop()


async def append_each(writer: DecisionWriter, ids: Sequence[str]) -> list[list[str | Conflict] | BaseException]:
    return await asyncio.gather(*(writer.append([make_record(one)]) for one in ids), return_exceptions=True)


class Gate:
    """Holds the writer back inside its transaction until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.entered, self.open = threading.Event(), threading.Event()

        def held(connection: Connection, entries: Sequence[Entry]) -> list[list[str | Conflict]]:
            self.entered.set()
            assert self.open.wait(10)
            return insert_entries(connection, entries)

        monkeypatch.setattr(module, "insert_entries", held)


def test_an_answer_comes_after_its_commit(store: DecisionStore) -> None:
    record = make_record()
    with writing(store) as writer:
        assert asyncio.run(writer.append([record])) == [record.answer]
        assert store.count() == 1
        assert writer.problem is None
        assert asyncio.run(writer.append([])) == []


def test_all_that_wait_share_a_commit(store: DecisionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, watcher = Gate(monkeypatch), Watcher()

    async def ask() -> None:
        first = asyncio.ensure_future(writer.append([make_record("first")]))
        await asyncio.to_thread(gate.entered.wait, 5)
        rest = asyncio.ensure_future(append_each(writer, [f"r{number}" for number in range(40)]))
        await asyncio.sleep(0.05)
        assert not first.done()
        gate.open.set()
        assert len([one for one in await rest if isinstance(one, list)]) == 40
        await first

    with writing(store, observer=watcher) as writer:
        asyncio.run(ask())
    assert watcher.groups == [1, 40]
    assert max(watcher.waiting) == 41
    assert watcher.waiting[-1] == 0
    assert store.count() == 41


@pytest.mark.parametrize(("coming", "groups"), [(None, [1, 5, 2]), (2, [1, 5, 2]), (1, [1, 5, 1, 1])])
def test_in_company_the_next_ones_are_waited_for_if_there_are_any(
    store: DecisionStore, monkeypatch: pytest.MonkeyPatch, coming: int | None, groups: list[int]
) -> None:
    monkeypatch.setattr(module, "_COMPANY_SECONDS", 0.5)
    gate, watcher = Gate(monkeypatch), Watcher()

    async def one_after_another(writer: DecisionWriter) -> None:
        first = asyncio.create_task(writer.append([make_record("first")]))
        await asyncio.to_thread(gate.entered.wait, 10)
        others = [asyncio.create_task(writer.append([make_record(f"together-{n}")])) for n in range(5)]
        await asyncio.sleep(0)
        gate.open.set()
        await asyncio.gather(first, *others)
        before = asyncio.create_task(writer.append([make_record("before")]))
        await asyncio.sleep(0.05)
        await asyncio.gather(before, writer.append([make_record("after")]))

    with writing(store, observer=watcher, coming=None if coming is None else lambda: coming) as writer:
        asyncio.run(one_after_another(writer))
    assert watcher.groups == groups


def test_equal_requests_at_the_same_time_are_one_decision(store: DecisionStore) -> None:
    async def ask() -> list[list[str | Conflict]]:
        records = [make_record("same", answer=f"{number}") for number in range(30)]
        return list(await asyncio.gather(*(writer.append([record]) for record in records)))

    with writing(store) as writer:
        answers = asyncio.run(ask())
    assert len({answer[0] for answer in answers}) == 1
    assert store.count() == 1


def test_a_conflict_in_a_batch_does_not_touch_its_neighbours(
    store: DecisionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    other = make_record("taken", inputs_digest="0" * 64)

    async def ask() -> None:
        first = asyncio.ensure_future(writer.append([make_record("taken")]))
        await asyncio.to_thread(gate.entered.wait, 5)
        batch = asyncio.ensure_future(writer.append([make_record("shared"), other]))
        single = asyncio.ensure_future(writer.append([make_record("shared")]))
        later = asyncio.ensure_future(writer.append([make_record("x"), make_record("y")]))
        await asyncio.sleep(0.05)
        gate.open.set()
        await first
        assert (await batch)[1] == Conflict("taken")
        assert await single == [make_record("shared").answer]
        assert len(await later) == 2

    with writing(store) as writer:
        asyncio.run(ask())
    assert {decision.request_id for decision in store.each()} == {"taken", "shared", "x", "y"}


def test_two_writers_of_one_database_never_write_twice(store: DecisionStore) -> None:
    url = store.engine.url.render_as_string(hide_password=False)
    ids = [f"r{number}" for number in range(60)]

    async def ask() -> list[object]:
        return [one for part in await asyncio.gather(append_each(a, ids), append_each(b, ids)) for one in part]

    with writing(store) as a, writing(DecisionStore(url)) as b:
        answers = asyncio.run(ask())
    assert all(isinstance(answer, list) and isinstance(answer[0], str) for answer in answers)
    assert sorted(decision.request_id for decision in store.each()) == sorted(ids)


def test_more_than_may_wait_is_refused_at_once(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)

    async def ask() -> None:
        waiting = asyncio.ensure_future(append_each(writer, ["r1", "r2", "r3"]))
        await asyncio.to_thread(gate.entered.wait, 5)
        with pytest.raises(DecisionLogError, match="3 decisions wait"):
            await writer.append([make_record("r4")])
        gate.open.set()
        assert all(isinstance(one, list) for one in await waiting)
        await writer.append([make_record("r4")])

    with writing(DecisionStore(sqlite_url), capacity=3) as writer:
        asyncio.run(ask())
    assert DecisionStore(sqlite_url).count() == 4


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
        for file in (tmp_path / "log").iterdir():
            os.unlink(file)
        asyncio.run(writer.append([make_record("r2")]))
        assert DecisionStore(sqlite_url).find("r2") is not None


def test_what_waits_is_written_before_the_end(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)
    writer = DecisionWriter(DecisionStore(sqlite_url))
    writer.stop()
    writer = DecisionWriter(DecisionStore(sqlite_url))
    writer.start()

    async def ask() -> None:
        tasks = asyncio.ensure_future(append_each(writer, ["r1", "r2", "r3"]))
        await asyncio.to_thread(gate.entered.wait, 5)
        stopping = asyncio.ensure_future(asyncio.to_thread(writer.stop))
        await asyncio.sleep(0.02)
        gate.open.set()
        assert all(isinstance(one, list) for one in await tasks)
        await stopping
        with pytest.raises(DecisionLogError, match="does not answer"):
            await writer.append([make_record("r4")])

    asyncio.run(ask())
    writer.stop()
    assert writer.problem is not None
    assert DecisionStore(sqlite_url).count() == 3
