"""Where the raw files of a portfolio are, whether there are any, and whether they are synthetic."""

from __future__ import annotations

import hashlib
import shlex
from pathlib import Path

from credit_platform.errors import RawFileError
from credit_platform.files.names import find_raw_file, present_names, similar_names
from credit_platform.lakehouse.lakehouse import Lakehouse
from credit_platform.lakehouse.verdicts import refused_key
from credit_platform.lakehouse.versions import TableVersion
from credit_platform.portfolios import has_generator
from credit_platform.portfolios.generator import SYNTHETIC_MARKER
from credit_platform.portfolios.keys import raw_key
from credit_platform.portfolios.portfolio import Portfolio, SourceTable
from credit_platform.settings import Settings


def raw_folder(settings: Settings, portfolio: Portfolio) -> Path:
    """Folder to read from: the one the user named or filled, else the one shipped with the package.

    A folder named by the user is used even when it is empty, so that a wrong path is an error and not silently
    replaced by the shipped files. The same goes for a home that holds, or ever ingested, files of the user's: when
    those are archived or renamed, what was made of them stays in force.
    """
    folder = settings.raw_folder(portfolio.name)
    if settings.raw is not None or portfolio.bundled_raw is None or is_used(folder):
        return folder
    return folder if ingested_own_files(settings, portfolio) else portfolio.bundled_raw


OUTCOMES = "outcomes"
"""Folder beside the raw files into which files of outcomes are dropped; it is no raw file, whatever lies in it."""


def is_used(folder: Path) -> bool:
    """Whether anybody put anything into `folder`; a file of another name, or in other letters, is the user's, too."""
    there = (entry.name for entry in folder.iterdir()) if folder.is_dir() else ()
    return any(not name.startswith(".") and name != OUTCOMES for name in there)


def ingested_own_files(settings: Settings, portfolio: Portfolio) -> bool:
    """Whether this home ever read a raw file that is not the shipped one, whatever became of it since."""
    lakehouse = Lakehouse(settings.lakehouse_root)
    for table in portfolio.tables:
        key = raw_key(portfolio.name, table.name)
        for version in [*lakehouse.ever(key), *lakehouse.ever(refused_key(key))]:
            if not _is_shipped(version, portfolio, table):
                return True
    return False


def _is_shipped(version: TableVersion, portfolio: Portfolio, table: SourceTable) -> bool:
    if version.bundled is not None:
        return version.bundled
    # Versions from before this was recorded are known by the digest of their file.
    return version.source_hashes.get(table.file_name) in (None, _shipped_digest(portfolio, table))


def _shipped_digest(portfolio: Portfolio, table: SourceTable) -> str | None:
    path = portfolio.bundled_raw and portfolio.bundled_raw / table.file_name
    if path is None or not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_bundled(path: Path, portfolio: Portfolio) -> bool:
    """Whether `path` is the file that the package ships, wherever it was named."""
    return portfolio.bundled_raw is not None and path.resolve().parent == portfolio.bundled_raw.resolve()


def has_files(folder: Path, portfolio: Portfolio) -> bool:
    """Whether any raw file of `portfolio` lies in `folder`, also packed, or under a name that only looks like it."""
    names = [table.file_name for table in portfolio.tables]
    return any(present_names(folder, name) or similar_names(folder / name) for name in names)


def require_files(settings: Settings, portfolio: Portfolio, table: SourceTable) -> None:
    """Refuse a missing file where more can be said of it than that; else the reader reports it.

    Raises:
        RawFileError: no raw file of `portfolio` is there, and generating them is the cure; or the file of `table` is
            missing from a home whose own files the shipped ones must not replace.
    """
    folder = raw_folder(settings, portfolio)
    if has_generator(portfolio.name) and not has_files(folder, portfolio):
        raise RawFileError(
            f"Folder {folder} holds none of the {len(portfolio.tables)} raw files of {portfolio.title}.",
            "Put them there, point to their folder with --raw, or make synthetic ones: "
            f"credit-platform generate {portfolio.name} --scale 0.02 --out {shlex.quote(str(folder))}",
        )
    missing = portfolio.bundled_raw is not None and not is_used(folder)
    if missing and not (folder / table.file_name).exists():
        why = "no such folder" if not folder.is_dir() else "the folder is empty"
        raise RawFileError(
            f"File {folder / table.file_name} does not exist ({why}).",
            f"Put {table.file_name} back there, or point to its folder with --raw."
            + (
                " The shipped demonstration file is not read in its place: this home has ingested a file of its own."
                if settings.raw is None
                else ""
            ),
        )


def raw_file(settings: Settings, portfolio: Portfolio, table: SourceTable) -> Path:
    """Path of the CSV file of `table`, plain or packed; it may not exist, which ingestion reports with its cure.

    Raises:
        RawFileError: it is there twice.
    """
    return find_raw_file(raw_folder(settings, portfolio), table.file_name)


def is_synthetic(settings: Settings, portfolio: Portfolio) -> bool:
    """Whether the raw files were made by a generator."""
    return (raw_folder(settings, portfolio) / SYNTHETIC_MARKER).exists()
