"""Logs of processes: appended to, so that a restart empties none, and put aside when they are large.

What is here: `open_process_log`, `LIMIT_BYTES`, `KEPT`.
What must not be here: what the lines say.

A log changes its name only when a process starts. While one runs its file is open for appending, so a rotation of the
operating system's own (logrotate with `copytruncate`) works beside it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

LIMIT_BYTES = 16 * 1024 * 1024
"""A log that is larger when a process starts becomes `<name>.1`."""
KEPT = 5
"""How many logs that were put aside stay: `<name>.1` (the newest) to `<name>.5`."""


def open_process_log(path: Path) -> BinaryIO:
    """Open a log for what a new process says, for its owner only; what it held stays, here or in `<name>.1`.

    Raises:
        OSError: it cannot be made or written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and path.stat().st_size > LIMIT_BYTES:
        _put_aside(path)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def _put_aside(path: Path) -> None:
    for number in range(KEPT - 1, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        if older.exists():
            older.replace(path.with_name(f"{path.name}.{number + 1}"))
    path.replace(path.with_name(f"{path.name}.1"))
