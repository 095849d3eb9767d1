"""Where the raw files of a portfolio are, and whether they are synthetic."""

from __future__ import annotations

from pathlib import Path

from credit_platform.portfolios.portfolio import Portfolio, SourceTable
from credit_platform.settings import Settings

SYNTHETIC_MARKER = "SYNTHETIC.json"
"""File that a generator leaves beside the files it made."""


def raw_folder(settings: Settings, portfolio: Portfolio) -> Path:
    """Folder to read from: the one the user named or filled, else the one shipped with the package.

    A folder named by the user is used even when it is empty, so that a wrong path is an error and not silently
    replaced by the shipped files.
    """
    folder = settings.raw_folder(portfolio.name)
    if settings.raw is not None or portfolio.bundled_raw is None:
        return folder
    has_files = any((folder / table.file_name).exists() for table in portfolio.tables)
    return folder if has_files else portfolio.bundled_raw


def raw_file(settings: Settings, portfolio: Portfolio, table: SourceTable) -> Path:
    """Path of the CSV file of `table`; it may not exist, which ingestion reports with its cure."""
    return raw_folder(settings, portfolio) / table.file_name


def is_synthetic(settings: Settings, portfolio: Portfolio) -> bool:
    """Whether the raw files were made by a generator."""
    return (raw_folder(settings, portfolio) / SYNTHETIC_MARKER).exists()
