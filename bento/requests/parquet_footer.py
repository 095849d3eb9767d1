"""What a Parquet file says it is and what its pages really unpack to, found out without unpacking anything.

What is here: `measure_parquet`, which reads the footer and the header of every page, and no value.
What to add here: another way in which few bytes become many.
What must not be here: reading values (polars does that afterwards), and what the service allows (`bounds.py`).

A footer can lie about sizes, so it is not enough: what a reader makes room for is what the header of each page says.
Format: https://github.com/apache/parquet-format (README, `parquet.thrift`, Encodings.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bento.requests.thrift_compact import Struct, ThriftError, read_struct

_MAGIC = b"PAR1"
_LARGEST_FOOTER = 1024 * 1024
"""Bytes; that of a thousand rows of a hundred columns, with statistics, is a tenth of it."""
_MOST_PAGES = 64
"""Of a column in a row group. A page holds a mebibyte by default; with a thousand rows that is one or two."""
_ENDS = 12
"""Bytes of the magic at both ends and of the footer's length."""
_VIEW_BYTES = 16
"""What a value takes once it is unpacked, a text beside its letters."""
# Numbers of fields and values as `parquet.thrift` has them.
_SCHEMA, _FILE_ROWS, _GROUPS = 2, 3, 4
_TYPE, _LENGTH, _REPETITION, _CHILDREN = 1, 2, 3, 5
_FIXED_LENGTH, _REPEATED = 7, 2
_CHUNKS, _GROUP_ROWS, _CHUNK_FACTS = 1, 3, 3
_CHUNK_BYTES, _DATA_AT, _DICTIONARY_AT = 7, 9, 11
_PAGE_TYPE, _UNPACKED, _PACKED, _VALUES = 1, 2, 3, 1
_DATA, _DICTIONARY, _DATA_V2 = 0, 2, 3
_PAGE_FACTS = {_DATA: 5, _DICTIONARY: 7, _DATA_V2: 8}
_ENCODING = {_DATA: 2, _DATA_V2: 4}
_DELTA_BYTE_ARRAY = 7


class ParquetError(ValueError):
    """The file is not one, or not one that holds a flat table."""


@dataclass(frozen=True)
class Measure:
    """What a file becomes."""

    rows: int
    columns: int
    bytes: int
    """Most bytes that its values take once unpacked."""


def measure_parquet(body: bytes, *, most_columns: int, most_bytes: int) -> Measure:
    """Rows, columns and unpacked size of a file; what is beyond the limits is not looked at further.

    Raises:
        ParquetError: it is damaged or encrypted, nests, or repeats.
    """
    footer = _footer(body)
    leaves = [_struct(one) for one in _list(footer, _SCHEMA)[1:]]  # the first is the table itself
    if any(_CHILDREN in leaf or leaf.get(_REPETITION) == _REPEATED for leaf in leaves):
        raise ParquetError("columns are nested or hold lists")
    groups, rows = _list(footer, _GROUPS), _number(footer, _FILE_ROWS)
    size = 0
    if len(leaves) <= most_columns:
        for group in groups:
            size += _group_size(body, _struct(group), leaves, rows)
            if size > most_bytes:
                break
    return Measure(rows, len(leaves), size)


def _footer(body: bytes) -> Struct:
    if len(body) < _ENDS or body[:4] != _MAGIC or body[-4:] != _MAGIC:
        raise ParquetError("not a Parquet file, or encrypted")
    length = int.from_bytes(body[-8:-4], "little")
    if length > min(len(body) - _ENDS, _LARGEST_FOOTER):
        raise ParquetError("its footer is too long")
    return _header(body, len(body) - 8 - length, len(body) - 8)[0]


def _header(body: bytes, at: int, end: int) -> tuple[Struct, int]:
    try:
        return read_struct(body, at, end)
    except ThriftError as error:
        raise ParquetError(str(error)) from None


def _group_size(body: bytes, group: Struct, leaves: list[Struct], most_rows: int) -> int:
    columns, rows = _list(group, _CHUNKS), _number(group, _GROUP_ROWS)
    if len(columns) != len(leaves) or rows > most_rows:
        raise ParquetError("a row group does not have the columns and rows of the file")
    return sum(
        _chunk_size(body, _struct(_struct(column).get(_CHUNK_FACTS)), leaf, rows)
        for column, leaf in zip(columns, leaves, strict=True)
    )


def _chunk_size(body: bytes, chunk: Struct, leaf: Struct, rows: int) -> int:
    """Most bytes that the values of one column in one row group take."""
    width = _number(leaf, _LENGTH) if leaf.get(_TYPE) == _FIXED_LENGTH else _VIEW_BYTES
    values = size = 0
    for page in _pages(body, chunk):
        kind, unpacked = page.get(_PAGE_TYPE, -1), _number(page, _UNPACKED)
        facts = _struct(page.get(_PAGE_FACTS.get(kind, -1), {}))
        count = _number(facts, _VALUES)
        size += unpacked + count * width
        if kind in _ENCODING:
            values += count
            if facts.get(_ENCODING[kind]) == _DELTA_BYTE_ARRAY:
                size += unpacked * count  # each value may repeat all of the one before it
    if values > rows:
        raise ParquetError("a column has more values than there are rows")
    return size


def _pages(body: bytes, chunk: Struct) -> Iterator[Struct]:
    """Headers of the pages of one column in one row group."""
    at = _number(chunk, _DICTIONARY_AT) or _number(chunk, _DATA_AT)
    end = at + _number(chunk, _CHUNK_BYTES)
    if at < len(_MAGIC) or end > len(body):
        raise ParquetError("a column lies outside the file")
    pages = 0
    while at < end:
        pages += 1
        if pages > _MOST_PAGES:
            raise ParquetError("a column has more pages than rows could need")
        page, at = _header(body, at, end)
        yield page
        at += _number(page, _PACKED)


def _number(struct: Struct, field: int) -> int:
    """A count, size or place; 0 when it is not there."""
    value = struct.get(field, 0)
    if not isinstance(value, int) or value < 0:
        raise ParquetError("a count is no count")
    return value


def _list(struct: Struct, field: int) -> list[Any]:
    value = struct.get(field, [])
    if not isinstance(value, list):
        raise ParquetError("a list is no list")
    return value


def _struct(value: object) -> Struct:
    if not isinstance(value, dict):
        raise ParquetError("a header is no header")
    return value
