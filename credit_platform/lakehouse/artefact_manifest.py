"""What is known of a stored artefact: its members, their digests, and how they are called in the store.

What is here: `Artefact` and `Member`, the rules of keys and names, digests.
What must not be here: reading or writing a store (`artefacts.py`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from credit_platform.errors import ArtefactError

MANIFEST: Final = "artefact.json"
_FORMAT = 1
_LONGEST_BYTES = 200
"""Of one part of a name; file systems hold 255, and what is written beside a file takes some."""
_MEMBERS = re.compile(r"sha256-[0-9a-f]{64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# A folder as a store keeps these names for files that are being written, and shows none of them.
_OWN_OF_A_FOLDER = re.compile(r".*#\d+")


@dataclass(frozen=True, kw_only=True)
class Member:
    """One file of an artefact."""

    name: str
    """Relative to the folder that was stored, with `/`; of a file its own name."""
    digest: str
    """sha256 in hex."""
    size: int

    @property
    def stored_as(self) -> str:
        """Its name in the store: the same, where a folder as a store can hold that."""
        last = self.name.rpartition("/")[2]
        odd = _OWN_OF_A_FOLDER.fullmatch(last)
        return f"member-{hashlib.sha256(self.name.encode()).hexdigest()}" if odd else self.name


@dataclass(frozen=True, kw_only=True)
class Artefact:
    """A file or folder as it is stored under a key."""

    key: str
    digest: str
    """sha256 over the names, sizes and digests of all members: equal when the content is."""
    is_folder: bool
    members: tuple[Member, ...]

    @property
    def size(self) -> int:
        """Bytes of all members."""
        return sum(member.size for member in self.members)

    @property
    def prefix(self) -> str:
        """Where the members lie: never where those of another content do, so that no reader sees two mixed."""
        return f"{self.key}/sha256-{self.digest}"

    def to_json(self) -> bytes:
        """The manifest as stored; the key is where it lies."""
        members = [asdict(member) for member in self.members]
        kept = {"format": _FORMAT, "digest": self.digest, "is_folder": self.is_folder, "members": members}
        return json.dumps(kept, ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_json(cls, key: str, text: bytes) -> Artefact:
        """Read a manifest.

        Raises:
            ArtefactError: it is none, was altered, or is of a later form than this.
        """
        try:
            read = json.loads(text)
            members = tuple(Member(**member) for member in read["members"])
            made = cls(key=key, digest=read["digest"], is_folder=read["is_folder"], members=members)
        except (ValueError, KeyError, TypeError) as error:
            raise altered(key, MANIFEST) from error
        if read["format"] != _FORMAT or made.digest != digest_of(members, is_folder=made.is_folder):
            raise altered(key, MANIFEST)
        return made


def described(key: str, path: Path) -> Artefact:
    """The artefact that storing `path`, a file or folder, under `key` would make.

    Raises:
        ArtefactError: the path does not exist, holds a name that no store can, or a link out of it.
    """
    if not path.exists():
        raise ArtefactError(f"{path} does not exist, so it cannot be stored as {key}.", "Check the path.")
    files = sorted(_files(path)) if path.is_dir() else [path]
    members = tuple(_member(file.relative_to(path).as_posix() if path.is_dir() else file.name, file) for file in files)
    return Artefact(
        key=key, digest=digest_of(members, is_folder=path.is_dir()), is_folder=path.is_dir(), members=members
    )


def digest_of(members: tuple[Member, ...], *, is_folder: bool) -> str:
    """The digest of a whole: of a kind, and of the name, size and digest of each member."""
    lines = [[is_folder], *sorted([member.name, member.size, member.digest] for member in members)]
    return hashlib.sha256(json.dumps(lines, ensure_ascii=False).encode()).hexdigest()


def file_digest(path: Path) -> str:
    """The sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def valid_key(key: str) -> str:
    """The key itself.

    Raises:
        ArtefactError: it is absolute, empty, climbs with `..`, or holds what no store can.
    """
    fault = _fault(key)
    if fault is None and any(_MEMBERS.fullmatch(part) or part == MANIFEST for part in key.split("/")):
        fault = "a part that the store uses itself"
    if fault:
        raise ArtefactError(
            f"{key!r} cannot be the key of an artefact: it has {fault}.",
            "Use a relative path with forward slashes, as german_credit/reports/quality.html.",
        )
    return key


def key_of_manifest(path: str) -> str | None:
    """The key of the artefact whose manifest lies at `path` of a store; None when it is no manifest."""
    key, _, name = path.rpartition("/")
    return key if name == MANIFEST and key and not any(map(_MEMBERS.fullmatch, key.split("/"))) else None


def altered(key: str, name: str) -> ArtefactError:
    """The error for what is not as it was stored."""
    return ArtefactError(
        f"{name} of the artefact {key} is not as it was stored: its digest differs, or it is gone.",
        "Do not use it. Restore it from a backup, or make it anew by a run.",
    )


def _member(name: str, file: Path) -> Member:
    if fault := _fault(name):
        raise ArtefactError(f"{file} cannot be stored: its name has {fault}.", "Rename it.")
    digest = file_digest(file)
    return Member(name=name, digest=digest, size=file.stat().st_size)


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
            raise ArtefactError(f"{path} is a link out of {folder}.", "Put the file itself in its place.")
        if path.is_file():
            yield path


def _fault(name: str) -> str | None:
    parts = name.split("/")
    faults = (
        (not name, "nothing in it"),
        (name.startswith("/"), "a slash in front, as an absolute path"),
        ("" in parts, "an empty part"),
        (bool({".", ".."} & set(parts)), "a part that is a dot or two"),
        (_CONTROL.search(name) is not None, "a control character"),
        ("\\" in name, "a backslash"),
        (not _is_unicode(name), "bytes that are not UTF-8"),
    )
    found = next((fault for is_so, fault in faults if is_so), None)
    if found is None and any(len(part.encode()) > _LONGEST_BYTES for part in parts):
        return f"a part of more than {_LONGEST_BYTES} bytes"
    return found


def _is_unicode(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
