"""Reading raw CSV files: the file as a whole is judged here, byte by byte, before any value is.

What is here: `inspect_csv` (one pass over the bytes) and `scan_csv` (with declared types, never inferred).
What to add here: another way in which a file as a whole can be broken, with its cure.
What must not be here: rules about values (see `quality`).

The format: UTF-8 (a byte order mark is allowed), comma, double quotes, a header, LF or CRLF, a line end on each line.
What a field says is for the rule of `values` to tell. Columns are found by name, so their order does not matter.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from credit_platform.errors import RawFileError
from credit_platform.lakehouse.csv_bytes import (
    ByteCounts,
    copy_lines,
    count_bytes,
    first_uneven_chunk,
    first_wrong_line,
)
from credit_platform.portfolios.portfolio import Column, SourceTable
from credit_platform.values import POLARS_TYPES

_HEADER_LIMIT = 1 << 20
_MOST_NAMES = 40  # in a message
_OTHER_SEPARATORS = {";": "semicolon", "\t": "tab", "|": "vertical bar"}


@dataclass(frozen=True, kw_only=True)
class RawFile:
    """A CSV file whose bytes have been read once and whose structure is sound."""

    path: Path
    sha256: str
    bytes: int
    rows: int
    """Data rows: records less the header."""
    header: tuple[str, ...]
    """Column names in the order of the file."""
    multiline: bool
    """Whether some quoted field spans lines, so that rows and lines differ."""


def inspect_csv(path: Path, table: SourceTable) -> RawFile:
    """Read the bytes of `path` once and judge the file as a whole.

    Raises:
        RawFileError: missing, empty, not UTF-8, NUL bytes, unclosed quote, wrong separator, wrong header, no data rows,
            a line with too few or too many fields, or cut off; the message names the file, line or column, and cure.
    """
    header = read_header(path, table)
    counts = count_bytes(path)
    _check_text(path, counts)
    _check_shape(path, counts, len(header))
    return RawFile(
        path=path,
        sha256=counts.sha256,
        bytes=counts.bytes,
        rows=counts.records - 1,
        header=header,
        multiline=counts.quoted_newlines > 0,
    )


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
    return pl.scan_csv(path, schema=schema, has_header=True, separator=",", quote_char='"', glob=False)


def read_header(path: Path, table: SourceTable) -> tuple[str, ...]:
    """Read the first line of `path` and compare it with the contract; the names of its columns.

    Raises:
        RawFileError: missing, empty, not UTF-8, wrong separator or header; the message names the cure.
    """
    if not path.is_file():
        raise RawFileError(f"File {path} does not exist.", f"Put {table.file_name} there, or point to its folder.")
    if path.stat().st_size == 0:
        raise _broken(path, "is empty", "Copy or export it again.")
    with path.open("rb") as file:
        first = file.readline(_HEADER_LIMIT)
    try:
        text = first.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(path, 1, error.start) from error
    text = text.rstrip("\r\n")
    if "\r" in text:
        raise _broken(path, "ends its lines with a carriage return only", "Export it with LF or CRLF line ends.")
    header = tuple(next(csv.reader([text]), []))
    _check_separator(path, header, table)
    _check_names(path, header, table)
    return header


def _check_separator(path: Path, header: tuple[str, ...], table: SourceTable) -> None:
    if len(header) != 1 or len(table.columns) == 1:
        return
    for separator, name in _OTHER_SEPARATORS.items():
        if separator in header[0] and set(header[0].split(separator)) & set(table.column_names):
            raise _broken(path, f"separates its fields by {name}, not by comma (line 1)", "Export it with commas.")


def _check_names(path: Path, header: tuple[str, ...], table: SourceTable) -> None:
    repeated = sorted({name for name in header if header.count(name) > 1})
    missing = [name for name in table.column_names if name not in header]
    extra = [name for name in header if name not in table.column_names]
    wanted = f"The header of {table.file_name} must be: {_shown(table.column_names)}."
    if len(missing) == len(table.columns):
        raise _broken(path, f"has no header that is known (line 1 holds {_shown(header)})", wanted)
    for names, what in ((repeated, "holds twice"), (missing, "lacks"), (extra, "has, beside those of its contract,")):
        if names:
            plural = "columns" if len(names) > 1 else "column"
            raise _broken(path, f"{what} the {plural} {_shown(names)} (line 1)", wanted)


def _check_text(path: Path, counts: ByteCounts) -> None:
    """Raise when the bytes are not the text of whole lines."""
    if counts.not_utf8 is not None:
        raise _not_utf8(path, *counts.not_utf8)
    if counts.nul_line is not None:
        raise _broken(path, f"holds a NUL byte on line {counts.nul_line}", "Copy or export it again: it is damaged.")
    if counts.quotes % 2:
        line = first_wrong_line(path, lambda text: text.count(b'"') % 2 == 1)
        raise _broken(path, f"opens a double quote that is not closed, probably on line {line}", "Close it there.")
    if not counts.ends_with_newline:
        raise _broken(
            path,
            f"was cut off: its last line, {counts.newlines + 1}, has no line end",
            "Copy or export it again; if that line is complete, end it with a line break.",
        )


def _check_shape(path: Path, counts: ByteCounts, width: int) -> None:
    """Raise when lines differ in their number of fields, or there are none."""
    if counts.records < 2:  # noqa: PLR2004  # a header and a row
        raise _broken(path, "has a header and no rows", "Copy or export it again.")
    if counts.separators == (width - 1) * counts.records:
        return
    raise ragged_error(path, width)


def ragged_error(path: Path, width: int) -> RawFileError:
    """Name the first line of `path` that does not have `width` fields."""
    first, offset = first_uneven_chunk(path, width - 1)
    with path.open("rb") as binary, io.TextIOWrapper(binary, encoding="utf-8-sig", newline="") as file:
        binary.seek(offset)
        start = first
        reader = csv.reader(file)
        for fields in reader:
            if len(fields) != width:
                found = f"has {len(fields)} fields on line {start}, where its header has {width}"
                what = found if fields else f"has a blank line, {start}"
                return _broken(path, what, "Mend or remove that line, or quote fields that hold a comma.")
            start = first + reader.line_num
    return _broken(path, "has quotes in the middle of unquoted fields", "Quote such fields and double their quotes.")


def _not_utf8(path: Path, line: int, byte: int) -> RawFileError:
    return _broken(
        path,
        f"is not UTF-8 text: line {line}, byte {byte + 1} of that line",
        f"Convert it, for example: iconv -f WINDOWS-1252 -t UTF-8 {path.name}.",
    )


def _broken(path: Path, what: str, cure: str) -> RawFileError:
    return RawFileError(f"File {path} {what}.", cure)


def _shown(names: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMES])
    return f"{shown}, … ({len(names)} in all)" if len(names) > _MOST_NAMES else shown
