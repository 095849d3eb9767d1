"""Parquet files of rows with plain values.

What is here: `require_parquet` (first and last bytes), `flat_names` (columns hold one value a row), `count_rows`.
What to add here: another way in which a Parquet file as a whole cannot be a table of applications.
What must not be here: values.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from credit_platform.errors import RawFileError
from credit_platform.files.csv_text import listed
from credit_platform.files.kinds import HEAD_BYTES, foreign_kind
from credit_platform.files.names import unreadable

_MARK = b"PAR1"
_MARKS = (_MARK, b"PARE")
"""At both ends of such a file, and of one with an encrypted footer."""


def require_parquet(path: Path) -> None:
    """Make sure that a file is Parquet from its first to its last bytes.

    Raises:
        RawFileError: it is empty, something else (said what, where it can be told), or cut off.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            file.seek(max(0, path.stat().st_size - len(_MARK)))
            tail = file.read()
    except OSError as error:
        raise unreadable(path, error) from error
    if not head:
        raise RawFileError(f"File {path} is empty.", "Copy or export it again.")
    if not head.startswith(_MARKS):
        kind = foreign_kind(head, None)
        what = kind.what if kind else "is no Parquet file"
        raise RawFileError(f"File {path} {what}.", "Write it as Parquet; or, where it is a CSV, end its name in .csv.")
    if tail not in _MARKS:
        raise RawFileError(f"File {path} has no end: it was cut off.", "Copy or export it again.")


def flat_names(named: Path | str, schema: pl.Schema) -> list[str]:
    """Names of the columns, each of which holds one value a row.

    Raises:
        RawFileError: columns hold lists, structures, bytes or objects.
    """
    nested = [n for n, dtype in schema.items() if dtype.is_nested() or dtype in (pl.Binary, pl.Object)]
    if nested:
        word = "columns" if len(nested) > 1 else "column"
        what = f"{_subject(named)} holds lists, structures or bytes in the {word} {listed(nested)}."
        raise RawFileError(what, "Write one number or text a row in each column.")
    return schema.names()


def count_rows(named: Path | str, scan: pl.LazyFrame) -> int:
    """Number of rows.

    Raises:
        RawFileError: there are none.
    """
    rows = int(scan.select(pl.len()).collect(engine="streaming").item())
    if not rows:
        raise RawFileError(f"{_subject(named)} has columns and no rows.", "Write it again.")
    return rows


def _subject(named: Path | str) -> str:
    return f"File {named}" if isinstance(named, Path) else named
