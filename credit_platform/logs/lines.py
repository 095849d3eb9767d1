"""The form of a line: JSON with time, level, logger, message, and the fields of the event.

What is here: `JsonLines`, which makes a line of a log record; `bound`, the fields that all lines of one piece of work
have (a run, a step); `FIELDS`, the name under which an event hands over its own; `places_of`, the trace of an
exception.
What must not be here: texts of exceptions: they quote values, and values are personal data. Its class and the lines of
code that it came through say where to look.
"""

from __future__ import annotations

import json
import logging
import math
import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

FIELDS: Final = "fields"
"""`logger.info("request", extra={FIELDS: {"status": 200}})`."""
_BOUND: ContextVar[Mapping[str, object]] = ContextVar("fields of all lines", default={})  # noqa: B039  # never changed
_UNPRINTABLE = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What JSON lets through and a terminal, or a program that reads line by line, may take for a command."""


class JsonLines(logging.Formatter):
    """One JSON object in one line for each record."""

    def __init__(self) -> None:
        """No field is in every line yet."""
        super().__init__()
        self.always: dict[str, object] = {}
        """Fields of every line of this process."""

    def format(self, record: logging.LogRecord) -> str:
        """Render `record`, without a newline at the end."""
        content: dict[str, object] = {
            "time": moment(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
            **self.always,
            **_BOUND.get(),
            **getattr(record, FIELDS, {}),
        }
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            content["failure"] = type(error).__name__
            content["traceback"] = places_of(error)
        return as_line(content)


def as_line(content: Mapping[str, object]) -> str:
    """`content` as JSON that is one line, whatever its texts hold."""
    try:
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, default=str, separators=(",", ":"))
    except ValueError:  # JSON knows no such number, and who reads lines need not either
        text = json.dumps(_finite(content), ensure_ascii=False, default=str, separators=(",", ":"))
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def moment(seconds: float) -> str:
    """A time in UTC, ISO 8601 with milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


@contextmanager
def bound(**fields: object) -> Iterator[None]:
    """Give `fields` to all lines that are logged inside the block, by whomever.

    A generator may be closed elsewhere than it began, so what was there before is put back, and no token asked.
    """
    before = _BOUND.get()
    _BOUND.set({**before, **fields})
    try:
        yield
    finally:
        _BOUND.set(before)


def places_of(error: BaseException) -> str:
    """The lines of code that an exception came through, innermost first."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # a line with the wrong arguments is still a line
        return str(record.msg)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {name: _finite(each) for name, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value
