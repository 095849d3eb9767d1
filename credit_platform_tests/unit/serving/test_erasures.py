"""Lists of who was erased, and carrying them out again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from credit_platform.monitoring.decision_log import DecisionStore, verify
from credit_platform.scoring.stored_histories import erasure_mark
from credit_platform.serving.erasures import erase_again, erased_places, lists_of, merge, read_marks, write_lists
from credit_platform.serving.shipped_histories import erased_applicants, remember_erasure
from credit_platform.settings import Settings
from credit_platform_tests.unit.local.backup.homes import ACT, applicants, decide, store_of

EARLY, LATE = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC)
A, B = "a" * 64, "b" * 64


def test_a_list_keeps_the_latest_time_of_each_and_passes_over_the_rest() -> None:
    text = f"{A}\n{B} {LATE.isoformat()}\n{A} {EARLY.isoformat()}\n{B} {EARLY.isoformat()}\nA-1\n\n{A} yesterday\n"
    assert read_marks(text) == {A: EARLY, B: LATE}
    assert merge({A: None}, {A: EARLY}, {A: None}) == {A: EARLY}
    assert merge({A: LATE}, {A: EARLY}) == {A: LATE}


def test_lists_are_written_and_read_again(tmp_path: Path) -> None:
    lists = {"german_credit": {A: None, B: LATE}}
    write_lists(tmp_path, lists)
    assert lists_of(tmp_path) == lists
    assert erased_applicants(Settings(home=tmp_path), "german_credit") == {A, B}
    assert lists_of(tmp_path / "none") == {}


def test_only_what_was_decided_before_goes_and_again_costs_nothing(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    decide(settings, "A-1", at=EARLY - timedelta(days=1))
    decide(settings, "A-1", "A-2", at=LATE)
    marks = {erasure_mark("german_credit", "A-1"): EARLY}
    for took in (1, 0, 0):
        store = store_of(settings)
        assert erase_again(settings, store, marks, (), ACT, before={}).decisions == took
        store.close()
    assert applicants(settings) == ["A-1", "A-2"]
    assert verify(store_of(settings)).is_clean


def test_a_mark_of_another_portfolio_counts_where_nobody_knew_better(tmp_path: Path) -> None:
    """A person of german_credit was only on the list of home_credit before each portfolio had one."""
    settings = Settings(home=tmp_path)
    decide(settings, "100002", "A-2", at=EARLY)
    decide(settings, "100002", at=EARLY + timedelta(seconds=1), portfolio="home_credit")
    mark = erasure_mark("home_credit", "100002")
    timed = erase_again(settings, store_of(settings), {mark: LATE}, (), ACT, before={})
    assert (timed.decisions, applicants(settings)) == (1, ["100002", "A-2"])
    untimed = erase_again(settings, store_of(settings), {mark: None}, (), ACT, before={})
    assert (untimed.decisions, applicants(settings)) == (1, ["A-2"])


def test_a_log_names_the_places_that_it_erased_and_not_those_that_grew_old(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    decide(settings, "A-1", at=EARLY)
    decide(settings, "A-2", at=LATE)
    store = store_of(settings)
    store.purge(EARLY + timedelta(days=1), ACT)
    assert erased_places(store) == []
    store.erase("A-2", ACT)
    ((writer, sequence),) = erased_places(store)
    assert (len(writer) > 8, sequence) == (True, 1)
    store.close()


def test_places_are_enough(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    decide(settings, "A-1", "A-2")
    stored: DecisionStore = store_of(settings)
    with stored.session(reading=True) as connection:
        (writer,) = connection.exec_driver_sql("SELECT DISTINCT writer FROM decisions").scalars()
    assert erase_again(settings, stored, {}, [(writer, 2), ("nobody", 1)], ACT, before={}).decisions == 1
    stored.close()
    assert applicants(settings) == ["A-1"]


def test_an_erasure_is_remembered_with_its_time_in_every_portfolio(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    before = datetime.now(UTC)
    remember_erasure(settings, "0100002.0")
    marks = lists_of(tmp_path)
    assert set(marks) >= {"german_credit", "home_credit"}
    (at,) = marks["home_credit"].values()
    assert at is not None
    assert before <= at <= datetime.now(UTC)
    assert list(marks["home_credit"]) == [erasure_mark("home_credit", "100002")]
    assert list(marks["german_credit"]) == [erasure_mark("german_credit", "100002")]
