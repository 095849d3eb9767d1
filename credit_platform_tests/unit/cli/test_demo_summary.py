"""What the demonstration says at its end of what people were told."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from credit_platform.cli.demo_summary import print_warnings, print_week
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.reports import reports_key, write_reports
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.local.watched_week import Week
from credit_platform.monitoring.decisions.schema import FIXED
from credit_platform.monitoring.drift.records import DriftRecord
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.notices.problems import Problem
from credit_platform.monitoring.outcomes.matching import OUTCOME
from credit_platform.monitoring.performance.records import PerformanceRecord
from credit_platform.monitoring.performance.report import measure_performance
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.settings import Settings


def shown(settings: Settings) -> str:
    text = io.StringIO()
    print_warnings(settings, Console(file=text, width=200))
    return text.getvalue()


def test_a_check_that_only_warns_is_shown_with_where_it_was_told(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert "Nothing is known to be wrong.\nWhat goes wrong is told once: " in shown(settings)
    problem = Problem(key="check:a:fairness", title="Check fairness of a warns", message="Below.", at=5.0)
    IncidentBook.of(settings).observe([problem], ["file"])
    assert "Check fairness of a warns" in shown(settings)
    assert f"Each is told once: {tmp_path / 'notifications.jsonl'}" in shown(settings)


@pytest.mark.parametrize(("new", "said"), [(True, "made just now"), (False, "of an earlier demonstration")])
def test_a_week_is_said_to_be_synthetic_with_what_was_found_and_where(new: bool, said: str, tmp_path: Path) -> None:
    settings, german = Settings(home=tmp_path / "mon été"), get_portfolio("german_credit")
    key = f"{reports_key(german.name)}/drift.html"
    record = DriftRecord(message="1 feature [of 36] drifted.", based_on={}, days={}, page=key)
    nothing = measure_performance(german, pl.DataFrame(schema=FIXED), pl.DataFrame(schema=OUTCOME), None)
    performance = PerformanceRecord.made(nothing, None, synthetic=True, place=reports_key(german.name), files=())
    summaries = {"performance": performance.to_summary(), "retrain_decision": {"message": "What it says."}}
    for name, summary in summaries.items():
        Lakehouse(settings.lakehouse_root).write(
            monitoring_key(german.name, name), pl.DataFrame({"a": [1]}), summary=summary
        )
    drift = monitoring_key(german.name, "drift")
    Lakehouse(settings.lakehouse_root).write(drift, pl.DataFrame({"a": [1]}), summary=record.to_summary())
    write_reports(Shelf.of(settings), reports_key(german.name), {"drift.html": "page"})
    text = io.StringIO()
    week = Week(applicants=490, accepted=167, new=new, watched=True)
    print_week(german, week, settings, Console(file=text, width=300))
    shown = text.getvalue()
    assert f"Synthetic, {said}: 490 simulated applicants over 7 days, 167 of them accepted" in shown
    assert "What became of the loans is made up, too" in shown
    assert "drift: 1 feature [of 36] drifted." in shown
    assert "performance: No model was promoted yet" in shown
    assert "retrain decision: What it says." in shown
    assert f"page of drift: {settings.reports_folder(german.name) / 'drift.html'}" in shown
