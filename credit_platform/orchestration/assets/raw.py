"""raw/<table> and raw/<table>__rejected: a CSV file read, typed, checked, quarantined and stored."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.errors import CreditPlatformError, DamagedTableError
from credit_platform.lakehouse import CommitInfo, Lakehouse, StagedTable
from credit_platform.lakehouse.raw_files import is_bundled, is_synthetic, raw_file, require_files
from credit_platform.orchestration.checks.before_writing import write_checks
from credit_platform.orchestration.judging import accepted_before, in_force_sentence, judge, submitted
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import (
    DATA_ENGINEERING,
    HEAVY_POOL,
    OUTSIDE_WORLD_RETRIES,
    asset_key,
    group_name,
)
from credit_platform.orchestration.raw_tables import raw_key, read_before, rejected_key, rejected_name
from credit_platform.orchestration.tables import StoredTable, Table
from credit_platform.portfolios.portfolio import Portfolio, SourceTable
from credit_platform.quality import Ingested, ingest
from credit_platform.quality.described import description_hashes
from credit_platform.settings import Settings

KEPT, REJECTED = "kept", "rejected"


def build_raw_assets(portfolio: Portfolio, settings: Settings) -> list[dg.AssetsDefinition]:
    """One multi-asset per raw file, with two tables: the rows kept and the rows rejected."""
    return [_raw_table(portfolio, table, settings) for table in portfolio.tables]


def ingestion_code(portfolio: Portfolio) -> str:
    """Code version of ingestion: reading, rules, and the portfolio's declarations."""
    code = ("credit_platform.lakehouse", "credit_platform.quality", "credit_platform.values")
    return code_version(*code, f"credit_platform.portfolios.{portfolio.name}.tables")


def _raw_table(portfolio: Portfolio, table: SourceTable, settings: Settings) -> dg.AssetsDefinition:
    version = ingestion_code(portfolio)
    parents = read_before(portfolio, table)

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
        try:
            path = raw_file(settings, portfolio, table)
        except CreditPlatformError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        stored = _still_right(lakehouse, portfolio, table, path, version)
        if stored is not None:
            yield from _unchanged(context, stored)
            return
        key = raw_key(portfolio, table.name)
        with lakehouse.staging() as folder:
            try:
                require_files(settings, portfolio, table)
                ingested = ingest(
                    table,
                    path,
                    {name: parent.frame for name, parent in parents.items()},
                    previous=_before(context, lakehouse, key),
                    staging=folder,
                    engine=context.resources.engine.open(),
                )
            except CreditPlatformError as error:
                raise dg.Failure(f"{error} {in_force_sentence(lakehouse, key)}", allow_retries=False) from error
            info = CommitInfo(
                portfolio=portfolio.name,
                code_version=version,
                contract_version=table.contract_version,
                source_hashes={
                    table.file_name: ingested.raw_file.sha256,
                    **description_hashes(table, path.parent),
                },
                synthetic=is_synthetic(settings, portfolio),
                bundled=is_bundled(path, portfolio),
            )
            rejected = Table(frame=ingested.rejected, info=info)
            kept = replace(_kept(ingested, path, info), beside={rejected_key(portfolio, table): rejected})
            yield from _judged(lakehouse, key, kept, rejected)

    return raw_table


def _judged(lakehouse: Lakehouse, key: str, kept: Table, rejected: Table) -> Iterator[dg.Output[Table]]:
    """Both tables, or only the refused one: the IO manager then keeps both aside, and the step ends there."""
    submission = submitted(key, kept)
    try:
        judged = judge(submission, write_checks(key), lakehouse)
    except CreditPlatformError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    kept = replace(kept, judged=judged)
    if judged.failed:
        standing = accepted_before(lakehouse, submission, judged)
        before = next(iter(kept.beside)) if standing else None
        if standing is None or before is None:
            yield dg.Output(kept, output_name=KEPT)
            return
        rejected = replace(rejected, unchanged=lakehouse.latest(before))
    # The rejected rows go first: when the new version of the table can be read, so can what it left out.
    yield dg.Output(rejected, output_name=REJECTED)
    yield dg.Output(kept, output_name=KEPT)


def _unchanged(context: dg.AssetExecutionContext, stored: Mapping[str, StoredTable]) -> Iterator[dg.Output[Table]]:
    for output, kept in stored.items():
        if kept.version.exception is not None:
            context.log.info(f"{kept.version.key}: unchanged. {kept.version.exception}")
        said = {field.name: getattr(kept.version, field.name) for field in fields(CommitInfo)}
        table = Table(frame=kept.frame, summary=kept.summary, info=CommitInfo(**said), unchanged=kept.version)
        yield dg.Output(table, output_name=output)


def _out(portfolio: Portfolio, name: str, description: str, engine: str) -> dg.AssetOut:
    return dg.AssetOut(
        key=asset_key(portfolio.name, "raw", name),
        description=description,
        owners=[DATA_ENGINEERING],
        kinds={"csv", engine, "deltalake"},
    )


def _before(context: dg.AssetExecutionContext, lakehouse: Lakehouse, key: str) -> pl.LazyFrame | None:
    """The version in force, to compare with; None when there is none, or when it is not what was written."""
    try:
        return lakehouse.scan(key) if lakehouse.exists(key) else None
    except DamagedTableError as error:
        context.log.warning(f"{error.what} Nothing is compared with it; it is made again from the raw file.")
        return None


def _still_right(
    lakehouse: Lakehouse, portfolio: Portfolio, table: SourceTable, path: Path, version: str
) -> dict[str, StoredTable] | None:
    """Stored tables when they were made from this very file by this very code, else None."""
    keys = {
        REJECTED: rejected_key(portfolio, table),
        KEPT: raw_key(portfolio, table.name),
    }
    if not path.is_file() or not all(lakehouse.exists(key) for key in keys.values()):
        return None
    try:
        stored = {output: lakehouse.read(key) for output, key in keys.items()}
    except DamagedTableError:
        # Ingesting again is the cure; `_before` tells.
        return None
    if any(s.version.code_version != version for s in stored.values()):
        return None
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    sources = {table.file_name: digest, **description_hashes(table, path.parent)}
    if any(dict(s.version.source_hashes) != sources for s in stored.values()):
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
