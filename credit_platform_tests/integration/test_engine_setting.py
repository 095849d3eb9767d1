"""A run on Spark where Spark cannot run: the step says what is missing, and nothing is stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.engines import spark_session
from credit_platform.orchestration.runner import run_job
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import FinishedRun


@pytest.fixture
def without_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark_session, "_require_pyspark", lambda: None)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))


@pytest.mark.parametrize("job", ["german_credit_ingestion", "german_credit_features"])
def test_missing_java_fails_the_step_with_its_cure(
    job: str, without_java: None, finished: FinishedRun, fresh: Settings
) -> None:
    """Features read the tables of the finished run, and fail before they write any."""
    features = job.endswith("features")
    root = finished.settings.lakehouse_root if features else fresh.lakehouse_root
    settings = fresh.model_copy(update={"engine": "spark", "lakehouse_url": root, "raw": None})
    before = {key: Lakehouse(root).latest(key) for key in Lakehouse(root).keys()}  # noqa: SIM118  # a lakehouse is no mapping
    report = run_job(get_portfolio("german_credit"), settings, job=job)
    assert not report.success
    assert len(report.errors) == 1
    assert "The engine spark needs Java 17 or later" in report.errors[0]
    assert "CREDIT_PLATFORM_ENGINE=polars" in report.errors[0]
    assert {key: Lakehouse(root).latest(key) for key in Lakehouse(root).keys()} == before  # noqa: SIM118  # a lakehouse is no mapping
