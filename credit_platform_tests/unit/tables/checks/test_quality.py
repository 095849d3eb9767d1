"""The check of the quality report: its page is there and speaks of every table."""

from __future__ import annotations

from pathlib import Path

from credit_platform.portfolios import get_portfolio
from credit_platform.tables.checks.quality import quality_write_checks
from credit_platform_tests.finished_run import FinishedRun
from credit_platform_tests.unit.tables.checks.stored import refused, verdicts

KEY = "german_credit/quality/report"


def test_a_page_that_is_gone_or_silent_about_a_table_is_noticed(finished: FinishedRun, tmp_path: Path) -> None:
    assert refused(verdicts(finished, KEY)) == []
    page = tmp_path / "page.html"
    assert refused(verdicts(finished, KEY, key=None, path=str(page))) == ["page_written"]
    page.write_text("<html>nothing</html>", encoding="utf-8")
    assert "applications" in verdicts(finished, KEY, key=None, path=str(page))["page_written"].message


def test_only_the_report_is_a_page() -> None:
    assert quality_write_checks(get_portfolio("german_credit"), "other") == []
