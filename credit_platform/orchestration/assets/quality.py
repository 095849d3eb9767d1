"""quality/report: one HTML file over all raw tables of a portfolio."""

import dagster as dg

from credit_platform.code_versions import code_version
from credit_platform.lakehouse import CommitInfo, Lakehouse, StoredTable
from credit_platform.lakehouse.raw_files import raw_address, raw_folder
from credit_platform.orchestration.metadata import markdown_table, relative_to_home
from credit_platform.orchestration.policies import asset_key
from credit_platform.portfolios.generator import FIDELITY_PAGE
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.quality.records import ReportRecord
from credit_platform.settings import Settings
from credit_platform.tables.quality_page import write_quality_page
from credit_platform.tables.table import Table


def build_quality_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """The quality report."""

    @dg.asset(
        key=asset_key(portfolio.name, "quality", "report"),
        ins={t.name: dg.AssetIn(key=asset_key(portfolio.name, "raw", t.name)) for t in portfolio.tables},
        description="One HTML file for a person who was not there: per raw table rows, types, nulls, keys, outliers, "
        "rejected rows, distributions, and what changed since the version before. The table has a row per raw table.",
        kinds={"html", "polars"},
        code_version=code_version("credit_platform.quality"),
        required_resource_keys={"lakehouse"},
    )
    def report(context: dg.AssetExecutionContext, **raw: StoredTable) -> Table:
        lakehouse: Lakehouse = context.resources.lakehouse.open()
        key, frame = write_quality_page(portfolio, settings, lakehouse, raw)
        synthetic = any(stored.version.synthetic for stored in raw.values())
        return Table(
            frame=frame,
            summary=ReportRecord(key=key).to_summary(),
            info=CommitInfo(portfolio=portfolio.name, synthetic=synthetic),
            metadata={
                "report": key,
                "verdicts": markdown_table(frame),
                **_fidelity(portfolio, settings),
            },
        )

    return [report]


def _fidelity(portfolio: Portfolio, settings: Settings) -> dict[str, dg.MetadataValue[str]]:
    """The page that `generate --report` left beside generated files, where there is one."""
    page = raw_folder(settings, portfolio) / FIDELITY_PAGE
    if not page.exists():
        return {}
    shown = raw_address(settings, portfolio, page.resolve())
    return {"fidelity": dg.MetadataValue.path(relative_to_home(shown, settings.home))}
