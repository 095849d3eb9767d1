"""Connections of clients that send too much, too slowly, nothing, or on after they were answered: with real sockets."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from bento.http.connections import BoundedProtocol
from credit_platform.http_limits import HEAD_BYTES, LINGER_BYTES, SECURITY_HEADERS, Crowd

Connect = Callable[[], socket.socket]
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with what it was sent; `/early` without reading it, `/slow` when told, `/long` at length."""
    body, path = b"", scope["path"]
    while path not in ("/early", "/slow"):
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message["body"]
        if not message["more_body"]:
            break
    if path == "/slow":
        await asyncio.to_thread(GO_ON.wait, 5)
    names = ",".join(name.decode() for name, _ in scope["headers"]).encode()
    content = b"x" * 20_000_000 if path == "/long" else b"%d %s" % (len(body), names)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(content))]})
    await send({"type": "http.response.body", "body": content})


GO_ON = threading.Event()


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Opens connections to a server whose times are short."""
    monkeypatch.setattr("bento.http.connections.HEAD_SECONDS", 0.4)
    monkeypatch.setattr("bento.http.connections.IDLE_SECONDS", 1.0)
    monkeypatch.setattr("bento.http.connections.Crowd", lambda: Crowd(4))
    GO_ON.clear()
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, http=BoundedProtocol, ws="none", log_config=None, lifespan="off", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    with ExitStack() as opened:
        yield lambda: opened.enter_context(socket.create_connection(listener.getsockname(), timeout=5))
    GO_ON.set()
    server.should_exit = True
    thread.join(10)
    listener.close()


def read(client: socket.socket) -> bytes:
    """All that comes until the other side ends."""
    answer = b""
    with suppress(ConnectionResetError):
        while more := client.recv(65536):
            answer += more
    return answer


def ask(client: socket.socket, request: bytes = GET) -> bytes:
    """The answer to one request on a connection that stays."""
    client.sendall(request)
    answer = b""
    while b"\r\n\r\n" not in answer or len(answer.partition(b"\r\n\r\n")[2]) < length(answer):
        more = client.recv(65536)
        assert more, answer
        answer += more
    return answer


def length(answer: bytes) -> int:
    return int(answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])


@pytest.mark.parametrize(
    "endless",
    [
        (b"GET / HTTP/1.1\r\nX-A: ", b"a"),
        (b"GET / HTTP/1.1\r\n", b"A: b\r\n"),
        (b"GET /", b"a"),
        (b"", b"\r\n"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", b"A: b\r\n"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-A: ", b"a"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"a"),
    ],
    ids=["value", "headers", "address", "lines", "trailers", "trailer", "chunk-extension"],
)
def test_what_never_becomes_a_request_is_cut_off_and_nobody_waits(
    connect: Connect, endless: tuple[bytes, bytes]
) -> None:
    attacker, other = connect(), connect()
    start, piece = endless
    sent = 0
    with suppress(OSError):
        attacker.sendall(start)
        while sent < 4 * LINGER_BYTES:
            attacker.sendall(piece * (4096 // len(piece)))
            sent += 4096
    assert ask(other).startswith(b"HTTP/1.1 200")
    answer = read(attacker)
    assert answer.startswith(b"HTTP/1.1 431 "), answer
    assert b'"head_too_large"' in answer


def test_a_head_that_comes_whole_and_is_too_large_is_refused_and_the_largest_is_not(connect: Connect) -> None:
    head = b"GET / HTTP/1.1\r\nHost: x\r\nX-Request-ID: mine-1\r\nX-A: %s\r\n\r\n"
    assert ask(connect(), head % (b"a" * (HEAD_BYTES - 200))).startswith(b"HTTP/1.1 200")
    client = connect()
    client.sendall(head % (b"a" * (HEAD_BYTES + 200)))
    answer = read(client)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b"\r\nX-Request-ID: mine-1\r\n" in answer
    for name, value in SECURITY_HEADERS.items():
        assert f"\r\n{name}: {value}\r\n".encode() in answer


def test_half_a_head_is_answered_after_its_time_and_a_silent_connection_ends(connect: Connect) -> None:
    half, silent, kept = connect(), connect(), connect()
    half.sendall(GET[:20])
    assert ask(kept).startswith(b"HTTP/1.1 200")
    assert read(half).startswith(b"HTTP/1.1 408 ")
    assert read(silent) == b""
    assert read(kept) == b""


def test_a_head_in_pieces_is_read_if_it_comes_in_time(connect: Connect) -> None:
    client = connect()
    for byte in GET[:-1]:
        client.sendall(bytes([byte]))
        time.sleep(0.002)
    assert ask(client, GET[-1:]).startswith(b"HTTP/1.1 200")
    assert ask(client).startswith(b"HTTP/1.1 200")


def test_after_an_early_answer_the_body_is_not_read_on(connect: Connect) -> None:
    client = connect()
    client.sendall(b"POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 90000000\r\n\r\nsome")
    client.settimeout(0.2)
    sent = 0
    with suppress(OSError):  # it blocks when nobody reads, or the other side ends
        while sent < 90_000_000:
            sent += client.send(b"x" * 65536)
    assert sent < 30_000_000  # what the buffers of two sockets take
    client.settimeout(5)
    answer = read(client)
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"\r\nconnection: close\r\n" in answer
    assert answer.count(b"HTTP/1.1") == 1


def test_a_whole_request_leaves_the_connection_open(connect: Connect) -> None:
    client = connect()
    body = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000
    for _ in range(3):
        answer = ask(client, body)
        assert b"connection: close" not in answer
        assert answer.partition(b"\r\n\r\n")[2].startswith(b"300000 ")


def test_trailers_are_no_headers(connect: Connect) -> None:
    chunked = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-API-Key: k\r\n\r\n"
    assert ask(connect(), chunked).endswith(b"1 host,transfer-encoding")


def test_pipelined_requests_are_answered_in_turn(connect: Connect) -> None:
    client = connect()
    client.sendall(GET * 3 + b"GET /early HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert read(client).count(b"HTTP/1.1 200") == 4


def test_half_a_head_behind_a_request_ends_the_connection_after_its_answer(connect: Connect) -> None:
    client = connect()
    client.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET / HT")
    time.sleep(0.6)
    GO_ON.set()
    answer = read(client)
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.count(b"HTTP/1.1") == 1


def test_what_is_not_http_is_told_so(connect: Connect) -> None:
    client = connect()
    client.sendall(b"no HTTP at all, and never will be\r\n\r\n")
    answer = read(client)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"malformed_request"' in answer


def test_an_answer_that_is_not_read_is_not_kept_for_ever(connect: Connect) -> None:
    client = connect()
    client.sendall(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
    time.sleep(1.5)
    assert len(read(client)) < 20_000_000


def test_who_holds_connections_and_asks_nothing_makes_room(connect: Connect) -> None:
    answered = connect()
    assert ask(answered).startswith(b"HTTP/1.1 200")
    silent = [connect() for _ in range(3)]
    newcomer = connect()
    assert ask(newcomer).startswith(b"HTTP/1.1 200")
    assert read(silent[0]) == b""
    assert ask(answered).startswith(b"HTTP/1.1 200")


def test_where_everybody_asks_the_next_one_is_turned_away(connect: Connect) -> None:
    asking = [connect() for _ in range(4)]
    for client in asking:
        client.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
    time.sleep(0.2)
    answer = read(connect())
    assert answer.startswith(b"HTTP/1.1 429 ")
    assert b"\r\nRetry-After: 1\r\n" in answer
    GO_ON.set()
    assert all(ask(client, b"").startswith(b"HTTP/1.1 200") for client in asking)
