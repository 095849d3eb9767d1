"""Raw files that lie in an object store: what is there, and whole copies of it on this machine.

What is here: `RawMirror`: `listing`, `refresh`, which brings what is new, and `put`.
What to add here: nothing that reads a file.
What must not be here: which folder a portfolio is read from (`raw_files.py`), artefacts of the platform's own
(`artefacts.py`).

A reader opens a file several times, and must find the same bytes each time. So an object is copied once, in the state
that its tag names (`If-Match`), and is put in place under its name by a rename; who reads the one before meanwhile
notices (`steady_file.py`). The copies are a cache: they may be deleted at any time.
"""

from __future__ import annotations

import fcntl
import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import NotFoundError, PreconditionError

from credit_platform.errors import RawFileError
from credit_platform.lakehouse.object_store import open_store
from credit_platform.lakehouse.store_errors import NO_BUCKET, reaching, shown

if TYPE_CHECKING:
    from obstore import ObjectMeta

SETTING = "CREDIT_PLATFORM_RAW"
_TAGS, _LOCK = ".tags.json", ".lock"
_OWNER_ONLY = 0o700
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class RawObject:
    """One object of the folder."""

    path: str
    """In the store, below the root that was opened."""
    size: int
    tag: str
    """Another one whenever the content is another one: the store's entity tag, else time and size."""
    etag: str | None
    """As the store gave it, to ask for just this content; None where it gives none."""


class RawMirror:
    """The files of one folder of an object store, and the folder of this machine that holds their copies."""

    def __init__(self, url: str, folder: Path, options: Mapping[str, str] | None = None) -> None:
        """Name both; nothing is opened yet.

        Args:
            url: `s3://bucket/folder`, `gs://…`, `az://…`.
            folder: of the copies; made when absent.
            options: Credentials and endpoint; by default from the environment.
        """
        self.url = url.rstrip("/")
        self.folder = folder
        self._options = options

    def listing(self) -> dict[str, RawObject]:
        """What lies in the folder, by name; folders in it do not count.

        Raises:
            StorageError: the store does not answer, or does not let this account in.
        """
        with reaching(self.url, SETTING):
            store = open_store(self.url, self._options)
            try:
                found = obstore.list_with_delimiter(store)["objects"]
            except (FileNotFoundError, NotFoundError) as error:
                if NO_BUCKET in str(error):
                    raise
                return {}
        return {name: _object(entry) for entry in found if (name := entry["path"].rpartition("/")[2])}

    def refresh(self) -> Path:
        """Make the copies equal to what lies in the store now; only what changed is fetched.

        Returns:
            The folder of the copies.

        Raises:
            StorageError: the store does not answer, or does not let this account in.
            RawFileError: an object is replaced again and again while it is copied.
        """
        with reaching(str(self.folder), "CREDIT_PLATFORM_ARTEFACT_CACHE"):
            self.folder.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY)
        with self._alone():
            for _ in range(_ATTEMPTS):
                if self._caught_up(self.listing()):
                    return self.folder
        raise RawFileError(
            f"The files in {shown(self.url)} are replaced again and again while they are copied.",
            "Let whoever writes them finish, then run again.",
        )

    def put(self, name: str, content: bytes) -> Path:
        """Write an object in one piece, over what lies there under its name; its copy, as of `refresh`.

        Raises:
            StorageError: the store does not answer, or does not let this account write.
            RawFileError: as of `refresh`.
        """
        with reaching(f"{self.url}/{name}", SETTING):
            obstore.put(open_store(self.url, self._options), name, content)
        return self.refresh() / name

    def told(self, text: str) -> str:
        """A text about copies, as one about the objects that they are copies of."""
        return text.replace(str(self.folder), shown(self.url))

    def _caught_up(self, wanted: Mapping[str, RawObject]) -> bool:
        """Copy what is new and remove what is gone; False when an object changed meanwhile."""
        known = self._tags()
        for name in known.keys() - wanted.keys():
            (self.folder / name).unlink(missing_ok=True)
            del known[name]
            self._note(known)
        for name, entry in wanted.items():
            target = self.folder / name
            if known.get(name) == entry.tag and target.is_file() and target.stat().st_size == entry.size:
                continue
            if not self._fetch(entry, target):
                return False
            known[name] = entry.tag
            self._note(known)
        return True

    def _fetch(self, entry: RawObject, target: Path) -> bool:
        draft = self.folder / f".{uuid.uuid4().hex}"
        try:
            with reaching(f"{self.url}/{target.name}", SETTING):
                store = open_store(self.url, self._options)
                try:
                    pieces = obstore.get(store, entry.path, options={"if_match": entry.etag} if entry.etag else None)
                except (PreconditionError, NotFoundError, FileNotFoundError):
                    return False
                with draft.open("wb") as file:
                    file.writelines(bytes(piece) for piece in pieces.stream())
            if draft.stat().st_size != entry.size:
                return False
            draft.rename(target)
            return True
        finally:
            draft.unlink(missing_ok=True)

    def _tags(self) -> dict[str, str]:
        try:
            known = json.loads((self.folder / _TAGS).read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return known if isinstance(known, dict) else {}

    def _note(self, known: Mapping[str, str]) -> None:
        draft = self.folder / f".{uuid.uuid4().hex}"
        draft.write_text(json.dumps(known, sort_keys=True), encoding="utf-8")
        draft.rename(self.folder / _TAGS)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time copies; the others wait for it, and find everything there."""
        with (self.folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _object(entry: ObjectMeta) -> RawObject:
    etag = entry.get("e_tag")
    tag = etag or f"{entry['last_modified'].isoformat()}-{entry['size']}"
    return RawObject(path=entry["path"], size=entry["size"], tag=tag, etag=etag)
