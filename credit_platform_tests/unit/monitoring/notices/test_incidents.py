"""One incident is told once and its end once, whoever notices it, in any order, from several processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_platform.errors import NoticeError
from credit_platform.monitoring.notices.incidents import (
    CLAIM_SECONDS,
    FIRST_DELAY_SECONDS,
    GIVE_UP_SECONDS,
    TOLD_PER_WINDOW,
    WINDOW_SECONDS,
    IncidentBook,
)
from credit_platform.monitoring.notices.problems import Observation, Problem, Recovery
from credit_platform.settings import Settings

ALL = ["file", "webhook"]
NOW = 1_000_000.0


def wrong(at: float, key: str = "check:a", **other: str) -> Problem:
    return Problem(key=key, title="It warns", message="17 outliers.", at=at, severity="warning", **other)


def well(at: float, key: str = "check:a") -> Recovery:
    return Recovery(key=key, at=at, message="It passed.")


@pytest.fixture
def book(tmp_path: Path) -> IncidentBook:
    return IncidentBook.of(Settings(home=tmp_path / "a home, été"))


def told(book: IncidentBook, now: float = NOW + 1e6, channels: list[str] | None = None) -> list[tuple[str, str]]:
    """Tell everything that is due, as a process does that succeeds."""
    said = list[tuple[str, str]]()
    while claimed := book.claim(channels or ALL, now):
        for channel, notices in claimed.items():
            book.settle(notices, now)
            said += [(channel, notice.kind) for notice in notices]
    return said


def test_a_check_that_fails_in_fifty_runs_is_told_once_and_its_end_once(book: IncidentBook) -> None:
    for run in range(50):
        book.observe([wrong(NOW + run)], ALL)
        assert told(book, NOW + run) == ([("file", "problem"), ("webhook", "problem")] if run == 0 else [])
    (incident,) = book.open_incidents()
    assert (incident.times, incident.opened, incident.seen) == (50, NOW, NOW + 49)
    book.observe([well(NOW + 60)], ALL)
    book.observe([well(NOW + 61)], ALL)
    assert told(book) == [("file", "resolved"), ("webhook", "resolved")]
    assert book.open_incidents() == []
    (incident,) = book.incidents(5)
    assert incident.resolution == "It passed."


def test_news_that_are_older_than_what_is_known_change_nothing(book: IncidentBook) -> None:
    book.observe([wrong(NOW)], ALL)
    book.observe([well(NOW + 10)], ALL)
    for late in (wrong(NOW), wrong(NOW + 5), wrong(NOW + 10)):
        book.observe([late], ALL)
    assert book.open_incidents() == []
    book.observe([wrong(NOW + 20)], ALL)
    book.observe([well(NOW + 15), well(NOW + 20)], ALL)
    assert len(book.open_incidents()) == 1


@given(
    st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=8, unique_by=lambda one: one[0]),
    st.randoms(),
)
@settings(max_examples=40, deadline=None)
def test_the_last_word_counts_in_whatever_order_runs_are_looked_at(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[int, bool]], random: Random
) -> None:
    book = IncidentBook.of(Settings(home=tmp_path_factory.mktemp("home")))
    found: list[Observation] = [wrong(NOW + at) if bad else well(NOW + at) for at, bad in events]
    shuffled = list(found)
    random.shuffle(shuffled)
    for one in [*shuffled, *shuffled]:  # two processes look at the same runs
        book.observe([one], ALL)
    last = max(events)
    if last[1]:
        assert [row.key for row in book.open_incidents()] == ["check:a"]


def test_of_two_processes_one_tells(tmp_path: Path) -> None:
    program = """
import sys, time
from pathlib import Path
from random import Random
from credit_platform.monitoring.notices.channels import FileChannel
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.notices.problems import Problem
from credit_platform.monitoring.notices.telling import tell
from credit_platform.settings import Settings
home = Path(sys.argv[1])
book = IncidentBook.of(Settings(home=home))
for number in range(30):
    problem = Problem(key=f"step:{number}", title="t", message="m", at=time.time())
    tell(book, [FileChannel(home / "told.jsonl")], [problem])
"""
    running = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path)]) for _ in range(3)]
    assert [one.wait(timeout=120) for one in running] == [0, 0, 0]
    assert len((tmp_path / "told.jsonl").read_text().splitlines()) == 30


def test_the_end_waits_for_the_notice_that_it_is_wrong(book: IncidentBook) -> None:
    book.observe([wrong(NOW)], ALL)
    book.observe([well(NOW + 1)], ALL)
    claimed = book.claim(ALL, NOW + 2)
    assert [notice.kind for notices in claimed.values() for notice in notices] == ["problem", "problem"]
    assert book.claim(ALL, NOW + 2) == {}
    book.settle(claimed["file"], NOW + 2)
    assert [(channel, one.kind) for channel, (one,) in book.claim(ALL, NOW + 2).items()] == [("file", "resolved")]


def test_what_a_killed_process_claimed_is_told_by_another(book: IncidentBook) -> None:
    book.observe([wrong(NOW)], ALL)
    assert set(book.claim(ALL, NOW)) == {"file", "webhook"}
    assert book.claim(ALL, NOW + CLAIM_SECONDS - 1) == {}
    assert set(book.claim(ALL, NOW + CLAIM_SECONDS)) == {"file", "webhook"}


def test_what_cannot_be_delivered_is_tried_later_and_later_and_given_up_after_two_days(book: IncidentBook) -> None:
    book.observe([wrong(NOW)], ["webhook"])
    at, tries = NOW, 0
    while claimed := book.claim(ALL, at):
        tries += 1
        book.postpone(claimed["webhook"], at, "It is away.")
        assert book.claim(ALL, at + FIRST_DELAY_SECONDS - 1) == {}
        at += 3601
    assert at - NOW > GIVE_UP_SECONDS
    assert tries == GIVE_UP_SECONDS // 3601 + 2


def test_what_comes_and_goes_is_told_three_times_an_hour_and_then_only_if_it_lasts(book: IncidentBook) -> None:
    said = list[tuple[str, str]]()
    for turn in range(20):
        book.observe([wrong(NOW + 10 * turn)], ["file"])
        said += told(book, NOW + 10 * turn)
        if turn < 19:
            book.observe([well(NOW + 10 * turn + 5)], ["file"])
            said += told(book, NOW + 10 * turn + 5)
    assert said == [("file", "problem"), ("file", "resolved")] * TOLD_PER_WINDOW
    third = [row for row in book.incidents(50) if "came 3 times" in row.message]
    assert len(third) == 1
    assert told(book, NOW + WINDOW_SECONDS - 1) == []
    # By whom it would have been told, not by all that there are.
    assert told(book, NOW + WINDOW_SECONDS) == [("file", "problem")]


def test_a_channel_is_not_asked_to_tell_of_itself(book: IncidentBook) -> None:
    book.observe([wrong(NOW, not_by="webhook")], ALL)
    assert told(book) == [("file", "problem")]


def test_values_are_remembered_by_name(book: IncidentBook) -> None:
    assert book.remembered("a") is None
    book.remember("a", "1")
    book.remember("a", "2")
    assert book.remembered("a") == "2"


def test_a_folder_that_takes_nothing_is_said_without_a_trace(tmp_path: Path) -> None:
    (tmp_path / "incidents").write_text("a file where the folder should be")
    with pytest.raises(NoticeError, match="Incidents cannot be written down"):
        IncidentBook.of(Settings(home=tmp_path))
