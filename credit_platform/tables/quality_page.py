"""The quality report's HTML file: what is in force of each raw table, and what was not put in force, and why.

What is here: `write_quality_page` (the page and its table) and `rewrite_quality_page` (the page, of what is stored).
What to add here: what else the page should know that only the lakehouse can tell.
What must not be here: figures and drawing (`quality/report.py`), noting what was not read (`unread.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

import polars as pl

from credit_platform.errors import DamagedTableError
from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.lakehouse.reports import reports_key, write_reports
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios.keys import raw_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.quality.report import TableReport, Unread, render_report
from credit_platform.settings import Settings
from credit_platform.tables.unread import unread_tables

REPORT_FILE = "quality_report.html"


def write_quality_page(
    portfolio: Portfolio, settings: Settings, lakehouse: Lakehouse, raw: Mapping[str, StoredTable]
) -> tuple[str, pl.DataFrame]:
    """Write the page over the raw tables `raw`; of one whose newest file was not put in force it says why.

    Args:
        portfolio: whose tables.
        settings: say where reports go.
        lakehouse: holds the versions before.
        raw: stored table by name; those that were never stored are absent.

    Returns:
        The key of the file, and a row per stored table: table, verdict, rows, rejected, warnings.
    """
    reports = [_table_report(portfolio, t.name, raw[t.name], lakehouse) for t in portfolio.tables if t.name in raw]
    reasons = unread_tables(portfolio, settings, lakehouse)
    page = render_report(
        portfolio.title,
        reports,
        created=datetime.now(UTC),
        synthetic=any(stored.version.synthetic for stored in raw.values()),
        unread=[
            Unread(
                table=table,
                reason=reasons[table.name],
                last_good=raw[table.name].version if table.name in raw else None,
            )
            for table in portfolio.tables
            if table.name in reasons
        ],
    )
    place = write_reports(Shelf.of(settings), reports_key(portfolio.name), {REPORT_FILE: page})
    return f"{place}/{REPORT_FILE}", pl.DataFrame([_row(report) for report in reports], schema=_ROW)


def rewrite_quality_page(portfolio: Portfolio, settings: Settings, lakehouse: Lakehouse) -> str:
    """Write the page anew over whatever is stored of the raw tables."""
    keys = {table.name: raw_key(portfolio.name, table.name) for table in portfolio.tables}
    raw = {name: lakehouse.read(key) for name, key in keys.items() if lakehouse.exists(key)}
    return write_quality_page(portfolio, settings, lakehouse, raw)[0]


_ROW = {"table": pl.String, "verdict": pl.String, "rows": pl.Int64, "rejected": pl.Int64, "warnings": pl.Int64}


def _table_report(portfolio: Portfolio, name: str, stored: StoredTable, lakehouse: Lakehouse) -> TableReport:
    table = portfolio.table(name)
    earlier = [v for v in lakehouse.versions(stored.version.key) if v.version < stored.version.version]
    previous = None
    # A version that is not what was written is nothing to compare with; `credit-platform verify` tells.
    with suppress(DamagedTableError):
        if earlier:
            before = lakehouse.read(stored.version.key, version=earlier[0].version)
            previous = TableReport.from_summary(table, before.summary, before.version)
    return TableReport.from_summary(table, stored.summary, stored.version, previous)


def _row(report: TableReport) -> dict[str, object]:
    return {
        "table": report.table.name,
        "verdict": report.verdict.words,
        "rows": report.profile.rows,
        "rejected": report.counts.rejected,
        "warnings": len(report.warnings),
    }
