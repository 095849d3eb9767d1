"""A raw file to the two tables that are stored of it: the rows kept, judged, and the rows rejected.

What is here: `ingest_raw_file` and what it returns; `judged_first`, for whatever else is read from files;
`are_ingested`, for whoever would start it.
What to add here: a fact that both tables should record about their file.
What must not be here: reading and judging rows (`quality/ingest.py`), storing.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path

import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.errors import CreditPlatformError, DamagedTableError
from credit_platform.lakehouse import CommitInfo, Lakehouse, StagedTable, StoredTable, TableVersion, is_refused
from credit_platform.lakehouse.engines import Engine
from credit_platform.lakehouse.raw_files import is_bundled, is_synthetic, raw_file, require_files, told_by_address
from credit_platform.lakehouse.verdicts import refused_key
from credit_platform.logs.lines import FIELDS
from credit_platform.portfolios.keys import raw_key, rejected_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import SourceTable
from credit_platform.quality import Ingested, ingest
from credit_platform.quality.described import description_hashes
from credit_platform.settings import Settings
from credit_platform.tables.before_writing import write_checks
from credit_platform.tables.judging import accepted_before, in_force_sentence, judge, submitted
from credit_platform.tables.table import Table

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class RawTables:
    """What is to be stored of a raw file."""

    kept: Table
    rejected: Table | None
    """None when the table is refused: its rejected rows are then kept aside beside it."""
    path: Path
    """The file."""
    ingested: Ingested | None = None
    """What reading found; None when the file, and the code that reads it, are those of the stored version."""


def ingestion_code(portfolio: Portfolio) -> str:
    """Code version of ingestion: reading, rules, and the portfolio's declarations."""
    code = ("credit_platform.lakehouse", "credit_platform.quality", "credit_platform.values")
    return code_version(*code, f"credit_platform.portfolios.{portfolio.name}.tables")


def ingest_raw_file(
    portfolio: Portfolio,
    table: SourceTable,
    parents: Mapping[str, StoredTable],
    *,
    settings: Settings,
    lakehouse: Lakehouse,
    staging: Path,
    engine: Callable[[], Engine],
) -> RawTables:
    """Read the file of `table`, unless what is stored was made of this very file by this very code.

    Args:
        portfolio: whose table.
        table: the declaration of the file.
        parents: tables that are read before it, by name.
        settings: say where raw files lie.
        lakehouse: holds the version before; nothing is written to it here.
        staging: a folder of `Lakehouse.staging`; the tables are valid while it is.
        engine: opens what reads and judges the rows; called only when the file has to be read.

    Raises:
        CreditPlatformError: the file as a whole cannot be used, or a judge could not be asked; the message names what
            is wrong, the cure, and which version stays in force.
    """
    key, started = raw_key(portfolio.name, table.name), time.perf_counter()
    with told_by_address(settings, portfolio):
        path = raw_file(settings, portfolio, table)
        if stored := _still_right(lakehouse, portfolio, table, path):
            kept, rejected = map(_unchanged, stored)
            rows, aside = (one.version.rows for one in stored)
            told = partial(tell_ingested, path.name, (rows + aside, rows, aside), started, "unchanged")
            return RawTables(kept=replace(kept, told=told), rejected=rejected, path=path)
        try:
            require_files(settings, portfolio, table)
            ingested = ingest(
                table,
                path,
                {name: parent.frame for name, parent in parents.items()},
                previous=_before(lakehouse, key),
                staging=staging,
                engine=engine(),
            )
        except CreditPlatformError as error:
            said = {"file": path.name, "failure": type(error).__name__, "seconds": _since(started)}
            _LOGGER.error("file not ingested", extra={FIELDS: said})  # noqa: TRY400  # its text may quote a value
            raise type(error)(error.what, f"{error.cure} {in_force_sentence(lakehouse, key)}") from error
    kept, rejected = _tables(portfolio, table, path, ingested, settings)
    found = ingested.counts
    kept = replace(
        kept, told=partial(tell_ingested, path.name, (found.rows_in, found.kept, found.rejected), started, "read")
    )
    return judged_first(lakehouse, key, RawTables(kept=kept, rejected=rejected, path=path, ingested=ingested))


def tell_ingested(file: str, counts: tuple[int, int, int], started: float, how: str, version: TableVersion) -> None:
    """Log one line for a file: which version its rows became, and how many of them.

    Args:
        file: its name, or those of several.
        counts: rows in, kept and rejected.
        started: `time.perf_counter()` when reading began.
        how: what was done with it, unless its table is refused.
        version: what was stored.
    """
    rows_in, kept, rejected = counts
    outcome = "refused" if is_refused(version.key) else how
    said = {"file": file, "table": version.key, "version": version.version, "outcome": outcome, "rows_in": rows_in}
    said |= {"rows_kept": kept, "rows_rejected": rejected, "seconds": _since(started)}
    _LOGGER.info("file ingested", extra={FIELDS: said})


