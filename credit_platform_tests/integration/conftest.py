"""Homes for runs of the real graph."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import tool_environment


@pytest.fixture(scope="session")
def german_credit() -> Portfolio:
    return get_portfolio("german_credit")


@pytest.fixture
def fresh(tmp_path: Path, dagster_home: Path) -> Iterator[Settings]:
    """Settings of an empty home with raw files in `<home>/raw_files`."""
    raw = tmp_path / "raw_files"
    raw.mkdir()
    settings = Settings(home=tmp_path / "home", raw=raw, tuning_trials=1)
    with tool_environment(settings, dagster_home):
        yield settings
