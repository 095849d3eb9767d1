"""Where the raw files of a portfolio are, whether there are any, and whether they are synthetic."""

from __future__ import annotations

import shlex
from pathlib import Path

from credit_platform.errors import RawFileError
from credit_platform.files.names import find_raw_file, present_names, similar_names
from credit_platform.portfolios import has_generator
from credit_platform.portfolios.generator import SYNTHETIC_MARKER
from credit_platform.portfolios.portfolio import Portfolio, SourceTable
from credit_platform.settings import Settings


def raw_folder(settings: Settings, portfolio: Portfolio) -> Path:
    """Folder to read from: the one the user named or filled, else the one shipped with the package.

    A folder named by the user is used even when it is empty, so that a wrong path is an error and not silently
    replaced by the shipped files.
    """
    folder = settings.raw_folder(portfolio.name)
    if settings.raw is not None or portfolio.bundled_raw is None:
        return folder
    return folder if has_files(folder, portfolio) else portfolio.bundled_raw


def has_files(folder: Path, portfolio: Portfolio) -> bool:
    """Whether any raw file of `portfolio` lies in `folder`, also packed, or under a name that only looks like it."""
    names = [table.file_name for table in portfolio.tables]
    return any(present_names(folder, name) or similar_names(folder / name) for name in names)


def require_files(settings: Settings, portfolio: Portfolio) -> None:
    """Refuse a folder without a single raw file when generating them is the cure; else each file is reported alone.

    Raises:
        RawFileError: no raw file of `portfolio` is there; the message names the folder and the command.
    """
    folder = raw_folder(settings, portfolio)
    if has_generator(portfolio.name) and not has_files(folder, portfolio):
        raise RawFileError(
            f"Folder {folder} holds none of the {len(portfolio.tables)} raw files of {portfolio.title}.",
            "Put them there, point to their folder with --raw, or make synthetic ones: "
            f"credit-platform generate {portfolio.name} --scale 0.02 --out {shlex.quote(str(folder))}",
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
