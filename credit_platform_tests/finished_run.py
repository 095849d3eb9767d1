"""A home in which the whole german_credit graph ran, after three interrupted runs, and the surroundings of runs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock
from pydantic import TypeAdapter

from credit_platform.environment import TOOL_FOLDERS, prepare_environment
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.orchestration.runner import RunReport, run_job
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform_tests.interrupted_runs import Interruption, interrupt

TRIALS = 3
"""Enough to exercise tuning; its worth is measured by the demo, not here."""
CANDIDATES = ("logistic_regression", "xgboost", "lightgbm")
"""Enough to compare; each candidate has tests of its own."""
_RECORD = TypeAdapter(tuple[list[Interruption], RunReport])


@dataclass(frozen=True)
class FinishedRun:
    """A home in which the whole graph ran to its end once."""

    settings: Settings
    portfolio: Portfolio
    report: RunReport
    interruptions: Sequence[Interruption]
    """Of the runs before it in this home, the first one first."""

    @property
    def lakehouse(self) -> Lakehouse:
        return Lakehouse(self.settings.lakehouse_root, shelf=self.shelf)

    @property
    def shelf(self) -> Shelf:
        return Shelf.of(self.settings)


@contextmanager
def tool_environment(settings: Settings, dagster_home: Path | None = None) -> Iterator[None]:
    """Point the tools at this home for a while; what the test run had before comes back.

    An instance that exists already, named by `dagster_home`, saves a second per run: making one migrates its database.
    """
    before = {name: os.environ.pop(name, None) for name in TOOL_FOLDERS}
    if dagster_home is not None:
        os.environ["DAGSTER_HOME"] = str(dagster_home)
    try:
        prepare_environment(settings)
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def run_or_reuse(home: Path) -> FinishedRun:
    """Run the whole graph in `home`, unless another worker has done so; meanwhile that worker is waited for.

    Three runs are interrupted there before, so that whatever a test finds in this home stands on what they left.
    """
    settings = Settings(home=home, tuning_trials=TRIALS, candidates=CANDIDATES)
    portfolio = get_portfolio("german_credit")
    record = home.with_name("finished.json")
    with FileLock(home.with_name("finished.lock")):
        if not record.exists():
            with tool_environment(settings):
                made = interrupt(settings), run_job(portfolio, settings)
            record.write_bytes(_RECORD.dump_json(made))
    interruptions, report = _RECORD.validate_json(record.read_bytes())
    assert report.success, (report.errors, report.failed_checks)
    return FinishedRun(settings, portfolio, report, interruptions)
