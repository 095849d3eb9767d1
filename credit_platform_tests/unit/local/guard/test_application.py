"""The guard in front of a program at a real Unix socket: logging in, what is handed on, and what is said."""

from __future__ import annotations

import json
import socket
import socketserver
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pytest
import uvicorn

from credit_platform.local.guard.access import Tries
from credit_platform.local.guard.application import GuardApplication
from credit_platform.local.guard.forwarding import Backend
from credit_platform.local.guard.token import TokenFile

BIG = 20_000_000


class Echo(BaseHTTPRequestHandler):
    """Says what it was asked; `/moved` sends elsewhere, by the host it was called."""

    def do_GET(self) -> None:
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", f"http://{self.headers['Host']}/there?a=1")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.path == "/big":
            self.send_response(200)
            self.send_header("Content-Length", str(BIG))
            self.end_headers()
            with suppress(BrokenPipeError):
                self.wfile.write(bytes(BIG))
            return
        length = int(self.headers.get("Content-Length", "0"))
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = json.dumps([self.command, self.path, headers, self.rfile.read(length).decode()]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815  # the standard library's name

    def address_string(self) -> str:
        return "socket"

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def token(tmp_path: Path) -> TokenFile:
    file = TokenFile(tmp_path / "page_token")
    file.read_or_make()
    return file


@contextmanager
def guarding(backend: Backend, token: TokenFile, tries: Tries) -> Iterator[httpx.Client]:
    application = GuardApplication(backend, token, tries, forms=False)
    server = uvicorn.Server(uvicorn.Config(application, lifespan="off", log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with httpx.Client(base_url=base, trust_env=False, timeout=30) as client:
            yield client
        server.should_exit = True
        thread.join()


@pytest.fixture
def client(token: TokenFile) -> Iterator[httpx.Client]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "socket"
        with socketserver.ThreadingUnixStreamServer(str(path), Echo) as server:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever).start()
            with guarding(Backend(path, token.cookie_name), token, Tries(lambda: 0.0)) as client:
                yield client
            server.shutdown()


def test_a_browser_gets_the_page_and_a_program_a_sentence(client: httpx.Client) -> None:
    page = client.get("/runs?a=1", headers={"Accept": "text/html", "Accept-Language": "fr-FR,fr;q=0.9"})
    assert (page.status_code, page.headers["cache-control"]) == (401, "no-store")
    assert '<html lang="fr">' in page.text
    assert 'name="next" value="/runs?a=1"' in page.text
    said = client.get("/api", headers={"Accept": "application/json"})
    assert (said.status_code, said.headers["www-authenticate"]) == (401, 'Bearer realm="credit_platform"')
    assert "MLFLOW_TRACKING_TOKEN" in said.json()["message"]


def test_what_goes_on_holds_no_secret_of_the_guard(client: httpx.Client, token: TokenFile) -> None:
    cookie = f"a=1; {token.cookie_name}={token.new_session()}; b=2"
    _, path, headers, _ = client.get("/x%20y/%2F?b=%20", headers={"Cookie": cookie}).json()
    assert (path, headers["cookie"], headers["host"]) == (
        "/x%20y/%2F?b=%20",
        "a=1; b=2",
        client.base_url.netloc.decode(),
    )
    for name in ("Authorization", "X-Credit-Platform-Token"):
        value = token.read() if name.startswith("X") else f"Bearer {token.read()}"
        method, _, headers, body = client.post("/x", headers={name: value}, json={"é": 1}).json()
        assert (method, json.loads(body)) == ("POST", {"é": 1})
        assert name.lower() not in headers


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "http://evil.example", "/\r\nX: y", "", "/\t/evil"]
)
def test_a_login_leads_to_pages_of_this_server_only(client: httpx.Client, token: TokenFile, target: str) -> None:
    answer = client.post("/-/login", data={"token": token.read(), "next": target})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    answer = client.post("/-/login", data={"token": token.read(), "next": "/runs?a=1"})
    assert answer.headers["location"] == "/runs?a=1"
    answer = client.get(f"{client.base_url}//evil.example/", params={"token": token.read()})
    assert answer.headers["location"] == "/"


def test_a_redirect_of_the_program_names_no_host(client: httpx.Client, token: TokenFile) -> None:
    answer = client.get("/moved", headers={"Authorization": f"Bearer {token.read()}", "Host": "localhost:9"})
    assert (answer.status_code, answer.headers["location"]) == (302, "/there?a=1")


def test_wrong_tokens_run_out_and_the_right_one_in_a_header_never_does(client: httpx.Client, token: TokenFile) -> None:
    statuses = [client.get("/", params={"token": f"wrong{turn}"}).status_code for turn in range(11)]
    assert statuses == [401] * 10 + [429]
    assert client.post("/-/login", data={"token": token.read()}).status_code == 429
    wrong = client.get("/", headers={"Authorization": "Bearer wrong"})
    assert (wrong.status_code, wrong.headers["retry-after"]) == (429, "6")
    assert client.get("/", headers={"Authorization": f"Bearer {token.read()}"}).status_code == 200


def test_a_long_login_and_a_program_that_is_gone_are_said(
    client: httpx.Client, token: TokenFile, tmp_path: Path
) -> None:
    assert client.post("/-/login", content=b"token=" + b"x" * 5000).status_code == 413
    with guarding(Backend(tmp_path / "none", "c"), token, Tries()) as other:
        answer = other.get("/", headers={"Authorization": f"Bearer {token.read()}"})
    assert answer.status_code == 502


def test_without_a_readable_token_nobody_gets_in(client: httpx.Client, token: TokenFile) -> None:
    shown = {"Authorization": f"Bearer {token.read()}"}
    token.path.unlink()
    answer = client.get("/", headers=shown)
    assert answer.status_code == 503
    assert "keys pages --renew" in answer.json()["message"]


def test_large_bodies_go_through_both_ways(client: httpx.Client, token: TokenFile) -> None:
    headers = {"Authorization": f"Bearer {token.read()}"}
    assert len(client.get("/big", headers=headers).content) == BIG
    sent = "x" * 5_000_000
    assert client.post("/x", headers=headers, content=sent).json()[3] == sent


@pytest.mark.parametrize(
    "request_head", ["GET /big HTTP/1.1\r\nContent-Length: 0", "POST /x HTTP/1.1\r\nContent-Length: 1000000"]
)
def test_a_client_that_goes_in_the_middle_is_no_error(
    client: httpx.Client, token: TokenFile, caplog: pytest.LogCaptureFixture, request_head: str
) -> None:
    host = client.base_url.netloc.decode()
    head = f"{request_head}\r\nHost: {host}\r\nAuthorization: Bearer {token.read()}\r\n\r\nhalf"
    for _ in range(3):
        with socket.create_connection((client.base_url.host, client.base_url.port or 80)) as gone:
            gone.sendall(head.encode())
            if request_head.startswith("GET"):
                gone.recv(1000)
    for _ in range(20):
        assert client.get("/x", headers={"Authorization": f"Bearer {token.read()}"}).status_code == 200
    assert [record.getMessage() for record in caplog.records if "Exception" in record.getMessage()] == []
