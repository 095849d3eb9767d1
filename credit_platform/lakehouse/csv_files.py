"""Reading raw CSV files: the file as a whole is judged under its contract before any value is.

What is here: `inspect_csv` (one pass over the bytes) and `scan_csv` (with declared types, never inferred).
What to add here: another way in which a file does not fit its contract (whatever the contract: `files/csv_text.py`).
What must not be here: rules about values (see `quality`).

The format is that of `files/csv_text.py`; what a field says is for the rule of `values` to tell. Columns are found by
name, so their order in the file does not matter.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from credit_platform.files import literal
from credit_platform.files.csv_bytes import copy_lines
from credit_platform.files.csv_text import CsvFile, broken, check_text, listed, open_csv, read_names
from credit_platform.portfolios.source_table import Column, SourceTable
from credit_platform.values import POLARS_TYPES


@dataclass(frozen=True, kw_only=True)
class RawFile:
    """A CSV file whose bytes have been read once and whose structure is sound."""

    path: Path
    """What is parsed: the file itself, or what it was unpacked to."""
    source: Path
    """The file as its user has it; messages and records name this one."""
    sha256: str
    """Of `source`."""
    bytes: int
    """Size of `source`."""
    rows: int
    """Data rows: records less the header."""
    header: tuple[str, ...]
    """Column names in the order of the file."""
    multiline: bool
    """Whether some quoted field spans lines, so that rows and lines differ."""


def inspect_csv(file: Path | CsvFile, table: SourceTable) -> RawFile:
    """Read the bytes of a file (`open_csv`) once and judge the file as a whole.

    Raises:
        RawFileError: missing, empty, not UTF-8, NUL bytes, unclosed quote, wrong separator, wrong header, no data rows,
            a line with too few or too many fields, or cut off; the message names the file, line or column, and cure.
    """
    opened = _opened(file)
    header = read_header(opened, table)
    counts = check_text(opened, len(header))
    packed = opened.packed
    return RawFile(
        path=opened.path,
        source=opened.source,
        sha256=packed.sha256 if packed else counts.sha256,
        bytes=packed.bytes if packed else counts.bytes,
        rows=counts.records - 1,
        header=header,
        multiline=counts.quoted_newlines > 0,
    )


def _opened(file: Path | CsvFile) -> CsvFile:
    return file if isinstance(file, CsvFile) else open_csv(file, None)


def scan_csv(raw_file: RawFile, table: SourceTable) -> pl.LazyFrame:
    """Scan with the contract's types, columns in the contract's order.

    Collecting raises `polars.exceptions.ComputeError` where a value does not fit its type.
    """
    return scan_under_header(raw_file.path, raw_file.header, table)


def scan_under_header(path: Path, header: tuple[str, ...], table: SourceTable) -> pl.LazyFrame:
    """As `scan_csv`, of a file of which no more than its header (`read_header`) is known yet."""
    return _scan(path, header, {column.name: _parsed(column) for column in table.columns}).select(
        _stored(column) for column in table.columns
    )


def scan_csv_text(raw_file: RawFile, table: SourceTable, line: str) -> pl.LazyFrame:
    """Scan every column as text, with a column called `line`: the 1-based line of the file on which the row begins."""
    return scan_csv_partly(raw_file, table, table.column_names, line)


def scan_csv_partly(raw_file: RawFile, table: SourceTable, texts: Collection[str], line: str) -> pl.LazyFrame:
    """As `scan_csv`, but columns `texts` as text, with a column called `line` as `scan_csv_text` has it.

    In a file with line breaks in fields, each column of numbers that may hold one is to be among `texts`.
    """
    types = {column.name: pl.String if column.name in texts else _parsed(column) for column in table.columns}
    rows = _scan(raw_file.path, raw_file.header, types).with_row_index(line, offset=2)
    numbered = pl.col(line).cast(pl.Int64)
    if raw_file.multiline:
        written = [name for name in raw_file.header if types[name] is pl.String]
        breaks = pl.sum_horizontal(pl.col(name).str.count_matches("\n").fill_null(0) for name in written)
        numbered = numbered + breaks.cast(pl.Int64).cum_sum().shift(1, fill_value=0)
    values = [pl.col(column.name) if column.name in texts else _stored(column) for column in table.columns]
    return rows.select(*values, numbered.alias(line))


def _parsed(column: Column) -> type[pl.DataType]:
    """What the reader parses: numbers of 32 bits as 64, so that all doors round them alike."""
    wanted = POLARS_TYPES[column.type]
    return pl.Float64 if wanted is pl.Float32 else wanted


def _stored(column: Column) -> pl.Expr:
    value, wanted = pl.col(column.name), POLARS_TYPES[column.type]
    return value.cast(wanted) if wanted is pl.Float32 else value


def extract_lines(raw_file: RawFile, lines: pl.Series, path: Path) -> RawFile:
    """Write the header of a file without line breaks in fields and the rows on `lines` to `path`, byte for byte.

    Args:
        raw_file: the inspected file.
        lines: 1-based, ascending.
        path: the small file. Its `sha256` and `bytes` are those of the file it was taken from.
    """
    copy_lines(raw_file.path, lines.to_numpy(), path)
    return replace(raw_file, path=path, rows=lines.len())


def _scan(path: Path, header: tuple[str, ...], types: Mapping[str, type[pl.DataType]]) -> pl.LazyFrame:
    schema = {name: types[name] for name in header}
    return literal.scan_csv(path, schema=schema, has_header=True, separator=",", quote_char='"')


def read_header(file: Path | CsvFile, table: SourceTable) -> tuple[str, ...]:
    """Read the first line of a file and compare it with the contract; the names of its columns.

    Raises:
        RawFileError: missing, empty, not UTF-8, wrong separator or header; the message names the cure.
    """
    opened = _opened(file)
    header = read_names(opened, table.column_names)
    _check_names(opened, header, table)
    return header


def _check_names(file: CsvFile, header: tuple[str, ...], table: SourceTable) -> None:
    missing = [name for name in table.column_names if name not in header]
    extra = [name for name in header if name not in table.column_names]
    wanted = f"The header of {table.file_name} must be: {listed(table.column_names)}."
    if len(missing) == len(table.columns):
        raise broken(file, f"has no header that is known (line 1 holds {listed(header)})", wanted)
    for names, what in ((missing, "lacks"), (extra, "has, beside those of its contract,")):
        if names:
            plural = "columns" if len(names) > 1 else "column"
            raise broken(file, f"{what} the {plural} {listed(names)} (line 1)", wanted)
