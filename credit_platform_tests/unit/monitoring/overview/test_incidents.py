"""What is open is shown, and looking makes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.errors import NoticeError
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.notices.problems import Problem, Recovery
from credit_platform.monitoring.overview.incidents import INCIDENT_COLUMNS, incident_frame, open_incidents
from credit_platform.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "a home, é")


def test_a_home_where_nothing_was_noted_is_left_as_it_is(settings: Settings) -> None:
    assert open_incidents(settings) is None
    assert not settings.home.exists()


def test_open_ones_are_told_the_newest_first(settings: Settings) -> None:
    book = IncidentBook.of(settings)
    assert open_incidents(settings) == []
    for number in (1, 2, 3):
        problem = Problem(key=f"k{number}", title=f"T{number}", message="M", at=float(number), owner="team:operations")
        book.observe([problem], ["file"])
    book.observe([Recovery(key="k2", at=9.0, message="over")], ["file"])
    found = open_incidents(settings)
    assert found is not None
    assert [one.title for one in found] == ["T3", "T1"]
    assert (found[0].severity, found[0].times, found[0].opened.timestamp()) == ("error", 1, 3.0)
    frame = incident_frame(found)
    assert frame.schema == INCIDENT_COLUMNS
    assert frame["title"].to_list() == ["T3", "T1"]


def test_a_book_that_is_none_is_told(settings: Settings) -> None:
    file = settings.home / "incidents" / "incidents.db"
    file.parent.mkdir(parents=True)
    file.write_text("no database", encoding="utf-8")
    with pytest.raises(NoticeError):
        open_incidents(settings)
