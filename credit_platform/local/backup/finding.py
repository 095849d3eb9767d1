"""Which backup is meant: a folder of one, or the newest in a folder of several.

What is here: `Found`, `backups_in`, `find_backup`.
What must not be here: comparing files (`restoring.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from credit_platform.errors import BackupError
from credit_platform.local.backup.manifest import MANIFEST, Manifest


@dataclass(frozen=True, kw_only=True)
class Found:
    """A backup with what it says of itself."""

    folder: Path
    manifest: Manifest
    at: str | None = None
    """Its address in an object store, from which it was fetched."""

    @property
    def where(self) -> str:
        """For people."""
        return self.at or str(self.folder)


def backups_in(folder: Path) -> list[Found]:
    """Backups in a folder, the newest first; folders that are none, or whose manifest was altered, are passed over."""
    found: list[Found] = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not path.name.startswith(".") and (path / MANIFEST).is_file():
            try:
                found.append(Found(folder=path, manifest=Manifest.read(path)))
            except BackupError:
                continue
    return sorted(found, key=lambda one: (one.manifest.made_at, one.folder.name), reverse=True)


def find_backup(source: Path) -> Found:
    """The backup in a folder, or the newest of those that lie in it.

    Raises:
        BackupError: there is none; or the newest was altered, which is for whoever restores to know.
    """
    if not source.is_dir():
        raise BackupError(f"There is no folder {source}.", "Name the folder of a backup, or the one in which they lie.")
    if (source / MANIFEST).is_file():
        return Found(folder=source, manifest=Manifest.read(source))
    folders = [path for path in source.iterdir() if not path.name.startswith(".") and (path / MANIFEST).is_file()]
    found = backups_in(source)
    if len(found) < len(folders):
        bad = next(path for path in sorted(folders) if path not in {one.folder for one in found})
        raise BackupError(f"{bad / MANIFEST} cannot be read, or was altered.", "Name the backup to restore itself.")
    if not found:
        Manifest.read(source)  # says that it is none
    return found[0]
