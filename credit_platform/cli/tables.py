"""`credit-platform portfolios`, `versions` and `show`."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from credit_platform.cli.options import in_utc
from credit_platform.files.spreadsheet import write_csv
from credit_platform.lakehouse import Lakehouse, TableVersion, is_refused
from credit_platform.lakehouse.lookup import refused_since, require_table
from credit_platform.portfolios import all_portfolios
from credit_platform.settings import Settings

SUMMARY_CHARACTERS = 2000
COLUMN_CHARACTERS = 14
"""Width at which a column of a printed table can still be read."""

_VERSION_HEADINGS = ("version", "date (UTC)", "rows", "bytes", "features", "content hash", "code", "run")
_WHOLE = ("version", "date (UTC)", "rows", "bytes")


def show_portfolios() -> None:
    """Print each portfolio with its tables and number of features."""
    table = Table("portfolio", "title", "tables", "features", "source")
    for portfolio in all_portfolios():
        row = (portfolio.name, portfolio.title, str(len(portfolio.tables)), str(len(portfolio.features)))
        table.add_row(*row, portfolio.source)
    Console().print(table)


def show_versions(key: str, settings: Settings) -> None:
    """Print the versions of table `key`, newest first.

    Raises:
        TableNotFoundError: there is no such table; the message lists those that exist.
    """
    lakehouse = Lakehouse(settings.lakehouse_root)
    require_table(lakehouse, key)
    versions = [_version_cells(version) for version in lakehouse.versions(key)]
    # What no version has takes no room; dates and large numbers stay whole in a narrow terminal.
    shown = [i for i in range(len(_VERSION_HEADINGS)) if any(cells[i] for cells in versions)]
    table = Table(title=key)
    for heading in (_VERSION_HEADINGS[i] for i in shown):
        table.add_column(heading, overflow="fold", no_wrap=heading in _WHOLE)
    for cells in versions:
        table.add_row(*(cells[i] for i in shown))
    Console().print(table)
    for version in lakehouse.versions(key):
        if version.exception is not None:
            _print(f"Version {version.version}: {version.exception}")
    _print_refused(lakehouse, key)


def show_table(
    key: str,
    settings: Settings,
    *,
    version: int | None = None,
    as_of: datetime | None = None,
    rows: int = 10,
    csv: Path | None = None,
    verbatim: bool = False,
) -> None:
    """Print the first rows and the summary of one version of table `key`, or write all of it to `csv`.

    Texts in it that a spreadsheet would compute are made harmless, unless `verbatim`.

    Raises:
        TableNotFoundError: there is no such table or version.
        OSError: `csv` cannot be written.
    """
    lakehouse = Lakehouse(settings.lakehouse_root)
    require_table(lakehouse, key)
    stored = lakehouse.read(key, version=version, as_of=in_utc(as_of))
    what = f"{stored.version.rows} rows of {key} version {stored.version.version}"
    if is_refused(key):
        what += ", refused and not in force"
    if csv is not None:
        write_csv(stored.frame, csv, verbatim=verbatim)
        _print(f"{what} -> {csv}")
        return
    _print(what)
    width = Console().width
    with pl.Config(
        tbl_rows=rows, tbl_cols=max(4, width // COLUMN_CHARACTERS), tbl_hide_dataframe_shape=True, tbl_width_chars=width
    ):
        _print(str(stored.frame.head(rows).collect()))
    if version is None and as_of is None:
        _print_refused(lakehouse, key)
    if stored.summary:
        text = json.dumps(stored.summary, indent=2, ensure_ascii=False, default=str)
        _print(text[:SUMMARY_CHARACTERS] + (" …" if len(text) > SUMMARY_CHARACTERS else ""))


def _print_refused(lakehouse: Lakehouse, key: str) -> None:
    """Say that something newer than the newest version of `key` was refused, and by what; nothing when none was."""
    found = refused_since(lakehouse, key)
    if found is None:
        return
    by = f" by {', '.join(found.checks)}" if found.checks else ""
    refused = found.version
    _print(f"Refused since ({refused.timestamp:%Y-%m-%d %H:%M} UTC){by}: credit-platform show {refused.key}")


def _print(text: str) -> None:
    """Print text that is not ours: nothing in it is markup, and a terminal wraps it so that it can be copied."""
    Console().print(text, markup=False, highlight=False, soft_wrap=True)


def _version_cells(version: TableVersion) -> tuple[str, ...]:
    features = version.number_of_features
    return (
        str(version.version),
        version.timestamp.strftime("%Y-%m-%d %H:%M:%S"),
        f"{version.rows:,}",
        f"{version.bytes:,}",
        "" if features is None else str(features),
        version.content_hash[:16],
        version.code_version or "",
        (version.run_id or "")[:8],
    )
