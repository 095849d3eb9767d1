"""Histories for a file of applications: from files under the contract, or from the lakehouse's feature table.

What is here: `histories_of_files` and `stored_histories`, which give the feature groups that `score_file` joins.
What to add here: another place that histories may come from.
What must not be here: rules and feature definitions: files are read as ingestion reads them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from credit_platform.errors import RawFileError, RejectedShareError, ScorerError
from credit_platform.features import build_group, is_version_of
from credit_platform.features.decided import of_raw_files
from credit_platform.features.records import FeatureTableRecord
from credit_platform.files import literal
from credit_platform.files.names import find_raw_file, require_file, require_place
from credit_platform.files.parquet import flat_names, require_parquet
from credit_platform.files.spreadsheet import write_csv
from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios.feature_group import FeatureGroup
from credit_platform.portfolios.keys import applicants_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import SourceTable
from credit_platform.quality import Ingested, ingest
from credit_platform.quality.examples import examples_of
from credit_platform.quality.findings import explain_rejections, rule_of_most
from credit_platform.scoring import Scorer
from credit_platform.scoring.file_rows import Aggregates
from credit_platform.scoring.score_file import check_overwriting


@dataclass(frozen=True, kw_only=True)
class Histories:
    """Feature groups over histories, and what became of the rows they were made from."""

    aggregates: Aggregates
    """Group to applicant key and features, sorted by the key."""
    source: str
    """In words: which files, or which version of which table."""
    stored: str | None = None
    """Which version of which table, when they are stored ones."""
    rejected: dict[str, int] = field(default_factory=dict)
    """Rows that broke the contract, by file written beside the result."""


def histories_of_files(
    portfolio: Portfolio, folder: Path, staging: Path, target: Path, *, verbatim: bool = False
) -> Histories:
    """Read the other tables of a portfolio and compute the features of their groups, each into a file of `staging`.

    Args:
        portfolio: whose tables they are.
        folder: holds each of them under its contract's file name, as CSV, plain or packed, or with the suffix
            .parquet.
        staging: folder for what is made on the way; the result is valid as long as it is there.
        target: of the scoring; rejected rows are written beside it, as `<target>__rejected_<table>.csv`.
        verbatim: whether texts in them stay as they are that a spreadsheet would compute.

    Raises:
        RawFileError: a file is missing or broken as a whole; it is named with the cure.
        RequestError: rejected rows would be written over one of the files.
        RejectedShareError: more rows of a file break the contract than it allows.
    """
    groups = _groups(portfolio)
    tables: dict[str, pl.LazyFrame] = {}
    rejected: dict[str, int] = {}
    for table in _needed(portfolio, groups):
        ingested = ingest(table, _csv_file(folder, table, staging), {}, staging=staging)
        tables[table.name] = ingested.kept
        aside = target.with_name(f"{target.stem}__rejected_{table.name}.csv")
        require_place(aside)
        check_overwriting(files_of(portfolio, folder), [aside])
        aside.unlink(missing_ok=True)
        if ingested.counts.rejected:
            write_csv(ingested.rejected, aside, verbatim=verbatim)
            rejected[str(aside)] = ingested.counts.rejected
        _require_share(ingested, aside)
    aggregates = {}
    for group in groups:
        path = staging / f"group_{group.name}.parquet"
        build_group(group, tables, portfolio).sort(portfolio.applicant_key).sink_parquet(literal.exact(path))
        aggregates[group.name] = literal.scan_parquet(path)
    return Histories(aggregates=aggregates, source=f"the files in {folder}", rejected=rejected)


def files_of(portfolio: Portfolio, folder: Path) -> list[Path]:
    """The files of `folder` that `histories_of_files` reads, as far as they are there."""
    names = [table.file_name for table in _needed(portfolio, _groups(portfolio))]
    found = [path for name in names for path in (find_raw_file(folder, name), (folder / name).with_suffix(".parquet"))]
    return [path for path in found if path.exists()]


def stored_histories(scorer: Scorer, lakehouse: Lakehouse) -> Histories:
    """The histories of the newest version of the feature table, or of the pinned one.

    Raises:
        TableNotFoundError: there is no feature table.
        ScorerError: it was made by other feature definitions than the scorer's.
    """
    portfolio = scorer.portfolio
    stored = lakehouse.read(applicants_key(portfolio.name))
    made_by = FeatureTableRecord.of(stored).feature_version
    if not is_version_of(scorer.portfolio, made_by):
        raise ScorerError(
            f"{stored.version.key} was made by feature definitions {made_by}, the scorer by {scorer.feature_version}.",
            f"Run the job {portfolio.name}_features, or pin a version that fits: CREDIT_PLATFORM_PINS.",
        )
    aggregates = {
        group.name: of_raw_files(stored.frame).select(
            portfolio.applicant_key, *(feature.name for feature in group.all_features)
        )
        for group in _groups(portfolio)
    }
    table = f"{stored.version.key} version {stored.version.version}"
    return Histories(aggregates=aggregates, source=table, stored=table)


def _groups(portfolio: Portfolio) -> list[FeatureGroup]:
    return [group for group in portfolio.feature_groups if group.table != portfolio.training_table]


def _needed(portfolio: Portfolio, groups: list[FeatureGroup]) -> list[SourceTable]:
    """Tables that the groups read, in the portfolio's order."""
    names = {group.table for group in groups}
    names |= {group.reduction.parent for group in groups if group.reduction and group.reduction.parent}
    return [table for table in portfolio.tables if table.name in names]


def _csv_file(folder: Path, table: SourceTable, staging: Path) -> Path:
    """The file of a table; Parquet is turned into CSV, so that the same rules judge the same values.

    Raises:
        RawFileError: it is there twice, or the Parquet file cannot be read.
    """
    path = find_raw_file(folder, table.file_name)
    other = (folder / table.file_name).with_suffix(".parquet")
    if not os.path.lexists(other):
        return path  # where there is neither, ingestion says so
    if os.path.lexists(path):
        what = f"Folder {folder} holds {path.name} and {other.name}: the same table twice."
        raise RawFileError(what, "Move one of them elsewhere.")
    require_file(other)
    require_parquet(other)
    copy = staging / table.file_name
    try:
        scan = literal.scan_parquet(other)
        flat_names(other, scan.collect_schema())
        scan.sink_csv(literal.exact(copy))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        first = str(error).splitlines()[0]
        raise RawFileError(f"{other} cannot be read: {first}", "Give a whole Parquet file.") from error
    return copy


def _require_share(ingested: Ingested, aside: Path) -> None:
    table, counts = ingested.table, ingested.counts
    if counts.rejected_share > table.max_rejected_share:
        rule = rule_of_most(counts.by_rule, counts.rows_in)
        examples = [] if rule is None else examples_of(ingested.rejected, rule)
        explained = explain_rejections(counts.by_rule, counts.rows_in, examples)
        raise RejectedShareError(
            f"{counts.rejected} of {counts.rows_in} rows of {ingested.raw_file.source.name} break the contract, which "
            f"allows {table.max_rejected_share:.1%}." + (f" {explained}" if explained else ""),
            f"Nothing was scored. Mend the file; its rejected rows, each with its rule, are in {aside}.",
        )
