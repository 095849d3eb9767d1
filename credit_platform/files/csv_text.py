"""The header and the shape of a CSV text, in a file or in the body of a request, judged before any value is read.

What is here: `CsvFile` and `CsvBody`, `read_names` (the header), `check_text` (every line), `uneven_line`.
What to add here: another way in which a CSV as a whole can be broken, with its cure.
What must not be here: which columns there must be (who reads knows), types, values.

The format: UTF-8 (a byte order mark is allowed), comma, double quotes, a header, LF or CRLF, a line end on each line.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from credit_platform.errors import RawFileError
from credit_platform.files.csv_bytes import ByteCounts, count_bytes, first_uneven_chunk, first_wrong_line
from credit_platform.files.kinds import HEAD_BYTES, UNPACK_FIRST, convert, foreign_kind
from credit_platform.files.names import require_file, unreadable
from credit_platform.files.packed import Unpacked, inner_name, is_packed, unpack

_HEADER_LIMIT: Final = 1 << 20
_SEPARATORS: Final = {";": "semicolon", "\t": "tab", "|": "vertical bar"}
_INDEX: Final = re.compile(r"Unnamed: \d+(_level_\d+)?")
_INSTRUCTION: Final = re.compile(r"sep=.?", re.IGNORECASE)
_MOST_NAMES: Final = 40
_AGAIN: Final = "Copy or export it again."


class CsvSource(Protocol):
    """Bytes of a CSV text, and how messages call them."""

    @property
    def named(self) -> str:
        """Subject of a sentence: `File /data/a.csv`, `The body`."""

    @property
    def file_name(self) -> str | None:
        """Name for commands in a cure; None where there is no file."""

    def open(self) -> BinaryIO:
        """The bytes, from the beginning."""


@dataclass(frozen=True)
class CsvFile:
    """A CSV file as it is read: unpacked, where its user has it packed."""

    path: Path
    """The file of text."""
    source: Path
    """The file as its user has it."""
    packed: Unpacked | None = None

    @property
    def named(self) -> str:
        """As in `CsvSource`."""
        return f"File {self.source}"

    @property
    def file_name(self) -> str | None:
        """As in `CsvSource`."""
        return self.source.name if self.packed is None else inner_name(self.source)

    def open(self) -> BinaryIO:
        """As in `CsvSource`; only after it has proved to be a file.

        Raises:
            RawFileError: it is no file, or may not be read.
        """
        require_file(self.path)
        try:
            return self.path.open("rb")
        except OSError as error:
            raise unreadable(self.path, error) from error


@dataclass(frozen=True)
class CsvBody:
    """The body of a request."""

    content: bytes
    named: str = "The body"
    file_name: None = None

    def open(self) -> BinaryIO:
        """As in `CsvSource`."""
        return io.BytesIO(self.content)


def open_csv(path: Path, staging: Path | None) -> CsvFile:
    """The CSV at `path`; one that is packed is unpacked into a folder below `staging` first.

    Raises:
        RawFileError: it cannot be unpacked.
        ValueError: it is packed, and there is no `staging`.
    """
    if not is_packed(path):
        return CsvFile(path, path)
    if staging is None:
        raise ValueError(f"{path} is packed: a folder to unpack it into is needed.")
    unpacked = unpack(path, staging)
    return CsvFile(unpacked.path, path, unpacked)


def read_names(source: CsvSource, known: Collection[str]) -> tuple[str, ...]:
    """The column names of the first line, each there once.

    Args:
        source: what is read.
        known: names of columns that may be there, by which a header with another separator is told.

    Raises:
        RawFileError: empty, no CSV or no UTF-8, another separator, a column without a name or twice; with the cure.
    """
    with source.open() as file:
        head = file.read(HEAD_BYTES)
        first = head + file.readline(_HEADER_LIMIT) if b"\n" not in head else head[: head.index(b"\n") + 1]
    if not head:
        raise broken(source, "is empty", _AGAIN)
    if kind := foreign_kind(head, source.file_name, unpacked=_is_unpacked(source)):
        raise broken(source, kind.what, kind.cure)
    try:
        text = first.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(source, 1, error.start) from error
    text = text.rstrip("\r\n")
    if "\r" in text:
        raise broken(source, "ends its lines with a carriage return only", "Export it with LF or CRLF line ends.")
    header = tuple(next(csv.reader([text])))
    if not any(name.strip() for name in header):
        raise broken(source, "has a blank first line, where its header must be", "Put the names of the columns there.")
    _check_separator(source, header, known)
    _check_labels(source, header)
    return header


def check_text(source: CsvSource, width: int) -> ByteCounts:
    """Read all bytes once and judge every line.

    Raises:
        RawFileError: not UTF-8, NUL bytes, unclosed quote, cut off, no rows, a line with another number of fields than
            `width`; the message names the line and the cure.
    """
    with source.open() as file:
        counts = count_bytes(file)
    _check_bytes(source, counts)
    if counts.records < 2:  # noqa: PLR2004  # a header and a row
        raise broken(source, "has a header and no rows", _AGAIN)
    if counts.separators != (width - 1) * counts.records:
        raise uneven_line(source, width)
    return counts


def uneven_line(source: CsvSource, width: int) -> RawFileError:
    """Name the first line that does not have `width` fields."""
    with source.open() as file:
        first, offset = first_uneven_chunk(file, width - 1)
    with source.open() as binary, io.TextIOWrapper(binary, encoding="utf-8-sig", newline="") as text:
        binary.seek(offset)
        start = first
        reader = csv.reader(text)
        for fields in reader:
            if len(fields) != width:
                return _uneven(source, start, fields, width)
            start = first + reader.line_num
    return stray_quotes(source)


def stray_quotes(source: CsvSource) -> RawFileError:
    """The error about a text in which quotes hide separators or line ends from one reader and not from another."""
    return broken(source, "has quotes in the middle of unquoted fields", "Quote such fields and double their quotes.")


def listed(names: Sequence[str]) -> str:
    """The names for a message, and how many there are where those are too many."""
    shown = ", ".join(names[:_MOST_NAMES])
    return f"{shown}, … ({len(names)} in all)" if len(names) > _MOST_NAMES else shown


def broken(source: CsvSource, what: str, cure: str) -> RawFileError:
    """The error about a source: what is wrong with it goes after its name."""
    return RawFileError(f"{source.named} {what}.", cure)


def _uneven(source: CsvSource, line: int, fields: list[str], width: int) -> RawFileError:
    if not fields:
        return broken(source, f"has a blank line, {line}", "Remove that line.")
    for separator, name in _SEPARATORS.items():
        if len(fields) == 1 and fields[0].count(separator) == width - 1:
            return broken(source, f"separates the fields of line {line} by {name}, not by comma", "Export it anew.")
    found = f"has {len(fields)} fields on line {line}, where its header has {width}"
    return broken(source, found, "Mend that line, or quote fields that hold a comma.")


def _check_separator(source: CsvSource, header: tuple[str, ...], known: Collection[str]) -> None:
    if len(header) == 1 and _INSTRUCTION.fullmatch(header[0]):
        cure = "Take line 1 out of a copy, and see that its fields are separated by commas."
        raise broken(source, "begins with an instruction for Excel (line 1) in the place of its header", cure)
    if len(header) != 1 or header[0] in known:
        return
    for separator, name in _SEPARATORS.items():
        names = {each.strip().strip('"') for each in header[0].split(separator)}
        if separator in header[0] and names & set(known):
            raise broken(source, f"separates its fields by {name}, not by comma (line 1)", "Export it with commas.")


def _check_labels(source: CsvSource, header: tuple[str, ...]) -> None:
    if header[0].strip() == "" or _INDEX.fullmatch(header[0]):
        raise broken(
            source,
            "has a first column without a name (line 1), as pandas and R write the numbers of rows",
            "Write it without: to_csv(…, index=False) in pandas, row.names=FALSE in R.",
        )
    for place, name in enumerate(header, start=1):
        if not name.strip() or _INDEX.fullmatch(name):
            cure = "Take that column out, or give it its name; a comma too many at the end of the line makes one."
            raise broken(source, f"has a column without a name, in place {place} (line 1)", cure)
    twice = sorted(name for name, times in Counter(header).items() if times > 1)
    if twice:
        # What came in a request is not repeated: without a header, line 1 holds somebody's data.
        named = f" {listed(twice)}" if source.file_name is not None else ""
        word = "columns" if len(twice) > 1 else "column"
        raise broken(
            source, f"holds twice the {word}{named} (line 1)", "Take one of them out, or give each its own name."
        )


def _check_bytes(source: CsvSource, counts: ByteCounts) -> None:
    """Raise when the bytes are not the text of whole lines."""
    if counts.not_utf8 is not None:
        raise _not_utf8(source, *counts.not_utf8)
    if counts.nul_line is not None:
        raise broken(source, f"holds a NUL byte on line {counts.nul_line}", "Copy or export it again: it is damaged.")
    if counts.quotes % 2:
        with source.open() as file:
            line = first_wrong_line(file, lambda text: text.count(b'"') % 2 == 1)
        raise broken(source, f"opens a double quote that is not closed, probably on line {line}", "Close it there.")
    if not counts.ends_with_newline:
        raise broken(
            source,
            f"was cut off: its last line, {counts.newlines + 1}, has no line end",
            "Copy or export it again; if that line is complete, end it with a line break.",
        )


def _not_utf8(source: CsvSource, line: int, byte: int) -> RawFileError:
    where = f"is not UTF-8 text: line {line}, byte {byte + 1} of that line"
    guess = "" if source.file_name is None else "On Windows CSV files are often WINDOWS-1252. "
    first = UNPACK_FIRST if _is_unpacked(source) else ""
    return broken(source, where, guess + first + convert("WINDOWS-1252", source.file_name))


def _is_unpacked(source: CsvSource) -> bool:
    return isinstance(source, CsvFile) and source.packed is not None
