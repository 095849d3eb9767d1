"""What happens around every request: request id, headers, metrics, and the boundary no exception crosses.

What is here: `Guard`, one ASGI middleware.
What to add here: what holds for all endpoints (authentication and rate limits come here).
What must not be here: anything that reads the body or knows one endpoint.
"""

from __future__ import annotations

import logging
import time
import traceback
import uuid
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bento.errors import ApiError, ErrorCode
from bento.identifiers import is_identifier
from bento.metrics import ServiceMetrics

LOGGER = logging.getLogger("credit_platform.service")
REQUEST_ID_HEADER = "X-Request-ID"
_GONE = 499
"""Counted when the client went away before there was an answer, as nginx does."""


class Guard:
    """Wraps the routes of the service."""

    def __init__(self, app: ASGIApp, metrics: ServiceMetrics) -> None:
        """Wrap `app` and count in `metrics`."""
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; other protocols go through untouched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0
        request_id = _request_id(scope)
        scope["state"] = {**scope.get("state", {}), "request_id": request_id}

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(message, request_id)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        # The boundary of the process: whatever went wrong inside, the client gets a JSON 500 and the log a trace
        # without the exception's text, because texts quote values and values are personal data.
        except Exception as error:
            log_without_values(error, request_id)
            self._metrics.failed(ErrorCode.INTERNAL_ERROR)
            if status == 0:
                response = ApiError(ErrorCode.INTERNAL_ERROR, "The service failed; see its log.").to_response()
                await response(scope, receive, send_with_headers)
        finally:
            self._metrics.answered(scope["method"], scope["path"], status or _GONE, time.perf_counter() - started)


def log_without_values(error: BaseException, request_id: str) -> None:
    """Log the type of an exception and the lines it came through, but not its text."""
    frames = traceback.extract_tb(error.__traceback__)
    trace = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    LOGGER.error("request %s failed: %s at %s", request_id, type(error).__name__, trace)


def _request_id(scope: Scope) -> str:
    """The client's identifier when it is harmless, else a new one."""
    given = Headers(scope=scope).get(REQUEST_ID_HEADER)
    return given if given is not None and is_identifier(given) else uuid.uuid4().hex


def _add_headers(message: Message, request_id: str) -> None:
    headers = MutableHeaders(scope=message)
    headers[REQUEST_ID_HEADER] = request_id
    headers.setdefault("Cache-Control", "no-store")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault(
        "Content-Security-Policy", "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'"
    )
