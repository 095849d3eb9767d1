"""From a raw CSV file to the rows to keep, the rows set aside with the rule they broke, and what is worth knowing.

What is here: `ingest` and what it returns.
What to add here: a way of reading that is quicker, with the same outcome.
What must not be here: rules (see `rules.py`), storing, deciding whether too many rows were rejected.

A clean file takes the quick path: its bytes are judged while it is parsed with the contract's types, then all rules
are counted in one streaming pass. Only when a value does not fit its type, or a rule is broken, is the file read again:
columns with an odd value (`24.0` for an integer, `NA`, `abc`) as text, by the rule of `values`, so that rejected rows
keep what the file said.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from credit_platform.errors import ContractError
from credit_platform.files.csv_text import CsvFile, open_csv, uneven_line
from credit_platform.lakehouse import StagedTable
from credit_platform.lakehouse.csv_files import RawFile, inspect_csv, read_header, scan_under_header
from credit_platform.lakehouse.engines import Engine, SparkEngine
from credit_platform.lakehouse.steady_file import of_a_steady_file
from credit_platform.portfolios.source_table import SourceTable
from credit_platform.quality.described import description_findings
from credit_platform.quality.findings import Finding, Severity, find
from credit_platform.quality.keys import repeated_keys
from credit_platform.quality.profile import TableProfile, profile_table
from credit_platform.quality.quarantine import count_by_rule, nothing_rejected, split_rows
from credit_platform.quality.records import IngestCounts, IngestRecord, RawSource
from credit_platform.quality.rules import row_rules
from credit_platform.quality.spark_rows import split_rows_on_spark
from credit_platform.quality.staging import CheckedTable, sorted_rows, stage
from credit_platform.values import reads_as_it_is

# Polars may still be closing the file of a scan that failed: the careful path must not write to the same one.
_QUICK = "__quick"


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
        """What to hand to `Lakehouse.write`: the prepared file where there is one, else `kept`.

        A `CheckedTable` where the file was found without fault: every row of it has been held against the contract.
        """
        return self.staged or self.kept

    @property
    def record(self) -> IngestRecord:
        """What to store beside the rows; the report is made from it."""
        return IngestRecord(
            source=RawSource(
                file=self.raw_file.source.name,
                sha256=self.raw_file.sha256,
                bytes=self.raw_file.bytes,
                rows=self.raw_file.rows,
            ),
            counts=self.counts,
            findings=tuple(self.findings),
            profile=self.profile,
        )

    def summary(self) -> dict[str, Any]:
        """The record as JSON values."""
        return self.record.to_summary()


@of_a_steady_file
def ingest(
    table: SourceTable,
    path: Path,
    parents: Mapping[str, pl.LazyFrame],
    *,
    previous: pl.LazyFrame | None = None,
    staging: Path | None = None,
    engine: Engine | None = None,
) -> Ingested:
    """Read `path` under the contract of `table`.

    Args:
        table: the declaration of the file.
        path: the CSV file, also packed (`.gz`, `.zip`); that needs `staging`.
        parents: tables that foreign keys point at, by name; orphans are looked for where the parent is given.
        previous: the version before, for findings about jumps.
        staging: a folder (`Lakehouse.staging`) to parse the file into, once. Without it every use of `kept` parses
            the CSV again, which suits small files. `kept` and `rejected` are then valid while the folder is.
        engine: what reads and judges the rows, with the same outcome; Polars by default. Spark needs `staging`.

    Raises:
        RawFileError: the file as a whole is broken, or changed while it was read; the message names the line or column
            and the cure.
        ContractError: kept and rejected rows do not add up to the rows of the file.
    """
    file = open_csv(path, staging)
    if isinstance(engine, SparkEngine):
        raw_file = inspect_csv(file, table)
        kept, rejected, by_rule, staged = split_rows_on_spark(table, raw_file, engine, staging)
    else:
        raw_file, typed = _inspect_and_parse(table, file, staging)
        kept, rejected, by_rule, staged = _on_polars(table, raw_file, typed, staging)
    counts = _count(raw_file, kept, rejected, by_rule)
    profile = profile_table(table, kept, previous)
    return Ingested(
        table=table,
        raw_file=raw_file,
        kept=kept,
        rejected=rejected,
        counts=counts,
        findings=[
            *_order_finding(table, raw_file),
            *find(table, kept, profile, parents),
            *description_findings(table, path.parent),
        ],
        profile=profile,
        staged=staged,
    )


def _inspect_and_parse(table: SourceTable, file: CsvFile, staging: Path | None) -> tuple[RawFile, pl.LazyFrame | None]:
    """Judge the bytes of a file while it is parsed; the typed rows are None when a value does not fit its type."""
    typed = sorted_rows(table, scan_under_header(file.path, read_header(file, table), table))
    with ThreadPoolExecutor(max_workers=1) as pool:
        inspection = pool.submit(inspect_csv, file, table)
        try:
            parsed = stage(typed, f"{table.name}{_QUICK}", staging)
        except pl.exceptions.PolarsError:  # what is wrong is for the inspection to say, or for the careful path
            parsed = None
        return inspection.result(), parsed


def _on_polars(
    table: SourceTable, raw_file: RawFile, typed: pl.LazyFrame | None, staging: Path | None
) -> tuple[pl.LazyFrame, pl.LazyFrame, dict[str, int], StagedTable | None]:
    """Rows kept, rows rejected, rejected rows by rule, and the file with the rows kept."""
    if typed is not None and _without_fault(table, raw_file, typed):
        checked = CheckedTable(staging / f"{table.name}{_QUICK}.parquet", table) if staging else None
        return typed, nothing_rejected(table).lazy(), {}, checked
    kept, rejected, by_rule = _careful_path(table, raw_file, staging)
    return kept, rejected, by_rule, StagedTable(staging / f"{table.name}.parquet") if staging else None


def _without_fault(table: SourceTable, raw_file: RawFile, typed: pl.LazyFrame) -> bool:
    """Count what breaks a rule in one pass over all rows; False when anything is wrong with any of them."""
    broken = [rule.broken.sum().alias(rule.name) for rule in row_rules(table)]
    # A text that stands for null is not among the allowed ones; where any text is allowed it has to be looked for.
    free = [c for c in table.columns if not c.type.is_numeric and c.allowed is None]
    broken += [(~reads_as_it_is(c, pl.col(c.name))).sum().alias(f"null:{c.name}") for c in free]
    # Counting nulls makes the reader parse columns that have no rule, too.
    all_columns = pl.struct(pl.all().null_count()).alias("__nulls__")
    try:
        counts = typed.select(all_columns, pl.len().alias("rows"), *broken).collect(engine="streaming").row(0)
    except pl.exceptions.ComputeError:  # without staging, values are parsed only here
        return False
    if counts[1] != raw_file.rows or any(counts[2:]):
        return False
    return not (table.primary_key and repeated_keys(typed, table.primary_key))


def _careful_path(
    table: SourceTable, raw_file: RawFile, staging: Path | None
) -> tuple[pl.LazyFrame, pl.LazyFrame, dict[str, int]]:
    """Rows kept, rows rejected, rejected rows by rule."""
    try:
        kept, rejected = split_rows(table, raw_file, staging)
        return kept, rejected, count_by_rule(rejected)
    except pl.exceptions.ComputeError as error:
        # Text always fits its type: one line has fields too many, and another as many too few, or it had been found.
        raise uneven_line(CsvFile(raw_file.path, raw_file.source), len(raw_file.header)) from error


def _count(raw_file: RawFile, kept: pl.LazyFrame, rejected: pl.LazyFrame, by_rule: Mapping[str, int]) -> IngestCounts:
    heights = [frame.select(pl.len()).collect(engine="streaming").item() for frame in (kept, rejected)]
    if sum(heights) != raw_file.rows:
        raise ContractError(
            f"File {raw_file.source} has {raw_file.rows} rows, but {heights[0]} were kept and {heights[1]} rejected.",
            "Nothing was stored. Check for fields whose quotes are not doubled; if there are none, report this file.",
        )
    return IngestCounts(rows_in=raw_file.rows, kept=heights[0], rejected=heights[1], by_rule=by_rule)


def _order_finding(table: SourceTable, raw_file: RawFile) -> list[Finding]:
    if raw_file.header == table.column_names:
        return []
    message = f"The columns of {raw_file.source.name} are in another order than its contract; they were read by name."
    return [Finding(severity=Severity.WARNING, rule="column_order", column=None, rows=0, share=0.0, message=message)]
