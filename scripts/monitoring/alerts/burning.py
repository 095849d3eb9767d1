"""Alerts of what is promised: the error budget of a month burns too fast.

What is here: `ALERTS`, two for each objective: one pages, one is a ticket.
What to add here: the pair for another objective.
What must not be here: the objectives and the factors (`objectives.py`).

A page needs a hundred requests in the hour, else one failure among ten would be a hundred times the budget. A ticket
needs a hundred in the day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scripts.monitoring.objectives import PAGE, SLOW, TICKET, UNAVAILABLE, Burn
from scripts.monitoring.recording import faults, requests, slow
from scripts.monitoring.rules import Alert, Owner, Severity


def _burns(ratio: Callable[[str], str], budget: str, pairs: Sequence[Burn], enough: str) -> str:
    either = "\n  or ".join(
        f"({ratio(pair.long)} > {pair.factor} * {budget} and {ratio(pair.short)} > {pair.factor} * {budget})"
        for pair in pairs
    )
    return f"(\n  {either}\n)\nand on (portfolio) {requests(enough)} > 100"


ALERTS = [
    Alert(
        name="AvailabilityBudgetBurnsFast",
        expression=_burns(faults, UNAVAILABLE, PAGE, "1h"),
        wait="2m",
        severity=Severity.CRITICAL,
        owner=Owner.PLATFORM,
        summary="{{ $labels.portfolio }} spends its error budget within days",
        description="{{ $value | humanizePercentage }} of scoring requests fail; 0.1 % are allowed over 30 days.",
        dashboard="credit-api",
    ),
    Alert(
        name="AvailabilityBudgetBurnsSlowly",
        expression=_burns(faults, UNAVAILABLE, TICKET, "1d"),
        wait="15m",
        severity=Severity.WARNING,
        owner=Owner.PLATFORM,
        summary="{{ $labels.portfolio }} will not keep its promise of availability this month",
        description="{{ $value | humanizePercentage }} of scoring requests fail; 0.1 % are allowed over 30 days.",
        dashboard="credit-api",
    ),
    Alert(
        name="LatencyBudgetBurnsFast",
        expression=_burns(slow, SLOW, PAGE, "1h"),
        wait="2m",
        severity=Severity.CRITICAL,
        owner=Owner.PLATFORM,
        summary="{{ $labels.portfolio }} answers slowly too often",
        description="{{ $value | humanizePercentage }} of answers take over 0.25 s; 1 % may over 30 days.",
        dashboard="credit-api",
    ),
    Alert(
        name="LatencyBudgetBurnsSlowly",
        expression=_burns(slow, SLOW, TICKET, "1d"),
        wait="15m",
        severity=Severity.WARNING,
        owner=Owner.PLATFORM,
        summary="{{ $labels.portfolio }} will not keep its promise of latency this month",
        description="{{ $value | humanizePercentage }} of answers take over 0.25 s; 1 % may over 30 days.",
        dashboard="credit-api",
    ),
]
