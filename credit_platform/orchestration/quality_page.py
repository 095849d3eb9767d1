"""The quality report's HTML file, written by the asset when all is read and by a hook when a file could not be.

What is here: `write_quality_page` and `quality_page_hook`.
What to add here: what else the page should know that only the lakehouse or the run can tell.
What must not be here: figures and drawing (`quality/report.py`).
"""

# No `from __future__ import annotations`: Dagster reads the types of the hook.
from collections.abc import Iterator, Mapping, Set
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import polars as pl

from credit_platform.errors import DamagedTableError
from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.orchestration.raw_tables import read_before
from credit_platform.portfolios.portfolio import Portfolio, SourceTable
from credit_platform.quality.report import TableReport, Unread, render_report
from credit_platform.settings import Settings

REPORT_FILE = "quality_report.html"


def write_quality_page(
    portfolio: Portfolio,
    settings: Settings,
    lakehouse: Lakehouse,
    raw: Mapping[str, StoredTable],
    unread: Mapping[str, str] | None = None,
) -> tuple[Path, pl.DataFrame]:
    """Write the page over the raw tables `raw`; tables named in `unread` get their reason instead of a clean bill.

    Args:
        portfolio: whose tables.
        settings: say where reports go.
        lakehouse: holds the versions before.
        raw: stored table by name; those that were never stored are absent.
        unread: why the run did not read a table, by name.

    Returns:
        The file, and a row per stored table: table, verdict, rows, rejected, warnings.
    """
    reports = [_table_report(portfolio, t.name, raw[t.name], lakehouse) for t in portfolio.tables if t.name in raw]
    reasons = unread or {}
    folder = settings.reports_folder(portfolio.name)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / REPORT_FILE
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
    path.write_text(page, encoding="utf-8")
    return path, pl.DataFrame([_row(report) for report in reports])


def quality_page_hook(portfolio: Portfolio, settings: Settings) -> dg.HookDefinition:
    """Write the page when a raw file cannot be read or is refused by a check, for then `quality/report` does not run.

    Without it the page would go on showing the last good state, and who looks there would not learn of the damage.
    """

    @dg.failure_hook(name=f"{portfolio.name}_quality_page", required_resource_keys={"lakehouse"})
    def quality_page(context: dg.HookContext) -> None:
        if not context.step_key.startswith(f"{portfolio.name}__raw__"):
            return
        lakehouse: Lakehouse = context.resources.lakehouse.open()
        keys = {table.name: f"{portfolio.name}/raw/{table.name}" for table in portfolio.tables}
        raw = {name: lakehouse.read(key) for name, key in keys.items() if lakehouse.exists(key)}
        failed = dict(_failures(context.instance, context.run_id))
        unread = {t.name: failed[step] for t in portfolio.tables if (step := _step(portfolio, t)) in failed}
        unread |= _held_up(portfolio, unread.keys())
        write_quality_page(portfolio, settings, lakehouse, raw, unread)

    return quality_page


def _step(portfolio: Portfolio, table: SourceTable) -> str:
    """Key of the step that reads the file of `table`; those of its checks begin with it."""
    return f"{portfolio.name}__raw__{table.name}"


def _failures(instance: dg.DagsterInstance, run_id: str) -> Iterator[tuple[str, str]]:
    """Steps that failed in this run so far, each with the message."""
    for record in instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.STEP_FAILURE).records:
        event = record.event_log_entry.dagster_event
        if event is None or event.step_key is None:
            continue
        data = event.step_failure_data
        stated = data.user_failure_data.description if data.user_failure_data else None
        yield event.step_key, stated or (data.error.message.strip() if data.error else "It failed without a message.")


def _held_up(portfolio: Portfolio, damaged: Set[str]) -> dict[str, str]:
    """Tables not read because one that they wait for is damaged or refused, however far up; each with a sentence."""
    held: dict[str, str] = {}
    # A table may come before the one it waits for, so look until nothing new is found.
    while waiting := {
        table.name: parent
        for table in portfolio.tables
        for parent in sorted(read_before(portfolio, table))
        if table.name not in damaged and table.name not in held and (parent in damaged or parent in held)
    }:
        held |= {name: f"It waits for {parent}, which was not put in force." for name, parent in waiting.items()}
    return held


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
