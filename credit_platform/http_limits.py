"""What holds at every port of ours that clients reach: headers of answers, and how long and how often one may hold on.

What is here: the limits of a connection, `Crowd`, which knows who holds connections, and answers that need no service.
What to add here: a limit that the service and the proxy before it both keep.
What must not be here: a server (`bento.http.connections`, `serving.local.proxy_connections`), and who may ask what.

A client is an address. Where all come from one (this machine, a gateway), a limit that turned the next one away would
let one client shut out the rest: so a full house shows out those who hold a connection and ask nothing, the longest
first, and only where everybody asks is the next one turned away.
"""

from __future__ import annotations

import json
import re
import uuid
from http import HTTPStatus
from typing import Protocol

HEAD_BYTES = 16 * 1024
"""Largest head of a request: its line and its headers. Also the most that may come between two pieces of a body."""
HEAD_SECONDS = 5.0
"""Time from the first byte of a head to its last, in seconds."""
IDLE_SECONDS = 60.0
"""Time that a connection may be silent, or an answer unread, in seconds."""
LINGER_SECONDS = 1.0
"""Time between an answer that ends a connection in the middle of a request and its end, in seconds: closed at once,
what the client still sends would make the network throw the answer away (RFC 9112, 9.6)."""
LINGER_BYTES = 1024 * 1024
"""Most that is thrown away meanwhile; then the sender has to wait."""
CONNECTIONS_PER_CLIENT = 256
"""Connections that one address may hold."""

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""On every answer; a gateway that ends TLS adds Strict-Transport-Security."""
REQUEST_ID_HEADER = "X-Request-ID"
_REQUEST_ID_LINE = re.compile(rb"(?im)^x-request-id:[ \t]*([A-Za-z0-9][A-Za-z0-9._:-]{0,63})[ \t]*\r?$")


class Refusal:
    """An answer given without the service, and the end of the connection."""

    def __init__(self, status: HTTPStatus, code: str, message: str, **headers: str) -> None:
        """Write all of it but the request id.

        Args:
            status: status of HTTP.
            code: code of the error, as in docs/API.md.
            message: what went wrong, and the cure.
            headers: further headers, `_` for `-`.
        """
        self.code = code
        self._body = json.dumps({"error": {"code": code, "message": message}}).encode()
        lines = {
            "Content-Type": "application/json",
            "Content-Length": str(len(self._body)),
            **SECURITY_HEADERS,
            **{name.replace("_", "-"): value for name, value in headers.items()},
            "Connection": "close",
        }
        fields = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._head = f"HTTP/1.1 {status.value} {status.phrase}\r\n{fields}".encode()

    def answer(self, request_id: str | None = None) -> bytes:
        """All of the answer, with the id of the request, or a new one."""
        name = f"{REQUEST_ID_HEADER}: {request_id or uuid.uuid4().hex}\r\n\r\n"
        return self._head + name.encode() + self._body


def request_id_in(request: bytes) -> str | None:
    """The id that a client gave the request whose first bytes these are, if it is harmless."""
    found = _REQUEST_ID_LINE.search(request[:HEAD_BYTES].partition(b"\r\n\r\n")[0])
    return None if found is None else found[1].decode()


MALFORMED = Refusal(HTTPStatus.BAD_REQUEST, "malformed_request", "What came is not HTTP/1.1.")
HEAD_TOO_LARGE = Refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "head_too_large",
    f"The head of a request may have at most {HEAD_BYTES} bytes: send less in headers and address.",
)
HEAD_TOO_SLOW = Refusal(
    HTTPStatus.REQUEST_TIMEOUT, "request_timeout", f"The head of the request did not arrive within {HEAD_SECONDS:g} s."
)
TOO_MANY_CONNECTIONS = Refusal(
    HTTPStatus.TOO_MANY_REQUESTS,
    "too_many_connections",
    "Too many requests of this address are being answered; use fewer connections, or ask again later.",
    Retry_After="1",
)


class Guest(Protocol):
    """A connection, as `Crowd` sees it."""

    since: tuple[bool, float]
    """Whether a request of it was answered, and since when it asks nothing, in seconds of some clock."""

    @property
    def asks(self) -> bool:
        """Whether the head of a request is complete that is not answered yet."""
        ...

    def show_out(self) -> None:
        """End it now."""
        ...


class Crowd:
    """Who holds how many connections."""

    def __init__(self, most: int = CONNECTIONS_PER_CLIENT) -> None:
        """Let one address hold at most `most`."""
        self._most = most
        self._guests: dict[str, dict[Guest, None]] = {}  # in the order in which they came

    def enter(self, address: str, guest: Guest) -> bool:
        """Whether there is room for one more of `address`, if need be for one that asks nothing."""
        guests = self._guests.setdefault(address, {})
        if len(guests) >= self._most:
            # Those who never asked first, then whoever is silent for longest.
            idle = min((one for one in guests if not one.asks), key=lambda one: one.since, default=None)
            if idle is None:
                return False
            del guests[idle]
            idle.show_out()
        guests[guest] = None
        return True

    def leave(self, address: str, guest: Guest) -> None:
        """Forget it. Safe to call twice."""
        guests = self._guests.get(address)
        if guests is not None:
            guests.pop(guest, None)
            if not guests:
                del self._guests[address]
