"""One clock: who asks the machine for the time, and why each of them may."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import credit_platform
from credit_platform.clock import SYSTEM_CLOCK
from credit_platform.orchestration.resources import ClockResource

PACKAGE = Path(credit_platform.__file__).parent
ROOMS = ("monitoring", "orchestration", "tables", "governance")
ASKING = {"datetime.now", "date.today", "datetime.today", "datetime.utcnow", "time.time"}
MAY = {
    # When something was written, moved or noticed on this machine; nobody's day follows from it.
    "monitoring/decision_log/checkpoints.py": "when a checkpoint was written",
    "monitoring/decision_log/migrations.py": "when a migration was applied",
    "monitoring/decision_log/removal.py": "when decisions were removed",
    "monitoring/drift/evidently_report.py": "any day will do",
    "monitoring/drift/page.py": "when a page was written",
    "monitoring/exporter/reachability.py": "of a process of its own, beside Prometheus's time",
    "monitoring/notices/receiver.py": "incidents have the time of Dagster's records",
    "monitoring/notices/telling.py": "incidents have the time of Dagster's records",
    "orchestration/collectors.py": "ages of Dagster's records",
    "orchestration/sensors.py": "files and incidents have the time of the machine",
    "orchestration/watcher.py": "incidents have the time of Dagster's records",
    "tables/quality_page.py": "when a page was written",
    "tables/unread.py": "held against the time of a commit",
    "governance/expiry.py": "held against the time of commits",
    # What a person does at a command line is done now.
    "governance/approval.py": "a person changes the policy",
    "monitoring/decision_retention.py": "a person asks what is too old",
    "orchestration/promotion.py": "a person approves",
    "orchestration/rollback.py": "a person goes back",
    "tables/acceptance.py": "a person answers for refused data",
}


def asked(tree: ast.AST) -> Iterator[str]:
    """Calls by which the machine is asked, and functions that are handed on to be called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ASKING:
            yield ast.unparse(node)


def test_nobody_else_asks_the_machine_what_day_it_is() -> None:
    files = [path for room in ROOMS for path in sorted((PACKAGE / room).rglob("*.py"))]
    found = {
        path.relative_to(PACKAGE).as_posix() for path in files if [*asked(ast.parse(path.read_text(encoding="utf-8")))]
    }
    assert found - set(MAY) == set(), "Take the resource `clock`, or an argument."
    assert set(MAY) - found == set(), "No longer asks: take it off the list."


@pytest.mark.parametrize("code", ["datetime.now(UTC)", "clock = time.time", "x = date.today()"])
def test_the_search_finds_who_asks(code: str) -> None:
    assert [*asked(ast.parse(code))]
    assert not [*asked(ast.parse("time.monotonic(); clock.now()"))]


def test_the_resource_is_the_time_of_the_machine_unless_it_stands_still() -> None:
    before = datetime.now(UTC)
    assert before <= SYSTEM_CLOCK.now() <= ClockResource().now() <= datetime.now(UTC)
    fixed = ClockResource(fixed="2031-01-29T03:00:00+01:00").now()
    assert fixed == datetime(2031, 1, 29, 2, tzinfo=UTC)
    assert fixed.tzinfo is UTC
