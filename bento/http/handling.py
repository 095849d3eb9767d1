"""What every handler needs: the state of the service, the body, the request id, and the way to the decision log.

What is here: `ServiceState` and the steps that handlers share.
What to add here: a step that a second handler needs.
What must not be here: a route (`app.py`, or a module of its own), or rules about fields (`validation.py`).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from bento.errors import ApiError, ErrorCode
from bento.http.access import Gatekeeper
from bento.identifiers import IDENTIFIER_IN_WORDS, is_identifier
from bento.requests.bounds import BodyRoom
from bento.requests.media_types import JSON
from bento.runtime.logs import name_model
from bento.runtime.metrics import ServiceMetrics
from bento.runtime.recorder import Batch, Client, Log, Recorder, Scored
from bento.runtime.settings import ServiceSettings
from credit_platform import __version__

if TYPE_CHECKING:
    # At run time the engine is handed in: importing it brings polars, which the process that only supervises workers
    # does not need.
    from bento.runtime.engine import Engine
    from bento.runtime.shadow import Shadow

REQUEST_ID_HEADER = "X-Request-ID"


class WatchedLog(Log, Protocol):
    """A decision log that knows whether it can be reached."""

    @property
    def problem(self) -> str | None:
        """Why it takes no decisions now; None when it does."""
        ...

    def stop(self) -> None:
        """Write what waits, and end."""
        ...


class ServiceState:
    """What the routes share: the engine once it is loaded, or the reason why there is none."""

    def __init__(self, settings: ServiceSettings | None = None) -> None:
        """Start without engine and log, and without authentication until `gatekeeper` is set."""
        self.settings = settings or ServiceSettings()
        self.metrics = ServiceMetrics()
        self.gatekeeper = Gatekeeper(None)
        self.bodies = BodyRoom(self.settings.max_bodies_bytes)
        self.batches = asyncio.Semaphore(self.settings.batches_at_once)
        self.engine: Engine | None = None
        self._why = "The scorer is not loaded yet."
        self._leaving = False
        self._log: WatchedLog | None = None
        self._recorder: Recorder | None = None
        self._shadow: Shadow | None = None

    def use(self, engine: Engine, log: WatchedLog, shadow: Shadow | None = None) -> None:
        """Answer with `engine`, write to `log`, and let `shadow` score along, from now on."""
        scorer = engine.scorer
        self.metrics.model_loaded(
            portfolio=engine.portfolio.name,
            name=scorer.name,
            version=scorer.version,
            feature_version=scorer.feature_version,
        )
        self.metrics.declare(json.loads(engine.openapi), list(ErrorCode))
        engine.timed = self.metrics.model_called
        name_model(
            portfolio=engine.portfolio.name, version=scorer.version, digest=scorer.digest, run_id=engine.promoted_by
        )
        committed = None
        if shadow is not None:
            shadow.start()
            committed = shadow.offer
        self._recorder = Recorder(log, self.metrics, scorer, self.settings.decision_log_inputs, committed=committed)
        self.engine, self._log, self._shadow = engine, log, shadow

    def close(self) -> None:
        """Let the shadow score and the log write what waits."""
        if self._shadow is not None:
            self._shadow.stop()
        if self._log is not None:
            self._log.stop()

    def leave(self) -> None:
        """Say from now on that nobody should be sent here any more; who comes is answered all the same."""
        self._leaving = True

    def fail(self, why: str) -> None:
        """Say why there is no engine."""
        self._why = why

    @property
    def reason(self) -> str | None:
        """Why the service is not ready to score, or nobody should be sent here; None when it is."""
        if self._leaving:
            return "The service is shutting down."
        if self.engine is None or self._log is None:
            return self._why
        return self._log.problem

    @property
    def health(self) -> dict[str, object]:
        """What `/health` says."""
        reason = self.reason
        return {
            "status": "healthy" if reason is None else "unhealthy",
            "live": True,
            "ready": reason is None,
            "reason": reason,
            "api_version": __version__,
            "model_version": None if self.engine is None else self.engine.scorer.version,
        }

    def ready_engine(self) -> Engine:
        """The engine.

        Raises:
            ApiError: 503; there is none.
        """
        if self.engine is None:
            raise ApiError(ErrorCode.NOT_READY, "The service is not ready to score; see /health.")
        return self.engine

    def recorder(self) -> Recorder:
        """What writes decisions.

        Raises:
            ApiError: 503; there is no decision log yet.
        """
        if self._recorder is None:
            raise ApiError(ErrorCode.NOT_READY, "The service is not ready to score; see /health.")
        return self._recorder


def state_of(request: Request) -> ServiceState:
    """The state of the service that got this request."""
    state: ServiceState = request.app.state.service
    return state


async def record_decisions(request: Request, scored: Sequence[Scored], batch: Batch | None = None) -> list[str]:
    """Commit decisions to the log, all or none, and return the answers that may now be sent, as JSON texts.

    Args:
        request: what brought them.
        scored: what was decided.
        batch: what they came in, when they did not come alone.

    Raises:
        ApiError: 503, the log cannot take them, nothing was decided; 409, a request id is taken by another request.
    """
    state = request.state
    client = Client(state.client, state.client_name)
    recorded = await state_of(request).recorder().record(scored, client=client, started=state.started, batch=batch)
    state.decision = recorded.place
    return recorded.answers


def json_response(content: str | bytes) -> Response:
    """A 200 with a JSON text."""
    return Response(content, media_type=JSON)


def read_request_id(request: Request) -> str:
    """The id that the client gave its request, else the one that was made up.

    Raises:
        ApiError: 422; the client's is not of the form of an identifier.
    """
    given = request.headers.get(REQUEST_ID_HEADER)
    if given is not None and (not is_identifier(given) or len(set(request.headers.getlist(REQUEST_ID_HEADER))) > 1):
        message = f"{REQUEST_ID_HEADER} must be {IDENTIFIER_IN_WORDS}, sent once."
        raise ApiError(ErrorCode.WRONG_TYPE, message, REQUEST_ID_HEADER)
    request_id: str = request.state.request_id
    return request_id


async def read_body(
    request: Request, settings: ServiceSettings, *, media_types: Sequence[str] = (JSON,), max_bytes: int | None = None
) -> bytes:
    """Read the body within the limits of size and time.

    Raises:
        ApiError: 415, not one of `media_types` or compressed; 413, too large; 408, too slow; 503, no room for it now.
    """
    media_type = request.headers.get("Content-Type", JSON).partition(";")[0].strip().lower()
    if media_type not in media_types or request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ApiError(ErrorCode.UNSUPPORTED_MEDIA_TYPE, f"Send {' or '.join(media_types)}, not compressed.")
    limit = settings.max_body_bytes if max_bytes is None else max_bytes
    declared = request.headers.get("Content-Length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(settings.body_seconds):
            return await _collect(request, limit)
    except (TimeoutError, ClientDisconnect):
        raise ApiError(ErrorCode.REQUEST_TIMEOUT, "The body did not arrive in time.") from None


async def _collect(request: Request, limit: int) -> bytes:
    body = bytearray()
    room = state_of(request).bodies
    held = 0
    async for chunk in request.stream():
        if len(body) + len(chunk) > limit:
            raise _too_large(limit)
        # The guard gives it back when the request has been answered.
        held = request.state.held = room.more(held, len(body) + len(chunk))
        body += chunk
    return bytes(body)


def _too_large(limit: int) -> ApiError:
    return ApiError(ErrorCode.BODY_TOO_LARGE, f"The body may have at most {limit} bytes.")
