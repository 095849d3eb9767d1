"""What the service logs: JSON lines (`credit_platform.logs`) with the request id, and never a value that a client sent.

What is here: what is in every line of a service, the line for a request, the line for a failure, last words of one that
does not start.
What to add here: a field that operators search for.
What must not be here: texts of exceptions, raw paths, bodies: they hold personal data.

The line of a request is made without Python's logging, which takes several times as long, and is written as any other.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NoReturn, TextIO

import orjson

from bento.runtime.settings import platform_settings
from credit_platform.errors import CreditPlatformError
from credit_platform.logs.levels import DEFAULT, VARIABLE
from credit_platform.logs.lines import FIELDS, places_of
from credit_platform.logs.places import Lines
from credit_platform.logs.programs import log_program

PROGRAM: Final = "service"
LOGGER = logging.getLogger("credit_platform.service")


class _Log:
    """Where the lines of this process go."""

    handler: Lines | None = None
    model: bytes = b""
    """What every line says of the model, as the end of a JSON object."""


def configure_logging(stream: TextIO | None = None) -> None:
    """Send everything that this process logs to the service's file and standard output, or to `stream`, as JSON.

    Raises:
        SettingError: CREDIT_PLATFORM_LOG_LEVEL is no level.
    """
    # What no line of ours shows need not be found out for each of them (Python's logging HOWTO, "Optimization").
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # as the HOWTO says: the place of a call is looked up otherwise
    _Log.handler, _Log.model = log_program(PROGRAM, platform_settings().home, stream=stream), b""


def refuse_to_start(error: CreditPlatformError) -> NoReturn:
    """Say why the service does not start, in a line and to a person on a terminal in plain words; then end."""
    os.environ[VARIABLE] = DEFAULT  # what is wrong may be the level itself
    log_program(PROGRAM, Path(os.environ.get("CREDIT_PLATFORM_HOME") or ".credit_platform"))
    LOGGER.critical("not started: %s", error)
    sys.exit(str(error) if sys.stderr.isatty() else 1)


def name_model(*, portfolio: str, version: str, digest: str, run_id: str | None) -> None:
    """Name in every line the model that answers from now on, and the run that promoted it where that is known."""
    fields = {"portfolio": portfolio, "model_version": version, "model_digest": digest}
    if run_id is not None:
        fields["run_id"] = run_id
    _Log.model = b"," + orjson.dumps(fields)[1:]
    if _Log.handler is not None:
        _Log.handler.lines.always.update(fields)


def log_request(
    *,
    request_id: str,
    method: str,
    route: str,
    status: int,
    seconds: float,
    client: str | None,
    error: str | None,
    decision: str | None = None,
) -> None:
    """Log one answered request.

    Args:
        request_id: an identifier.
        method: of the request, or `other`.
        route: where it went, as one of the known ones.
        status: of the answer.
        seconds: until it was sent.
        client: id of the API key.
        error: code of what was wrong.
        decision: place of what was decided in the decision log, `writer:sequence`; of a batch `writer:first-last`.
    """
    handler = _Log.handler
    if handler is None or not LOGGER.isEnabledFor(logging.INFO):
        return
    fields: dict[str, object] = {
        "time": datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds"),
        "level": "info",
        "logger": "credit_platform.service",
        "message": "request",
        "request_id": request_id,
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 2),
        "client": client,
    }
    if error is not None:
        fields["error"] = error
    if decision is not None:
        fields["decision"] = decision
    line = orjson.dumps(fields)
    handler.write(line[:-1] + _Log.model + b"\n" if _Log.model else line + b"\n")


def log_without_values(error: BaseException, request_id: str, *, what: str = "request") -> None:
    """Log the type of an exception and the lines it came through, but not its text."""
    kind, places = type(error).__name__, places_of(error)
    fields = {"request_id": request_id, "failure": kind, "traceback": places}
    LOGGER.error("%s %s failed: %s at %s", what, request_id, kind, places, extra={FIELDS: fields})
