"""Logs of processes: appended to line by line, put aside when they are large, shared by several processes.

What is here: `RotatingLog` for whoever writes lines, `LIMIT_BYTES`, `KEPT`.
What must not be here: what the lines say (`credit_platform.logs`).

A line is one call of the system on a file that is open for appending: lines of several processes do not mix, and a
process that is killed leaves whole lines. Whoever finds the file too large renames it; the others notice within a
second and follow, and what they write meanwhile is in `<name>.1`. A rotation of the operating system's own (logrotate,
with `copytruncate` or without) works beside it.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

LIMIT_BYTES = 16 * 1024 * 1024
"""A log that is larger becomes `<name>.1`."""
KEPT = 5
"""How many logs that were put aside stay: `<name>.1` (the newest) to `<name>.5`."""
LOOK_SECONDS = 1.0
"""How often a process looks whether its log is too large, or was put aside by another one."""
RETRY_SECONDS = 30.0
"""How long nothing is tried with a log that could not be written."""
LOCK = ".rotation.lock"
"""Beside the logs; held while one of them is put aside."""


class RotatingLog:
    """A log that this process, and others, append lines to."""

    def __init__(self, path: Path, *, follow: Sequence[int] = ()) -> None:
        """Nothing is opened before the first line.

        Args:
            path: of the log.
            follow: open files of this process, such as its standard output, that are this log too: they are pointed
                at the new one when it is put aside.
        """
        self.path = path
        self._follow = tuple(follow)
        self._file: int | None = None
        self._look_at = 0.0
        self._torn = False
        self._lock = threading.Lock()
        self.fault: OSError | None = None
        """Why the last line could not be written; None when it was."""

    def write(self, line: bytes) -> bool:
        """Append a line that ends in its only newline; whether that worked, which is not tried for a while if not.

        Lines that come while it cannot be written are not kept.
        """
        now = time.monotonic()
        if now >= self._look_at:
            with self._lock:
                if now >= self._look_at:
                    self._look(now)
        file = self._file
        if file is None:
            return False
        try:
            written = os.write(file, b"\n" + line if self._torn else line)
        except OSError as error:
            self._failed(error, now)
            return False
        if written < len(line):  # the disk is full: what comes next must not continue this line
            self._torn = True
            return False
        self._torn = False
        return True

    def touch(self) -> None:
        """Make the file before there is a line, where that can be done."""
        with self._lock:
            self._look(time.monotonic())

    def close(self) -> None:
        """Close the file; the next line opens it again."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
            self._file, self._look_at = None, 0.0

    def _look(self, now: float) -> None:
        try:
            if self._file is None or _is_another(self._file, self.path):
                self._reopen()
            if os.fstat(self._file or 0).st_size > LIMIT_BYTES:
                with _alone(self.path.parent):
                    # Another process may have been first.
                    if self.path.is_file() and self.path.stat().st_size > LIMIT_BYTES:
                        _put_aside(self.path)
                self._reopen()
        except OSError as error:
            self._failed(error, now)
            return
        self.fault, self._look_at = None, now + LOOK_SECONDS

    def _reopen(self) -> None:
        _make_folder(self.path.parent)
        fresh = _open(self.path)
        if self._file is None:
            self._file = fresh
        else:
            # Under the number that other threads may be writing to at this moment.
            os.dup2(fresh, self._file, inheritable=False)
            os.close(fresh)
        for number in self._follow:
            os.dup2(self._file, number)

    def _failed(self, error: OSError, now: float) -> None:
        self.fault, self._look_at = error, now + RETRY_SECONDS
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):
                os.close(file)


def is_open_as(path: Path, number: int) -> bool:
    """Whether the open file `number` of this process is the file at `path`."""
    try:
        return not _is_another(number, path)
    except OSError:
        return False


def _is_another(number: int, path: Path) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:
        return True
    return not os.path.samestat(os.fstat(number), there)


def _open(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    lock = os.open(folder / LOCK, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _put_aside(path: Path) -> None:
    for number in range(KEPT - 1, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        if older.exists():
            older.replace(path.with_name(f"{path.name}.{number + 1}"))
    path.replace(path.with_name(f"{path.name}.1"))
