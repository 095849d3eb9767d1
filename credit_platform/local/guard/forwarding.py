"""Hand requests and websockets on to a program behind a Unix socket, in pieces, and its answers back.

What is here: `Backend`. What must not be here: who may ask (`access.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import websockets
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.typing import Subprotocol

from credit_platform.local.guard.pages import OWN_HEADERS, SECURITY_HEADERS

_OF_THE_CONNECTION: Final = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""RFC 9110, 7.6.1: not for whoever is behind."""
_OURS: Final = frozenset({"authorization", "x-credit-platform-token"})
"""The token is for the guard alone."""
_MESSAGE_BYTES: Final = 256 * 1024 * 1024


class Backend:
    """A program that listens at a Unix socket."""

    def __init__(self, socket: Path, cookie: str) -> None:
        """Connect when something is asked.

        Args:
            socket: where the program listens.
            cookie: name of the guard's cookie, which is not handed on.
        """
        self._socket = str(socket)
        self._cookie = cookie
        transport = httpx.AsyncHTTPTransport(uds=self._socket, limits=httpx.Limits(max_connections=None))
        timeout = httpx.Timeout(None, connect=10)
        self._client = httpx.AsyncClient(transport=transport, timeout=timeout, trust_env=False)

    async def answer(self, request: Request) -> Response:
        """Ask the program and hand its answer back as it comes."""
        address = f"http://{request.headers['host']}{_target(request.scope)}"
        body = request.stream() if _has_body(request.headers) else None
        outgoing = self._client.build_request(
            request.method, address, headers=self._headers(request.scope), content=body
        )
        try:
            answer = await self._client.send(outgoing, stream=True)
        except httpx.TransportError:
            return Response("The program behind this page does not answer.", 502, headers=OWN_HEADERS)
        response = _Forwarded(answer)
        response.raw_headers = _answered(answer, request.headers["host"])
        return response

    async def converse(self, websocket: WebSocket) -> None:
        """Hand messages both ways until one side closes."""
        wanted = [Subprotocol(name) for name in websocket.scope.get("subprotocols", ())]
        dropped = {"host", "origin", "content-length"}
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in self._headers(websocket.scope)
            if not name.startswith(b"sec-websocket-") and name.decode("latin-1") not in dropped
        ]
        host = websocket.headers["host"]
        try:
            connection = await unix_connect(
                self._socket,
                f"ws://{host}{_target(websocket.scope)}",
                subprotocols=wanted or None,
                origin=websocket.headers.get("origin"),
                additional_headers=headers,
                user_agent_header=None,
                max_size=_MESSAGE_BYTES,
                ping_interval=None,
                compression=None,
                proxy=None,
            )
        except (OSError, websockets.WebSocketException):
            await websocket.close(1011)
            return
        async with connection:
            await websocket.accept(connection.subprotocol)
            await _both_ways(websocket, connection)

    async def close(self) -> None:
        """End the connections."""
        await self._client.aclose()

    def _headers(self, scope: Mapping[str, Any]) -> list[tuple[bytes, bytes]]:
        return [
            (name, self._without_cookie(value) if name == b"cookie" else value)
            for name, value in scope["headers"]
            if name.decode("latin-1") not in _OF_THE_CONNECTION | _OURS
        ]

    def _without_cookie(self, value: bytes) -> bytes:
        parts = [part.strip() for part in value.split(b";")]
        return b"; ".join(part for part in parts if part.partition(b"=")[0].decode("latin-1") != self._cookie)


def _target(scope: Mapping[str, Any]) -> str:
    path = scope.get("raw_path") or scope["path"].encode()
    query = scope["query_string"]
    return str((path + (b"?" + query if query else b"")).decode("latin-1"))


def _has_body(headers: Mapping[str, str]) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


class _Forwarded(StreamingResponse):
    """The answer of the program as it comes; its connection is closed also when the client goes in the middle."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(answer.aiter_raw(), answer.status_code)
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._answer.aclose()


def _answered(answer: httpx.Response, host: str) -> list[tuple[bytes, bytes]]:
    headers = [
        (name.lower(), value)
        for name, value in answer.headers.raw
        if name.lower().decode("latin-1") not in _OF_THE_CONNECTION | {"server", "date"}
    ]
    named = {name for name, _ in headers}
    added = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
    headers = [(name, _relative(value, host) if name == b"location" else value) for name, value in headers]
    return headers + [(name, value) for name, value in added if name not in named]


def _relative(location: bytes, host: str) -> bytes:
    """A redirect of the program to itself names no host, so that whatever a client called it does not come back."""
    parts = urlsplit(location.decode("latin-1"))
    if parts.netloc.lower() != host.lower():
        return location
    return ("/" + parts._replace(scheme="", netloc="").geturl().lstrip("/")).encode("latin-1")


async def _both_ways(websocket: WebSocket, connection: ClientConnection) -> None:
    async with asyncio.TaskGroup() as tasks:
        inwards = tasks.create_task(_inwards(websocket, connection))
        outwards = tasks.create_task(_outwards(websocket, connection))
        inwards.add_done_callback(lambda _: outwards.cancel())
        outwards.add_done_callback(lambda _: inwards.cancel())


async def _inwards(websocket: WebSocket, connection: ClientConnection) -> None:
    with suppress(websockets.ConnectionClosed):
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            await connection.send(message["bytes"] if text is None else text)


async def _outwards(websocket: WebSocket, connection: ClientConnection) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):  # RuntimeError: the client went in the middle of a message
        try:
            while True:
                message = await connection.recv()
                await (websocket.send_text(message) if isinstance(message, str) else websocket.send_bytes(message))
        except websockets.ConnectionClosed as closed:
            await websocket.close(1000 if closed.rcvd is None else closed.rcvd.code)
