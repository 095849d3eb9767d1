"""Files that survive a power cut: what has its final name is whole and lies on the disk.

What is here: `replace_synced` and `write_synced` (temporary file, sync, rename, sync of the folder), `sync_file`,
`sync_folder`, `make_folder`.
What to add here: another order of syncs that a way of storing needs.
What must not be here: object stores: there a put is durable when it is answered.

A rename is atomic for whoever reads beside it, yet after a power cut a file system may know the new name and not the
bytes: so the bytes are synced before the rename, and the folder that holds the name after it.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path


def sync_file(path: Path) -> None:
    """Wait until the bytes of a file are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Sync every file and folder below `folder`, and the folder itself, from the leaves up."""
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            path = Path(parent, name)
            if path.is_file() and not path.is_symlink():
                sync_file(path)
        sync_folder(Path(parent))


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder and its parents so that their names survive, too; nothing happens where it exists.

    Args:
        folder: the folder.
        mode: permissions of `folder` itself when it is made here, less the process's mask.
    """
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=mode, exist_ok=True)
    sync_folder(folder.parent)


def replace_synced(fresh: Path, target: Path) -> None:
    """Give a finished file or folder its final name: bytes first, then the name, then the folder that holds it.

    Raises:
        OSError: as `Path.replace`; a folder is not put in the place of one that holds something.
    """
    if fresh.is_dir():
        sync_tree(fresh)
    else:
        sync_file(fresh)
    fresh.replace(target)
    sync_folder(target.parent)


def write_synced(target: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Write a file so that it holds `content` or what it held before, whenever the power goes.

    Args:
        target: the file; its folder exists.
        content: all of it.
        mode: permissions it is made with, less the process's mask.
    """
    fresh = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
        replace_synced(fresh, target)
    finally:
        fresh.unlink(missing_ok=True)
