"""How long and how large a request may be before the service knows what it asks, and how connections end.

What is here: `BoundedProtocol`, uvicorn's protocol for HTTP/1.1 with the limits of `credit_platform.http_limits`.
What to add here: another limit of a connection.
What must not be here: what a complete request may say: keys are in `access.py`, bodies in `handling.py`.

Uvicorn waits for the rest of a head for ever, puts a header together again for each piece that comes (which takes the
square of its length, while nobody else is answered), reads on after it has answered, and takes any number of
connections. What it leaves to others is done here, in the calls that asyncio and the parser make of a protocol; where a
whole request comes at once, as nearly always, that is a handful of comparisons.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from bento.http.handling import REQUEST_ID_HEADER
from bento.identifiers import is_identifier
from credit_platform.http_limits import (
    HEAD_BYTES,
    HEAD_SECONDS,
    HEAD_TOO_LARGE,
    HEAD_TOO_SLOW,
    IDLE_SECONDS,
    LINGER_BYTES,
    LINGER_SECONDS,
    MALFORMED,
    TOO_MANY_CONNECTIONS,
    Crowd,
    Refusal,
)

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from starlette.types import Message
    from uvicorn._types import ASGI3Application
    from uvicorn.server import ServerState

LOGGER = logging.getLogger("credit_platform.service")
_CROWDS: WeakKeyDictionary[ServerState, Crowd] = WeakKeyDictionary()
"""Who is connected to a server."""
_REQUEST_ID = REQUEST_ID_HEADER.lower().encode()


class BoundedProtocol(HttpToolsProtocol):
    """One connection of a client."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """As uvicorn's; it makes one for each connection."""
        super().__init__(*arguments, **options)
        self.timeout_keep_alive = int(IDLE_SECONDS)
        self.since = (False, self.loop.time())
        """Whether a request was answered, and since when nothing was asked, in seconds of the loop's clock."""
        self._crowd = _CROWDS.setdefault(self.server_state, Crowd())
        self._address = ""
        self._in_head = self._in_body = False
        self._size = 0
        """Bytes that are being parsed."""
        self._moved = False
        """Whether they completed a head or a request, or were part of a body."""
        self._stuck = 0
        """Bytes that came since something `moved`."""
        self._timer: asyncio.TimerHandle | None = None
        self._lingering = False
        self._verdict = MALFORMED
        self._outlet: _Outlet | None = None

    @property
    def asks(self) -> bool:
        """Whether the head of a request is complete that is not answered yet."""
        return self.cycle is not None and not self.cycle.response_complete

    def show_out(self) -> None:
        """End the connection now."""
        self._set_timer(None)
        self.transport.abort()

    # The connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Let the client in if there is room, and wait a while for what it says."""
        super().connection_made(transport)
        self._outlet = _Outlet(transport, self.hang_up)
        self._address = self.client[0] if self.client else ""
        if self._crowd.enter(self._address, self):
            self._set_timer(self.loop.call_later(IDLE_SECONDS, self.show_out))
        else:
            self._refuse(TOO_MANY_CONNECTIONS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client."""
        self._set_timer(None)
        self._unset_keepalive_if_required()
        self._crowd.leave(self._address, self)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Give a client that does not read its answer a while."""
        super().pause_writing()
        self._set_timer(self.loop.call_later(IDLE_SECONDS, self.show_out))

    def resume_writing(self) -> None:
        """It reads."""
        super().resume_writing()
        if not self._lingering:
            self._set_timer(None)

    def timeout_keep_alive_handler(self) -> None:
        """Nothing was asked for long; nor is an answer waited for that was not read by now."""
        if self.transport.get_write_buffer_size():
            self.show_out()
        else:
            super().timeout_keep_alive_handler()

    def hang_up(self) -> None:
        """End after an answer, in such a way that a client reads it which is still sending."""
        if self._in_body:
            self._linger()
        else:
            self.transport.close()

    def _set_timer(self, timer: asyncio.TimerHandle | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = timer

    # What comes

    def data_received(self, data: bytes) -> None:
        """Parse what came; asyncio hands over 256 KiB at most."""
        if self._lingering:
            self._throw_away(len(data))
            return
        if self._timer is not None and not (self._stuck or self._in_head or self.flow.write_paused):
            self._set_timer(None)  # it was silent
        self._size, self._moved = len(data), False
        super().data_received(data)
        if self._moved and not self._in_head:
            self._stuck = 0
        elif not (self._lingering or self.transport.is_closing()):
            self._limit(len(data))

    def _limit(self, size: int) -> None:
        """After bytes that left a head open or were of no use, as trailers are and what is written beside a chunk."""
        self._stuck = 0 if self._moved else self._stuck + size
        if self._stuck > HEAD_BYTES:
            self._refuse(HEAD_TOO_LARGE)
        elif self._timer is None and not self._in_body:
            self._set_timer(self.loop.call_later(HEAD_SECONDS, self._refuse, HEAD_TOO_SLOW))

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The last byte of a head.

        Raises:
            ValueError: it was too large; the parser hands that to `send_400_response`.
        """
        if self._size > HEAD_BYTES or self._stuck:
            self._set_timer(None)
            if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES:
                self._verdict = HEAD_TOO_LARGE
                raise ValueError(HEAD_TOO_LARGE.code)
        elif self._timer is not None:
            self._set_timer(None)
        self._in_head, self._in_body, self._moved = False, True, True
        super().on_headers_complete()
        self.headers = self.headers.copy()  # what follows a body is no header of the request

    def on_body(self, body: bytes) -> None:
        """Some of a body."""
        self._moved = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The last byte of a request."""
        self._in_body, self._moved = False, True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn names it
        """What came is not HTTP, or its head is too large."""
        self._refuse(self._verdict)

    # What goes

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Let `app` answer; when it does before all of the request has come, that is the last answer."""
        cycle.transport = self._outlet  # type: ignore[assignment]  # has what a cycle asks of it

        def send(message: Message) -> Coroutine[Any, Any, None]:
            if cycle.more_body and message["type"] == "http.response.start":
                cycle.keep_alive = False
            return cycle.send(message)  # type: ignore[arg-type]  # two names of one type

        # Plain functions: another coroutine for each call would cost more than all of the limits.
        super()._start_asgi_task(cycle, lambda scope, receive, _: app(scope, receive, send))  # type: ignore[arg-type]  # as above

    def on_response_complete(self) -> None:
        """Go on with the next request, if there may be one."""
        self.since = (True, self.loop.time())
        if self._lingering:
            self.server_state.total_requests += 1
        else:
            super().on_response_complete()

    def _refuse(self, refusal: Refusal) -> None:
        """Answer without the application, and end."""
        if self.transport.is_closing():
            return
        if self.asks and not self._in_body:  # an answer is on its way to a request before this one
            self.cycle.keep_alive = False
            self.flow.pause_reading()
            return
        if self.asks:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if self.cycle.response_started or self.pipeline:
                self.show_out()
                return
        LOGGER.info("refused before it was a request: %s", refusal.code)
        self.transport.write(refusal.answer(self._request_id()))
        self._linger()

    def _request_id(self) -> str | None:
        """What the client called the request whose head is open, if that has come and is harmless."""
        given = dict(self.headers).get(_REQUEST_ID) if self._in_head or self._in_body else None
        text = None if given is None else given.decode("latin-1")
        return text if text is not None and is_identifier(text) else None

    def _linger(self) -> None:
        """Say that no more will come from here, and throw away what comes, for a moment."""
        self._lingering, self._stuck = True, 0
        self._unset_keepalive_if_required()
        if not self.transport.can_write_eof():
            self.transport.close()
            return
        self.transport.write_eof()
        self.flow.resume_reading()
        self._set_timer(self.loop.call_later(LINGER_SECONDS, self.show_out))

    def _throw_away(self, size: int) -> None:
        self._stuck += size
        if self._stuck > LINGER_BYTES:
            self.flow.pause_reading()


class _Outlet:
    """What a request is answered through: the transport, but for how it is closed."""

    def __init__(self, transport: asyncio.Transport, close: Any) -> None:
        self.write = transport.write
        self.is_closing = transport.is_closing
        self.close = close
