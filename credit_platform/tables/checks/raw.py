"""Checks of raw tables: nothing lost, not too much rejected, nobody in two files; what is normal but worth knowing."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from credit_platform.errors import ContractError
from credit_platform.lakehouse import Lakehouse, StoredTable, Verdict, refused_key
from credit_platform.portfolios.keys import raw_key, rejected_key, rejected_name
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import SourceTable
from credit_platform.quality import judges
from credit_platform.quality.examples import examples_of
from credit_platform.quality.findings import rule_of_most
from credit_platform.quality.records import IngestRecord
from credit_platform.tables.contracts import enforce_on_write
from credit_platform.tables.judging import StoredCheck, Submission, WriteCheck, count


def raw_write_checks(portfolio: Portfolio, name: str) -> list[WriteCheck]:
    """What has to hold of raw table `name` before it is written; nothing is asked of rejected rows by themselves."""
    table = _declared(portfolio, name)
    if table is None:
        return []
    checks = [_contract(table), _rows_conserved(portfolio, table), _rejected_share(portfolio, table)]
    return [*checks, _in_one_file_only(portfolio, table)] if name == portfolio.scoring_table else checks


def raw_stored_checks(portfolio: Portfolio, name: str) -> list[StoredCheck]:
    """What is only told of raw table `name`."""
    if name in {rejected_name(table.name) for table in portfolio.tables}:
        return [_EVERY_ROW_HAS_A_RULE]
    return [] if _declared(portfolio, name) is None else [_FINDINGS]


def rejected_beside(portfolio: Portfolio, lakehouse: Lakehouse, kept: StoredTable) -> Mapping[str, pl.LazyFrame]:
    """Rows rejected when `kept` was stored: it may be a pinned version, and newer rejected rows another file's."""
    table = _declared(portfolio, kept.version.key.rpartition("/")[2])
    if table is None:
        return {}
    key = rejected_key(portfolio.name, table.name)
    made_of = (kept.version.source_hashes, kept.version.code_version)
    for version in lakehouse.versions(key):
        if (version.source_hashes, version.code_version) == made_of:
            return {key: lakehouse.scan(key, version.version)}
    return {}


def contract_check(what: str) -> WriteCheck:
    """The contract that a table declares, held against the rows that are to be stored."""

    def judge(table: Submission, _: Lakehouse) -> Verdict:
        try:
            enforce_on_write(table.key, table.frame, table.staged)
        except ContractError as error:
            return Verdict(check="contract", passed=False, message=str(error), final=True)
        return Verdict(check="contract", passed=True, message=what, final=True)

    return WriteCheck(name="contract", description=what, judge=judge, first=True)


def _declared(portfolio: Portfolio, name: str) -> SourceTable | None:
    return next((table for table in portfolio.tables if table.name == name), None)


def _contract(table: SourceTable) -> WriteCheck:
    return contract_check(f"Columns, types and values are those of the contract of {table.name}.")


def _rows_conserved(portfolio: Portfolio, table: SourceTable) -> WriteCheck:
    rejected = rejected_key(portfolio.name, table.name)

    def judge(kept: Submission, _: Lakehouse) -> Verdict:
        set_aside = count(kept.beside[rejected]) if rejected in kept.beside else 0
        return judges.rows_conserved(_record(kept).counts.rows_in, kept.rows, set_aside)

    return WriteCheck(
        name="rows_conserved",
        description="Rows of the file = rows kept + rows rejected, counted in the tables.",
        judge=judge,
        needs=(rejected,),
    )


def _record(kept: Submission) -> IngestRecord:
    return IngestRecord.from_summary(kept.summary, kept.key)


def _rejected_share(portfolio: Portfolio, table: SourceTable) -> WriteCheck:
    key = rejected_key(portfolio.name, table.name)

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
        needs=(key,),
    )


def _in_one_file_only(portfolio: Portfolio, table: SourceTable) -> WriteCheck:
    training = portfolio.table(portfolio.training_table)
    key = raw_key(portfolio.name, training.name)

    def judge(scoring: Submission, lakehouse: Lakehouse) -> Verdict:
        known = (training, lakehouse.scan(key)) if lakehouse.exists(key) else None
        return judges.in_one_file_only(portfolio.applicant_key, (table, scoring.frame), known)

    return WriteCheck(
        name="in_one_file_only",
        description=f"Nobody is in both {training.file_name} (outcome known) and {table.file_name} (to be scored).",
        judge=judge,
        looks_elsewhere=True,
    )


_FINDINGS = StoredCheck(
    name="findings",
    description="More orphans or nulls than usual, too few parents with rows, another unit, jumps: warnings.",
    judge=lambda kept, _: judges.nothing_unusual(_record(kept).findings),
)
_EVERY_ROW_HAS_A_RULE = StoredCheck(
    name="every_row_has_a_rule",
    description="Each rejected row says which rule it broke, and on which line of the file it stands.",
    judge=lambda rejected, _: judges.every_row_has_a_rule(rejected.frame),
)
