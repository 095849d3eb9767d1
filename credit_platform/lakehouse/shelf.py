"""What a home keeps beside its tables: artefacts by key, and what versions before that left at paths of the home.

What is here: `Shelf`, which gives a path of this machine for what a record names.
What to add here: another place in which a version before keys kept something.
What must not be here: what an artefact means, and how it is stored (`artefacts.py`).

Records of before keys hold the absolute path of the home that they were written in. That home may have been copied,
moved or restored since, so such a path is never followed: what it names lies at the same place of *this* home.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from credit_platform.errors import ArtefactError
from credit_platform.files.scratch import scratch_folder
from credit_platform.lakehouse.artefacts import ArtefactStore
from credit_platform.lakehouse.object_store import folder_of
from credit_platform.settings import Settings

_PLACES = re.compile(
    r".*/(scorers/[^/]+/[0-9a-f]{16}|bentos/bentos/[^/]+_scoring/[^/]+|reports/[^/]+/models/[0-9a-f]{12})"
)
"""Where versions before keys kept things, from the home on; all of them, and nothing else."""


@dataclass(frozen=True)
class Shelf:
    """The artefacts of a home; nothing is opened before it is needed."""

    home: Path
    root: str
    """Root of the artefact store."""
    cache: Path
    """Folder for copies of what lies in an object store."""

    @classmethod
    def of(cls, settings: Settings) -> Shelf:
        """The artefacts of the home that `settings` name."""
        return cls(settings.home.resolve(), settings.artefact_root, settings.artefact_cache_folder)

    @cached_property
    def store(self) -> ArtefactStore:
        """The store.

        Raises:
            StorageError: it cannot be used.
            ArtefactError: this is `NO_SHELF`.
        """
        if not self.root:
            raise ArtefactError("The tables were opened without their artefacts.", "Open them with Shelf.of(settings).")
        return ArtefactStore(self.root, self.cache)

    def local(self, key: str | None, left_at: str | None = None) -> Path:
        """A path on this machine of what a record names, compared with its digests where it has a key.

        Args:
            key: of the artefact; None in a record of before keys.
            left_at: the path in a record of before keys.

        Raises:
            ArtefactError: there is no such artefact, or it is not as it was stored.
        """
        if key is not None:
            return self.store.local(key)
        if left_at is None:
            raise ArtefactError("The record names no place.", "Make its table again by a run.")
        return self.left_at(left_at)

    def left_at(self, path: str) -> Path:
        """Where in this home lies what a version before keys put at `path` of the home that it ran in.

        A path that is none of a home's is left as it is.
        """
        place = _PLACES.fullmatch(path)
        return Path(path) if place is None else self.home / place[1]

    @property
    def is_used(self) -> bool:
        """Whether there may be something: False for a folder as root that was never made, nor will be by looking."""
        folder = folder_of(self.root)
        return folder is None or folder.is_dir()

    def all_keys(self) -> list[str]:
        """Every key, sorted."""
        return self.store.keys() if self.is_used else []

    @contextmanager
    def together(self, prefix: str) -> Iterator[Path]:
        """The files stored under keys that start with `prefix/`, by their own names in one folder, for a while."""
        with scratch_folder(self.home, ".together-") as scratch:
            folder = scratch / "files"
            folder.mkdir()
            for key in self.store.keys(f"{prefix}/"):
                (folder / key.rpartition("/")[2]).write_bytes(self.store.get(key))
            yield folder


NO_SHELF = Shelf(Path(), "", Path())
"""Of a lakehouse that is opened for its tables alone."""
