"""Where simulated applicants come from."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import GenerationError
from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings
from credit_platform.simulation import applicants
from credit_platform.simulation.applicants import stored_applicants


def test_stored_applications_come_before_shipped_ones(tmp_path: Path) -> None:
    settings, portfolio = Settings(home=tmp_path), get_portfolio("german_credit")
    shipped = stored_applicants(portfolio, settings).applications
    assert len(shipped) == 1000
    frame = pl.DataFrame([{**dict.fromkeys([c.name for c in portfolio.application_columns]), **shipped[4]}])
    Lakehouse(settings.lakehouse_root).write("german_credit/raw/applications", frame)
    assert stored_applicants(portfolio, settings).applications == [shipped[4]]
    Lakehouse(settings.lakehouse_root).write("german_credit/raw/applications", frame.head(0))
    with pytest.raises(GenerationError, match="has no applications"):
        stored_applicants(portfolio, settings)


def test_applications_of_home_credit_are_generated_when_none_are_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applicants, "_MOST", 20)
    applications = stored_applicants(get_portfolio("home_credit"), Settings(home=tmp_path)).applications
    assert len(applications) == 20
    assert all("CODE_GENDER" not in application and "AMT_CREDIT" in application for application in applications)
