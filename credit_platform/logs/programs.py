"""What a program, a command or a run does so that its lines are written.

What is here: `log_program`, for what runs until it is stopped; `log_to_home`, for a command or a run.
What must not be here: forms and places of lines (`lines.py`, `places.py`).

`CREDIT_PLATFORM_LOG_FILE` names the file of a program, for whoever starts it and takes what it prints: its lines go
there and nowhere else, so that nothing that is printed can be taken for one of them. Otherwise it is
`<home>/logs/<program>.log`.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, TextIO

from credit_platform.files.process_logs import RotatingLog, is_open_as
from credit_platform.logs.levels import log_level
from credit_platform.logs.lines import FIELDS, places_of
from credit_platform.logs.places import Lines, Output, Place, Text

FILE_VARIABLE: Final = "CREDIT_PLATFORM_LOG_FILE"
OURS: Final = "credit_platform"
OTHERS: Final = ("bentoml", "mlflow", "streamlit", "uvicorn", "uvicorn.access", "uvicorn.asgi", "uvicorn.error")
"""Loggers of others that bring handlers of their own."""
_STANDARD: Final = (1, 2)


def log_file(program: str, home: Path) -> Path:
    """The file that a program of this home writes."""
    return Path(os.environ.get(FILE_VARIABLE) or home / "logs" / f"{program}.log").absolute()


def log_program(program: str, home: Path, *, stream: TextIO | None = None) -> Lines:
    """Send everything that this process logs to the program's file and to standard output; returns what does so.

    On a terminal, where a person looks on, and where whoever started this takes what it prints, lines go to the file
    alone. Where standard output is that file already, a line is written once.

    Args:
        program: its name, and that of its file.
        home: of the platform.
        stream: instead of file and standard output.

    Raises:
        SettingError: the environment asks for a level that there is not.
    """
    level = log_level()
    handler = Lines([Text(stream)]) if stream is not None else _handler(log_file(program, home))
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, Lines)]:
        old.close()
    root.handlers = [handler]
    root.setLevel(max(level, logging.WARNING))
    logging.getLogger(OURS).setLevel(level)
    for name in OTHERS:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(max(level, logging.WARNING))
    logging.captureWarnings(True)  # noqa: FBT003  # the argument has no name to give
    # What dies must not print the text of its exception either.
    threading.excepthook = _log_death
    sys.excepthook = _log_end
    return handler


def _handler(path: Path) -> Lines:
    same = [number for number in _STANDARD if is_open_as(path, number)]
    places: list[Place] = [] if _is_taken() or 1 in same or sys.stdout.isatty() else [Output(1)]
    return Lines(places, RotatingLog(path, follow=same))


@contextmanager
def log_to_home(name: str, home: Path, *, printed: bool = False) -> Iterator[None]:
    """Write what the platform logs inside the block to `<home>/logs/<name>.log`, too; what people see stays as it is.

    Inside another block of the same file nothing changes.

    Args:
        name: of the file, without `.log`.
        home: of the platform.
        printed: whether standard output gets the lines as well, where whoever started this does not take it.

    Raises:
        SettingError: the environment asks for a level that there is not.
    """
    level, ours = log_level(), logging.getLogger(OURS)
    path = (home / "logs" / f"{name}.log").absolute()
    if any(isinstance(one, Lines) and one.log is not None and one.log.path == path for one in ours.handlers):
        yield
        return
    places = [Output(1)] if printed and not _is_taken() else []
    handler, before = Lines(places, RotatingLog(path)), ours.level
    added = [handler, *([] if logging.getLogger().handlers else [_AsBefore(logging.WARNING)])]
    for one in added:
        ours.addHandler(one)
    ours.setLevel(level)
    try:
        yield
    finally:
        for one in added:
            ours.removeHandler(one)
        ours.setLevel(before)
        handler.close()


def _is_taken() -> bool:
    """Whether whoever started this process writes what it prints to the file of its lines."""
    return bool(os.environ.get(FILE_VARIABLE))


class _AsBefore(logging.Handler):
    """Python shows warnings that nobody handles; now somebody does, and they are to be shown all the same.

    Events with fields are for files: what people have to know of them, commands say.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Show a warning."""
        if logging.lastResort is not None and not hasattr(record, FIELDS):
            logging.lastResort.handle(record)


def _log_death(arguments: threading.ExceptHookArgs) -> None:
    error = arguments.exc_value
    if error is not None:
        name = "?" if arguments.thread is None else arguments.thread.name
        _last_words(f"thread {name} died: {type(error).__name__}", error)


def _log_end(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    if not isinstance(error, KeyboardInterrupt):
        _last_words(f"the program ended: {type(error).__name__}", error)


def _last_words(said: str, error: BaseException) -> None:
    fields = {"failure": type(error).__name__, "traceback": places_of(error)}
    logging.getLogger(f"{OURS}.process").critical("%s", said, extra={FIELDS: fields})
