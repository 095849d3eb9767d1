"""Every look shows what the log holds then, and reads little of it again."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from credit_platform.errors import DecisionLogError
from credit_platform.monitoring.decision_log import Act, DecisionStore
from credit_platform.monitoring.decisions.logs import NamedLog
from credit_platform.monitoring.overview import log as module
from credit_platform.monitoring.overview.log import LOG_COLUMNS, DecisionMemory, newest_decision
from credit_platform_tests.unit.monitoring.decision_log.conftest import postgres, sqlite_url, store
from credit_platform_tests.unit.monitoring.overview.made_up import NOON, record

__all__ = ["postgres", "sqlite_url", "store"]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def logs(store: DecisionStore) -> list[NamedLog]:
    return [NamedLog(name="home", store=store)]


def fill(store: DecisionStore, numbers: range, **changed: Any) -> None:
    """A decision a minute, the first at `NOON`."""
    store.append([record(n, NOON + n * MINUTE, **changed) for n in numbers])


def seen(memory: DecisionMemory, logs: list[NamedLog], since: datetime = NOON) -> list[str]:
    return memory.decisions(logs, since).frame["request_id"].to_list()


def test_decisions_of_a_time_and_portfolio_the_newest_first(store: DecisionStore, logs: list[NamedLog]) -> None:
    fill(store, range(4))
    store.append([record(9, NOON + MINUTE, portfolio="home_credit")])
    memory = DecisionMemory("german_credit")
    found = memory.decisions(logs, NOON + MINUTE)
    assert found.frame["request_id"].to_list() == ["r3", "r2", "r1"]
    assert found.frame.schema == LOG_COLUMNS
    assert (found.since, found.full) == (NOON + MINUTE, False)
    assert "applicant_id" not in found.frame.columns


def test_what_comes_later_and_what_is_older_is_added(store: DecisionStore, logs: list[NamedLog]) -> None:
    fill(store, range(60))
    memory = DecisionMemory("german_credit")
    assert len(seen(memory, logs, NOON + 50 * MINUTE)) == 10
    fill(store, range(60, 63))
    # Committed late: it was decided before the newest that is known.
    store.append([record(99, NOON + 58 * MINUTE)])
    assert len(seen(memory, logs, NOON + 50 * MINUTE)) == 14
    assert len(seen(memory, logs)) == 64
    assert len(seen(memory, logs, NOON + 62 * MINUTE)) == 1


def test_a_look_without_news_reads_the_last_minutes_only(
    store: DecisionStore, logs: list[NamedLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, range(60))
    memory = DecisionMemory("german_credit")
    read: list[int] = []
    frame_of = module._frame

    def counted(name: str, rows: Any) -> pl.DataFrame:
        read.append(len(rows))
        return frame_of(name, rows)

    monkeypatch.setattr(module, "_frame", counted)
    assert len(seen(memory, logs)) == 60
    assert sum(read) == 60
    read.clear()
    assert len(seen(memory, logs)) == 60
    assert sum(read) == 11


def test_whoever_is_erased_is_gone_with_the_next_look(store: DecisionStore, logs: list[NamedLog]) -> None:
    fill(store, range(60))
    memory = DecisionMemory("german_credit")
    assert "r3" in seen(memory, logs)
    store.erase("A-3", Act(person="K. Auditor", reason="a test", account="tester"))
    assert "r3" not in seen(memory, logs)
    assert len(seen(memory, logs)) == 59


def test_another_log_in_its_place_is_read_anew(tmp_path: Path) -> None:
    memory = DecisionMemory("german_credit")
    for number in (1, 2):
        store = DecisionStore(f"sqlite:///{tmp_path / str(number) / 'decisions.db'}")
        store.append([record(number, NOON)])
        assert seen(memory, [NamedLog(name="home", store=store)]) == [f"r{number}"]


def test_more_than_may_be_kept_are_the_newest_and_it_says_so(store: DecisionStore, logs: list[NamedLog]) -> None:
    fill(store, range(10))
    memory = DecisionMemory("german_credit", most=4)
    for _ in range(2):
        found = memory.decisions(logs, NOON)
        assert found.frame["request_id"].to_list() == ["r9", "r8", "r7", "r6"]
        assert (found.since, found.full) == (NOON + 6 * MINUTE, True)
    fill(store, range(10, 12))
    found = memory.decisions(logs, NOON)
    assert found.frame["request_id"].to_list() == ["r11", "r10", "r9", "r8"]
    assert found.since == NOON + 8 * MINUTE


def test_a_long_log_is_read_look_by_look(
    store: DecisionStore, logs: list[NamedLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 3)
    # A batch: more decisions of one moment than a page holds.
    store.append([record(n, NOON) for n in range(100, 107)])
    store.append([record(n, NOON + (20 + n) * MINUTE) for n in range(4)])
    memory = DecisionMemory("german_credit", patience=0)
    lengths = []
    for _ in range(5):
        found = memory.decisions(logs, NOON - MINUTE)
        lengths.append(found.frame.height)
        assert not found.full
    assert lengths == [3, 6, 9, 11, 11]
    assert found.since == NOON - MINUTE
    assert found.frame["request_id"].n_unique() == 11


def test_when_more_came_than_a_look_reads_the_newest_are_shown_first(
    store: DecisionStore, logs: list[NamedLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 3)
    fill(store, range(2))
    memory = DecisionMemory("german_credit", patience=0)
    assert seen(memory, logs) == ["r1", "r0"]
    fill(store, range(2, 9))
    assert seen(memory, logs) == ["r8", "r7", "r6"]
    assert [len(seen(memory, logs)) for _ in range(3)] == [6, 9, 9]


def test_several_logs_are_one(tmp_path: Path) -> None:
    stores = [DecisionStore(f"sqlite:///{tmp_path / name / 'decisions.db'}") for name in ("here", "paris")]
    for number, one in enumerate(stores):
        one.append([record(number, NOON + number * MINUTE)])
    logs = [NamedLog(name=name, store=one) for name, one in zip(("here", "paris"), stores, strict=True)]
    found = DecisionMemory("german_credit").decisions(logs, NOON)
    assert found.frame["log"].to_list() == ["paris", "here"]
    assert newest_decision(logs, "german_credit") == NOON + MINUTE
    assert newest_decision(logs, "home_credit") is None


def test_without_a_log_there_is_nothing() -> None:
    found = DecisionMemory("german_credit").decisions([], NOON)
    assert found.frame.is_empty()
    assert found.since == NOON


def test_a_log_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "decisions.db").write_text("no database", encoding="utf-8")
    logs = [NamedLog(name="home", store=DecisionStore(f"sqlite:///{tmp_path / 'decisions.db'}"))]
    with pytest.raises(DecisionLogError):
        DecisionMemory("german_credit").decisions(logs, NOON)
