"""quality/report: one HTML file over all raw tables of a portfolio."""

from datetime import UTC, datetime

import dagster as dg
import polars as pl

from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.orchestration.code_versions import code_version
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import DATA_ENGINEERING, asset_key, group_name
from credit_platform.orchestration.tables import StoredTable, Table
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.quality.report import TableReport, render_report
from credit_platform.settings import Settings

REPORT_FILE = "quality_report.html"


def build_quality_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """The quality report."""

    @dg.asset(
        key=asset_key(portfolio.name, "quality", "report"),
        ins={t.name: dg.AssetIn(key=asset_key(portfolio.name, "raw", t.name)) for t in portfolio.tables},
        description="One HTML file for a person who was not there: per raw table rows, types, nulls, keys, outliers, "
        "rejected rows, distributions, and what changed since the version before. The table has a row per raw table.",
        group_name=group_name(portfolio.name, "quality"),
        owners=[DATA_ENGINEERING],
        kinds={"html", "polars"},
        code_version=code_version("credit_platform.quality"),
        required_resource_keys={"lakehouse"},
    )
    def report(context: dg.AssetExecutionContext, **raw: StoredTable) -> Table:
        lakehouse: Lakehouse = context.resources.lakehouse.open()
        reports = [_table_report(portfolio, name, raw[name], lakehouse) for name in (t.name for t in portfolio.tables)]
        synthetic = any(stored.version.synthetic for stored in raw.values())
        folder = settings.reports_folder(portfolio.name)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / REPORT_FILE
        page = render_report(portfolio.title, reports, created=datetime.now(UTC), synthetic=synthetic)
        path.write_text(page, encoding="utf-8")
        frame = pl.DataFrame([_row(report) for report in reports])
        return Table(
            frame=frame,
            info=CommitInfo(portfolio=portfolio.name, synthetic=synthetic),
            metadata={"report": dg.MetadataValue.path(str(path.resolve())), "verdicts": markdown_table(frame)},
        )

    return [report]


def _table_report(portfolio: Portfolio, name: str, stored: StoredTable, lakehouse: Lakehouse) -> TableReport:
    table = portfolio.table(name)
    earlier = [v for v in lakehouse.versions(stored.version.key) if v.version < stored.version.version]
    previous = None
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
