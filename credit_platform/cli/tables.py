"""`credit-platform portfolios`, `tables`, `versions` and `show`."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import polars as pl
from rich.console import Console

from credit_platform.cli.invoked import as_typed
from credit_platform.cli.listing import (
    Field,
    Listing,
    moment,
    plain_value,
    show_listing,
    tell_beside,
    thousands,
    tsv,
    write,
    write_json,
)
from credit_platform.cli.options import in_utc
from credit_platform.files.spreadsheet import write_csv
from credit_platform.lakehouse import Lakehouse, StoredTable, is_refused
from credit_platform.lakehouse.lookup import refused_since, require_table
from credit_platform.portfolios import all_portfolios
from credit_platform.settings import Settings

SUMMARY_CHARACTERS = 2000
_PORTFOLIO = (
    Field("name", "portfolio"),
    Field("title", "title"),
    Field("tables", "tables"),
    Field("features", "features"),
    Field("source", "source", is_sentence=True),
)
_VERSION = (
    Field("version", "version"),
    Field("timestamp", "date (UTC)", moment),
    Field("rows", "rows", thousands),
    Field("bytes", "bytes", thousands),
    Field("number_of_features", "features"),
    Field("content_hash", "content hash", lambda digest: digest[:16]),
    Field("code_version", "code"),
    Field("run_id", "run", lambda run: run[:8]),
    Field("exception", "accepted by exception", is_sentence=True),
)
_TABLE = (
    Field("key", "table"),
    Field("rows", "rows", thousands),
    Field("timestamp", "date (UTC)", lambda when: f"{when:%Y-%m-%d %H:%M}"),
    Field("version", "version"),
    Field("bytes", "bytes", thousands),
    Field("number_of_features", "features"),
)


def show_portfolios(*, as_json: bool = False) -> None:
    """Print each portfolio with its tables and number of features."""
    rows = [
        {
            "name": one.name,
            "title": one.title,
            "tables": len(one.tables),
            "features": len(one.features),
            "source": one.source,
        }
        for one in all_portfolios()
    ]
    show_listing(Listing("Portfolios", _PORTFOLIO, rows), as_json=as_json)


def show_tables(prefix: str, settings: Settings, *, as_json: bool = False) -> None:
    """Print the newest version of each table whose key begins with `prefix`."""
    lakehouse = Lakehouse(settings.lakehouse_root)
    newest = [lakehouse.latest(key) for key in lakehouse.keys(prefix)]
    rows = [{field.name: getattr(one, field.name) for field in _TABLE} for one in newest if one is not None]
    begins = f" whose key begins with {prefix!r}" if prefix else ""
    notes = () if rows else ("A run makes them: credit-platform run german_credit",)
    show_listing(Listing(f"Tables{begins}, newest versions", _TABLE, rows, notes, is_wide=True), as_json=as_json)


def show_versions(key: str, settings: Settings, *, as_json: bool = False) -> None:
    """Print the versions of table `key`, newest first.

    Raises:
        TableNotFoundError: there is no such table; the message names those that are called nearly so.
    """
    lakehouse = Lakehouse(settings.lakehouse_root)
    require_table(lakehouse, key)
    rows = [{field.name: getattr(one, field.name) for field in _VERSION} for one in lakehouse.versions(key)]
    show_listing(Listing(key, _VERSION, rows, _refused(lakehouse, key)), as_json=as_json)


def show_table(
    key: str,
    settings: Settings,
    *,
    version: int | None = None,
    as_of: datetime | None = None,
    rows: int = 10,
    csv: Path | None = None,
    verbatim: bool = False,
    as_json: bool = False,
) -> None:
    """Print the first rows and the summary of one version of table `key`, or write all of it to `csv`.

    Texts in the CSV that a spreadsheet would compute are made harmless, unless `verbatim`.

    Raises:
        TableNotFoundError: there is no such table or version.
        OSError: `csv` cannot be written.
    """
    lakehouse = Lakehouse(settings.lakehouse_root)
    require_table(lakehouse, key)
    stored = lakehouse.read(key, version=version, as_of=in_utc(as_of))
    if csv is not None:
        write_csv(stored.frame, csv, verbatim=verbatim)
        _print(f"{_what(stored, key)} -> {csv}")
        return
    first = stored.frame.head(rows).collect()
    newest = version is None and as_of is None
    refused = _refused(lakehouse, key) if newest else ()
    screen = Console()
    if as_json:
        _print_json(stored, key, first, screen)
        tell_beside(refused)
    elif screen.is_terminal:
        _print_rows(stored, key, first, screen)
        for note in refused:
            _print(note)
        _print_summary(stored)
    else:
        write(tsv(Listing(key, tuple(Field(name, name) for name in first.columns), first.to_dicts())), screen)
        more = ("Its summary, too: --json",) if stored.summary else ()
        tell_beside((_what(stored, key), *refused, *more))


def _rounded(value: float) -> str:
    return f"{value:.6g}"


def _what(stored: StoredTable, key: str) -> str:
    refused = ", refused and not in force" if is_refused(key) else ""
    return f"{stored.version.rows:,} rows of {key} version {stored.version.version}{refused}"


def _print_json(stored: StoredTable, key: str, first: pl.DataFrame, screen: Console) -> None:
    version = {name: value for name, value in stored.version.to_dict().items() if name != "key"}
    told = {"table": key, **version, "summary": stored.summary, "first_rows": first.to_dicts()}
    write_json(plain_value(told), screen)


def _print_rows(stored: StoredTable, key: str, first: pl.DataFrame, screen: Console) -> None:
    fields = tuple(Field(name, name, _rounded if dtype.is_float() else str) for name, dtype in first.schema.items())
    show_listing(Listing(_what(stored, key), fields, first.to_dicts(), is_wide=True), console=screen)


def _print_summary(stored: StoredTable) -> None:
    if not stored.summary:
        return
    text = json.dumps(stored.summary, indent=2, ensure_ascii=False, default=str)
    _print(text[:SUMMARY_CHARACTERS] + (" … (all of it: --json)" if len(text) > SUMMARY_CHARACTERS else ""))


def _refused(lakehouse: Lakehouse, key: str) -> tuple[str, ...]:
    """That something newer than the newest version of `key` was refused, and by what; nothing when none was."""
    found = refused_since(lakehouse, key)
    if found is None:
        return ()
    by = f" by {', '.join(found.checks)}" if found.checks else ""
    refused = found.version
    shown = f"credit-platform show {refused.key}"
    return (f"Refused since ({refused.timestamp:%Y-%m-%d %H:%M} UTC){by}: {shown}",)


def _print(text: str) -> None:
    """Print text that is not ours: nothing in it is markup, and a terminal wraps it so that it can be copied."""
    Console().print(as_typed(text), markup=False, highlight=False, soft_wrap=True)
