"""One pass over the bytes of a CSV text.

What is here: `count_bytes` (digest, separators, line ends, quotes, bad bytes), the search for a wrong line, and
`copy_lines`, which takes single lines out of a large file.
What to add here: another count that the same pass can take.
What must not be here: polars, contracts, messages.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

_CHUNK = 1 << 22
_NEWLINE = ord("\n")


@dataclass
class ByteCounts:
    """What the bytes of a file say about it; separators and records outside quotes."""

    sha256: str = ""
    bytes: int = 0
    newlines: int = 0
    quoted_newlines: int = 0
    separators: int = 0
    quotes: int = 0
    ends_with_newline: bool = False
    nul_line: int | None = None
    not_utf8: tuple[int, int] | None = None
    """Line (1-based) and byte of that line (0-based) of the first bytes that are not UTF-8."""

    @property
    def records(self) -> int:
        """Complete records, the header included."""
        return self.newlines - self.quoted_newlines


@dataclass
class _Utf8Check:
    """Finds the first bytes that are not UTF-8, over chunks that may split a character."""

    decoder: codecs.IncrementalDecoder = field(default_factory=codecs.getincrementaldecoder("utf-8"))
    line_bytes: int = 0
    """Bytes since the last line end, before the current chunk."""

    def first_error(self, chunk: bytes, *, final: bool) -> tuple[int, int] | None:
        """Newlines before the error in this chunk, and the byte of its line; None when the chunk is sound."""
        pending = len(self.decoder.getstate()[0])
        if not pending and chunk.isascii():
            self._advance(chunk)
            return None
        try:
            self.decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            before = chunk[: max(error.start - pending, 0)]
            last = before.rfind(b"\n")
            within = len(before) - last - 1 if last >= 0 else self.line_bytes + error.start - pending
            return before.count(b"\n"), within
        self._advance(chunk)
        return None

    def _advance(self, chunk: bytes) -> None:
        last = chunk.rfind(b"\n")
        self.line_bytes = len(chunk) - last - 1 if last >= 0 else self.line_bytes + len(chunk)


def count_bytes(file: BinaryIO) -> ByteCounts:
    """Read `file` once, in chunks; memory does not grow with the file."""
    counts = ByteCounts()
    digest = hashlib.sha256()
    utf8 = _Utf8Check()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        if counts.not_utf8 is None:
            counts.not_utf8 = _shifted(utf8.first_error(chunk, final=False), counts.newlines)
        _count(chunk, counts)
    if counts.not_utf8 is None:
        counts.not_utf8 = _shifted(utf8.first_error(b"", final=True), counts.newlines)
    counts.sha256 = digest.hexdigest()
    return counts


def _shifted(error: tuple[int, int] | None, newlines: int) -> tuple[int, int] | None:
    return error and (newlines + error[0] + 1, error[1])


def _count(chunk: bytes, counts: ByteCounts) -> None:
    if counts.nul_line is None and (nul := chunk.find(b"\0")) >= 0:
        counts.nul_line = counts.newlines + chunk.count(b"\n", 0, nul) + 1
    counts.bytes += len(chunk)
    counts.newlines += _occurrences(chunk, b"\n")
    counts.separators += _occurrences(chunk, b",")
    counts.ends_with_newline = chunk.endswith(b"\n")
    quotes = _occurrences(chunk, b'"')
    if quotes or counts.quotes % 2:
        # Every second piece between quotes lies inside them; a doubled quote leaves an empty piece and changes nothing.
        inside = b"".join(chunk.split(b'"')[1 - counts.quotes % 2 :: 2])
        counts.quoted_newlines += inside.count(b"\n")
        counts.separators -= inside.count(b",")
        counts.quotes += quotes


def _occurrences(chunk: bytes, byte: bytes) -> int:
    """How often `byte` occurs; three times as fast as `bytes.count` where it is frequent, and without the GIL."""
    return int(np.count_nonzero(np.frombuffer(chunk, dtype=np.uint8) == byte[0]))


def first_wrong_line(file: BinaryIO, wrong: Callable[[bytes], bool]) -> int | None:
    """1-based number of the first line for which `wrong` holds; None when it holds for none."""
    return next((number for number, line in enumerate(file, start=1) if wrong(line)), None)


def copy_lines(source: Path, numbers: np.ndarray[tuple[int], np.dtype[np.int64]], target: Path) -> None:
    """Write the first line of `source` and those with the given numbers (1-based, ascending) to `target`, as they are.

    Lines are found by their line ends alone: not for files with line breaks in fields.
    """
    with target.open("wb") as file:
        file.writelines(_chosen_lines(source, np.concatenate([np.ones(1, dtype=np.int64), numbers])))


def _chosen_lines(source: Path, numbers: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Iterator[bytes]:
    with source.open("rb") as file:
        yield from _chosen_of(file, numbers)


def _chosen_of(file: BinaryIO, numbers: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Iterator[bytes]:
    for first, _, chunk in _whole_lines(file):
        ends = np.flatnonzero(np.frombuffer(chunk, dtype=np.uint8) == _NEWLINE)
        begin, end = np.searchsorted(numbers, [first, first + len(ends)])
        for line in (numbers[begin:end] - first).tolist():
            yield chunk[ends[line - 1] + 1 if line else 0 : ends[line] + 1]


def first_uneven_chunk(file: BinaryIO, separators: int) -> tuple[int, int]:
    """First line (1-based) and first byte of a part of `file` with a line that does not have that many separators.

    The beginning of the file where that cannot be said cheaply: a quote comes first, or long and short lines make up
    for each other.
    """
    for first, offset, chunk in _whole_lines(file):
        if b'"' in chunk:
            break
        if _occurrences(chunk, b",") != separators * _occurrences(chunk, b"\n"):
            return first, offset
    return 1, 0


def _whole_lines(file: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    """Number of the first line, its first byte and the bytes of parts of `file` that end where a line ends."""
    line, offset = 1, 0
    while chunk := file.read(_CHUNK):
        chunk += file.readline()
        yield line, offset, chunk
        line += _occurrences(chunk, b"\n")
        offset += len(chunk)
