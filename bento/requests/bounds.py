"""What a body may become: checked before anything is unpacked, parsed or computed.

What is here: bounds on CSV, Parquet and JSON bodies, on cells, and on what all bodies together take.
What to add here: another way in which a body within its limit of bytes costs more than its size says.
What must not be here: rules about fields (`validation.py`), and reading values (`batch.py`).

Each check takes time in proportion to the body at most, and gives way to other threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bento.errors import ApiError, ErrorCode
from bento.requests.parquet_footer import ParquetError, measure_parquet
from credit_platform.files.kinds import HEAD_BYTES, foreign_kind

if TYPE_CHECKING:
    import polars as pl

    from credit_platform.portfolios.portfolio import Portfolio

CELL_BYTES = 65_536
"""Longest cell of a table: far beyond what any rule takes, so that whatever a person may have typed is an error of its
row, and only what nobody types is an error of the file."""
_ENVELOPE_COLUMNS = 2
_COMPRESSED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"x\x01", b"x\x5e", b"x\x9c", b"x\xda", b"\xfd7zXZ", b"PK\x03\x04")
"""How gzip, zstd, zlib, xz and zip begin. Polars unpacks the first three by itself, whatever they become."""
_SMALL = 64 * 1024
"""Bodies up to here are not counted."""
_OBJECT, _LIST, _ITEM, _NAME = 200, 72, 48, 8
"""About what Python needs for a dictionary, a list, one more value in either, and its name, in bytes."""
_ARROW_TYPES, _NO_TYPES = b"ARROW:schema", b"arrow:unused"
"""A key in the footer of a Parquet file, and one that nobody looks for; of one length, so that nothing moves."""
_FEW_NAMES = 50_000
"""A body with fewer is not looked at closely: reading it takes no time worth mentioning."""
_NAMES_BESIDE_COLUMNS = 64
"""What an object may have beyond the columns of an application: the envelope, and tables with more columns."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Limits of one batch."""

    rows: int
    columns: int
    unpacked: int
    """Bytes."""

    @classmethod
    def of(cls, portfolio: Portfolio, rows: int, unpacked: int) -> Bounds:
        """As many columns as the contract of an application has, and the envelope's."""
        columns = len(portfolio.table(portfolio.training_table).columns) + _ENVELOPE_COLUMNS
        return cls(rows=rows, columns=columns, unpacked=unpacked)


def check_rows(rows: int, bounds: Bounds) -> None:
    """Refuse more rows than a batch may have.

    Raises:
        ApiError: 413.
    """
    if rows > bounds.rows:
        message = f"A batch may have at most {bounds.rows} rows; send several, or use credit-platform score."
        raise ApiError(ErrorCode.BODY_TOO_LARGE, message)


def check_csv(body: bytes, bounds: Bounds) -> None:
    """What it is, the header, then the number and the length of lines; whether lines are right, others say.

    Raises:
        ApiError: 400, compressed, or not of this header; 413, too many rows.
    """
    if kind := foreign_kind(body[:HEAD_BYTES], None):
        raise ApiError(ErrorCode.INVALID_FILE, f"The body {kind.what}. {kind.cure}")
    if body.startswith(_COMPRESSED):
        raise ApiError(ErrorCode.INVALID_FILE, "The file is compressed; send it as it is.")
    longest = bounds.columns * (CELL_BYTES + len('"",'))
    header = body[: longest + 1].lstrip(b"\r\n").partition(b"\n")[0]
    if header.count(b'"') % 2:
        raise ApiError(ErrorCode.INVALID_FILE, "A name in the header of the file does not end on its line.")
    _check_columns(header.count(b",") + 1, bounds)
    lines = body.rstrip(b"\r\n").split(b"\n")
    check_rows(len(lines) - 1, bounds)
    if max(map(len, lines)) > longest:
        raise _cell_too_long()


