"""Checks of monitoring/drift: the table says what it found, and is written whatever that is.

What is here: `build_drift_checks`.
What to add here: another question to a day that was judged.
What must not be here: judging (`monitoring/drift/judges.py`).
"""

from collections.abc import Callable

import dagster as dg

from credit_platform.lakehouse import Lakehouse, StoredTable, Verdict
from credit_platform.monitoring.drift import judges
from credit_platform.monitoring.drift.records import DRIFT, DriftRecord
from credit_platform.orchestration.checks.together import TableCheck, check_together, shown
from credit_platform.orchestration.policies import asset_key
from credit_platform.portfolios.portfolio import Portfolio

Ask = Callable[[StoredTable, DriftRecord], Verdict]


def build_drift_checks(portfolio: Portfolio) -> list[dg.AssetChecksDefinition]:
    """One verdict for each feature, and feeds that are whole, hold up what comes after; the level is only told."""
    asset = asset_key(portfolio.name, "monitoring", DRIFT)
    checks = [
        _check(
            "one_verdict_each",
            "Every feature has one verdict for each model and day, and no figure is missing.",
            lambda table, record: judges.one_verdict_each(table.frame, record),
        ),
        _check(
            "feeds_whole",
            "On the newest day no feature lost its values or became constant: otherwise a feed broke, and nothing is "
            "concluded from the day.",
            lambda _, record: judges.feeds_whole(record.newest, record.message),
        ),
        _check(
            "drift_level",
            "On the newest day fewer than three features drifted, certainly and materially.",
            lambda _, record: judges.drift_level(record.newest, record.message),
            blocking=False,
        ),
    ]
    return [check_together(asset, checks, in_memory=False)]


def _check(name: str, description: str, ask: Ask, *, blocking: bool = True) -> TableCheck:
    def judge(table: StoredTable, _: Lakehouse) -> dg.AssetCheckResult:
        return shown(ask(table, DriftRecord.of(table)))

    return TableCheck(name=name, description=description, judge=judge, blocking=blocking)
