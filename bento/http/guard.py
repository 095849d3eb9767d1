"""What happens around every request: request id, headers, metrics, log, and the boundary no exception crosses.

What is here: `Guard`, one ASGI middleware, and `AnswerHeaders` for what BentoML answers without it.
What to add here: what holds for all endpoints, also for those that are not there.
What must not be here: anything that reads the body or knows one endpoint; who may ask what is in `access.py`.
"""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bento.errors import ApiError, ErrorCode
from bento.http.handling import REQUEST_ID_HEADER
from bento.identifiers import is_identifier, new_request_id
from bento.requests.bounds import BodyRoom
from bento.runtime.logs import log_request, log_without_values
from bento.runtime.metrics import METHODS, ServiceMetrics, route_label
from credit_platform.http_limits import SECURITY_HEADERS

_GONE = 499
"""Counted when the client went away before there was an answer, as nginx does."""
_RAW_HEADERS = [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in SECURITY_HEADERS.items()]
_REQUEST_ID = REQUEST_ID_HEADER.lower().encode("ascii")


class Guard:
    """Wraps the routes of the service."""

    def __init__(self, app: ASGIApp, metrics: ServiceMetrics, bodies: BodyRoom, *, access_log: bool = False) -> None:
        """Wrap `app`, count in `metrics`, give bodies back to `bodies`, and log every request if `access_log`."""
        self._app = app
        self._bodies = bodies
        self._metrics = metrics
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; other protocols go through untouched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0
        request_id = _request_id(scope)
        about = scope["state"] = {
            **scope.get("state", {}),
            "request_id": request_id,
            "started": started,
            "client": None,
            "client_name": None,
            "error": None,
            "decision": None,
            "held": 0,
        }

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(message, request_id)
            await send(message)

        self._metrics.arrived()
        try:
            await self._app(scope, receive, send_with_headers)
        # Whatever went wrong inside, the client gets a JSON 500 and the log a trace without the exception's text,
        # because texts quote values and values are personal data.
        except Exception as error:  # noqa: BLE001  # the boundary of the process
            log_without_values(error, request_id)
            about["error"] = ErrorCode.INTERNAL_ERROR.value
            self._metrics.failed(ErrorCode.INTERNAL_ERROR)
            if status == 0:
                response = ApiError(ErrorCode.INTERNAL_ERROR, "The service failed; see its log.").to_response()
                await response(scope, receive, send_with_headers)
        finally:
            self._bodies.give_back(about["held"])
            seconds = time.perf_counter() - started
            self._metrics.answered(scope["method"], scope["path"], status or _GONE, seconds)
            if self._access_log:
                log_request(
                    request_id=request_id,
                    method=scope["method"] if scope["method"] in METHODS else "other",
                    route=route_label(scope["path"]),
                    status=status or _GONE,
                    seconds=seconds,
                    client=about["client"],
                    error=about["error"],
                    decision=about["decision"],
                )


def _request_id(scope: Scope) -> str:
    """The client's identifier when it is harmless, else a new one."""
    given = Headers(scope=scope).get(REQUEST_ID_HEADER)
    return given if given is not None and is_identifier(given) else new_request_id()


def _add_headers(message: Message, request_id: str) -> None:
    """Put the request id and the security headers into an answer that has not set them itself."""
    headers = message.get("headers", ())
    given = {name for name, _ in headers}
    # As bytes, at once: Starlette's own way looks through all headers for each one that is set.
    message["headers"] = [
        *((name, value) for name, value in headers if name != _REQUEST_ID),
        (_REQUEST_ID, request_id.encode("ascii")),
        *(header for header in _RAW_HEADERS if header[0] not in given),
    ]


class AnswerHeaders:
    """Headers for answers that did not come through the guard: BentoML's probes, pages and errors of routing."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; other protocols go through untouched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", ())
                if all(name.lower() != _REQUEST_ID for name, _ in headers):
                    _add_headers(message, _request_id(scope))
                message["headers"] = [
                    (name, _on_this_host(value) if name.lower() == b"location" else value)
                    for name, value in message["headers"]
                ]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _on_this_host(location: bytes) -> bytes:
    """An address without its host: frameworks take that from the request, where anybody may write what they like."""
    parts = urlsplit(location)
    if not (parts.scheme or parts.netloc):
        return location
    return b"/" + parts.path.lstrip(b"/\\") + (b"?" + parts.query if parts.query else b"")