def check_parquet(body: bytes, bounds: Bounds) -> bytes:
    """By what the footer and the headers of the pages say; no page is unpacked.

    Returns:
        The file as it is to be read: without what Arrow wrote into it of its own types. Read as that says, a text that
        all rows share would become a text for each row.

    Raises:
        ApiError: 400, not a file of a flat table with the columns of an application; 413, too many rows or bytes.
    """
    try:
        found = measure_parquet(body, most_columns=bounds.columns, most_bytes=bounds.unpacked)
    except ParquetError as error:
        message = f"The body is not a Parquet file with one value in each cell: {error}."
        raise ApiError(ErrorCode.INVALID_FILE, message) from None
    _check_columns(found.columns, bounds)
    check_rows(found.rows, bounds)
    _check_unpacked(found.bytes, bounds)
    return body.replace(_ARROW_TYPES, _NO_TYPES)


def check_json(body: bytes, bounds: Bounds) -> None:
    """By the number of objects, lists and values that are written in it, and of names in one object.

    A name that comes again in each row is kept once; a hundred thousand different ones cost ten times as much, and
    nobody is answered while they are read.

    Raises:
        ApiError: 413, they would take too much.
    """
    objects, names = body.count(b"{"), body.count(b":")
    size = objects * _OBJECT + body.count(b"[") * _LIST + body.count(b",") * _ITEM + names * _NAME
    _check_unpacked(size, bounds)
    most = bounds.columns + _NAMES_BESIDE_COLUMNS
    if names > _FEW_NAMES and any(piece.count(b":") > most for piece in body.split(b"{")):
        raise ApiError(ErrorCode.BODY_TOO_LARGE, f"An object of the body may have at most {most} names.")


def check_cells(frame: pl.DataFrame, bounds: Bounds) -> None:
    """Refuse long texts while each is kept once: as Python's objects each row has a copy.

    Raises:
        ApiError: 400, a cell is too long or a column of another type than columns can be; 413, together too large.
    """
    import polars as pl  # noqa: PLC0415  # the process that only supervises workers does not need it

    total = 0
    for column in frame.iter_columns():
        if column.dtype.is_nested() or column.dtype in (pl.Object, pl.Categorical, pl.Enum):
            raise ApiError(ErrorCode.INVALID_FILE, "A column of the file is of a type that no column of ours has.")
        if column.dtype not in (pl.String, pl.Binary):
            continue
        lengths = column.str.len_bytes() if column.dtype == pl.String else column.bin.size()
        if (lengths > CELL_BYTES).any():
            raise _cell_too_long()
        total += int(lengths.sum())
    _check_unpacked(total, bounds)


def _check_columns(columns: int, bounds: Bounds) -> None:
    if columns > bounds.columns:
        message = f"The file has {columns} columns; the contract of an application has {bounds.columns}; see /docs."
        raise ApiError(ErrorCode.INVALID_FILE, message)


def _check_unpacked(size: int, bounds: Bounds) -> None:
    if size > bounds.unpacked:
        message = f"Unpacked, the body would take more than {bounds.unpacked} bytes; send fewer rows at once."
        raise ApiError(ErrorCode.BODY_TOO_LARGE, message)


def _cell_too_long() -> ApiError:
    return ApiError(ErrorCode.INVALID_FILE, f"A cell of the file may have at most {CELL_BYTES} bytes.")


class BodyRoom:
    """What all bodies that are in memory may take together."""

    def __init__(self, most: int) -> None:
        """Have room for `most` bytes."""
        self._most = most
        self.taken = 0
        """Bytes."""

    def more(self, held: int, needed: int) -> int:
        """Bytes that a body holds once it may grow from `held` to `needed`.

        Raises:
            ApiError: 503, there is no room now.
        """
        if needed <= _SMALL or needed <= held:
            return held
        if self.taken + needed - held > self._most:
            message = "The service holds as many bodies as it may; ask again with the same X-Request-ID."
            raise ApiError(ErrorCode.BUSY, message, headers={"Retry-After": "1"})
        self.taken += needed - held
        return needed

    def give_back(self, held: int) -> None:
        """Forget a body."""
        self.taken -= held
