"""A path means the file of that name: reading and writing files whose names a library would take for something else.

What is here: the readers of CSV and Parquet files, `exact` for what is written, addresses of SQLite files.
What to add here: another reader; nowhere else may `pl.scan_*` or `pl.read_*` be given a path (a house rule checks it).
What must not be here: what the files mean.

Polars takes a name with `*`, `?` or `[` for a pattern, expands `~`, and reads columns out of folders called `a=b`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl


def exact(path: Path | str) -> str:
    """The absolute path of a local file, which no library expands; the address of an object store as it is."""
    text = os.fspath(path)
    return text if "://" in text else os.path.abspath(text)


def scan_csv(path: Path | str, **options: Any) -> pl.LazyFrame:
    """`polars.scan_csv` of the one file of that name."""
    return pl.scan_csv(exact(path), glob=False, **options)


def read_csv(path: Path | str, **options: Any) -> pl.DataFrame:
    """`polars.read_csv` of the one file of that name."""
    return pl.read_csv(exact(path), glob=False, **options)


def scan_parquet(path: Path | str | Sequence[Path | str], **options: Any) -> pl.LazyFrame:
    """`polars.scan_parquet` of the file of that name, or of those files; folder names give no columns."""
    one = isinstance(path, str | Path)
    files = exact(path) if isinstance(path, str | Path) else [exact(each) for each in path]
    if not one and not files:
        raise ValueError("There must be at least one file to scan.")
    return pl.scan_parquet(files, glob=False, hive_partitioning=False, **options)


def read_parquet(path: Path | str, **options: Any) -> pl.DataFrame:
    """`polars.read_parquet` of the one file of that name; folder names give no columns."""
    return pl.read_parquet(exact(path), glob=False, hive_partitioning=False, **options)


def sqlite_uri(path: Path, options: Mapping[str, str]) -> str:
    """Address of an SQLite file for `sqlite3.connect(…, uri=True)`, such as `file:///a%20b.db?mode=ro`."""
    return f"{path.absolute().as_uri()}?" + "&".join(f"{name}={value}" for name, value in options.items())
