"""Folders for what is made on the way, beside where the result will lie: gone at the end, also after `kill -9`.

What is here: `scratch_folder`.
What to add here: nothing but how such a folder comes and goes.
What must not be here: what is put into them.

On the disk of the result, so that it is moved into its place and not copied; the temporary folder may be memory. The
process that works in one holds a lock on a file in it, which the kernel lets go when the process ends in any way.
Whoever makes the next folder of that kind removes those whose lock nobody holds.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LOCK: Final = ".in-use"
_UNLOCKED_SECONDS: Final = 60.0
"""Between the making of a folder and of the lock in it lies a moment; a folder that stays without one is left over."""


@contextmanager
def scratch_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """Give a new folder in `parent`, removed at the end with all that is in it.

    Folders of the same prefix that a killed process left there are removed first.

    Args:
        parent: made if need be.
        prefix: how the name begins, as `.scoring-`.

    Raises:
        OSError: `parent` cannot be written.
    """
    parent.mkdir(parents=True, exist_ok=True)
    remove_left_over(parent, prefix)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def remove_left_over(parent: Path, prefix: str) -> None:
    """Remove the folders in `parent` whose name begins with `prefix` and that no process works in."""
    for folder in parent.iterdir():
        if folder.name.startswith(prefix) and folder.is_dir() and not folder.is_symlink() and _is_left_over(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_left_over(folder: Path) -> bool:
    try:
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return _age(folder) > _UNLOCKED_SECONDS
    except OSError:  # another account's
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True


def _age(folder: Path) -> float:
    """Seconds since something was last put into `folder`; 0 when it has just gone."""
    try:
        return time.time() - folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0
