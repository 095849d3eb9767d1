"""Checks of the quality report: its page is there, can be kept, and speaks of every table."""

from __future__ import annotations

from credit_platform.lakehouse import Lakehouse, Verdict
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.quality.pages import page_written
from credit_platform.quality.records import ReportRecord
from credit_platform.tables.judging import Submission, WriteCheck


def quality_write_checks(portfolio: Portfolio, name: str) -> list[WriteCheck]:
    """What has to hold of table `quality/<name>` before it is written."""
    return [_page(portfolio)] if name == "report" else []


def _page(portfolio: Portfolio) -> WriteCheck:
    tables = [table.name for table in portfolio.tables]

    def judge(report: Submission, lakehouse: Lakehouse) -> Verdict:
        record = report.record(ReportRecord)
        return page_written([lakehouse.shelf.local(record.key, record.path)], tables)

    return WriteCheck(
        name="page_written",
        description="The page is there, loads nothing from elsewhere, and names every raw table.",
        judge=judge,
    )
