"""What the service prints: one JSON object a line, with the request id, and never a value that a client sent.

What is here: the format, the line for a request, the line for a failure.
What to add here: a field that operators search for.
What must not be here: texts of exceptions, raw paths, bodies: they hold personal data.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from bento.requests.json_text import write_json

LOGGER = logging.getLogger("credit_platform.service")
_FIELDS = "fields"


class JsonFormatter(logging.Formatter):
    """One JSON object for each record; of an exception only its type and the lines it came through."""

    def format(self, record: logging.LogRecord) -> str:
        """Render `record`."""
        content: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, _FIELDS, {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            content["failure"] = type(record.exc_info[1]).__name__
            content["at"] = _places(record.exc_info[1])
        return write_json(content, nulls=list(content.values()).count(None), allow_nan=True)


def configure_logging(stream: TextIO | None = None) -> None:
    """Send everything that this process logs to `stream`, by default its standard error, as JSON."""
    # What no line of ours shows need not be found out for each of them (Python's logging HOWTO, "Optimization").
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # as the HOWTO says: the place of a call is looked up otherwise
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("credit_platform").setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "bentoml"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(logging.WARNING)
    # A thread that dies must not print the text of its exception either.
    threading.excepthook = _log_death


def _log_death(arguments: threading.ExceptHookArgs) -> None:
    name = "?" if arguments.thread is None else arguments.thread.name
    if arguments.exc_value is not None:
        kind, places = type(arguments.exc_value).__name__, _places(arguments.exc_value)
        LOGGER.critical("thread %s died: %s at %s", name, kind, places)


def log_request(
    *, request_id: str, method: str, route: str, status: int, seconds: float, client: str | None, error: str | None
) -> None:
    """Log one answered request."""
    fields: dict[str, object] = {
        "request_id": request_id,
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 2),
        "client": client,
    }
    if error is not None:
        fields["error"] = error
    LOGGER.info("request", extra={_FIELDS: fields})


def log_without_values(error: BaseException, request_id: str, *, what: str = "request") -> None:
    """Log the type of an exception and the lines it came through, but not its text."""
    LOGGER.error(
        "%s %s failed: %s at %s",
        what,
        request_id,
        type(error).__name__,
        _places(error),
        extra={_FIELDS: {"request_id": request_id}},
    )


def _places(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