def _since(started: float) -> float:
    return round(time.perf_counter() - started, 3)


def are_ingested(lakehouse: Lakehouse, portfolio: Portfolio, settings: Settings) -> bool:
    """Whether the raw files of the portfolio, as they are, were read by this very code: into force, or to be refused.

    Files in an object store are not copied to find out: of them it is not known.

    Raises:
        RawFileError: a file is there twice.
    """
    if settings.raw_url(portfolio.name) is not None:
        return False
    return all(_is_ingested(lakehouse, portfolio, table, settings) for table in portfolio.tables)


def _is_ingested(lakehouse: Lakehouse, portfolio: Portfolio, table: SourceTable, settings: Settings) -> bool:
    path = raw_file(settings, portfolio, table)
    if _still_right(lakehouse, portfolio, table, path) is not None:
        return True
    refused = lakehouse.latest(refused_key(raw_key(portfolio.name, table.name)))
    if refused is None or not path.is_file() or refused.code_version != ingestion_code(portfolio):
        return False
    return dict(refused.source_hashes) == _sources(table, path)


def _sources(table: SourceTable, path: Path) -> dict[str, str]:
    """Digests of the file and of what describes it."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {table.file_name: digest, **description_hashes(table, path.parent)}


def _before(lakehouse: Lakehouse, key: str) -> pl.LazyFrame | None:
    """The version in force, to compare with; None when there is none, or when it is not what was written."""
    try:
        return lakehouse.scan(key) if lakehouse.exists(key) else None
    except DamagedTableError as error:
        _LOGGER.warning("%s Nothing is compared with it; it is made again from the raw file.", error.what)
        return None


def _tables(
    portfolio: Portfolio, table: SourceTable, path: Path, ingested: Ingested, settings: Settings
) -> tuple[Table, Table]:
    info = CommitInfo(
        portfolio=portfolio.name,
        code_version=ingestion_code(portfolio),
        contract_version=table.contract_version,
        source_hashes={table.file_name: ingested.raw_file.sha256, **description_hashes(table, path.parent)},
        synthetic=is_synthetic(settings, portfolio),
        bundled=is_bundled(path, portfolio),
    )
    rejected = Table(frame=ingested.rejected, info=info)
    kept = Table(
        frame=ingested.kept,
        staged=ingested.storable if isinstance(ingested.storable, StagedTable) else None,
        summary=ingested.summary(),
        info=info,
        beside={rejected_key(portfolio.name, table.name): rejected},
    )
    return kept, rejected


def judged_first(lakehouse: Lakehouse, key: str, found: RawTables) -> RawTables:
    """`found`, judged before either table is stored: where rows kept are refused, rows rejected go aside with them."""
    submission = submitted(key, found.kept)
    judged = judge(submission, write_checks(key), lakehouse)
    kept = replace(found.kept, judged=judged)
    if not judged.failed:
        return replace(found, kept=kept)
    if accepted_before(lakehouse, submission, judged) is None:
        return replace(found, kept=kept, rejected=None)
    (before,) = (lakehouse.latest(other) for other in kept.beside)
    rejected = None if before is None or found.rejected is None else replace(found.rejected, unchanged=before)
    return replace(found, kept=kept, rejected=rejected)


def _unchanged(stored: StoredTable) -> Table:
    said = {field.name: getattr(stored.version, field.name) for field in fields(CommitInfo)}
    return Table(frame=stored.frame, summary=stored.summary, info=CommitInfo(**said), unchanged=stored.version)


def _still_right(
    lakehouse: Lakehouse, portfolio: Portfolio, table: SourceTable, path: Path
) -> tuple[StoredTable, StoredTable] | None:
    """Stored rows kept and rejected when they were made from this very file by this very code, else None."""
    keys = (raw_key(portfolio.name, table.name), rejected_key(portfolio.name, table.name))
    if not path.is_file() or not all(map(lakehouse.exists, keys)):
        return None
    try:
        kept, rejected = map(lakehouse.read, keys)
    except DamagedTableError:  # to read the file again is the cure, and `_before` tells of it
        return None
    versions = (kept.version, rejected.version)
    if any(version.code_version != ingestion_code(portfolio) for version in versions):
        return None
    sources = _sources(table, path)
    if any(dict(version.source_hashes) != sources for version in versions):
        return None
    return kept, rejected
