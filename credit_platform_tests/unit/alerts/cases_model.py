"""Stories of model and business."""

from __future__ import annotations

from credit_platform_tests.unit.alerts.cases_service import DAY, gauge
from credit_platform_tests.unit.alerts.stories import HOUR, turns, wait_of
from credit_platform_tests.unit.alerts.timelines import Case, Line


def decided(decision: str) -> Line:
    return gauge("decisions_total", decision=decision)


def quiet() -> list[Case]:
    alert = "NoDecisions"
    wait = wait_of(alert)
    busy = 2 * HOUR

    def case(told: str, minute: int, firing: int, *, is_open: float = 1, before: float = 5, after: float = 0) -> Case:
        lines = [
            decided("accepted").at(0, 1).grow(before, busy).grow(after, 600),
            gauge("open_for_business").at(is_open, 800),
        ]
        return Case(alert=alert, told=told, lines=lines, minute=minute, firing=firing)

    week = [
        decided("accepted").at(0, 1).grow(5, 24).at(120, 8 * 24 * 12),
        gauge("open_for_business").at(1, 9 * 24 * 12),
    ]
    return [
        # The last decision leaves the window of an hour an hour after it was made.
        case("fires", busy + HOUR + wait + 2, 1),
        case("silent before its time", busy + HOUR + wait - 2, 0),
        case("silent within the hour", busy + HOUR - 2, 0),
        case("silent when the lender is closed", busy + 5 * HOUR, 0, is_open=0),
        case("silent with one decision in a while", busy + 5 * HOUR, 0, after=0.05),
        case("silent where there never was one", busy + 5 * HOUR, 0, before=0),
        Case(alert=alert, told="silent after a week", lines=week, minute=8 * DAY, firing=0, step="5m"),
        Case(alert=alert, told="fires within a week", lines=week, minute=5 * DAY, firing=1, step="5m"),
    ]


def accepted(told: str, before: float, after: float, minute: int, firing: int, *, a_day: float) -> Case:
    """A share of acceptance in the first seven days, another one from then on; a sample every quarter of an hour."""
    week, more = 7 * 24 * 4, 3 * 24 * 4
    each = a_day / (24 * 4)
    lines = [
        decided("accepted").at(0, 1).grow(each * before, week).grow(each * after, more),
        decided("refused").at(0, 1).grow(each * (1 - before), week).grow(each * (1 - after), more),
    ]
    return Case(alert="AcceptanceJump", told=told, lines=lines, minute=minute, firing=firing, step="15m")


def jump() -> list[Case]:
    # A day after the jump the last day holds nothing else, and the day a week before has no such jump.
    later = 8 * DAY + 3 * HOUR
    # Ten points of a jump by 24 have passed after ten hours.
    passed = 7 * DAY + 10 * HOUR
    return [
        accepted("fires at 15 points down", 0.7, 0.55, later, 1, a_day=2000),
        accepted("fires at 15 points up", 0.55, 0.7, later, 1, a_day=2000),
        accepted("silent at 7 points", 0.7, 0.63, later, 0, a_day=20000),
        accepted("fires at 15 points of 250 a day", 0.7, 0.55, later, 1, a_day=250),
        accepted("fires at 25 points of 100 a day", 0.7, 0.45, later, 1, a_day=100),
        accepted("silent at 15 points of 70 a day: chance", 0.7, 0.55, later, 0, a_day=70),
        accepted("silent at 15 points up of 70 a day", 0.55, 0.7, later, 0, a_day=70),
        accepted("silent before its time", 0.7, 0.46, passed + 45, 0, a_day=20000),
        accepted("fires in its time", 0.7, 0.46, passed + 90, 1, a_day=20000),
        accepted("silent without traffic", 0.7, 0.3, later, 0, a_day=0),
    ]


CASES = [
    *turns("DriftHigh", lambda: gauge("drift_score"), good=0.1, bad=0.6, almost=0.45),
    *turns("FeedBroken", lambda: gauge("drift_feed_incidents"), good=0, bad=1),
    *turns("CalibrationOff", lambda: gauge("performance_verdict", question="calibration"), good=0, bad=1, almost=-1),
    *turns("PerformanceLost", lambda: gauge("performance_verdict", question="concept"), good=0, bad=1, label="concept"),
    *turns(
        "PerformanceLost",
        lambda: gauge("performance_verdict", question="discrimination"),
        good=0,
        bad=1,
        label="discrimination",
    ),
    *quiet(),
    *jump(),
]
