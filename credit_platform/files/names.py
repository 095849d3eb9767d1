"""Under which names a file may lie, and what is in the place of one.

What is here: `find_raw_file` (one of the names of a raw file), `require_file` (nothing but a file may be opened:
opening a pipe would wait for ever), `require_place` (nothing but a file may be replaced by one), `similar_names`,
`name_fault` (a folder's name that a library can never hold).
What to add here: another name under which a file is looked for.
What must not be here: reading.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import tempfile
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from credit_platform.errors import RawFileError, RequestError

_MOST_NAMED = 5
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe (FIFO)"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


_READ_CURES = {
    errno.EACCES: "Let the account of this process read it.",
    errno.EPERM: "Let the account of this process read it.",
    errno.ENAMETOOLONG: "Look at the name: no file can be called that.",
    errno.ELOOP: "Mend the link: it leads back to itself.",
}
_FAULTS = {
    "?": "a question mark, at which SQLite's and MLflow's addresses end",
    "\\": "a backslash, which Delta Lake takes for a slash",
}
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def raw_names(file_name: str) -> tuple[str, ...]:
    """Names under which the file of a contract is looked for: plain, with gzip, and in a zip archive of its own."""
    return file_name, f"{file_name}.gz", f"{file_name}.zip", f"{Path(file_name).stem}.zip"


def present_names(folder: Path, file_name: str) -> list[Path]:
    """Whatever lies in `folder` under one of the names, be it a readable file or not."""
    return [path for name in raw_names(file_name) if os.path.lexists(path := folder / name)]


def find_raw_file(folder: Path, file_name: str) -> Path:
    """The one path in `folder` under which the file of a contract lies; the plain one where there is none.

    Raises:
        RawFileError: it lies there under two names; which of them holds the data is not for the platform to guess.
    """
    found = present_names(folder, file_name)
    if len(found) > 1:
        raise present_twice(str(folder), [path.name for path in found])
    return found[0] if found else folder / file_name


def present_twice(folder: str, names: Sequence[str]) -> RawFileError:
    """The error for a file that lies in a folder under several names."""
    what = f"Folder {folder} holds {' and '.join(names)}: the same file twice."
    return RawFileError(what, "Move all but one elsewhere.")


def require_file(path: Path) -> None:
    """Make sure, without opening it, that a file lies at `path`.

    Raises:
        RawFileError: nothing is there, or no file; the message says what, and names files called much the same.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _missing(path) from error
    except OSError as error:
        raise unreadable(path, error) from error
    if stat.S_ISREG(mode):
        return
    kind = next((words for is_kind, words in _KINDS if is_kind(mode)), "no file")
    raise RawFileError(f"{path} is {kind}, where a file must be.", "Put the file itself there, or name its path.")


def unreadable(path: Path, error: OSError) -> RawFileError:
    """The error for a file that the system does not let be read."""
    cure = _READ_CURES.get(error.errno or 0, f"Copy {path.name} elsewhere, to see whether its disk is sound.")
    return RawFileError(f"File {path} cannot be read: {error.strerror}.", cure)


def require_place(path: Path) -> None:
    """Make sure that a file can be written at `path`, or replace one there, before any work is done for it.

    Raises:
        RequestError: a folder, pipe or device is there, or its folder is none or may not be written to.
    """
    try:
        mode = path.stat().st_mode if path.exists() else stat.S_IFREG
        if not stat.S_ISREG(mode):
            kind = next((words for is_kind, words in _KINDS if is_kind(mode)), "no file")
            raise RequestError(f"{path} is {kind}, and no file can replace it.", "Name another file to write.", "")
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):  # rights alone say little: of root, a full disk, /proc
            pass
    except OSError as error:
        what = f"{path} cannot be written: {error.strerror} ({error.filename or path.parent})."
        raise RequestError(
            what, "Name another file to write, in a folder that this account may write to.", ""
        ) from error


def similar_names(path: Path) -> list[str]:
    """Names in the folder of `path` that may be meant: other case, other accents, another suffix, a copy's number."""
    wanted, stem = _folded(path.name), _folded(path.name.partition(".")[0])
    try:
        names = sorted(os.listdir(path.parent))
    except OSError:
        return []
    return [name for name in names if name != path.name and _is_similar(_folded(name), wanted, stem)]


def _is_similar(name: str, wanted: str, stem: str) -> bool:
    rest = name.removeprefix(stem)
    return name == wanted or bool(stem and rest and rest != name and not (rest[0].isalnum() or rest[0] == "_"))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _missing(path: Path) -> RawFileError:
    if path.is_symlink():
        what = f"File {path} is a link to {os.readlink(path)}, which does not exist."
        return RawFileError(what, "Put the file there, or mend the link.")
    if not path.parent.is_dir():
        return RawFileError(f"File {path} does not exist: nor does its folder.", "Point to the folder of the file.")
    similar = similar_names(path)
    if similar:
        named = ", ".join(similar[:_MOST_NAMED])
        cure = f"In its folder there is {named}. If that is the file, call it {path.name}, or give its own name."
        return RawFileError(f"File {path} does not exist.", cure)
    return RawFileError(f"File {path} does not exist.", f"Put {path.name} there, or point to its folder.")


def name_fault(folder: Path | str) -> str | None:
    """What in the name of a folder a library under the platform can never hold, in words; None when it holds it.

    Delta Lake's library decodes addresses twice, so that a name with `%20` means another one with a blank to it.
    """
    text = os.fspath(folder)
    for character, words in _FAULTS.items():
        if character in text:
            return words
    if found := _ENCODED.search(text):
        return f"{found.group()!r}, which Delta Lake takes for the character of that code"
    if _CONTROL.search(text):
        return "a line break or another control character, which Delta Lake refuses"
    return None
