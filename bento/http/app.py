"""The routes of the service.

What is here: `create_app` and the handlers that fit in a few lines; larger ones have a module each.
What to add here: a route, with its path in `openapi.py`, `metrics.ROUTES` and the access table of docs/API.md.
What must not be here: rules about fields (`validation.py`) or what holds for all routes (`guard.py`).

**How a handler is written.** It takes a Starlette request and returns a response; failures are an `ApiError`. In
`create_app` it is put behind scopes: `Route("/predict", secured(_predict, Scope.SCORE), methods=["POST"])`; any one of
the scopes is enough, key and rate are checked before the body is read, and `request.state.client` is then the key's id.
A route without `secured` is public: `test_access.py` lists those, and a test compares all with docs/API.md.
`handling.py` has the steps: `read_request_id`, `read_body`, and for whatever decides:

    scored = await engine.predict(body, request_id)          # one `Scored`; of many requests, `engine.score_many`
    answers = await record_decisions(request, [scored, …])   # commits all or none, then returns the JSON texts to send

One applicant or ten thousand, it is one call and one transaction. Request ids in it must differ: for many applicants
give each `row_id(request_id, position)`, and hand in the `Batch` that names the whole. Only what `record_decisions`
returned may be sent: it is the stored answer when the same request came before. What the answer holds besides the
decision goes into `Scored.notes` (the log keeps it). What explains and does not decide is not logged. Where a
challenger is shadowed, `record_decisions` hands it what was committed (`shadow.py`); a handler does nothing for that.

Why Starlette and not `@bentoml.api`: BentoML answers invalid input with 400 and logs a traceback that quotes the
values, which are personal data; here each error is ours. Why not FastAPI: schema and rules come from the portfolio at
start-up, so its decorators would have nothing to do.
"""

from __future__ import annotations

import json

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bento.errors import ApiError, ErrorCode
from bento.http.access import ANY_KEY, secured
from bento.http.batch import predict_batch
from bento.http.docs_page import DOCS_PAGE, DOCS_SCRIPT, assets_folder
from bento.http.explain import explain
from bento.http.guard import Guard
from bento.http.handling import (
    ServiceState,
    json_response,
    read_body,
    read_request_id,
    record_decisions,
    state_of,
)
from bento.requests.json_text import write_json
from bento.runtime.metrics import CONTENT_TYPE
from credit_platform.api_keys import Scope


def create_app(state: ServiceState) -> Starlette:
    """Build the ASGI application around `state`."""
    metrics = _metrics if state.settings.public_metrics else secured(_metrics, Scope.ADMIN)
    routes = [
        Route("/", _index),
        Route("/predict", secured(_predict, Scope.SCORE), methods=["POST"]),
        Route("/predict_batch", secured(predict_batch, Scope.SCORE), methods=["POST"]),
        Route("/predict/batch", secured(predict_batch, Scope.SCORE), methods=["POST"]),
        Route("/explain", secured(explain, Scope.EXPLAIN), methods=["POST"]),
        Route("/health", _health),
        Route("/model-info", secured(_model_info, *ANY_KEY)),
        Route("/metrics", metrics),
        Route("/openapi.json", _openapi),
        Route("/docs", _docs),
        Route("/docs/", _docs_without_slash),
        Route("/docs/start.js", _docs_script),
        Mount("/docs/assets", StaticFiles(directory=assets_folder())),
    ]
    guard = Middleware(Guard, metrics=state.metrics, bodies=state.bodies, access_log=state.settings.access_log)
    app = Starlette(
        routes=routes,
        middleware=[guard],
        exception_handlers={ApiError: _on_api_error, HTTPException: _on_http_error},
    )
    app.router.redirect_slashes = False  # it would redirect to whatever host the request names
    app.state.service = state
    return app


async def _predict(request: Request) -> Response:
    state = state_of(request)
    engine = state.ready_engine()
    request_id = read_request_id(request)
    body = await read_body(request, state.settings)
    # On the event loop on purpose: scoring takes about a millisecond of one core, a thread would only add a hand-over.
    scored = await engine.predict(body, request_id)
    answers = await record_decisions(request, [scored])
    return json_response(answers[0])


async def _health(request: Request) -> Response:
    health = state_of(request).health
    return JSONResponse(health, status_code=200 if health["ready"] else ErrorCode.NOT_READY.status)


async def _model_info(request: Request) -> Response:
    state = state_of(request)
    asks = state.gatekeeper.asks(request)
    return json_response(write_json({**json.loads(state.ready_engine().model_info), **asks}))


async def _metrics(request: Request) -> Response:
    return Response(state_of(request).metrics.exposition(), headers={"Content-Type": CONTENT_TYPE})


async def _openapi(request: Request) -> Response:
    return json_response(state_of(request).ready_engine().openapi)


async def _index(_: Request) -> Response:
    return RedirectResponse("docs")


async def _docs_without_slash(_: Request) -> Response:
    return RedirectResponse("../docs")


async def _docs(_: Request) -> Response:
    return HTMLResponse(DOCS_PAGE)


async def _docs_script(_: Request) -> Response:
    return Response(DOCS_SCRIPT, media_type="text/javascript")


async def _on_api_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, ApiError):
        raise TypeError("Starlette hands this handler only the class it is registered for")
    request.state.error = error.code.value
    state_of(request).metrics.failed(error.code)
    return error.to_response()


async def _on_http_error(request: Request, error: Exception) -> Response:
    """Errors of routing: unknown path, wrong method."""
    if not isinstance(error, HTTPException):
        raise TypeError("Starlette hands this handler only the class it is registered for")
    if error.status_code == ErrorCode.METHOD_NOT_ALLOWED.status:
        code, message = ErrorCode.METHOD_NOT_ALLOWED, "This path does not take this method; see /docs."
    else:
        code, message = ErrorCode.NOT_FOUND, "There is nothing at this path; see /docs."
    return await _on_api_error(request, ApiError(code, message, headers=error.headers))
