"""The routes of the service.

What is here: `create_app`, one handler for each route, and the reading of bodies within limits.
What to add here: a route, with its path in `openapi.py` and `metrics.ROUTES`.
What must not be here: rules about fields (`validation.py`) or what holds for all routes (`guard.py`).

Why Starlette and not `@bentoml.api`: BentoML answers invalid input with 400 and logs a traceback that quotes the
values, which are personal data; here each error is ours. Why not FastAPI: schema and rules come from the portfolio at
start-up, so its decorators would have nothing to do.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bento.docs_page import DOCS_PAGE, DOCS_SCRIPT, assets_folder
from bento.errors import ApiError, ErrorCode
from bento.guard import REQUEST_ID_HEADER, Guard
from bento.identifiers import IDENTIFIER_IN_WORDS, is_identifier
from bento.metrics import CONTENT_TYPE, ServiceMetrics
from bento.settings import ServiceSettings

if TYPE_CHECKING:
    # At run time the engine is handed in: importing it brings polars, which the process that only supervises workers
    # does not need.
    from bento.engine import Engine

_JSON = "application/json"


class ServiceState:
    """What the routes share: the engine once it is loaded, or the reason why there is none."""

    def __init__(self, settings: ServiceSettings | None = None) -> None:
        """Start without an engine."""
        self.settings = settings or ServiceSettings()
        self.metrics = ServiceMetrics()
        self.engine: Engine | None = None
        self.reason: str | None = "The scorer is not loaded yet."

    def use(self, engine: Engine) -> None:
        """Answer with `engine` from now on."""
        scorer = engine.scorer
        self.metrics.model_loaded(
            portfolio=engine.portfolio.name,
            name=scorer.name,
            version=scorer.version,
            feature_version=scorer.feature_version,
        )
        self.engine, self.reason = engine, None

    def ready_engine(self) -> Engine:
        """The engine.

        Raises:
            ApiError: 503; there is none.
        """
        if self.engine is None:
            raise ApiError(ErrorCode.NOT_READY, "The service is not ready to score; see /health.")
        return self.engine


def create_app(state: ServiceState) -> Starlette:
    """Build the ASGI application around `state`."""
    routes = [
        Route("/", _index),
        Route("/predict", _predict, methods=["POST"]),
        Route("/health", _health),
        Route("/model-info", _model_info),
        Route("/metrics", _metrics),
        Route("/openapi.json", _openapi),
        Route("/docs", _docs),
        Route("/docs/start.js", _docs_script),
        Mount("/docs/assets", StaticFiles(directory=assets_folder())),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Guard, metrics=state.metrics)],
        exception_handlers={ApiError: _on_api_error, HTTPException: _on_http_error},
    )
    app.state.service = state
    return app


def _state(request: Request) -> ServiceState:
    state: ServiceState = request.app.state.service
    return state


async def _predict(request: Request) -> Response:
    state = _state(request)
    engine = state.ready_engine()
    request_id = _request_id(request)
    body = await _read_body(request, state.settings)
    # On the event loop on purpose: scoring takes about a millisecond of one core, a thread would only add a hand-over.
    decision = engine.predict(body, request_id)
    state.metrics.decided(decision.decision, decision.probability_of_default)
    content = json.dumps(decision.to_dict(), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(content, media_type=_JSON)


async def _health(request: Request) -> Response:
    state = _state(request)
    ready = state.engine is not None
    content = {"live": True, "ready": ready, "reason": state.reason}
    return JSONResponse(content, status_code=200 if ready else ErrorCode.NOT_READY.status)


async def _model_info(request: Request) -> Response:
    return Response(_state(request).ready_engine().model_info, media_type=_JSON)


async def _metrics(request: Request) -> Response:
    return Response(_state(request).metrics.exposition(), headers={"Content-Type": CONTENT_TYPE})


async def _openapi(request: Request) -> Response:
    return Response(_state(request).ready_engine().openapi, media_type=_JSON)


async def _index(_: Request) -> Response:
    return RedirectResponse("docs")


async def _docs(_: Request) -> Response:
    return HTMLResponse(DOCS_PAGE)


async def _docs_script(_: Request) -> Response:
    return Response(DOCS_SCRIPT, media_type="text/javascript")


def _request_id(request: Request) -> str:
    given = request.headers.get(REQUEST_ID_HEADER)
    if given is not None and not is_identifier(given):
        message = f"{REQUEST_ID_HEADER} must be {IDENTIFIER_IN_WORDS}."
        raise ApiError(ErrorCode.WRONG_TYPE, message, REQUEST_ID_HEADER)
    request_id: str = request.state.request_id
    return request_id


async def _read_body(request: Request, settings: ServiceSettings) -> bytes:
    """Read the body within the limits of size and time."""
    media_type = request.headers.get("Content-Type", _JSON).partition(";")[0].strip().lower()
    if media_type != _JSON or request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ApiError(ErrorCode.UNSUPPORTED_MEDIA_TYPE, f"Send {_JSON}, not compressed.")
    declared = request.headers.get("Content-Length", "")
    if declared.isdecimal() and int(declared) > settings.max_body_bytes:
        raise _too_large(settings)
    try:
        async with asyncio.timeout(settings.body_seconds):
            return await _collect(request, settings)
    except (TimeoutError, ClientDisconnect):
        raise ApiError(ErrorCode.REQUEST_TIMEOUT, "The body did not arrive in time.") from None


async def _collect(request: Request, settings: ServiceSettings) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > settings.max_body_bytes:
            raise _too_large(settings)
    return bytes(body)


def _too_large(settings: ServiceSettings) -> ApiError:
    return ApiError(ErrorCode.BODY_TOO_LARGE, f"The body may have at most {settings.max_body_bytes} bytes.")


async def _on_api_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, ApiError):
        raise TypeError("Starlette hands this handler only the class it is registered for")
    _state(request).metrics.failed(error.code)
    return error.to_response()


async def _on_http_error(request: Request, error: Exception) -> Response:
    """Errors of routing: unknown path, wrong method."""
    if not isinstance(error, HTTPException):
        raise TypeError("Starlette hands this handler only the class it is registered for")
    if error.status_code == ErrorCode.METHOD_NOT_ALLOWED.status:
        problem = ApiError(ErrorCode.METHOD_NOT_ALLOWED, "This path does not take this method; see /docs.")
    else:
        problem = ApiError(ErrorCode.NOT_FOUND, "There is nothing at this path; see /docs.")
    _state(request).metrics.failed(problem.code)
    return problem.to_response(error.headers)
