"""Folders for the Unix sockets of programs behind the guard: this user alone can open them.

What is here: `private_folder`, and `sockets_folder`, which is gone at the end.
What must not be here: who listens there.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from credit_platform.errors import EnvironmentSetupError
from credit_platform.files.scratch import scratch_folder

_LONGEST_FOLDER: Final = 80
"""A Unix socket's path has at most 107 bytes (unix(7)), 103 on macOS."""


def private_folder(prefix: str) -> Path:
    """A new folder for temporary files; whoever makes it removes it.

    Raises:
        EnvironmentSetupError: its path is too long for sockets.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    if _is_too_long(folder):
        folder.rmdir()
        raise _too_long(folder)
    return folder


@contextmanager
def sockets_folder(prefix: str) -> Iterator[Path]:
    """A new folder, removed at the end; those of the same prefix that killed processes left are removed first.

    Raises:
        EnvironmentSetupError: its path is too long for sockets.
    """
    with scratch_folder(Path(tempfile.gettempdir()), prefix) as folder:
        if _is_too_long(folder):
            raise _too_long(folder)
        yield folder


def _is_too_long(folder: Path) -> bool:
    return len(os.fsencode(folder)) > _LONGEST_FOLDER


def _too_long(folder: Path) -> EnvironmentSetupError:
    return EnvironmentSetupError(
        f"The folder for temporary files is too long for sockets: {folder.parent}.", "Set TMPDIR to a shorter one."
    )
