"""CSV files that people open in a spreadsheet: no text in them runs as a formula.

What is here: `write_csv`, and `harmless`, which it applies to texts.
What to add here: another mark that a spreadsheet takes for the beginning of a formula.
What must not be here: files that only programs read (Parquet keeps every value as it is).

Excel, LibreOffice and Google Sheets compute a cell that begins with one of `MARKS`, also when it came out of a file.
What a client sent would so run on the machine of whoever opens the file. An apostrophe before it makes it a text, as
OWASP advises (https://owasp.org/www-community/attacks/CSV_Injection). A French Excel cuts a line at semicolons, so what
follows one is the beginning of a cell, too. A number stays a number: it computes nothing, and rejected rows are mended
and sent again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from credit_platform.files import literal

MARKS: Final = "=+@\uff1d\uff0b\uff20\uff0d-"
"""What begins a formula, in ASCII and in the full width that East Asian versions also take."""
_NUMBER: Final = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
_BEGINNING: Final = rf"(^|[;\t\r\n])([\s\x{{a0}}]*)([{MARKS}])"


def write_csv(frame: pl.LazyFrame, path: Path, *, verbatim: bool = False) -> None:
    """Write `frame` as CSV, for people; with `verbatim` every text as it is, for programs.

    Raises:
        OSError: `path` cannot be written.
    """
    (frame if verbatim else harmless(frame)).sink_csv(literal.exact(path))


def harmless(frame: pl.LazyFrame) -> pl.LazyFrame:
    """`frame` with an apostrophe before what a spreadsheet would compute, in texts and in the names of columns."""
    schema = frame.collect_schema()
    texts = [name for name, dtype in schema.items() if isinstance(dtype, pl.String | pl.Categorical | pl.Enum)]
    cells = [_without_formula(pl.col(name).cast(pl.String)).alias(name) for name in texts]
    names = pl.Series(schema.names(), dtype=pl.String)
    renamed = names.to_frame("name").select(_without_formula(pl.col("name"))).to_series()
    return frame.with_columns(cells).rename(dict(zip(names, renamed, strict=True)))


def _without_formula(text: pl.Expr) -> pl.Expr:
    is_number = text.str.contains(_NUMBER)
    return pl.when(is_number).then(text).otherwise(text.str.replace_all(_BEGINNING, "${1}'${2}${3}"))
