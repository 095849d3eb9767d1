"""The thread that groups commits: nothing is answered before its commit, and what comes together shares one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from credit_platform.errors import DecisionLogError
from credit_platform.monitoring.decision_log import Conflict, DecisionStore, DecisionWriter, Recorded
from credit_platform.monitoring.decision_log import writer as module
from credit_platform_tests.unit.monitoring.decision_log.conftest import make_record
from credit_platform_tests.unit.monitoring.decision_log.writing import Gate, Watcher, append_each, writing


def test_an_answer_comes_after_its_commit(store: DecisionStore) -> None:
    record = make_record()
    with writing(store) as writer:
        assert asyncio.run(writer.append([record])) == [Recorded(record.answer, repeated=False)]
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


def test_a_turn_of_the_loop_has_one_timer_which_goes_with_the_last_answer(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    handles: list[asyncio.TimerHandle] = []

    async def ask(writer: DecisionWriter) -> None:
        loop = asyncio.get_running_loop()
        later = loop.call_later

        def noted(delay: float, callback: Callable[..., object], *args: object) -> asyncio.TimerHandle:
            handles.append(later(delay, callback, *args))
            return handles[-1]

        monkeypatch.setattr(loop, "call_later", noted)
        await append_each(writer, [f"r{number}" for number in range(7)])
        gone = asyncio.ensure_future(writer.append([make_record("gone")]))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)

    store = DecisionStore(sqlite_url)
    with writing(store) as writer:
        asyncio.run(ask(writer))
    # One that was left would keep the decisions of its turn in memory for as long as a commit may take.
    assert handles
    assert [handle.cancelled() for handle in handles] == [True] * len(handles)
    assert len(handles) <= 2
    assert store.count() >= 7


def test_equal_requests_at_the_same_time_are_one_decision(store: DecisionStore) -> None:
    async def ask() -> list[list[Recorded | Conflict]]:
        records = [make_record("same", answer=f"{number}") for number in range(30)]
        return list(await asyncio.gather(*(writer.append([record]) for record in records)))

    with writing(store) as writer:
        answers = asyncio.run(ask())
    said = [answer[0] for answer in answers]
    assert len({one.answer for one in said if isinstance(one, Recorded)}) == 1
    assert [one.repeated for one in said if isinstance(one, Recorded)].count(False) == 1
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
        assert await single == [Recorded(make_record("shared").answer, repeated=False)]
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
    assert all(isinstance(answer, list) and isinstance(answer[0], Recorded) for answer in answers)
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
