"""raw/<table> and raw/<table>__rejected: a CSV file read, typed, checked, quarantined and stored."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from credit_platform.errors import CreditPlatformError
from credit_platform.lakehouse import CommitInfo, Lakehouse, StagedTable
from credit_platform.orchestration.code_versions import code_version
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import (
    DATA_ENGINEERING,
    HEAVY_POOL,
    OUTSIDE_WORLD_RETRIES,
    asset_key,
    group_name,
    table_key,
)
from credit_platform.orchestration.raw_files import is_synthetic, raw_file, require_files
from credit_platform.orchestration.tables import StoredTable, Table
from credit_platform.portfolios.portfolio import Portfolio, SourceTable
from credit_platform.quality import Ingested, ingest
from credit_platform.settings import Settings

KEPT, REJECTED = "kept", "rejected"


def rejected_name(table: SourceTable) -> str:
    """Name of the table that keeps the rejected rows of `table`."""
    return f"{table.name}__rejected"


def build_raw_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """One multi-asset per raw file, with two tables: the rows kept and the rows rejected."""
    return [_raw_table(portfolio, table, settings) for table in portfolio.tables]


def ingestion_code(portfolio: Portfolio) -> str:
    """Code version of ingestion: reading, rules, and the portfolio's declarations."""
    code = ("credit_platform.lakehouse", "credit_platform.quality", "credit_platform.values")
    return code_version(*code, f"credit_platform.portfolios.{portfolio.name}.tables")


def _raw_table(portfolio: Portfolio, table: SourceTable, settings: Settings) -> dg.AssetsDefinition:
    version = ingestion_code(portfolio)
    parents = {name for key in table.foreign_keys for name in (key.parent, *key.also)}

    @dg.multi_asset(
        name=f"{portfolio.name}__raw__{table.name}",
        outs={
            KEPT: _out(
                portfolio,
                table.name,
                f"{table.description} Rows of `{table.file_name}` that keep the contract.",
                settings.engine,
            ),
            REJECTED: _out(
                portfolio,
                rejected_name(table),
                f"Rows of `{table.file_name}` that break the contract, as the file wrote them, with the rule they "
                "broke and their line.",
                settings.engine,
            ),
        },
        ins={parent: dg.AssetIn(key=asset_key(portfolio.name, "raw", parent)) for parent in sorted(parents)},
        group_name=group_name(portfolio.name, "raw"),
        code_version=version,
        retry_policy=OUTSIDE_WORLD_RETRIES,
        required_resource_keys={"lakehouse", "engine"},
        pool=HEAVY_POOL,
    )
    def raw_table(context: dg.AssetExecutionContext, **parents: StoredTable) -> Iterator[dg.Output[Table]]:
        lakehouse: Lakehouse = context.resources.lakehouse.open()
        path = raw_file(settings, portfolio, table)
        stored = _still_right(lakehouse, portfolio, table, path, version)
        if stored is not None:
            for output, kept in stored.items():
                yield dg.Output(Table(frame=kept.frame, unchanged=kept.version), output_name=output)
            return
        key = table_key(asset_key(portfolio.name, "raw", table.name))
        with lakehouse.staging() as folder:
            try:
                require_files(settings, portfolio)
                ingested = ingest(
                    table,
                    path,
                    {name: parent.frame for name, parent in parents.items()},
                    previous=lakehouse.scan(key) if lakehouse.exists(key) else None,
                    staging=folder,
                    engine=context.resources.engine.open(),
                )
            except CreditPlatformError as error:
                raise dg.Failure(str(error), allow_retries=False) from error
            info = CommitInfo(
                portfolio=portfolio.name,
                code_version=version,
                contract_version=table.contract_version,
                source_hashes={table.file_name: ingested.raw_file.sha256},
                synthetic=is_synthetic(settings, portfolio),
            )
            # The rejected rows go first: when the new version of the table can be read, so can what it left out.
            yield dg.Output(Table(frame=ingested.rejected, info=info), output_name=REJECTED)
            yield dg.Output(_kept(ingested, path, info), output_name=KEPT)

    return raw_table


def _out(portfolio: Portfolio, name: str, description: str, engine: str) -> dg.AssetOut:
    return dg.AssetOut(
        key=asset_key(portfolio.name, "raw", name),
        description=description,
        owners=[DATA_ENGINEERING],
        kinds={"csv", engine, "deltalake"},
    )


def _still_right(
    lakehouse: Lakehouse, portfolio: Portfolio, table: SourceTable, path: Path, version: str
) -> dict[str, StoredTable] | None:
    """Stored tables when they were made from this very file by this very code, else None."""
    keys = {
        REJECTED: table_key(asset_key(portfolio.name, "raw", rejected_name(table))),
        KEPT: table_key(asset_key(portfolio.name, "raw", table.name)),
    }
    if not path.exists() or not all(lakehouse.exists(key) for key in keys.values()):
        return None
    stored = {output: lakehouse.read(key) for output, key in keys.items()}
    if any(s.version.code_version != version for s in stored.values()):
        return None
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if any(dict(s.version.source_hashes) != {table.file_name: digest} for s in stored.values()):
        return None
    return stored


def _kept(ingested: Ingested, path: Path, info: CommitInfo) -> Table:
    counts = ingested.counts
    metadata: dict[str, Any] = {
        "file": dg.MetadataValue.path(str(path)),
        "rows_in": counts.rows_in,
        "rows_rejected": counts.rejected,
        "file_bytes": ingested.raw_file.bytes,
    }
    if ingested.findings:
        columns = ["severity", "rule", "column", "rows", "message"]
        rows = [[str(finding.to_dict()[c] or "") for c in columns] for finding in ingested.findings]
        metadata["findings"] = markdown_table(pl.DataFrame(rows, schema=columns, orient="row"))
    staged = ingested.storable if isinstance(ingested.storable, StagedTable) else None
    return Table(frame=ingested.kept, staged=staged, summary=ingested.summary(), info=info, metadata=metadata)
