"""The public port, with small HTTP servers behind it."""

from __future__ import annotations

import http.client
import http.server
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from credit_platform.errors import ServiceError
from credit_platform.http_limits import SECURITY_HEADERS, Crowd
from credit_platform.serving.local import proxy_connections
from credit_platform.serving.local.reverse_proxy import ReverseProxy


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Backend

    def do_GET(self) -> None:
        if self.path == "/cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            self.close_connection = True
            return
        if self.path == "/nothing":
            self.close_connection = True
            return
        if self.path == "/slow":
            self.server.entered.set()
            self.server.go_on.wait(5)
        self.answer(self.server.name.encode())

    def do_POST(self) -> None:
        if self.path == "/early":  # as a service does that is sent too much
            self.answer(b"too large")
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(self.server.name.encode() + str(len(body)).encode())

    do_HEAD = do_GET  # noqa: N815  # http.server wants it so

    def answer(self, body: bytes) -> None:
        self.server.connections.add(self.connection)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if self.path == "/last":
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


class Backend(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, name: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.name = name
        self.entered, self.go_on = threading.Event(), threading.Event()
        self.connections: set[socket.socket] = set()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a client that goes away is part of these tests

    def hang_up(self) -> None:
        """What a process does that is told to stop."""
        while self.connections:
            with suppress(OSError):  # closed meanwhile
                self.connections.pop().shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        self.go_on.set()
        self.shutdown()
        self.server_close()


@pytest.fixture
def backends() -> Iterator[tuple[Backend, Backend]]:
    both = Backend("old"), Backend("new")
    yield both
    for backend in both:
        backend.end()


@pytest.fixture
def front(backends: tuple[Backend, Backend]) -> Iterator[ReverseProxy]:
    front = ReverseProxy()
    front.switch(backends[0].port)
    yield front
    front.stop()
    front.stop()


@pytest.fixture
def connection(front: ReverseProxy) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=5)
    yield connection
    connection.close()


def ask(connection: http.client.HTTPConnection, path: str = "/", method: str = "GET", body: bytes | None = None) -> str:
    connection.request(method, path, body)
    return connection.getresponse().read().decode()


def test_a_kept_alive_connection_moves_to_the_new_backend(
    front: ReverseProxy, connection: http.client.HTTPConnection, backends: tuple[Backend, Backend]
) -> None:
    assert ask(connection) == ask(connection) == "old"
    held = connection.sock
    front.switch(backends[1].port)
    assert ask(connection) == ask(connection, method="POST", body=b"x" * 100_000)[:3] == "new"
    assert ask(connection, method="HEAD") == ""
    assert ask(connection) == "new"
    assert connection.sock is held


def test_a_request_that_began_before_the_change_is_answered_by_the_old_one(
    front: ReverseProxy, connection: http.client.HTTPConnection, backends: tuple[Backend, Backend]
) -> None:
    old, new = backends
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(ask, connection, "/slow")
        assert old.entered.wait(5)
        front.switch(new.port)
        assert not front.drain(old.port, 0.05)
        old.go_on.set()
        assert slow.result() == "old"
    assert front.drain(old.port, 5)
    assert ask(connection) == "new"


def test_many_clients_notice_nothing_of_many_changes(front: ReverseProxy, backends: tuple[Backend, Backend]) -> None:
    over = threading.Event()

    def keep_asking() -> list[str]:
        connection, answers = http.client.HTTPConnection("127.0.0.1", front.port, timeout=5), []
        while not over.is_set():
            answers.append(ask(connection, method="POST", body=b"x" * 5000))
        connection.close()
        return answers

    with ThreadPoolExecutor(4) as pool:
        clients = [pool.submit(keep_asking) for _ in range(4)]
        try:
            for turn in range(20):
                old, new = backends[turn % 2], backends[(turn + 1) % 2]
                front.switch(new.port)
                assert front.drain(old.port, 5)
                old.hang_up()
        finally:
            over.set()
        answers = [client.result() for client in clients]
    assert {answer for one in answers for answer in one} == {"old5000", "new5000"}


