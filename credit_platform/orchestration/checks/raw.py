"""Checks of raw tables: nothing lost, not too much rejected, and what is normal but worth knowing."""

import dagster as dg
import polars as pl

from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.assets.raw import rejected_name
from credit_platform.orchestration.checks.together import TableCheck, check_together
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import asset_key, table_key
from credit_platform.orchestration.tables import StoredTable
from credit_platform.portfolios.portfolio import Portfolio, SourceTable
from credit_platform.quality.findings import Finding, Severity, explain_rejections, note_usual, summarise


def build_raw_checks(portfolio: Portfolio) -> list[dg.AssetChecksDefinition]:
    """Three checks per raw table."""
    return [_checks(portfolio, table) for table in portfolio.tables]


def _checks(portfolio: Portfolio, table: SourceTable) -> dg.AssetChecksDefinition:
    rejected = asset_key(portfolio.name, "raw", rejected_name(table))
    checks = [_rows_conserved(rejected), _rejected_share(table), _FINDINGS]
    asset = asset_key(portfolio.name, "raw", table.name)
    return check_together(asset, checks, in_memory=False, additional_deps=[rejected])


def _rows_conserved(rejected_key: dg.AssetKey) -> TableCheck:
    def judge(kept: StoredTable, lakehouse: Lakehouse) -> dg.AssetCheckResult:
        rows_in = kept.summary["counts"]["rows_in"]
        rejected = _rejected_beside(lakehouse, table_key(rejected_key), kept)
        return dg.AssetCheckResult(
            check_name="rows_conserved",
            passed=rows_in == kept.version.rows + rejected,
            metadata={"rows_in": rows_in, "kept": kept.version.rows, "rejected": rejected},
            description=f"{rows_in} rows in the file, {kept.version.rows} kept, {rejected} rejected.",
        )

    return TableCheck(
        name="rows_conserved",
        description="Rows of the file = rows kept + rows rejected, counted in the stored tables.",
        judge=judge,
    )


def _rejected_beside(lakehouse: Lakehouse, key: str, kept: StoredTable) -> int:
    """Rows rejected when `kept` was stored: it may be a pinned version, and newer rejected rows another file's."""
    made_of = (kept.version.source_hashes, kept.version.code_version)
    for version in lakehouse.versions(key):
        if (version.source_hashes, version.code_version) == made_of:
            return version.rows
    return 0


def _rejected_share(table: SourceTable) -> TableCheck:
    def judge(kept: StoredTable, _: Lakehouse) -> dg.AssetCheckResult:
        counts = kept.summary["counts"]
        rejected, rows_in = counts["rejected"], counts["rows_in"]
        by_rule = ", ".join(f"{rule}: {rows}" for rule, rows in counts["by_rule"].items())
        explained = explain_rejections(counts["by_rule"], rows_in)
        return dg.AssetCheckResult(
            check_name="rejected_share",
            passed=rejected <= table.max_rejected_share * rows_in,
            metadata={"rejected": rejected, "share": rejected / rows_in, "allowed_share": table.max_rejected_share},
            description=f"{rejected} of {rows_in} rows of {table.file_name} rejected"
            + (f" ({by_rule}). See {rejected_name(table)} for the rows." if by_rule else ".")
            + (f" {explained}" if explained else ""),
        )

    return TableCheck(
        name="rejected_share",
        description=f"At most {table.max_rejected_share:.1%} of the rows of {table.file_name} break the contract.",
        judge=judge,
    )


def _findings(kept: StoredTable, _: Lakehouse) -> dg.AssetCheckResult:
    every = [Finding(**{**f, "severity": Severity(f["severity"])}) for f in kept.summary["findings"]]
    found = [f for f in every if f.severity is Severity.WARNING]
    shown = pl.DataFrame([{"rule": f.rule, "message": f.message} for f in found or every], schema=["rule", "message"])
    return dg.AssetCheckResult(
        check_name="findings",
        passed=not found,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"warnings": len(found), "notes": len(every) - len(found), "list": markdown_table(shown)},
        description=" ".join(summarise(found)) or f"Nothing unusual. {note_usual(every)}".strip(),
    )


_FINDINGS = TableCheck(
    name="findings",
    description="More orphans or nulls than usual, too few parents with rows, another unit, jumps: warnings.",
    judge=_findings,
    blocking=False,
)
