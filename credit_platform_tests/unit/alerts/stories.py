"""Stories that many alerts have in common: a state that turns bad, a figure that passes its bound."""

from __future__ import annotations

from collections.abc import Callable

from credit_platform_tests.unit.alerts.timelines import Case, Line
from scripts.monitoring.alerts import ALERTS

HOUR = 60
CALM = 10
"""Minutes before a story turns."""
Made = Callable[[], Line]


def wait_of(alert: str) -> int:
    """Minutes for which the alert waits."""
    wait = next(one.wait for one in ALERTS if one.name == alert)
    return int(wait[:-1]) * {"m": 1, "h": HOUR}[wait[-1]]


def turns(
    alert: str,
    line: Made,
    *,
    good: float | None,
    bad: float,
    almost: float | None = None,
    label: str = "",
) -> list[Case]:
    """A gauge turns from `good` to `bad`: silent just before the wait is over, fires just after, and ends with it.

    `good` is None where there is no series while all is well; `almost` is a value that is not bad yet, for hours.
    """
    wait = wait_of(alert)
    after = 2 * wait + 5
    last = CALM + after + 8  # without a mark of its end, a series counts for five minutes more

    def case(told: str, told_by: Line, minute: int, firing: int) -> Case:
        named = f"{label} {told}".strip()
        return Case(alert=alert, told=named, lines=[told_by], minute=minute, firing=firing)

    def calm(of: Line, minutes: int) -> Line:
        return of.gone(minutes) if good is None else of.at(good, minutes)

    cases = [
        case("fires", calm(line(), CALM).at(bad, after), CALM + wait + 1, 1),
        case("silent before its time", calm(line(), CALM).at(bad, after), CALM + wait - 1, 0),
        case("silent when it has ended", calm(calm(line(), CALM).at(bad, after), 10), last, 0),
        case("silent when all is well", calm(line(), last + wait), last + wait - 1, 0),
    ]
    if almost is not None:
        hours = 2 * wait + 2 * HOUR
        cases.append(case("silent below the bound", line().at(almost, hours), hours - 1, 0))
    return cases