def test_a_connection_that_the_backend_closed_while_idle_is_opened_anew(
    front: ReverseProxy, connection: http.client.HTTPConnection, backends: tuple[Backend, Backend]
) -> None:
    assert ask(connection) == "old"
    backends[0].hang_up()
    (client,) = front.clients
    while client._backend is not None:
        time.sleep(0.01)
    assert ask(connection) == "old"


def test_a_connection_that_was_idle_for_long_is_not_trusted(
    front: ReverseProxy,
    connection: http.client.HTTPConnection,
    backends: tuple[Backend, Backend],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(proxy_connections, "FRESH_SECONDS", 0.0)
    assert ask(connection) == ask(connection) == "old"
    assert len(backends[0].connections) == 2


def test_the_end_that_the_service_announces_reaches_the_client(
    front: ReverseProxy, connection: http.client.HTTPConnection
) -> None:
    assert ask(connection, "/last") == "old"
    assert connection.sock is None
    assert ask(connection) == "old"


@pytest.mark.parametrize("backend", [None, 1])
def test_without_a_backend_the_answer_is_503(
    front: ReverseProxy, connection: http.client.HTTPConnection, backend: int | None
) -> None:
    front.switch(backend)
    connection.request("GET", "/")
    response = connection.getresponse()
    assert (response.status, response.getheader("Retry-After")) == (503, "1")
    assert b'"not_ready"' in response.read()


def test_a_request_that_a_dying_backend_left_unanswered_is_503(
    front: ReverseProxy, connection: http.client.HTTPConnection
) -> None:
    assert "not_ready" in ask(connection, "/nothing")


def test_an_answer_before_the_end_of_the_request_is_the_only_one(front: ReverseProxy) -> None:
    with socket.create_connection(("127.0.0.1", front.port), timeout=5) as client:
        client.sendall(b"POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nsome")
        assert client.makefile("rb").read().endswith(b"\r\n\r\ntoo large")


def test_an_answer_that_was_cut_off_is_seen_to_be(front: ReverseProxy, connection: http.client.HTTPConnection) -> None:
    with pytest.raises(http.client.IncompleteRead):
        ask(connection, "/cut")


def test_what_is_not_http_is_answered_by_the_service(front: ReverseProxy) -> None:
    with socket.create_connection(("127.0.0.1", front.port), timeout=5) as client:
        client.sendall(b"no HTTP at all, and never will be\r\n\r\n")
        assert b"400" in client.makefile("rb").read()


def test_a_client_that_goes_away_leaves_nothing(front: ReverseProxy, backends: tuple[Backend, Backend]) -> None:
    client = socket.create_connection(("127.0.0.1", front.port), timeout=5)
    client.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
    assert backends[0].entered.wait(5)
    client.close()
    assert front.drain(backends[0].port, 5)
    assert not front.clients


def test_a_long_answer_waits_for_a_slow_reader(front: ReverseProxy, backends: tuple[Backend, Backend]) -> None:
    backends[0].name = "long" * 10_000_000
    with socket.create_connection(("127.0.0.1", front.port), timeout=5) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert client.recv(4) == b"HTTP"
        assert not front.drain(backends[0].port, 0.1)
        assert client.makefile("rb").read().endswith(b"long")


def test_a_taken_port_is_named(front: ReverseProxy) -> None:
    with pytest.raises(ServiceError, match=f"Port {front.port} is taken"):
        ReverseProxy(front.port)


def read(client: socket.socket) -> bytes:
    """All that comes until the other side ends."""
    answer = b""
    with suppress(ConnectionResetError):
        while more := client.recv(65536):
            answer += more
    return answer


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short times, and few connections."""
    monkeypatch.setattr(proxy_connections, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(proxy_connections, "IDLE_SECONDS", 0.8)
    monkeypatch.setattr(proxy_connections, "LINGER_SECONDS", 0.3)


@pytest.mark.usefixtures("impatient")
class TestLimits:
    @pytest.mark.parametrize("start", [b"GET / HTTP/1.1\r\nX-Request-ID: mine-1\r\nX-A: ", b"GET /"])
    def test_an_endless_head_is_cut_off_and_nobody_waits(
        self, front: ReverseProxy, connection: http.client.HTTPConnection, start: bytes
    ) -> None:
        with socket.create_connection(("127.0.0.1", front.port), timeout=5) as attacker:
            attacker.sendall(start)
            with suppress(OSError):
                for _ in range(1000):
                    attacker.sendall(b"a" * 4096)
            assert ask(connection) == "old"
            answer = read(attacker)
        assert answer.startswith(b"HTTP/1.1 431 ")
        assert (b"X-Request-ID: mine-1\r\n" in answer) == (b"mine" in start)

    def test_half_a_head_and_silence_end(self, front: ReverseProxy, connection: http.client.HTTPConnection) -> None:
        with (
            socket.create_connection(("127.0.0.1", front.port), timeout=5) as half,
            socket.create_connection(("127.0.0.1", front.port), timeout=5) as silent,
        ):
            half.sendall(b"GET / HTTP/1.1\r\nHos")
            assert ask(connection) == "old"
            assert read(half).startswith(b"HTTP/1.1 408 ")
            assert read(silent) == b""

    def test_a_head_in_pieces_is_forwarded(self, front: ReverseProxy) -> None:
        with socket.create_connection(("127.0.0.1", front.port), timeout=5) as client:
            for byte in b"GET /last HTTP/1.1\r\nHost: x\r\n\r\n":
                client.sendall(bytes([byte]))
                time.sleep(0.002)
            assert read(client).endswith(b"old")

    def test_an_answer_that_takes_long_is_waited_for(
        self, connection: http.client.HTTPConnection, backends: tuple[Backend, Backend]
    ) -> None:
        threading.Timer(1.5, backends[0].go_on.set).start()
        assert ask(connection, "/slow") == "old"

    def test_an_answer_that_is_not_read_is_not_kept(
        self, front: ReverseProxy, backends: tuple[Backend, Backend]
    ) -> None:
        backends[0].name = "long" * 10_000_000
        with socket.create_connection(("127.0.0.1", front.port), timeout=5) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            time.sleep(1.5)
            assert len(read(client)) < 40_000_000

    def test_silent_connections_make_room_and_busy_ones_do_not(
        self, front: ReverseProxy, backends: tuple[Backend, Backend]
    ) -> None:
        front.crowd = Crowd(3)
        clients = [socket.create_connection(("127.0.0.1", front.port), timeout=5) for _ in range(4)]
        assert read(clients[0]) == b""
        for client in clients[1:]:
            client.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        time.sleep(0.2)
        with socket.create_connection(("127.0.0.1", front.port), timeout=5) as late:
            assert read(late).startswith(b"HTTP/1.1 429 ")
        backends[0].go_on.set()
        assert all(read(client).startswith(b"HTTP/1.1 200") for client in clients[1:])
        for client in clients:
            client.close()

    def test_an_answer_of_its_own_is_read_by_who_still_sends(self, front: ReverseProxy) -> None:
        front.switch(None)
        with socket.create_connection(("127.0.0.1", front.port), timeout=5) as client:
            client.sendall(
                b"POST / HTTP/1.1\r\nHost: x\r\nX-Request-ID: mine-2\r\nContent-Length: 900000\r\n\r\n" + b"x" * 300_000
            )
            answer = read(client)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"X-Request-ID: mine-2\r\n" in answer
        for name, value in SECURITY_HEADERS.items():
            assert f"{name}: {value}\r\n".encode() in answer
