"""raw/<table> and raw/<table>__rejected: a CSV file read, typed, checked, quarantined and stored."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import dagster as dg
import polars as pl

from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.lakehouse.raw_files import raw_address
from credit_platform.orchestration.metadata import markdown_table, relative_to_home
from credit_platform.orchestration.policies import HEAVY_POOL, OUTSIDE_WORLD_RETRIES, asset_key, raw_step
from credit_platform.orchestration.quality_page import quality_page_hooks
from credit_platform.portfolios.keys import rejected_name
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import SourceTable
from credit_platform.settings import Settings
from credit_platform.tables.ingestion import RawTables, ingest_raw_file, ingestion_code
from credit_platform.tables.table import Table

KEPT, REJECTED = "kept", "rejected"


def build_raw_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """One multi-asset per raw file, with two tables: the rows kept and the rows rejected."""
    hooks = quality_page_hooks(portfolio, settings)
    return [_raw_table(portfolio, table, settings, hooks) for table in portfolio.tables]


def _raw_table(
    portfolio: Portfolio, table: SourceTable, settings: Settings, hooks: set[dg.HookDefinition]
) -> dg.AssetsDefinition:
    kept = f"{table.description} Rows of `{table.file_name}` that keep the contract."
    rejected = (
        f"Rows of `{table.file_name}` that break the contract, as the file wrote them, with the rule they broke and "
        "their line."
    )

    @dg.multi_asset(
        name=raw_step(portfolio.name, table.name),
        outs={
            KEPT: _out(portfolio, table.name, kept, settings.engine),
            REJECTED: _out(portfolio, rejected_name(table.name), rejected, settings.engine),
        },
        ins={name: dg.AssetIn(key=asset_key(portfolio.name, "raw", name)) for name in portfolio.read_before(table)},
        code_version=ingestion_code(portfolio),
        retry_policy=OUTSIDE_WORLD_RETRIES,
        required_resource_keys={"lakehouse", "engine"},
        pool=HEAVY_POOL,
        hooks=hooks,
    )
    def raw_table(context: dg.AssetExecutionContext, **parents: StoredTable) -> Iterator[dg.Output[Table]]:
        lakehouse: Lakehouse = context.resources.lakehouse.open()
        with lakehouse.staging() as staging:
            found = ingest_raw_file(
                portfolio,
                table,
                parents,
                settings=settings,
                lakehouse=lakehouse,
                staging=staging,
                engine=context.resources.engine.open,
            )
            for kept in (found.kept.unchanged, found.rejected and found.rejected.unchanged):
                if kept and kept.exception is not None:
                    context.log.info(f"{kept.key}: unchanged. {kept.exception}")
            # The rejected rows go first: when the new version of the table can be read, so can what it left out.
            if found.rejected is not None:
                yield dg.Output(found.rejected, output_name=REJECTED)
            yield dg.Output(replace(found.kept, metadata=_shown(found, settings, portfolio)), output_name=KEPT)

    return raw_table


def _out(portfolio: Portfolio, name: str, description: str, engine: str) -> dg.AssetOut:
    return dg.AssetOut(
        key=asset_key(portfolio.name, "raw", name), description=description, kinds={"csv", engine, "deltalake"}
    )


def _shown(found: RawTables, settings: Settings, portfolio: Portfolio) -> dict[str, Any]:
    """What the asset page shows of a file that was read."""
    if found.ingested is None:
        return {}
    counts = found.ingested.counts
    metadata: dict[str, Any] = {
        "file": dg.MetadataValue.path(relative_to_home(raw_address(settings, portfolio, found.path), settings.home)),
        "rows_in": counts.rows_in,
        "rows_rejected": counts.rejected,
        "file_bytes": found.ingested.raw_file.bytes,
    }
    if found.ingested.findings:
        columns = ["severity", "rule", "column", "rows", "message"]
        rows = [[str(finding.to_dict()[c] or "") for c in columns] for finding in found.ingested.findings]
        metadata["findings"] = markdown_table(pl.DataFrame(rows, schema=columns, orient="row"))
    return metadata
