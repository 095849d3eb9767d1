"""Looking for somebody in everything that a home holds, whatever it is packed in.

What is here: `found_in`: every file below a folder in which one of some distinctive values stands.
What must not be here: what an erasure removes.

Parquet files are read column by column, the statistics in their footers too; a log of Delta is JSON and Parquet; of a
database every byte is looked at, so that its free pages and its write-ahead log are; and every row is read besides.
What is compressed with zlib or gzip inside of a text is unpacked.
"""

from __future__ import annotations

import base64
import gzip
import re
import sqlite3
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from credit_platform.files import literal

_PACKED = re.compile(rb"zlib:([A-Za-z0-9+/=]+)")


def found_in(folder: Path, values: Sequence[float | str]) -> list[Path]:
    """Files below `folder` that hold one of `values`: as text, as eight bytes, in a column or in statistics."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and any(_holds(path, value) for value in values))


def _holds(path: Path, value: float | str) -> bool:
    raw = path.read_bytes()
    if any(_in_bytes(piece, value) for piece in _unpacked(raw)):
        return True
    if path.suffix == ".parquet":
        return _in_parquet(path, value)
    return raw.startswith(b"SQLite format 3") and _in_rows(path, value)


def _in_bytes(raw: bytes, value: float | str) -> bool:
    if isinstance(value, str):
        return value.encode() in raw
    # As Parquet and Arrow lay it down, as SQLite does, and as JSON writes it.
    return any(form in raw for form in (struct.pack("<d", value), struct.pack(">d", value), repr(value).encode()))


def _unpacked(raw: bytes) -> Iterator[bytes]:
    yield raw
    if raw[:2] == b"\x1f\x8b":
        yield gzip.decompress(raw)
    for packed in _PACKED.findall(raw):
        yield zlib.decompress(base64.b64decode(packed))


def _in_parquet(path: Path, value: float | str) -> bool:
    for _, column in _columns(literal.read_parquet(path)):
        of_kind = column.dtype == pl.String if isinstance(value, str) else column.dtype.is_float()
        if of_kind and (column.str.contains(value, literal=True) if isinstance(value, str) else column == value).any():
            return True
    return any(_in_bytes(str(bound).encode(), value) for bound in _statistics(path))


def _columns(frame: pl.DataFrame) -> Iterator[tuple[str, pl.Series]]:
    """Columns, those of nested ones too, as they are in Delta's checkpoints."""
    for column in frame:
        if isinstance(column.dtype, pl.Struct):
            yield from _columns(column.struct.unnest())
        elif isinstance(column.dtype, pl.List):
            yield from _columns(pl.DataFrame({column.name: column.explode(empty_as_null=True)}))
        else:
            yield column.name, column


def _statistics(path: Path) -> Iterator[object]:
    footer = pq.ParquetFile(path).metadata
    for group in range(footer.num_row_groups):
        for index in range(footer.num_columns):
            statistics = footer.row_group(group).column(index).statistics
            if statistics is not None and statistics.has_min_max:
                yield from (statistics.min, statistics.max)


def _in_rows(path: Path, value: float | str) -> bool:
    uri = literal.sqlite_uri(path, {"mode": "ro"})
    with sqlite3.connect(uri, uri=True) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = (row for name in names for row in connection.execute(f'SELECT * FROM "{name}"'))
        held = any(cell == value or (isinstance(cell, str) and str(value) in cell) for row in rows for cell in row)
    connection.close()
    return held
