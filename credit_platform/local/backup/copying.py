"""One file into a backup: copied and compared, or linked to the same file of the backup before.

What is here: `Draft`, a backup that is being filled.
What to add here: another way in which a file gets into a backup.
What must not be here: which files (`contents.py`), databases that are written to meanwhile (`databases.py`).

A file that the backup before holds with the same bytes is a hard link to it, where the disk knows links: a further
backup takes the room of what changed. The file before is read once more, too: its damage would be inherited.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from credit_platform.errors import BackupError
from credit_platform.local.backup.manifest import HOME, Entry

_PIECE: Final = 1 << 22


class Draft:
    """A backup that is being filled."""

    def __init__(self, folder: Path, target: Path, before: Path | None, known: Mapping[str, Entry]) -> None:
        """Begin one.

        Args:
            folder: where it is put together.
            target: as the user named it, for messages.
            before: folder of the backup before; None for the first.
            known: its entries by path.
        """
        self.home = folder / HOME
        self._target = target
        self._before = before
        self._known = known
        self.entries: dict[str, Entry] = {}
        self.linked = 0
        """Bytes that the backup before held already."""

    def add(self, source: Path, inside: str) -> Entry:
        """Put a file of the home into the backup.

        Raises:
            FileNotFoundError: it is gone.
            BackupError: it cannot be read, or the backup cannot be written.
        """
        with reading(source):
            status = source.stat()
        digest = self._link(source, inside, status.st_size) or self._copy(source, inside)
        return self._note(inside, digest, status)

    def put(self, content: bytes, inside: str, mode: int = 0o600) -> Entry:
        """Put a file of this content into the backup.

        Raises:
            BackupError: the backup cannot be written.
        """
        with self.writing():
            path = self.place(inside)
            path.write_bytes(content)
            path.chmod(mode)
            return self.note(inside)

    def note(self, inside: str) -> Entry:
        """Enter a file that was written into the backup by somebody else.

        Raises:
            BackupError: the backup cannot be read.
        """
        with self.writing():
            path = self.home / inside
            status, digest = path.stat(), file_digest(path)
            known = self._known.get(inside)
            if known is not None and known.sha256 == digest:
                self._link_to(known)
            return self._note(inside, digest, status)

    def place(self, inside: str) -> Path:
        """Where a file goes; its folder is made."""
        with self.writing():
            path = self.home / inside
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            return path

    def drop(self, inside: str) -> None:
        """Take out a folder again, and what it holds."""
        for path in [one for one in self.entries if one.startswith(f"{inside}/")]:
            del self.entries[path]
            with self.writing():
                (self.home / path).unlink(missing_ok=True)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Say of which folder it is that something cannot be written.

        Raises:
            BackupError: inside the block something could not be.
        """
        try:
            yield
        except OSError as error:
            raise unwritable(self._target, error) from error

    def _note(self, inside: str, digest: str, status: os.stat_result) -> Entry:
        size = (self.home / inside).stat().st_size
        mode, changed = stat.S_IMODE(status.st_mode), status.st_mtime_ns
        entry = Entry(path=inside, size=size, sha256=digest, mode=mode, changed_ns=changed)
        self.entries[inside] = entry
        return entry

    def _link(self, source: Path, inside: str, size: int) -> str | None:
        """The digest of the file, once it is linked; None where it has to be copied."""
        known = self._known.get(inside)
        if self._before is None or known is None or known.size != size:
            return None
        with reading(source):
            if file_digest(source) != known.sha256:
                return None
        return known.sha256 if self._link_to(known) else None

    def _link_to(self, known: Entry) -> bool:
        """Put the file of the backup before in its place; whether that was possible."""
        assert self._before is not None  # noqa: S101  # it gave the entry
        before, path = self._before / HOME / known.path, self.place(known.path)
        fresh = path.with_name(f".{path.name}.link")
        try:
            if file_digest(before) != known.sha256:
                return False
            os.link(before, fresh)
            fresh.replace(path)
            fresh.unlink(missing_ok=True)  # where both were the same file already, it stays
        except OSError:  # it is gone, or the disk knows no links (or no more of them): it is copied
            return False
        self.linked += known.size
        return True

    def _copy(self, source: Path, inside: str) -> str:
        path, digest = self.place(inside), hashlib.sha256()
        with reading(source):
            read = source.open("rb")
        with read:
            with self.writing():
                path.unlink(missing_ok=True)  # a link of an attempt before
                written = path.open("xb")
            with written:
                while True:
                    with reading(source):
                        piece = read.read(_PIECE)
                    if not piece:
                        break
                    digest.update(piece)
                    with self.writing():
                        written.write(piece)
                with self.writing():
                    written.flush()
        return digest.hexdigest()


@contextmanager
def reading(source: Path) -> Iterator[None]:
    """Say which file of the home cannot be read; that one is gone is for the caller to judge.

    Raises:
        BackupError: inside the block something could not be read.
    """
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise BackupError(
            f"{source} cannot be read: {error.strerror}. No backup was made.",
            "Mend its rights or the disk, then again.",
        ) from error


def unwritable(target: Path, error: OSError) -> BackupError:
    """The error for a place that takes no backup."""
    return BackupError(
        f"The backup cannot be written to {target}: {error.strerror or error}. No backup was made; earlier ones stay.",
        "Make room there or mend its rights, or name another folder.",
    )


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
