"""Where lines go: a handler, and the places behind it.

What is here: `Lines`, the handler; `Output`, an open file such as standard output; `Text`, a stream.
What must not be here: which of them a program uses (`programs.py`).
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Sequence
from typing import Protocol, TextIO

from credit_platform.files.process_logs import RotatingLog
from credit_platform.logs.lines import JsonLines, as_line, moment

LOGGER = "credit_platform.logs"


class Place(Protocol):
    """Takes lines."""

    def write(self, line: bytes) -> bool:
        """Take a line that ends in its only newline; whether it was taken."""
        ...


class Output:
    """An open file of this process: standard output. Lines of several threads do not mix."""

    def __init__(self, number: int) -> None:
        """Write to the open file `number`."""
        self._number = number
        self._lock = threading.Lock()

    def write(self, line: bytes) -> bool:
        """Write all of `line`; whoever reads it may be gone, which is no reason to stop."""
        with self._lock:
            try:
                while line:
                    line = line[os.write(self._number, line) :]
            except OSError:
                return False
            return True


class Text:
    """A stream of text."""

    def __init__(self, stream: TextIO) -> None:
        """Write to `stream`."""
        self._stream = stream

    def write(self, line: bytes) -> bool:
        """Write `line`."""
        self._stream.write(line.decode())
        return True


class Lines(logging.Handler):
    """Hands every record as one line to each of its places, and says once when one of them takes none."""

    def __init__(self, places: Sequence[Place], log: RotatingLog | None = None) -> None:
        """Hand lines to `places`, and to `log`, which is told of when it cannot be written."""
        super().__init__()
        self.lines = JsonLines()
        self.setFormatter(self.lines)
        self.places = tuple(places)
        self.log = log
        self._failing = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line of `record`."""
        self.write((self.format(record) + "\n").encode())

    def write(self, line: bytes) -> bool:
        """Write a line that is made already; whether every place took it."""
        taken = True
        for place in self.places:
            taken = place.write(line) and taken
        if self.log is None:
            return taken
        written = self.log.write(line)
        if written is self._failing:
            self._tell(self.log)
        return written and taken

    def close(self) -> None:
        """Close the file."""
        if self.log is not None:
            self.log.close()
        super().close()

    def _tell(self, log: RotatingLog) -> None:
        """Say once that the file takes no lines, and once that it takes them again."""
        with self.lock or threading.RLock():
            self._failing = not self._failing
            why = (log.fault and log.fault.strerror) or "the disk is full"
            elsewhere = "lines go to standard output alone" if self.places else "lines are not kept"
            said = f"cannot be written ({why}); {elsewhere} until it can" if self._failing else "can be written again"
            message, level = f"{log.path} {said}.", "error" if self._failing else "info"
            if not self.places:  # a person's terminal
                Output(2).write(f"{message}\n".encode())
            content = {"time": moment(time.time()), "level": level, "logger": LOGGER, "message": message}
            line = (as_line({**content, **self.lines.always}) + "\n").encode()
            for place in self.places:
                place.write(line)
