"""What a file is when it is no CSV in UTF-8: told from its first bytes.

What is here: `foreign_kind`.
What to add here: a kind of file that people hand in under the name of a CSV, with what to do.
What must not be here: advice that could destroy the file: no command writes to the file that it reads.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import Final

HEAD_BYTES: Final = 4096
"""How many of the first bytes are looked at."""

_EXPORT: Final = "Export the table as CSV (UTF-8, commas), and give that."
_UNPACK: Final = "Unpack it, or pack it with gzip or zip."
_UNPACK_ALL: Final = "Unpack all of it, and give the CSV."
UNPACK_FIRST: Final = "Unpack it first. "
_TWICE: Final = "It is packed twice: unpack it once."
_GZIP: Final = "is packed with gzip"
_ZIP: Final = "is a zip archive"
_PACKED_KINDS: Final = (_GZIP, _ZIP)
_TAR: Final = slice(257, 262)
"""Where a tar archive says `ustar`: a name of the first file stands before."""
_PAGE: Final = "A download may have given a page instead of the file: fetch the file itself."
_SIGNATURES: Final = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is a workbook of an old Excel (.xls)", _EXPORT),
    (b"BZh", "is packed with bzip2", _UNPACK),
    (b"\xfd7zXZ\x00", "is packed with xz", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "is packed with Zstandard", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive", _UNPACK),
    (b"Rar!", "is a RAR archive", _UNPACK),
    (b"%PDF-", "is a PDF document", _EXPORT),
    (b"SQLite format 3\x00", "is an SQLite database", _EXPORT),
    (b"ARROW1", "is an Arrow (Feather) file", _EXPORT),
    (b"Obj\x01", "is an Avro file", _EXPORT),
    (b"ORC", "is an ORC file", _EXPORT),
    (b"RDX2\n", "is an R workspace", _EXPORT),
)
_MARKS: Final = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_JSON: Final = re.compile(rb'\{\s*"[^"\n]*"\s*:|\[\s*[\[{]|\{\s*\}|\[\s*\]')
_PARQUET: Final = b"PAR1"
_FEWEST: Final = 4
"""Pairs of bytes from which a text in UTF-16 without a mark is told."""


@dataclass(frozen=True)
class Kind:
    """What a file is instead, and what to do."""

    what: str
    """Goes after the name of the file: `is UTF-16 text`."""
    cure: str


def foreign_kind(head: bytes, file_name: str | None, *, unpacked: bool = False) -> Kind | None:
    """What the bytes at the beginning of a file say it is; None when they may be those of a CSV.

    Args:
        head: the first `HEAD_BYTES`, or all there are.
        file_name: of the file, for commands in the cure; None for what came without a name, as a request.
        unpacked: whether these are the bytes of what was packed; the cure is then for what is in it.
    """
    kind = _kind_of(head, file_name)
    if kind is None or not unpacked:
        return kind
    if kind.what in _PACKED_KINDS:
        return Kind(kind.what, _TWICE)
    return Kind(kind.what, _UNPACK_ALL if kind.cure is _UNPACK else UNPACK_FIRST + kind.cure)


def _kind_of(head: bytes, file_name: str | None) -> Kind | None:
    if head.startswith((b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06")):
        return _packed(head, file_name)
    if head.startswith(_PARQUET):
        named = "Send it as Parquet" if file_name is None else "Where Parquet is read (score), end its name in .parquet"
        return Kind("is a Parquet file", f"{named}; else export it as CSV.")
    if head[_TAR] == b"ustar":
        return Kind("is a tar archive", _UNPACK)
    for signature, what, cure in _SIGNATURES:
        if head.startswith(signature):
            return Kind(what, cure)
    return _wide_text(head, file_name) or _page(head)


def convert(encoding: str, file_name: str | None) -> str:
    """How to bring a text to UTF-8: into another file, so that nothing is lost when the guess was wrong."""
    if file_name is None:
        return "Send it as UTF-8."
    stem, dot, suffix = file_name.rpartition(".")
    other = f"{stem}.utf8{dot}{suffix}" if stem else f"{file_name}.utf8"
    command = f"iconv -f {encoding} -t UTF-8 {_word(file_name)} > {_word(other)}"
    return f"Convert it into another file, look at that, then put it in its place: {command}"


def _word(name: str) -> str:
    return shlex.quote(f"./{name}" if name.startswith("-") else name)


def _packed(head: bytes, file_name: str | None) -> Kind:
    if head.startswith(b"\x1f\x8b"):
        return Kind(_GZIP, _rename(file_name, ".gz"))
    if any(part in head for part in (b"[Content_Types].xml", b"xl/", b"docProps/")):
        return Kind("is an Excel workbook (.xlsx)", 'Save it in Excel as "CSV UTF-8 (comma delimited)", and give that.')
    if b"opendocument" in head:
        return Kind("is an OpenDocument file", _EXPORT)
    return Kind(_ZIP, _rename(file_name, ".zip"))


def _rename(file_name: str | None, suffix: str) -> str:
    if file_name is None:
        return "Send it unpacked."
    if file_name.lower().endswith(suffix):
        return _TWICE
    return f"Call it {file_name}{suffix}: it is read under that name, as it is."


def _wide_text(head: bytes, file_name: str | None) -> Kind | None:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return Kind(f"is {encoding} text", convert(encoding, file_name))
    even, odd = head[0:64:2], head[1:64:2]
    if len(odd) >= _FEWEST and not odd.strip(b"\0") and b"\0" not in even:
        return Kind("is UTF-16 text", convert("UTF-16LE", file_name))
    if len(odd) >= _FEWEST and not even.strip(b"\0") and b"\0" not in odd:
        return Kind("is UTF-16 text", convert("UTF-16BE", file_name))
    return None


def _page(head: bytes) -> Kind | None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    lower = text[:256].lower()
    if lower.startswith((b"<!doctype html", b"<html")):
        return Kind("is an HTML page", _PAGE)
    if lower.startswith((b"<?xml", b"<!doctype")):
        return Kind("is XML", _PAGE)
    return Kind("is JSON", _EXPORT) if _JSON.match(text) else None
