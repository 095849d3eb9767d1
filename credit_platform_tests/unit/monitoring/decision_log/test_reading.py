"""Reading on by cursor: nothing is missed, whoever commits when."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert

from credit_platform.errors import DecisionLogError
from credit_platform.monitoring.decision_log import DecisionStore, reading
from credit_platform.monitoring.decision_log.schema import DECISIONS
from credit_platform_tests.postgres import Postgres
from credit_platform_tests.unit.monitoring.decision_log.conftest import ACT, make_record

MORNING = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def test_a_cursor_goes_on_where_it_stood(store: DecisionStore) -> None:
    store.append([make_record(f"r{number}") for number in range(5)])
    first = store.rows_after(0, limit=3)
    assert [one.request_id for one in first] == ["r0", "r1", "r2"]
    assert [one.request_id for one in store.rows_after(first[-1].id)] == ["r3", "r4"]
    assert store.rows_after(store.settled()) == []


def test_an_empty_log_has_nothing_to_read(store: DecisionStore) -> None:
    assert (store.settled(), store.rows_after(0), list(store.between(None, None)), store.days_since()) == (
        0,
        [],
        [],
        {},
    )


def test_decisions_between_two_moments_come_in_the_order_of_writing(
    store: DecisionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_PAGE", 2)
    days = [0, 2, 1, 1, 0, 3, 1]
    moments = [MORNING + timedelta(days=day) for day in days]
    store.append([make_record(f"r{number}", decided_at=moment) for number, moment in enumerate(moments)])
    found = store.between(MORNING + timedelta(days=1), MORNING + timedelta(days=3), portfolio="german_credit")
    assert [one.request_id for one in found] == ["r1", "r2", "r3", "r6"]
    assert list(store.between(None, None, portfolio="home_credit")) == []
    assert len(list(store.between(None, None))) == len(days)


def test_days_are_counted_in_utc(store: DecisionStore) -> None:
    late = datetime(2026, 11, 21, 23, 59, 59, 999999, tzinfo=UTC)
    moments = [late, late + timedelta(microseconds=1), MORNING]
    store.append([make_record(f"r{number}", decided_at=moment) for number, moment in enumerate(moments)])
    assert store.days_since() == {date(2026, 11, 21): 2, date(2026, 11, 22): 1}
    assert store.days_since(late) == {date(2026, 11, 21): 1, date(2026, 11, 22): 1}
    assert store.days_since(portfolio="home_credit") == {}


@pytest.mark.xdist_group("postgres")
def test_what_is_committed_after_a_higher_number_is_not_missed(
    postgres: Postgres, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_DECISION_CHECKPOINTS", f"{tmp_path}/checkpoints")
    url = postgres.new_database()
    slow, quick = DecisionStore(url), DecisionStore(url)
    with slow.linked() as (connection, ledger):
        values = vars_of("slow")
        ledger.chain.link("0" * 64)
        connection.execute(insert(DECISIONS).values(**values))  # has its number, and nobody sees it yet
        quick.append([make_record("quick")])
        assert [one.request_id for one in quick.each()] == ["quick"]
        monkeypatch.setattr(reading, "SETTLE_SECONDS", 0.05)
        with pytest.raises(DecisionLogError, match=r"more than 0\.05 s"):
            quick.rows_after(0)
        monkeypatch.setattr(reading, "SETTLE_SECONDS", 30.0)
        found: list[str] = []
        reader = threading.Thread(target=lambda: found.extend(one.request_id for one in quick.rows_after(0)))
        reader.start()
        reader.join(0.2)
        assert reader.is_alive()
    reader.join(30)
    assert found == ["slow", "quick"]


def vars_of(request_id: str) -> dict[str, object]:
    record = make_record(request_id)
    return {name: getattr(record, name) for name in record.__slots__}


def test_a_number_is_never_given_twice(store: DecisionStore) -> None:
    """Else a cursor that stands behind an erased decision would miss the next one."""
    store.append([make_record("a"), make_record("b", applicant_id="B")])
    last = store.settled()
    assert store.erase("B", ACT) == 1
    store.append([make_record("c")])
    assert [one.request_id for one in store.rows_after(last)] == ["c"]
