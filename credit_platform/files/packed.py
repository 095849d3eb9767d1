"""Unpacking a CSV that lies in a gzip file or in a zip archive of one member, within a bound.

What is here: `is_packed`, `unpack` and what it gives.
What to add here: another format, with the same bound.
What must not be here: what the unpacked bytes mean.

A file of a megabyte can unpack to terabytes. What comes out is counted while it is written: at the bound it ends.
"""

from __future__ import annotations

import gzip
import hashlib
import lzma
import os
import shutil
import uuid
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from credit_platform.errors import RawFileError
from credit_platform.files.names import require_file, unreadable

MOST_BYTES: Final = 16 << 30
"""What a packed file may become. The largest file of Home Credit has 0.7 GB."""
MOST_TIMES: Final = 200
"""How many times its packed size a file may become, beyond `FREE_BYTES`. Tables of numbers shrink 4 to 30 times."""
FREE_BYTES: Final = 64 << 20
"""What any packed file may become, however well it shrank."""
_LEFT_FREE: Final = 256 << 20
"""Of the disk; others write there, too."""
_CHUNK: Final = 1 << 20
_ENCRYPTED: Final = 0x1
_AGAIN: Final = "Copy or pack it again."


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """An unpacked file, and the facts about the file it came from."""

    path: Path
    """What was unpacked."""
    sha256: str
    """Of the packed file."""
    bytes: int
    """Size of the packed file."""


def is_packed(path: Path) -> bool:
    """Whether the name says that the file is packed: `.gz` or `.zip`."""
    return path.suffix.lower() in {".gz", ".zip"}


def inner_name(path: Path) -> str:
    """What a user gets who unpacks `path`, which has been unpacked before: a name to be shown, never used as a path."""
    if path.suffix.lower() == ".gz":
        return path.name[: -len(path.suffix)]
    with zipfile.ZipFile(path) as archive:
        return _member(path, archive).filename.replace("\\", "/").rpartition("/")[2]


def unpack(path: Path, folder: Path) -> Unpacked:
    """Unpack `path` into a new folder below `folder`.

    Raises:
        RawFileError: it is damaged, cut off, encrypted, an archive of several files, changed meanwhile, or becomes more
            than `MOST_BYTES`, `MOST_TIMES` its size, or than the disk holds; the message says which, and the cure.
    """
    require_file(path)
    own = folder / f"unpacked-{uuid.uuid4().hex}"
    own.mkdir(parents=True)
    name = path.name[: -len(path.suffix)]
    target = own / (name if name.lower().endswith(".csv") else f"{name}.csv")
    try:
        with path.open("rb") as packed:
            before = _state(packed)
            with _damage_named(path):
                sha256 = hashlib.file_digest(packed, "sha256").hexdigest()
                packed.seek(0)
                with _opened(path, packed) as content:
                    _copy(path, content, target, before[0])
            if _state(packed) != before or _state_of(path) != before[:2]:
                raise RawFileError(f"File {path} changed while it was read.", "Wait until it is complete; run again.")
    except OSError as error:
        raise unreadable(path, error) from error
    return Unpacked(path=target, sha256=sha256, bytes=before[0])


def _state(file: IO[bytes]) -> tuple[int, int, int]:
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns, status.st_ino


def _state_of(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


@contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    """Turn what the unpackers raise into an error that names the file."""
    try:
        yield
    except EOFError as error:
        raise RawFileError(f"File {path} is cut off: what it packs has no end.", _AGAIN) from error
    except (zlib.error, zipfile.BadZipFile, lzma.LZMAError, NotImplementedError, RuntimeError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # of the disk; without a number, of the bytes
            raise
        raise RawFileError(f"File {path} cannot be unpacked: {str(error).rstrip('.')}.", _AGAIN) from error


@contextmanager
def _opened(path: Path, packed: IO[bytes]) -> Iterator[IO[bytes]]:
    if path.suffix.lower() == ".gz":
        with gzip.GzipFile(fileobj=packed) as content:
            yield content  # type: ignore[misc]  # typeshed has no IO[bytes] for it
        return
    with zipfile.ZipFile(packed) as archive, archive.open(_member(path, archive)) as member:
        yield member


def _member(path: Path, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one file of an archive; its name is never used as a path."""
    # macOS adds a folder of its own with attributes of each file.
    files = [i for i in archive.infolist() if not i.is_dir() and not i.filename.startswith("__MACOSX/")]
    if len(files) != 1:
        named = ", ".join(info.filename for info in files[:5]) or "nothing"
        what = f"File {path} is an archive of {len(files)} files ({named}), where one CSV file must be."
        raise RawFileError(what, "Pack each file alone, or unpack it.")
    if files[0].flag_bits & _ENCRYPTED:
        raise RawFileError(f"File {path} is encrypted.", "Unpack it with its password, and give the file.")
    return files[0]


def _copy(path: Path, content: IO[bytes], target: Path, size: int) -> None:
    """Write what is unpacked, counting."""
    most = min(MOST_BYTES, max(FREE_BYTES, size * MOST_TIMES))
    written = 0
    with target.open("wb") as file:
        while chunk := content.read(_CHUNK):
            written += len(chunk)
            if written > most:
                raise RawFileError(
                    f"File {path} ({size:,} bytes) unpacks to more than {most:,} bytes; unpacking was stopped.",
                    "If it is what you mean, unpack it yourself and give the file.",
                )
            if shutil.disk_usage(target.parent).free < len(chunk) + _LEFT_FREE:
                raise RawFileError(f"There is no room on the disk to unpack {path}.", f"Make room at {target.parent}.")
            file.write(chunk)
