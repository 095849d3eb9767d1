"""Bodies that become more than they are, and connections that ask nothing: with the running service.

Bounded in number, size and time, and on this machine only. What each check does alone is in `unit/bento`.
"""

from __future__ import annotations

import gzip
import io
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from credit_platform.http_limits import CONNECTIONS_PER_CLIENT, SECURITY_HEADERS
from credit_platform.serving.local.reverse_proxy import ReverseProxy
from credit_platform_tests.e2e.conftest import Served

pytestmark = pytest.mark.e2e

CSV, PARQUET, JSON = "text/csv", "application/vnd.apache.parquet", "application/json"
LIMIT = 16 * 1024 * 1024
MOST_KIB = 1024 * 1024


def parquet(column: pa.Array, **options: object) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table({"amount": column}), file, compression="zstd", **options)
    return file.getvalue()


def full(piece: bytes, start: bytes = b"") -> bytes:
    """A body of the size limit."""
    return start + piece * ((LIMIT - len(start)) // len(piece))


SHARED = pa.array(["x" * 16_000_000], pa.large_string()).dictionary_encode().take(pa.array([0] * 1000))
BODIES = {
    "gzip": (CSV, gzip.compress(b"amount\n" + b"1" * 50_000_000)),
    "columns": (CSV, full(b"a,")),
    "rows": (CSV, full(b"1\n", b"amount\n")),
    "cell": (CSV, full(b"1", b"amount\n")),
    "quote": (CSV, full(b"1\n", b'amount\n"')),
    "objects": (JSON, full(b"{},", b"[")),
    "lists": (JSON, full(b"[],", b"[")),
    "numbers": (JSON, full(b"1,", b"[")),
    "depth": (JSON, full(b"[")),
    "names": (JSON, b"[{" + b",".join(b'"%x":1' % n for n in range(1_000_000)) + b"}]"),
    "text": (JSON, full(b"a", b'["')),
    "digits": (JSON, full(b"1", b"[")),
    "shared text": (PARQUET, parquet(SHARED)),
    "plain": (PARQUET, parquet(pa.array(["x" * 2_000_000] * 60), use_dictionary=False)),
    "delta": (
        PARQUET,
        parquet(pa.array(["x" * 100_000] * 1000), use_dictionary=False, column_encoding={"amount": "DELTA_BYTE_ARRAY"}),
    ),
    "lists in cells": (PARQUET, parquet(pa.array([[1] * 1000] * 1000))),
}


def peak_kib(pid: int) -> int:
    """The most memory that a process has had, in KiB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


@pytest.mark.parametrize("name", BODIES)
def test_no_body_takes_a_gibibyte(served: Served, name: str) -> None:
    media_type, body = BODIES[name]
    headers = served.service.headers | {"Content-Type": media_type}
    with httpx.Client(base_url=served.service.url, timeout=30, trust_env=False, headers=headers) as client:
        response = client.post("/predict_batch", content=body)
    assert response.status_code in (400, 413), response.text[:200]
    assert peak_kib(served.service.pid) < MOST_KIB
    assert served.service.client.health()["ready"]


@pytest.fixture(params=["service", "proxy"])
def address(served: Served, request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    """Where to attack."""
    port = int(served.service.url.rpartition(":")[2])
    if request.param == "service":
        yield "127.0.0.1", port
        return
    proxy = ReverseProxy()
    proxy.switch(port)
    yield "127.0.0.1", proxy.port
    proxy.stop()


def test_connections_that_ask_nothing_keep_nobody_out(address: tuple[str, int]) -> None:
    with ExitStack() as opened:
        held = [
            opened.enter_context(socket.create_connection(address, timeout=5))
            for _ in range(CONNECTIONS_PER_CLIENT + 20)
        ]
        for connection in held[::2]:
            with suppress(OSError):  # it was shown out already
                connection.sendall(b"GET /health HTTP/1.1\r\nX-A: ")
        assert httpx.get(f"http://127.0.0.1:{address[1]}/health", trust_env=False, timeout=5).status_code == 200


def test_an_endless_head_is_refused_while_others_are_answered(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=10) as attacker:
        attacker.sendall(b"GET /health HTTP/1.1\r\nX-A: ")
        with suppress(OSError):
            for _ in range(2000):
                attacker.sendall(b"a" * 8192)
        assert httpx.get(f"http://127.0.0.1:{address[1]}/health", trust_env=False, timeout=5).status_code == 200
        answer = b""
        with suppress(ConnectionResetError):
            while more := attacker.recv(4096):
                answer += more
    assert b" 431 " in answer
    assert b'"head_too_large"' in answer


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/docs",
        "/docs/",
        "/docs/assets",
        "/livez",
        "/livez/",
        "/readyz/",
        "/schema.json",
        "/schema.json/",
        "/health",
        "/health/",
        "/nothing/",
        "/predict",
        "/static_content",
        "/docs.json",
        "//evil.test/docs/",
    ],
)
def test_every_answer_has_the_headers_and_no_host_leads_away(served: Served, path: str) -> None:
    headers = {"Host": "evil.test", "X-Request-ID": "mine-1", "X-Forwarded-Host": "evil.test"}
    with httpx.Client(trust_env=False, timeout=10) as client:
        response = client.get(served.service.url + path, headers=headers)
    assert response.headers["x-request-id"] == "mine-1"
    for name in SECURITY_HEADERS:
        assert name in response.headers
    assert "evil.test" not in response.headers.get("location", "")
    assert not response.headers.get("location", "").startswith("//")
