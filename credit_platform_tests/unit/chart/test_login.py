"""The login of production as it is started there: oauth2-proxy itself, between a provider and a page of the test.

Skipped where there is no program `oauth2-proxy` (`CREDIT_PLATFORM_OAUTH2_PROXY` names one).
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from credit_platform_tests.unit.chart.rendered import committed, named

HOST = "dagster.lender.example"
CLIENT = "lending"
PATIENCE_SECONDS = 30.0


def text_of(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def bytes_of(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


@dataclass
class Provider:
    """An OpenID provider at which everybody is whom `email` says."""

    address: str = ""
    email: str = "officer@lender.example"
    nonces: dict[str, str] = field(default_factory=dict)
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def answer(self, path: str) -> dict[str, object]:
        numbers = self.key.public_key().public_numbers()
        if path == "/.well-known/openid-configuration":
            ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            return {"issuer": self.address, **{end: f"{self.address}/{name}" for end, name in ends.items()}}
        if path == "/keys":
            public = {"n": text_of(bytes_of(numbers.n)), "e": text_of(bytes_of(numbers.e))}
            return {"keys": [{"kty": "RSA", "kid": "one", "alg": "RS256", "use": "sig", **public}]}
        return {"access_token": "a", "token_type": "Bearer", "expires_in": 300, "id_token": self._token()}

    def _token(self) -> str:
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 300, **self.nonces}
        claims |= {"email": self.email, "email_verified": True}
        parts = ({"alg": "RS256", "kid": "one", "typ": "JWT"}, claims)
        signed = ".".join(text_of(json.dumps(part).encode()) for part in parts)
        return f"{signed}.{text_of(self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def serve(answer: object) -> ThreadingHTTPServer:
    """A server on a free port of the loopback address, whose thread ends with it."""

    class Handler(BaseHTTPRequestHandler):
        def _say(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            said = answer.answer(urlsplit(self.path).path) if isinstance(answer, Provider) else {"page": answer}
            content = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _say  # noqa: N815  # the names that the library calls

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@dataclass(frozen=True)
class Login:
    """The running proxy, and who is behind the provider."""

    client: httpx.Client
    provider: Provider

    def enter(self) -> httpx.Response:
        """Go the whole way of somebody without a session: the page, the provider, back, the page again."""
        asked = self.client.get("/runs")
        way = urlsplit(asked.headers["location"])
        given = {name: values[0] for name, values in parse_qs(way.query).items()}
        assert way.path == "/authorize"
        assert given["redirect_uri"] == f"https://{HOST}/oauth2/callback"
        self.provider.nonces = {"nonce": given["nonce"]} if "nonce" in given else {}
        back = self.client.get(
            "/oauth2/callback",
            params={"code": "c", "state": given["state"]},
            headers={"Cookie": cookies_of(asked)},
        )
        return self.client.get("/runs", headers={"Cookie": cookies_of(back)}) if back.is_redirect else back


def cookies_of(answer: httpx.Response) -> str:
    """As a browser would send them back; the client would not, since they are for HTTPS alone."""
    made = answer.headers.get_list("set-cookie")
    assert all("Secure" in each and "HttpOnly" in each for each in made)
    return "; ".join(each.split(";")[0] for each in made)


@pytest.fixture(scope="module")
def login(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Login]:
    program = os.environ.get("CREDIT_PLATFORM_OAUTH2_PROXY") or shutil.which("oauth2-proxy")
    if program is None:
        pytest.skip("there is no program oauth2-proxy here; CREDIT_PLATFORM_OAUTH2_PROXY names one")
    provider = Provider()
    at, page = serve(provider), serve("Dagster")
    provider.address = f"http://127.0.0.1:{at.server_port}"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (one,) = named(committed("prod"), "Deployment", "login-dagster-webserver")["spec"]["template"]["spec"]["containers"]
    instead = {
        "--http-address": f"127.0.0.1:{port}",
        "--oidc-issuer-url": provider.address,
        "--upstream": f"http://127.0.0.1:{page.server_port}",
    }
    arguments = [f"{name}={instead.get(name, value)}" for name, _, value in (a.partition("=") for a in one["args"])]
    secrets = {"CLIENT_ID": CLIENT, "CLIENT_SECRET": "s", "COOKIE_SECRET": "c" * 32}
    folder: Path = tmp_path_factory.mktemp("login")
    with (folder / "log").open("wb") as log:
        environment = {f"OAUTH2_PROXY_{name}": value for name, value in secrets.items()}
        started = subprocess.Popen([program, *arguments], env=environment, stdout=log, stderr=log)
    try:
        address, asked = f"http://127.0.0.1:{port}", {"Host": HOST, "X-Forwarded-Proto": "https"}
        with httpx.Client(base_url=address, headers=asked, trust_env=False) as client:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not _answers(client):
                assert started.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < deadline, (folder / "log").read_text()
                time.sleep(0.05)
            yield Login(client, provider)
    finally:
        started.terminate()
        started.wait()
        for server in (at, page):
            server.shutdown()
            server.server_close()


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/ping").status_code == 200
    except httpx.TransportError:
        return False


def test_who_has_no_session_gets_no_page(login: Login) -> None:
    for path in ("/", "/graphql", "/runs"):
        answer = login.client.get(path)
        assert answer.status_code in (302, 401, 403)
        assert "Dagster" not in answer.text
    assert login.client.get("/runs", headers={"Cookie": "_oauth2_proxy=forged"}).status_code in (302, 401, 403)


def test_who_logs_in_with_an_address_of_the_lender_gets_to_the_page(login: Login) -> None:
    login.provider.email = "officer@lender.example"
    answer = login.enter()
    assert answer.status_code == 200
    assert answer.json() == {"page": "Dagster"}


@pytest.mark.parametrize("email", ["somebody@elsewhere.example", "officer@lender.example.evil.example"])
def test_who_logs_in_with_another_address_does_not(email: str, login: Login) -> None:
    login.provider.email = email
    answer = login.enter()
    assert answer.status_code == 403
    assert "Dagster" not in answer.text
