"""Page 2, as Streamlit runs it."""

from __future__ import annotations

from pathlib import Path

import httpx
import polars as pl
import pytest

from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.monitoring.drift.days import DRIFT_COLUMNS
from credit_platform.monitoring.drift.records import DriftRecord
from credit_platform.settings import Settings
from credit_platform_tests.records import day_of_drift, promoted_model
from credit_platform_tests.unit.console.conftest import Bridge, Show
from credit_platform_tests.unit.console.views.test_applicant import button, said


def test_the_model_in_use_with_its_figures(show: Show) -> None:
    page = show("portfolio")
    assert not page.exception
    figures = {metric.label: metric.value for metric in page.metric}
    assert figures["Cost per applicant"] == "0.500"
    assert figures["Limit"] == "16.7%"
    assert "1,000 applicants" in said(page)
    assert "logistic regression" in said(page)
    assert "nobody need approve it" in said(page)
    assert "Synthetic" not in said(page)


def test_without_decisions_and_drift_it_says_so(show: Show) -> None:
    page = show("portfolio-fr")
    assert "Aucune décision sur ce portefeuille" in said(page)
    assert "La dérive n’a pas encore été évaluée" in said(page)


def test_recorded_decisions_are_counted(show: Show) -> None:
    button(show("applicant"), "Ask for the decision")
    figures = {metric.label: metric.value for metric in show("portfolio").metric}
    assert figures["Refused"] == "0 (0%)"
    assert "For review" not in figures


def test_the_tables_are_shown_when_the_service_is_away(show: Show, service: Bridge) -> None:
    def fail(request: httpx.Request) -> httpx.Response | None:
        raise httpx.ConnectError("refused")

    service.instead = fail
    assert "comes from the stored tables" in said(show("portfolio"))


def test_without_a_model_it_says_what_to_do(show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path / "new"))
    page = show("portfolio")
    assert not page.exception
    assert "`credit-platform run german_credit`" in said(page)


def test_synthetic_data_and_drift_are_shown(show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path / "new")
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(settings.home))
    lakehouse = Lakehouse(settings.lakehouse_root)
    scores = pl.DataFrame({"applicant_id": [1, 2], "target": [0, 1], "probability": [0.1, 0.9]})
    info = CommitInfo(synthetic=True)
    lakehouse.write("german_credit/serving/promoted_model", scores, summary=promoted_model().to_summary(), info=info)
    day = day_of_drift(level="watch", drifted=2, features=36, score=0.09)
    record = DriftRecord(message="m", based_on={}, days={"2026-03-02": (day,)}, page=None)
    rows = pl.DataFrame(schema=DRIFT_COLUMNS)
    lakehouse.write("german_credit/monitoring/drift", rows, summary=record.to_summary())
    page = show("portfolio")
    assert not page.exception
    assert "Synthetic data" in said(page)
    assert "never used for training" in said(page)
    assert "To be watched: 2 of 36 features drifted, with 9% of the model's importance." in said(page)
    assert "As of day 2026-03-02." in said(page)
