"""One client's connection and the connection to a backend behind it: bytes pass as they came.

What is here: `Client`, `Backend`, and what a client asks of the proxy it came to (`Front`).
What to add here: nothing that knows about models or processes.
What must not be here: listening and changing the backend (`reverse_proxy.py`); reading what passes: `http_framing.py`
only watches where requests and answers begin and end.

Of a request whose head is not complete, a silent connection and one client with too many of them the service need not
hear: they end here, by the limits of `credit_platform.http_limits`.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Protocol

from credit_platform.http_limits import (
    HEAD_BYTES,
    HEAD_SECONDS,
    HEAD_TOO_LARGE,
    HEAD_TOO_SLOW,
    IDLE_SECONDS,
    LINGER_BYTES,
    LINGER_SECONDS,
    TOO_MANY_CONNECTIONS,
    Crowd,
    Refusal,
    request_id_in,
)
from credit_platform.serving.local.http_framing import Exchange

HOST = "127.0.0.1"
FRESH_SECONDS = 2.0
"""A connection to a backend that was idle for longer is opened anew: the service closes idle ones after a while, and
a request must not meet that."""
NOT_READY = Refusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "not_ready",
    "The service is being started again; ask again with the same X-Request-ID.",
    Retry_After="1",
)
"""What the service itself answers when it cannot score."""


class Front(Protocol):
    """The proxy that clients came to."""

    backend: int | None
    """Port of the process that answers now; None while there is none."""
    clients: set[Client]
    """Who is connected."""
    crowd: Crowd
    """Who may connect."""


class _Side(asyncio.Protocol):
    """What both ends of a forwarded connection have in common."""

    transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write to."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("asyncio gives a stream's protocol a transport that reads and writes")
        self.transport = transport

    def write(self, data: bytes) -> None:
        """Send, if anybody is there."""
        if self.transport is not None:
            self.transport.write(data)

    def read(self, *, on: bool) -> None:
        """Go on reading, or let the sender wait."""
        if self.transport is not None:
            (self.transport.resume_reading if on else self.transport.pause_reading)()


class Client(_Side):
    """A client's connection."""

    def __init__(self, front: Front, loop: asyncio.AbstractEventLoop) -> None:
        """Ask `front` for the backend whenever a request begins."""
        self.since = (False, loop.time())
        """Whether a request was answered, and since when nothing was asked, in seconds of the loop's clock."""
        self._front = front
        self._loop = loop
        self._exchange = Exchange()
        self._backend: Backend | None = None
        self._port: int | None = None
        self._waiting: list[bytes] = []
        self._opening: asyncio.Task[None] | None = None
        self._address = ""
        self._start = b""
        """How the request begins that came last."""
        self._head = 0
        """Bytes of a head that is not complete."""
        self._timer: asyncio.TimerHandle | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._slow = False
        """Whether the client does not read what is there for it."""
        self._thrown_away: int | None = None
        """Bytes that came after the last answer; None before it."""

    @property
    def asks(self) -> bool:
        """Whether the head of a request is complete that is not answered yet."""
        return self._exchange.unanswered and not self._exchange.head_open

    @property
    def busy_with(self) -> int | None:
        """The backend that has not answered everything yet; None when nothing is unanswered."""
        return None if self._exchange.idle else self._port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be known to the front, if there is room."""
        super().connection_made(transport)
        self._front.clients.add(self)
        self._address = str(transport.get_extra_info("peername")[0])
        if self._front.crowd.enter(self._address, self):
            self._watch = self._loop.call_later(IDLE_SECONDS, self._look)
        else:
            self._refuse(TOO_MANY_CONNECTIONS)

    def show_out(self) -> None:
        """End the connection now."""
        self.abort()

    def _look(self) -> None:
        """End a connection on which nothing has happened for long."""
        silent = self._loop.time() - self.since[1]
        still = self._exchange.idle or self._exchange.opaque or self._slow
        if still and silent >= IDLE_SECONDS:
            self.abort()
        else:
            self._watch = self._loop.call_later(max(IDLE_SECONDS - silent, IDLE_SECONDS / 4), self._look)

    def data_received(self, data: bytes) -> None:
        """Forward; the first byte of a request chooses the backend."""
        if self._thrown_away is not None:
            self._throw_away(len(data))
            return
        if self._exchange.idle:
            self._start = data
            self._choose_backend()
        self._exchange.asked(data)
        if self._exchange.head_open:
            self._limit(len(data))
        elif self._timer is not None:
            self._stop_timer()
        if self._thrown_away is not None:
            return
        if self._backend is not None:
            self._backend.write(data)
        else:
            self._waiting.append(data)

    def _limit(self, size: int) -> None:
        """After bytes that left a head open."""
        self._head += size
        if self._head > HEAD_BYTES:
            self._refuse(HEAD_TOO_LARGE)
        elif self._timer is None:
            self._timer = self._loop.call_later(HEAD_SECONDS, self._refuse, HEAD_TOO_SLOW)

    def _stop_timer(self) -> None:
        self._head = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _choose_backend(self) -> None:
        self._port = self._front.backend
        held = self._backend
        if held is not None and held.port == self._port and self._loop.time() - held.used < FRESH_SECONDS:
            return
        self._leave_backend()
        self.read(on=False)
        self._opening = self._loop.create_task(self._open())

    async def _open(self) -> None:
        port = self._port
        if port is None:
            self._refuse(NOT_READY)
            return
        try:
            _, backend = await self._loop.create_connection(lambda: Backend(self, port, self._loop), HOST, port)
        except OSError:
            self._refuse(NOT_READY)
            return
        self._backend = backend
        if self.transport is None or self._thrown_away is not None:  # the client went away meanwhile, or was refused
            self._leave_backend()
            return
        for data in self._waiting:
            backend.write(data)
        self._waiting.clear()
        self.read(on=True)

    def answer(self, data: bytes) -> None:
        """Forward what the backend says."""
        self._exchange.answered(data)
        self.since = (True, self._loop.time())
        self.write(data)
        if self._exchange.idle and self._exchange.last:
            self._close()

    def lost(self, backend: Backend) -> None:
        """The backend closed its connection: what follows goes to another one, what it left unanswered is refused."""
        if backend is not self._backend:
            return
        self._backend = None
        if self._exchange.idle:
            return
        if self._exchange.unanswered and not self._exchange.answer_begun and not self._exchange.opaque:
            self._refuse(NOT_READY)
        else:  # how an answer without a length ends; one that had a length is seen to be cut off
            self._close()

    def _refuse(self, refusal: Refusal) -> None:
        """Answer in place of a backend, and end when the client had time to read it."""
        self._stop_timer()
        self._leave_backend()
        self._waiting.clear()
        if self.transport is None or self._thrown_away is not None:
            return
        if self._exchange.answer_begun or self._exchange.pipelined:  # it would be taken for another request's
            self.abort()
            return
        self._thrown_away = 0
        self.write(refusal.answer(request_id_in(self._start)))
        self.transport.write_eof()
        self.read(on=True)
        self._timer = self._loop.call_later(LINGER_SECONDS, self._close)

    def _throw_away(self, size: int) -> None:
        self._thrown_away = (self._thrown_away or 0) + size
        if self._thrown_away > LINGER_BYTES:
            self.read(on=False)

    def _close(self) -> None:
        if self.transport is not None:
            self.transport.close()

    def abort(self) -> None:
        """End without waiting for anyone."""
        if self._opening is not None:
            self._opening.cancel()
        if self.transport is not None:
            self.transport.abort()

    def _leave_backend(self) -> None:
        held, self._backend = self._backend, None
        if held is not None and held.transport is not None:
            held.transport.close()

    def pause_writing(self) -> None:
        """The client reads slowly: so do we."""
        self._slow = True
        if self._backend is not None:
            self._backend.read(on=False)

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._slow = False
        if self._backend is not None:
            self._backend.read(on=True)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio names it
        """Nobody waits for an answer any more; the service notices as it would without a front."""
        self.transport = None
        self._front.clients.discard(self)
        self._front.crowd.leave(self._address, self)
        self._stop_timer()
        if self._watch is not None:
            self._watch.cancel()
        self._leave_backend()


class Backend(_Side):
    """The connection of one client to the process that answers."""

    def __init__(self, client: Client, port: int, loop: asyncio.AbstractEventLoop) -> None:
        """Bring answers to `client`."""
        self.port = port
        self.used = loop.time()
        """When something last came from here, in seconds of the loop's clock."""
        self._client = client
        self._loop = loop

    def data_received(self, data: bytes) -> None:
        """Forward to the client."""
        self.used = self._loop.time()
        self._client.answer(data)

    def pause_writing(self) -> None:
        """The service reads slowly: so do we."""
        self._client.read(on=False)

    def resume_writing(self) -> None:
        """The service has caught up."""
        self._client.read(on=True)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio names it
        """Tell the client's side."""
        self.transport = None
        self._client.lost(self)
