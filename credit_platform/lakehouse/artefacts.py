"""Files and folders by key, under a root that is a folder or an object store.

What is here: `ArtefactStore`: put, get, local copy, keys, delete.
What to add here: an operation on whole artefacts.
What must not be here: tables (`Lakehouse`), and what an artefact means.

Under its key lie the members of an artefact, in a folder called by the digest of the whole, and a manifest with the
digest of each. The manifest is written last, in one piece, and names the folder: readers see the artefact before or the
one after, never half of one, and a killed writer leaves members that nothing names (`tidy` removes them after a day).
Whatever is read is compared with its digest. Why it is so: docs/adr/0021.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import AlreadyExistsError, PreconditionError
from obstore.store import MemoryStore, ObjectStore

from credit_platform.errors import ArtefactError, OvertakenError
from credit_platform.files.durable import make_folder
from credit_platform.lakehouse.artefact_manifest import (
    MANIFEST,
    Artefact,
    Member,
    altered,
    described,
    file_digest,
    key_of_manifest,
    valid_key,
)
from credit_platform.lakehouse.object_store import folder_of, open_store
from credit_platform.lakehouse.store_errors import NO_BUCKET, reaching, shown

if TYPE_CHECKING:
    from obstore import PutMode

_ORPHAN_AGE = timedelta(days=1)
_OWNER_ONLY = 0o700


@dataclass(frozen=True)
class Seen:
    """What lay under a key at a moment."""

    artefact: Artefact | None
    """None when nothing did."""
    e_tag: str | None
    """By what an object store tells it from what is put there later."""


class ArtefactStore:
    """Artefacts under one root, by keys such as `german_credit/scorers/12`; safe with many processes at once.

    Every method raises `StorageError` when the root cannot be used, with the reason and the cure, and `ArtefactError`
    for a key that cannot be one.
    """

    setting = "CREDIT_PLATFORM_ARTEFACT_URL"

    def __init__(self, root: str, cache: Path, options: Mapping[str, str] | None = None) -> None:
        """Open the store at `root`; local copies are kept in `cache`, which may be deleted at any time.

        Args:
            root: A folder, made when absent, or `s3://…`, `gs://…`, `az://…`, `memory://` (one process, for tests).
            cache: A folder for copies of what lies in an object store.
            options: Credentials and endpoint, as the lakehouse takes them; by default from the environment.
        """
        self._root = root.rstrip("/")
        self._folder = folder_of(root)
        self._cache = cache
        with self._reaching(""):
            if self._folder is not None:  # histories of people lie in it
                make_folder(self._folder, _OWNER_ONLY)
            self._store: ObjectStore = open_store(root, options)

    def put(self, key: str, source: Path | bytes, *, over: Seen | None = None) -> Artefact:
        """Store a file, a folder or bytes under `key`, in place of what was there.

        Args:
            key: where.
            source: what.
            over: put it there only in place of this. A folder as root cannot compare: lock it (`artefact_changes.py`).

        Raises:
            OvertakenError: something else lies there by now.
            ArtefactError: the path does not exist, changed while it was stored, or holds a name that no store can.
        """
        valid_key(key)
        if isinstance(source, bytes):
            with tempfile.TemporaryDirectory(prefix="credit_platform_") as folder:
                file = Path(folder) / key.rpartition("/")[2]
                file.write_bytes(source)
                return self.put(key, file, over=over)
        artefact = described(key, source)
        for member in artefact.members:
            self._upload(artefact, member, source / member.name if artefact.is_folder else source)
        self._write(f"{key}/{MANIFEST}", artefact.to_json(), over)
        return artefact

    def seen(self, key: str) -> Seen:
        """What lies under `key` now, if anything, to be put something over.

        Raises:
            ArtefactError: its manifest was altered.
        """
        found = self._read_manifest(key)
        if found is None:
            return Seen(None, None)
        return Seen(Artefact.from_json(key, found[0]), found[1])

    def forget(self, artefact: Artefact) -> None:
        """Remove the members of an artefact that another content has replaced, at once."""
        if self.exists(artefact.key) and self.stat(artefact.key).digest == artefact.digest:
            return
        for path, _ in self._objects(artefact.prefix):
            self._remove(path)

    @property
    def folder(self) -> Path | None:
        """The folder that is the root; None for an object store."""
        return self._folder

    def stat(self, key: str) -> Artefact:
        """What lies under `key`.

        Raises:
            ArtefactError: nothing does, or its manifest was altered.
        """
        text = self._manifest(key)
        if text is None:
            raise self._missing(key)
        return Artefact.from_json(key, text)

    def exists(self, key: str) -> bool:
        """Whether something is stored under `key`."""
        return self._manifest(key) is not None

    def changed(self, key: str) -> datetime:
        """When what lies under `key` was stored, UTC.

        Raises:
            ArtefactError: nothing does.
        """
        with self._reaching(valid_key(key)):
            try:
                found = obstore.head(self._store, f"{key}/{MANIFEST}")
            except FileNotFoundError as error:
                if NO_BUCKET in str(error):
                    raise
                raise self._missing(key) from None
        return found["last_modified"].astimezone(UTC)

    def get(self, key: str, digest: str | None = None) -> bytes:
        """The content of a stored file, compared with its digest, and with `digest` where the caller recorded it.

        Raises:
            ArtefactError: there is none, it is a folder, or it is not what was stored or recorded.
        """
        artefact = self._expected(key, digest)
        if artefact.is_folder:
            raise ArtefactError(f"The artefact {key} is a folder.", "Ask for a local copy of it.")
        member = artefact.members[0]
        content = b"".join(self._pieces(artefact, member))
        if hashlib.sha256(content).hexdigest() != member.digest:
            raise altered(key, member.name)
        return content

    def local(self, key: str, digest: str | None = None) -> Path:
        """A path on this machine of the stored file or folder, compared with its digests each time; do not write there.

        In a folder as root it is the stored artefact itself. Of an object store it is a copy in the cache, named by the
        digest: it is fetched once, and again when it was altered or deleted.

        Raises:
            ArtefactError: there is none, or it is not what was stored or recorded.
        """
        artefact = self._expected(key, digest)
        own = self._own_path(artefact)
        if own is not None:
            with self._reaching(key):
                wrong = _first_wrong(artefact, own)
            if wrong is not None:
                raise altered(key, wrong)
            return own if artefact.is_folder else own / artefact.members[0].name
        kept = self._cache / f"sha256-{artefact.digest}"
        if _first_wrong(artefact, kept) is not None:
            self._fetch(artefact, kept)
        return kept if artefact.is_folder else kept / artefact.members[0].name

    def address(self, key: str) -> str:
        """A path or URL that opens the stored file or folder, to be shown, and not to be stored."""
        artefact = self.stat(key)
        inside = artefact.prefix if artefact.is_folder else f"{artefact.prefix}/{artefact.members[0].stored_as}"
        return self._address(inside)

    def keys(self, prefix: str = "") -> list[str]:
        """Keys that start with `prefix`, sorted."""
        paths = (path for path, _ in self._objects(prefix.rpartition("/")[0]))
        keys = (key for path in paths if (key := key_of_manifest(path)) is not None)
        return sorted(key for key in keys if key.startswith(prefix))

    def delete(self, key: str) -> bool:
        """Remove what is stored under `key`, also of earlier contents; whether anything was there."""
        existed = self.exists(key)
        if existed:
            self._remove(f"{key}/{MANIFEST}")
        for path, _ in self._objects(key):
            if path.startswith(f"{key}/sha256-"):
                self._remove(path)
        return existed

    def tidy(self, prefix: str = "", age: timedelta = _ORPHAN_AGE) -> list[str]:
        """Remove members that no manifest names and that are older than `age`: of killed writers, and replaced ones."""
        named = {self.stat(key).prefix for key in self.keys(prefix)}
        before = datetime.now(UTC) - age
        orphans = [
            path
            for path, modified in self._objects(prefix.rpartition("/")[0])
            if "/sha256-" in path and modified <= before and not any(path.startswith(f"{one}/") for one in named)
        ]
        for path in orphans:
            self._remove(path)
        return orphans

    def _manifest(self, key: str) -> bytes | None:
        found = self._read_manifest(key)
        return None if found is None else found[0]

    def _read_manifest(self, key: str) -> tuple[bytes, str | None] | None:
        """A manifest, and by what the store tells it from a later one."""
        with self._reaching(valid_key(key)):
            try:
                found = obstore.get(self._store, f"{key}/{MANIFEST}")
                return bytes(found.bytes()), found.meta["e_tag"]
            except FileNotFoundError as error:
                if NO_BUCKET in str(error):
                    raise
                return None

    def _expected(self, key: str, digest: str | None) -> Artefact:
        artefact = self.stat(key)
        if digest is not None and artefact.digest != digest:
            raise ArtefactError(
                f"The artefact {key} is not the one that was recorded: its digest is {artefact.digest[:12]}…, "
                f"and not {digest[:12]}….",
                "Something else was stored under its key. Restore it from a backup, or make it anew by a run.",
            )
        return artefact

    def _upload(self, artefact: Artefact, member: Member, file: Path) -> None:
        target = f"{artefact.prefix}/{member.stored_as}"
        with self._reaching(artefact.key):
            obstore.put(self._store, target, file)
        # What lies there is what was described, or nothing is made visible: somebody may have written to it meanwhile.
        if file.stat().st_size != member.size or file_digest(file) != member.digest:
            raise ArtefactError(f"{file} changed while it was stored as {artefact.key}.", "Run again.")
        self._sync(target)

    def _write(self, target: str, content: bytes, over: Seen | None) -> None:
        with self._reaching(target):
            try:
                if over is None or self._folder is not None:
                    obstore.put(self._store, target, content)
                else:
                    obstore.put(self._store, target, content, mode=_in_place_of(over))
            except (AlreadyExistsError, PreconditionError):
                raise OvertakenError(f"Something else was stored meanwhile as {target}.", "Try again.") from None
        self._sync(target)

    def _sync(self, target: str) -> None:
        """Wait until a file of a folder is on the disk, with its name: a power cut takes neither."""
        if self._folder is None:
            return
        for path in (self._folder / target, (self._folder / target).parent):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _pieces(self, artefact: Artefact, member: Member) -> Iterator[bytes]:
        with self._reaching(artefact.key):
            try:
                for piece in obstore.get(self._store, f"{artefact.prefix}/{member.stored_as}").stream():
                    yield bytes(piece)
            except FileNotFoundError:
                raise altered(artefact.key, member.name) from None

    def _own_path(self, artefact: Artefact) -> Path | None:
        """Where the artefact lies on this machine under its own names; None when a copy is needed for that."""
        if self._folder is None or any(member.name != member.stored_as for member in artefact.members):
            return None
        return self._folder / artefact.prefix

    def _fetch(self, artefact: Artefact, kept: Path) -> None:
        """Bring a copy into the cache; of two processes that do so at once either's is kept, for they are equal."""
        draft = self._cache / f".{uuid.uuid4().hex}"
        with reaching(str(self._cache), "CREDIT_PLATFORM_ARTEFACT_CACHE"):
            self._cache.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY)
            draft.mkdir(mode=_OWNER_ONLY)
            try:
                for member in artefact.members:
                    self.fetch_member(artefact, member, draft / member.name)
                _swap_in(draft, kept, artefact)
            finally:
                shutil.rmtree(draft, ignore_errors=True)

    def fetch_member(self, artefact: Artefact, member: Member, target: Path) -> None:
        """Copy one file of an artefact to `target`; raises `ArtefactError` when it is not as it was stored."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            file.writelines(self._pieces(artefact, member))
        if file_digest(target) != member.digest:
            raise altered(artefact.key, member.name)

    def _objects(self, folder: str) -> Iterator[tuple[str, datetime]]:
        """Every object under a folder of the store, with the time of its last change."""
        with self._reaching(folder):
            for chunk in obstore.list(self._store, folder or None):
                for entry in chunk:
                    yield entry["path"], entry["last_modified"]

    def _remove(self, path: str) -> None:
        with self._reaching(path):
            try:
                obstore.delete(self._store, path)
            except FileNotFoundError:
                return  # another process was first
        self._remove_empty_folders(path)

    def _remove_empty_folders(self, path: str) -> None:
        if self._folder is None:
            return
        for folder in (self._folder / path).parents:
            if folder == self._folder:
                return
            try:
                folder.rmdir()
            except OSError:  # not empty, or another process was first
                return

    def _reaching(self, inside: str) -> AbstractContextManager[None]:
        return reaching(self._address(inside), self.setting)

    def _address(self, inside: str) -> str:
        if self._folder is not None:
            return str(self._folder / inside) if inside else str(self._folder)
        return f"{shown(self._root)}/{inside}" if inside else shown(self._root)

    def _missing(self, key: str) -> ArtefactError:
        where = "this process" if isinstance(self._store, MemoryStore) else self._address("")
        return ArtefactError(
            f"Nothing is stored as {key} in {where}.",
            f"Check the name and {self.setting}; what a run makes is there after the run.",
        )


def _in_place_of(seen: Seen) -> PutMode:
    return "create" if seen.e_tag is None else {"e_tag": seen.e_tag}


def _first_wrong(artefact: Artefact, folder: Path) -> str | None:
    """Name of a member that `folder` does not hold as it was stored, or of a file that is too much."""
    names = {member.name for member in artefact.members}
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    if present != names:
        return min(present ^ names)
    wrong = (member.name for member in artefact.members if file_digest(folder / member.name) != member.digest)
    return next(wrong, None if folder.is_dir() else MANIFEST)


def _swap_in(draft: Path, kept: Path, artefact: Artefact) -> None:
    """Put `draft` where an altered copy lies, or none, unless another process was first with a good one."""
    while True:
        try:
            draft.rename(kept)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        else:
            return
        if _first_wrong(artefact, kept) is None:
            return
        aside = kept.with_name(f".{uuid.uuid4().hex}")
        with suppress(FileNotFoundError):  # another process was first
            kept.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)
