"""`credit-platform portfolios`, `versions` and `show`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from credit_platform.errors import TableNotFoundError
from credit_platform.lakehouse import Lakehouse, TableVersion
from credit_platform.portfolios import all_portfolios
from credit_platform.settings import Settings

SUMMARY_CHARACTERS = 2000


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
    _require(lakehouse, key)
    table = Table("version", "date (UTC)", "rows", "bytes", "features", "content hash", "code", "run", title=key)
    for version in lakehouse.versions(key):
        table.add_row(*_version_cells(version))
    Console().print(table)


def show_table(
    key: str,
    settings: Settings,
    *,
    version: int | None = None,
    as_of: datetime | None = None,
    rows: int = 10,
    csv: Path | None = None,
) -> None:
    """Print the first rows and the summary of one version of table `key`, or write all of it to `csv`.

    Raises:
        TableNotFoundError: there is no such table or version.
    """
    lakehouse = Lakehouse(settings.lakehouse_root)
    _require(lakehouse, key)
    moment = as_of.replace(tzinfo=as_of.tzinfo or UTC) if as_of else None
    stored = lakehouse.read(key, version=version, as_of=moment)
    console = Console()
    if csv is not None:
        stored.frame.sink_csv(csv)
        console.print(f"{stored.version.rows} rows of {key} version {stored.version.version} -> {csv}")
        return
    console.print(f"[bold]{key}[/] version {stored.version.version}, {stored.version.rows} rows")
    with pl.Config(tbl_rows=rows, tbl_cols=12, tbl_hide_dataframe_shape=True):
        console.print(stored.frame.head(rows).collect())
    if stored.summary:
        text = json.dumps(stored.summary, indent=2, ensure_ascii=False, default=str)
        console.print(text[:SUMMARY_CHARACTERS] + (" …" if len(text) > SUMMARY_CHARACTERS else ""))


def _require(lakehouse: Lakehouse, key: str) -> None:
    if not lakehouse.exists(key):
        known = ", ".join(lakehouse.keys()) or "none yet: run `credit-platform run german_credit`"
        raise TableNotFoundError(f"There is no table {key!r}.", f"Tables: {known}.")


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
