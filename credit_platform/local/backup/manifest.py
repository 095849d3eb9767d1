"""What a backup says of itself: written last, it makes a folder of copies a backup.

What is here: `Manifest`, `Entry`, reading and writing them.
What to add here: another fact about a backup as a whole.
What must not be here: copying.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from credit_platform.errors import BackupError
from credit_platform.files.durable import write_synced

MANIFEST: Final = "backup.json"
HOME: Final = "home"
"""Folder of a backup that holds what lay in the home."""
FORMAT: Final = 1


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file of a backup."""

    path: str
    """Below the home, with `/`."""
    size: int
    sha256: str
    mode: int
    """Permissions."""
    changed_ns: int
    """Time of its last change, in nanoseconds since 1970."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Everything that is in a backup, and what is not."""

    made_at: datetime
    """When it was begun: what happened later may be missing."""
    host: str
    home: str
    """Where the home lay."""
    tables: dict[str, int]
    """Newest version of each table."""
    decisions: int | None
    """Decisions in the log; None where the log is not in the backup."""
    files: tuple[Entry, ...]
    elsewhere: tuple[str, ...] = ()
    """What the home uses and the backup does not hold, a sentence each."""
    remarks: tuple[str, ...] = ()
    """What was found on the way, a sentence each."""
    format: int = field(default=FORMAT)

    @property
    def bytes(self) -> int:
        """Size of all its files."""
        return sum(entry.size for entry in self.files)

    def write(self, folder: Path) -> None:
        """Write it, with a digest over itself.

        Raises:
            OSError: it cannot be written.
        """
        content = {**asdict(self), "made_at": self.made_at.isoformat()}
        document = {"content": content, "sha256": _digest(content)}
        write_synced(folder / MANIFEST, json.dumps(document, indent=1).encode(), mode=0o600)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of a backup.

        Raises:
            BackupError: there is none, it was altered, or a later version wrote it.
        """
        path = folder / MANIFEST
        try:
            document = json.loads(path.read_bytes())
            content = document["content"]
            noted, version = document["sha256"], content["format"]
        except FileNotFoundError:
            raise BackupError(
                f"{folder} is no backup, or one that was never finished: it has no {MANIFEST}.",
                "Name the folder of a backup, or the one in which they lie.",
            ) from None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise _unreadable(path) from error
        if noted != _digest(content):
            raise _unreadable(path)
        if version != FORMAT:
            raise BackupError(f"{folder} was made by a later version of the platform.", "Restore it with that version.")
        return _parsed(path, content)


def _parsed(path: Path, content: dict[str, Any]) -> Manifest:
    try:
        files = tuple(Entry(**entry) for entry in content["files"])
        made_at = datetime.fromisoformat(content["made_at"])
        listed = {name: tuple(content[name]) for name in ("elsewhere", "remarks")}
        return Manifest(**{**content, **listed, "made_at": made_at, "files": files})
    except (ValueError, TypeError, KeyError) as error:
        raise _unreadable(path) from error


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _unreadable(path: Path) -> BackupError:
    return BackupError(f"{path} cannot be read, or was altered after the backup.", "Restore another backup.")
