"""A finished run of the whole german_credit graph, made once for all tests that only read it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from credit_platform.environment import prepare_environment
from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.runner import RunReport, run_job
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

TRIALS = 3
"""Enough to exercise tuning; its worth is measured by the demo, not here."""


@dataclass(frozen=True)
class FinishedRun:
    """A home in which the whole graph ran once."""

    settings: Settings
    portfolio: Portfolio
    report: RunReport

    @property
    def lakehouse(self) -> Lakehouse:
        return Lakehouse(self.settings.lakehouse_root)


@contextmanager
def tool_environment(settings: Settings) -> Iterator[None]:
    """Point the tools at this home for a while; what the test run had before comes back."""
    names = ("DAGSTER_HOME", "BENTOML_HOME", "MPLCONFIGDIR")
    before = {name: os.environ.pop(name, None) for name in names}
    try:
        prepare_environment(settings)
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


@pytest.fixture(scope="session")
def german_credit() -> Portfolio:
    return get_portfolio("german_credit")


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, german_credit: Portfolio) -> FinishedRun:
    home = tmp_path_factory.mktemp("finished")
    settings = Settings(home=home, tuning_trials=TRIALS)
    with tool_environment(settings):
        report = run_job(german_credit, settings)
    return FinishedRun(settings, german_credit, report)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Settings]:
    """Settings of an empty home with raw files in `<home>/raw_files`."""
    raw = tmp_path / "raw_files"
    raw.mkdir()
    settings = Settings(home=tmp_path / "home", raw=raw, tuning_trials=1)
    with tool_environment(settings):
        yield settings
