"""The guard as an ASGI application: check who asks, log in, and hand on what may pass.

What is here: `GuardApplication`, one for each page. What must not be here: rules (`access.py`), words (`pages.py`).
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Final
from urllib.parse import parse_qsl, urlencode

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from credit_platform.errors import ApiKeyError
from credit_platform.local.guard.access import RefusedError, Tries, check_sender, check_use
from credit_platform.local.guard.forwarding import Backend
from credit_platform.local.guard.pages import LOGIN_PATH, OWN_HEADERS, login_page
from credit_platform.local.guard.token import SESSION_SECONDS, TokenFile

HEALTH_PATH: Final = "/-/health"
TOKEN_HEADER: Final = "x-credit-platform-token"  # noqa: S105  # the name of a header
_FORM_BYTES: Final = 4096
_OFTEN: Final = RefusedError(
    429, "Too many wrong tokens; wait a few seconds. The right one: credit-platform keys pages"
)
_NO_TOKEN: Final = RefusedError(
    401,
    "No token, or not this one. Programs: Authorization: Bearer <token> (MLFLOW_TRACKING_TOKEN does so), or "
    "X-Credit-Platform-Token; credit-platform keys pages prints it.",
)


class GuardApplication:
    """What stands before one program."""

    def __init__(self, backend: Backend, token: TokenFile, tries: Tries, *, forms: bool) -> None:
        """Guard `backend`.

        Args:
            backend: the program.
            token: opens it.
            tries: shared by all pages.
            forms: whether the program takes forms of its own pages.
        """
        self._backend = backend
        self._token = token
        self._tries = tries
        self._forms = forms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or a websocket."""
        if scope["type"] == "websocket":
            await self._websocket(WebSocket(scope, receive, send))
        elif scope["type"] == "http":
            with suppress(ClientDisconnect):  # nobody is left to be answered
                response = await self._answer(Request(scope, receive))
                await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        try:
            return await self._http(request)
        except RefusedError as refused:
            return _said(refused)
        except ApiKeyError as error:
            return _said(RefusedError(503, str(error)))

    async def _websocket(self, websocket: WebSocket) -> None:
        try:
            check_sender("GET", websocket.headers, websocket=True)
            if not self._is_known(websocket):
                raise _NO_TOKEN
        except (RefusedError, ApiKeyError):
            await websocket.close(1008)  # before it is accepted: the answer is 403
            return
        await self._backend.converse(websocket)

    async def _http(self, request: Request) -> Response:
        check_sender(request.method, request.headers)
        path = request.scope["path"]
        if path == HEALTH_PATH:
            return Response("ok", headers=OWN_HEADERS)
        if path == LOGIN_PATH:
            return await self._login(request)
        if request.method == "GET" and "token" in request.query_params and not self._is_program(request):
            return self._enter_by_address(request)
        if not self._is_known(request):
            return self._turn_away(request)
        query = request.scope["query_string"].decode("latin-1")
        by_cookie = not self._is_program(request)
        check_use(request.method, path, query, request.headers, by_cookie=by_cookie, forms=self._forms)
        return await self._backend.answer(request)

    def _is_known(self, request: Request | WebSocket) -> bool:
        cookie = request.cookies.get(self._token.cookie_name)
        return self._is_program(request) or (cookie is not None and self._token.is_session(cookie))

    def _is_program(self, request: Request | WebSocket) -> bool:
        given = _shown(request)
        return given is not None and self._token.is_token(given)

    def _turn_away(self, request: Request) -> Response:
        """Whoever shows no token gets the page, a program a sentence."""
        if _shown(request) is not None and not self._tries.take():
            raise _OFTEN
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            page = login_page(request.headers.get("accept-language", ""), _path_without_token(request))
            return HTMLResponse(page, 401, headers=OWN_HEADERS)
        raise _NO_TOKEN

    def _enter_by_address(self, request: Request) -> Response:
        """`?token=` once: a cookie, and the same address without it."""
        return self._enter(request, request.query_params["token"], _path_without_token(request))

    async def _login(self, request: Request) -> Response:
        if request.method != "POST":
            page = login_page(request.headers.get("accept-language", ""), "/")
            return HTMLResponse(page, 200 if request.method == "GET" else 405, headers=OWN_HEADERS)
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > _FORM_BYTES:
                raise RefusedError(413, "A login is shorter than that.")
        form = dict(parse_qsl(body.decode("utf-8", "replace")))
        return self._enter(request, form.get("token", ""), _own_path(form.get("next", "/")))

    def _enter(self, request: Request, given: str, target: str) -> Response:
        problem, status = "often", 429
        if self._tries.take():
            if self._token.is_token(given.strip()):
                self._tries.give_back()
                return self._welcome(target)
            problem, status = "wrong", 401
        page = login_page(request.headers.get("accept-language", ""), target, problem)
        return HTMLResponse(page, status, headers=OWN_HEADERS)

    def _welcome(self, target: str) -> Response:
        response = RedirectResponse(target, 303, headers={**OWN_HEADERS, "Referrer-Policy": "no-referrer"})
        response.set_cookie(
            self._token.cookie_name,
            self._token.new_session(),
            max_age=SESSION_SECONDS,
            path="/",
            httponly=True,
            samesite="lax",  # links from elsewhere may open a page; nothing is done by opening one
        )
        return response


def _shown(request: Request | WebSocket) -> str | None:
    """The token in a header, right or wrong."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else request.headers.get(TOKEN_HEADER)


def _path_without_token(request: Request) -> str:
    pairs = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    query = urlencode([(name, value) for name, value in pairs if name != "token"])
    path = (request.scope.get("raw_path") or b"/").decode("latin-1")
    return _own_path(path + (f"?{query}" if query else ""))


def _own_path(path: str) -> str:
    r"""A path of this server: never `//host` or `/\host`, which a browser takes for another one."""
    return path if re.fullmatch(r"/(?![/\\])[\x21-\x7e]*", path) and "\\" not in path else "/"


def _said(refused: RefusedError) -> Response:
    headers = dict(OWN_HEADERS)
    if refused.status == _NO_TOKEN.status:
        headers["WWW-Authenticate"] = 'Bearer realm="credit_platform"'
    if refused.status == _OFTEN.status:
        headers["Retry-After"] = "6"
    return JSONResponse({"message": refused.why}, refused.status, headers=headers)
