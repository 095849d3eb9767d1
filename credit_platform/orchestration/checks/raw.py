"""Checks of raw tables: nothing lost, not too much rejected, nobody in two files; what is normal but worth knowing."""

from collections.abc import Mapping

import dagster as dg
import polars as pl

from credit_platform.errors import ContractError
from credit_platform.lakehouse import Lakehouse, Verdict, refused_key
from credit_platform.orchestration.checks.together import TableCheck, check_together
from credit_platform.orchestration.contracts import enforce_on_write
from credit_platform.orchestration.judging import Submission, WriteCheck, count
from credit_platform.orchestration.metadata import markdown_table
from credit_platform.orchestration.policies import asset_key, table_key
from credit_platform.orchestration.raw_tables import raw_key, rejected_key, rejected_name
from credit_platform.orchestration.tables import StoredTable
from credit_platform.portfolios.portfolio import Portfolio, SourceTable
from credit_platform.quality import judges
from credit_platform.quality.examples import examples_of
from credit_platform.quality.findings import Severity, note_usual, rule_of_most, summarise
from credit_platform.quality.records import IngestRecord


def build_raw_checks(portfolio: Portfolio) -> list[dg.AssetChecksDefinition]:
    """Those that are asked before a table is written, and the findings, per raw table."""
    return [_checks(portfolio, table) for table in portfolio.tables]


def raw_write_checks(portfolio: Portfolio, table: SourceTable) -> list[WriteCheck]:
    """What has to hold of a raw table before it is written."""
    checks = [_contract(table), _rows_conserved(portfolio, table), _rejected_share(portfolio, table)]
    return [*checks, _in_one_file_only(portfolio, table)] if table.name == portfolio.scoring_table else checks


def _checks(portfolio: Portfolio, table: SourceTable) -> dg.AssetChecksDefinition:
    rejected = asset_key(portfolio.name, "raw", rejected_name(table))

    def beside(kept: StoredTable, lakehouse: Lakehouse) -> Mapping[str, pl.LazyFrame]:
        return _rejected_beside(lakehouse, table_key(rejected), kept)

    return check_together(
        asset_key(portfolio.name, "raw", table.name),
        [*raw_write_checks(portfolio, table), _FINDINGS],
        in_memory=False,
        additional_deps=[rejected],
        beside=beside,
    )


def contract_check(what: str) -> WriteCheck:
    """The contract that a table declares, held against the rows that are to be stored."""

    def judge(table: Submission, _: Lakehouse) -> Verdict:
        try:
            enforce_on_write(table.key, table.frame, table.staged)
        except ContractError as error:
            return Verdict(check="contract", passed=False, message=str(error), final=True)
        return Verdict(check="contract", passed=True, message=what, final=True)

    return WriteCheck(name="contract", description=what, judge=judge, first=True)


def _contract(table: SourceTable) -> WriteCheck:
    return contract_check(f"Columns, types and values are those of the contract of {table.name}.")


def _rows_conserved(portfolio: Portfolio, table: SourceTable) -> WriteCheck:
    rejected = rejected_key(portfolio, table)

    def judge(kept: Submission, _: Lakehouse) -> Verdict:
        set_aside = count(kept.beside[rejected]) if rejected in kept.beside else 0
        return judges.rows_conserved(_record(kept).counts.rows_in, kept.rows, set_aside)

    return WriteCheck(
        name="rows_conserved",
        description="Rows of the file = rows kept + rows rejected, counted in the tables.",
        judge=judge,
    )


def _record(kept: Submission) -> IngestRecord:
    return IngestRecord.from_summary(kept.summary, kept.key)


def _rejected_beside(lakehouse: Lakehouse, key: str, kept: StoredTable) -> Mapping[str, pl.LazyFrame]:
    """Rows rejected when `kept` was stored: it may be a pinned version, and newer rejected rows another file's."""
    made_of = (kept.version.source_hashes, kept.version.code_version)
    for version in lakehouse.versions(key):
        if (version.source_hashes, version.code_version) == made_of:
            return {key: lakehouse.scan(key, version.version)}
    return {}


def _rejected_share(portfolio: Portfolio, table: SourceTable) -> WriteCheck:
    key = rejected_key(portfolio, table)

    def judge(kept: Submission, _: Lakehouse) -> Verdict:
        counts = _record(kept).counts
        refused = counts.rejected > table.max_rejected_share * counts.rows_in
        rule = rule_of_most(counts.by_rule, counts.rows_in)
        examples = examples_of(kept.beside[key], rule) if rule is not None and key in kept.beside else []
        return judges.rejected_share(table, counts, where=refused_key(key) if refused else key, examples=examples)

    return WriteCheck(
        name="rejected_share",
        description=f"At most {table.max_rejected_share:.1%} of the rows of {table.file_name} break the contract.",
        judge=judge,
    )


def _in_one_file_only(portfolio: Portfolio, table: SourceTable) -> WriteCheck:
    training = portfolio.table(portfolio.training_table)
    key = raw_key(portfolio, training.name)

    def judge(scoring: Submission, lakehouse: Lakehouse) -> Verdict:
        known = (training, lakehouse.scan(key)) if lakehouse.exists(key) else None
        return judges.in_one_file_only(portfolio.applicant_key, (table, scoring.frame), known)

    return WriteCheck(
        name="in_one_file_only",
        description=f"Nobody is in both {training.file_name} (outcome known) and {table.file_name} (to be scored).",
        judge=judge,
        looks_elsewhere=True,
    )


def _findings(kept: StoredTable, _: Lakehouse) -> dg.AssetCheckResult:
    every = list(IngestRecord.of(kept).findings)
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
