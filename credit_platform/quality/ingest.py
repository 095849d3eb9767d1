"""From a raw CSV file to the rows to keep, the rows set aside with the rule they broke, and what is worth knowing.

What is here: `ingest` and what it returns.
What to add here: a way of reading that is quicker, with the same outcome.
What must not be here: rules (see `rules.py`), storing, deciding whether too many rows were rejected.

A clean file takes the quick path: one typed scan, all rules in one streaming pass. Only when a value does not fit its
type, or a rule is broken, is the file read again as text, so that rejected rows keep what the file said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from credit_platform.errors import ContractError
from credit_platform.lakehouse import StagedTable
from credit_platform.lakehouse.csv_files import RawFile, inspect_csv, ragged_error, scan_csv
from credit_platform.portfolios.portfolio import SourceTable
from credit_platform.quality.findings import Finding, Severity, find
from credit_platform.quality.keys import repeated_keys
from credit_platform.quality.profile import TableProfile, profile_table
from credit_platform.quality.quarantine import LINE, RULE, count_by_rule, split_rows
from credit_platform.quality.rules import row_rules
from credit_platform.quality.staging import sorted_rows, stage

# Polars may still be closing the file of a scan that failed: the careful path must not write to the same one.
_QUICK = "__quick"


@dataclass(frozen=True, kw_only=True)
class IngestCounts:
    """Rows in = rows kept + rows rejected; that is checked before anyone sees these."""

    rows_in: int
    kept: int
    rejected: int
    by_rule: Mapping[str, int]
    """Rejected rows by broken rule; a row that breaks two counts under both."""

    @property
    def rejected_share(self) -> float:
        """Rejected rows over rows in, 0 to 1."""
        return self.rejected / self.rows_in


@dataclass(frozen=True, kw_only=True)
class Ingested:
    """A raw file after reading: nothing of it is lost and nothing is stored yet."""

    table: SourceTable
    raw_file: RawFile
    kept: pl.LazyFrame
    """Columns and types of the contract."""
    rejected: pl.LazyFrame
    """Every column as the text of the file, then `rule` (names joined by "; ") and `line` (1-based)."""
    counts: IngestCounts
    findings: list[Finding]
    profile: TableProfile
    staged: StagedTable | None = None

    @property
    def storable(self) -> pl.LazyFrame | StagedTable:
        """What to hand to `Lakehouse.write`: the prepared file where there is one, else `kept`."""
        return self.staged or self.kept

    def summary(self) -> dict[str, Any]:
        """What to store beside the rows, as JSON: source, counts, findings, profile; the report is made from it."""
        return {
            "source": {
                "file": self.raw_file.path.name,
                "sha256": self.raw_file.sha256,
                "bytes": self.raw_file.bytes,
                "rows": self.raw_file.rows,
            },
            "counts": asdict(self.counts),
            "findings": [finding.to_dict() for finding in self.findings],
            "profile": self.profile.to_dict(),
        }


def ingest(
    table: SourceTable,
    path: Path,
    parents: Mapping[str, pl.LazyFrame],
    *,
    previous: pl.LazyFrame | None = None,
    staging: Path | None = None,
) -> Ingested:
    """Read `path` under the contract of `table`.

    Args:
        table: the declaration of the file.
        path: the CSV file.
        parents: tables that foreign keys point at, by name; orphans are looked for where the parent is given.
        previous: the version before, for findings about jumps.
        staging: a folder (`Lakehouse.staging`) to parse the file into, once. Without it every use of `kept` parses
            the CSV again, which suits small files. `kept` and `rejected` are then valid while the folder is.

    Raises:
        RawFileError: the file as a whole is broken; the message names the line or column and the cure.
        ContractError: kept and rejected rows do not add up to the rows of the file.
    """
    raw_file = inspect_csv(path, table)
    kept = _quick_path(table, raw_file, staging)
    if kept is not None:
        name = f"{table.name}{_QUICK}.parquet"
        rejected, by_rule = _nothing_rejected(table).lazy(), dict[str, int]()
    else:
        name = f"{table.name}.parquet"
        kept, rejected, by_rule = _careful_path(table, raw_file, staging)
    counts = _count(raw_file, kept, rejected, by_rule)
    profile = profile_table(table, kept, previous)
    return Ingested(
        table=table,
        raw_file=raw_file,
        kept=kept,
        rejected=rejected,
        counts=counts,
        findings=_order_finding(table, raw_file) + find(table, kept, profile, parents),
        profile=profile,
        staged=StagedTable(staging / name) if staging else None,
    )


def _quick_path(table: SourceTable, raw_file: RawFile, staging: Path | None) -> pl.LazyFrame | None:
    """Typed scan with all rules in one pass; None when anything is wrong with any row."""
    broken = [rule.broken.sum().alias(rule.name) for rule in row_rules(table)]
    try:
        typed = stage(sorted_rows(table, scan_csv(raw_file, table)), f"{table.name}{_QUICK}", staging)
        # Counting nulls makes the reader parse columns that have no rule, too.
        all_columns = pl.struct(pl.all().null_count()).alias("__nulls__")
        counts = typed.select(all_columns, pl.len().alias("rows"), *broken).collect(engine="streaming").row(0)
    except pl.exceptions.ComputeError:  # a value does not fit its type; the other path finds out which
        return None
    if counts[1] != raw_file.rows or any(counts[2:]):
        return None
    return None if table.primary_key and repeated_keys(typed, table.primary_key) else typed


def _careful_path(
    table: SourceTable, raw_file: RawFile, staging: Path | None
) -> tuple[pl.LazyFrame, pl.LazyFrame, dict[str, int]]:
    """Rows kept, rows rejected, rejected rows by rule."""
    try:
        kept, rejected = split_rows(table, raw_file, staging)
        return kept, rejected, count_by_rule(rejected)
    except pl.exceptions.ComputeError as error:
        # Text always fits its type: one line has fields too many, and another as many too few, or it had been found.
        raise ragged_error(raw_file.path, len(raw_file.header)) from error


def _nothing_rejected(table: SourceTable) -> pl.DataFrame:
    return pl.DataFrame(schema={**dict.fromkeys(table.column_names, pl.String), RULE: pl.String, LINE: pl.Int64})


def _count(raw_file: RawFile, kept: pl.LazyFrame, rejected: pl.LazyFrame, by_rule: Mapping[str, int]) -> IngestCounts:
    heights = [frame.select(pl.len()).collect(engine="streaming").item() for frame in (kept, rejected)]
    if sum(heights) != raw_file.rows:
        raise ContractError(
            f"File {raw_file.path} has {raw_file.rows} rows, but {heights[0]} were kept and {heights[1]} rejected.",
            "Nothing was stored. Check for fields whose quotes are not doubled; if there are none, report this file.",
        )
    return IngestCounts(rows_in=raw_file.rows, kept=heights[0], rejected=heights[1], by_rule=by_rule)


def _order_finding(table: SourceTable, raw_file: RawFile) -> list[Finding]:
    if raw_file.header == table.column_names:
        return []
    message = f"The columns of {raw_file.path.name} are in another order than its contract; they were read by name."
    return [Finding(severity=Severity.WARNING, rule="column_order", column=None, rows=0, share=0.0, message=message)]
