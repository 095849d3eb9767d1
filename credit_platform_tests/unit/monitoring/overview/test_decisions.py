"""Figures of decisions, against figures by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from credit_platform.monitoring.overview.decisions import Totals, by_period, recent, totals_of, window_start
from credit_platform_tests.unit.monitoring.overview.made_up import NOON, rows

PARIS = ZoneInfo("Europe/Paris")
HOUR = timedelta(hours=1)
DECISIONS = rows(
    [
        (NOON, "accepted", 0.05, 1.0),
        (NOON + HOUR / 2, "refused", 0.4, 3.0),
        (NOON + HOUR / 2, "accepted", 0.1, 2.0),
        (NOON + 2 * HOUR, "review", 0.2, 10.0),
    ]
)


def test_totals() -> None:
    # In order: 1, 2, 3, 10. The median lies halfway from 2 to 3; place 0.95 x 3 = 2.85, 85 % of the way from 3 to 10.
    found = totals_of(DECISIONS)
    assert (found.decisions, found.accepted, found.refused, found.review) == (4, 2, 1, 1)
    assert found.p50_ms == 2.5
    assert found.p95_ms == pytest.approx(8.95)
    assert found.acceptance == 0.5


def test_nothing_has_no_rate_and_no_time() -> None:
    found = totals_of(DECISIONS.clear())
    assert found == Totals(decisions=0, accepted=0, refused=0, review=0, p50_ms=None, p95_ms=None)
    assert found.acceptance is None


def test_hours_are_those_of_the_lender_also_the_empty_ones() -> None:
    found = by_period(DECISIONS, NOON, NOON + 2.5 * HOUR, PARIS, hourly=True)
    assert [f"{one:%H:%M %z}" for one in found["period"]] == ["13:00 +0100", "14:00 +0100", "15:00 +0100"]
    assert found.drop("period").rows() == [
        (3, 2, 1, 0, pytest.approx(2 / 3), 2.0, pytest.approx(2.9)),
        (0, 0, 0, 0, None, None, None),
        (1, 0, 0, 1, 0.0, 10.0, 10.0),
    ]


def test_a_decision_before_midnight_in_london_is_of_the_next_day_in_paris() -> None:
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    found = by_period(rows([(late, "accepted", 0.1, 1.0)]), late - 24 * HOUR, late, PARIS, hourly=False)
    assert found.select("period", "decisions").rows() == [(date(2026, 3, 1), 0), (date(2026, 3, 2), 1)]


def test_a_day_on_which_clocks_change_is_one_day_and_its_hours_are_all_there() -> None:
    begin = window_start(1, PARIS, datetime(2026, 10, 25, 20, tzinfo=UTC))
    assert begin == datetime(2026, 10, 24, 22, tzinfo=UTC)
    moments = [(datetime(2026, 10, 25, hour, 15, tzinfo=UTC), "accepted", 0.1, 1.0) for hour in (0, 1)]
    hours = by_period(rows(moments), begin, begin + 24 * HOUR, PARIS, hourly=True)
    assert hours.height == 25
    assert [f"{one:%H %z}" for one in hours.filter(hours["decisions"] > 0)["period"]] == ["02 +0200", "02 +0100"]
    days = by_period(rows(moments), begin, begin + 30 * HOUR, PARIS, hourly=False)
    assert days["decisions"].to_list() == [2, 0]


@pytest.mark.parametrize(("days", "begin"), [(1, "2026-03-01T23:00:00+00:00"), (7, "2026-02-23T23:00:00+00:00")])
def test_a_window_is_of_whole_days_and_ends_now(days: int, begin: str) -> None:
    assert window_start(days, PARIS, NOON).isoformat() == begin


def test_the_newest_are_shown_without_whom_they_are_about() -> None:
    found = recent(DECISIONS, 2)
    assert found.columns == [
        "decided_at",
        "request_id",
        "decision",
        "probability",
        "points",
        "latency_ms",
        "model_version",
    ]
    assert found["decision"].to_list() == ["review", "accepted"]
