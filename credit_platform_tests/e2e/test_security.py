"""Who gets in, what is refused, and what must never be printed: with the running service."""

from __future__ import annotations

import json
import os
import re
import secrets
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from credit_platform.api_keys import KeyFile, Scope, new_key
from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform.serving.service_client import Asked
from credit_platform_tests.e2e.conftest import Served

pytestmark = pytest.mark.e2e

API = Path(__file__).parents[2] / "docs" / "API.md"
ROW = re.compile(r"^\| `(GET|POST) (/[\w./-]*)` \| (\S+) \| (\S+) \| (\S+) \| (\S+) \|$", re.MULTILINE)
REQUEST = {"method", "route", "status", "ms"}
MODEL = {"portfolio", "model_version", "model_digest"}
ROLES = ("no key", "score", "explain", "admin")
WRONG = "cp_0123abcd_" + "x" * 43
CANARY = "CANARY-0815"


def matrix() -> dict[tuple[str, str], dict[str, str]]:
    """Method and path to what each role gets, as docs/API.md has it."""
    rows = ROW.findall(API.read_text(encoding="utf-8"))
    return {(method, path): dict(zip(ROLES, cells, strict=True)) for method, path, *cells in rows}


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.service.url, timeout=10, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def keys(served: Served, client: httpx.Client) -> dict[str, str]:
    """A key for each scope, made while the service runs."""
    file = KeyFile(served.settings.api_keys_file)
    made = {}
    for scope in Scope:
        made[scope.value], stored = new_key(f"test {scope}", [scope])
        file.add(stored)
    _until(client, made["admin"], 200)
    return made


def _until(client: httpx.Client, key: str, status: int) -> None:
    """Wait until /metrics answers this key with `status`: the file is looked at once a second."""
    deadline = time.monotonic() + 5
    while client.get("/metrics", headers={"X-API-Key": key}).status_code != status:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_access_matrix_of_the_docs_is_what_the_service_does(client: httpx.Client, keys: dict[str, str]) -> None:
    expected, found = matrix(), {}
    assert {("POST", "/predict"), ("POST", "/predict_batch"), ("POST", "/explain")} <= set(expected)
    for method, path in expected:
        found[method, path] = {
            role: access(client, method, path, keys.get(role, WRONG if role == "wrong key" else None))
            for role in (*ROLES, "wrong key")
        }
    # A wrong key is no key, everywhere.
    assert found == {operation: {**cells, "wrong key": cells["no key"]} for operation, cells in expected.items()}


def access(client: httpx.Client, method: str, path: str, key: str | None) -> str:
    headers = {"Content-Type": "application/json", **({} if key is None else {"Authorization": f"Bearer {key}"})}
    # What gets in meets an empty body, and is told so; what does not is refused before.
    status = client.request(method, path, headers=headers, content=b"{}" if method == "POST" else b"").status_code
    assert status in ((422,) if method == "POST" and status not in (401, 403) else (200, 401, 403)), (method, path)
    return str(status) if status in (401, 403) else "yes"


def test_the_access_matrix_knows_every_operation(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    operations = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert operations <= set(matrix())
    for (method, path), cells in matrix().items():
        if (method, path) in operations:
            secured = "security" in document["paths"][path][method.lower()]
            assert secured == (cells["no key"] == "401"), path


def test_a_revoked_key_ends_without_a_restart(served: Served, client: httpx.Client, keys: dict[str, str]) -> None:
    text, stored = new_key("short", [Scope.ADMIN])
    file = KeyFile(served.settings.api_keys_file)
    file.add(stored)
    _until(client, text, 200)
    file.revoke(stored.id)
    _until(client, text, 401)
    assert client.get("/metrics", headers={"X-API-Key": keys["admin"]}).status_code == 200


def test_above_its_rate_a_key_is_told_to_wait(served: Served, client: httpx.Client) -> None:
    text, stored = new_key("slow", [Scope.ADMIN], rate=1)
    KeyFile(served.settings.api_keys_file).add(stored)
    _until(client, text, 429)
    response = client.get("/model-info", headers={"X-API-Key": text})
    assert response.status_code == 429
    assert int(response.headers["retry-after"]) >= 1


def test_fifty_megabytes_are_refused_before_they_are_read(served: Served) -> None:
    host, port = served.service.url.removeprefix("http://").split(":")
    for key, status in ((str(served.service.key), b" 413 "), ("wrong", b" 401 ")):
        head = f"POST /predict HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\nContent-Length: 52428800\r\n\r\n"
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(head.encode() + b"x" * 65536)
            assert status in connection.recv(100)
    assert served.service.client.health()["ready"]


@pytest.fixture
def refused(served: Served, client: httpx.Client, keys: dict[str, str]) -> dict[str, tuple[int, str, str | None]]:
    """Name of each kind of refusal to its status, the code of its error, and the key that is sent."""
    slow, stored = new_key("one at once", [Scope.SCORE], rate=0.001)
    KeyFile(served.settings.api_keys_file).add(stored)
    deadline = time.monotonic() + 5
    while client.get("/model-info", headers={"X-API-Key": slow}).status_code not in (200, 429):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return {
        "no-key": (401, "unauthenticated", None),
        "wrong-key": (401, "unauthenticated", f"cp_{CANARY}_{CANARY}"),
        "narrow-scope": (403, "forbidden", keys["explain"]),
        "above-its-rate": (429, "rate_limited", slow),
        "announced-50MB": (413, "body_too_large", served.service.key),
        "streamed-50MB": (413, "body_too_large", served.service.key),
    }


def test_what_is_refused_leaves_one_line_and_one_count(
    served: Served, client: httpx.Client, refused: dict[str, tuple[int, str, str | None]]
) -> None:
    """No decision, no row of the log, no value that was sent, no key: in the log file, the metrics or the database."""
    store = DecisionStore(served.settings.decision_log)
    rows, decided = store.count(), _samples(served, client, "decisions")
    body = {"application": served.scorer.portfolio.examples["refused"], "applicant_id": CANARY}
    for name, (status, code, key) in refused.items():
        before = _samples(served, client, "errors").get(code, 0)
        request_id = f"{name}-{secrets.token_hex(4)}"
        if name.endswith("MB"):
            answer = _large_body(served, str(key), request_id, announced=name.startswith("announced"))
        else:
            headers = {"X-Request-ID": request_id} | ({} if key is None else {"X-API-Key": key})
            response = client.post("/predict", json=body, headers=headers)
            answer = f" {response.status_code} {response.text}"
        assert f" {status} " in answer, name
        assert code in answer, name
        line = _line_of(served, request_id)
        assert set(line) == {"time", "level", "logger", "message", "request_id", "client", "error"} | REQUEST | MODEL
        whose = None if status == 401 else str(key).split("_")[1]
        assert (line["status"], line["error"], line["client"], line["level"]) == (status, code, whose, "info")
        assert _samples(served, client, "errors")[code] == before + 1
        assert key is None or key not in served.service.log.read_text(encoding="utf-8")
    assert (store.count(), _samples(served, client, "decisions")) == (rows, decided)
    assert CANARY not in served.service.log.read_text(encoding="utf-8")
    assert CANARY not in client.get("/metrics", headers=served.service.headers).text


def _samples(served: Served, client: httpx.Client, name: str) -> dict[str, float]:
    """Label to value of the counter `name`, which has one label."""
    text = client.get("/metrics", headers=served.service.headers).text
    found = re.findall(rf'^credit_platform_{name}_total{{\w+="(\w+)"}} (\S+)$', text, re.MULTILINE)
    return {label: float(value) for label, value in found}


def _line_of(served: Served, request_id: str) -> dict[str, object]:
    """The only line of the service about this request; it is written after the answer."""
    deadline = time.monotonic() + 5
    while True:
        lines = [json.loads(line) for line in served.service.log.read_text(encoding="utf-8").splitlines()]
        found: list[dict[str, object]] = [line for line in lines if line.get("request_id") == request_id]
        if found:
            assert len(found) == 1
            return found[0]
        assert time.monotonic() < deadline, request_id
        time.sleep(0.02)


def _large_body(served: Served, key: str, request_id: str, *, announced: bool) -> str:
    """Send 50 MB of a body that quotes the canary, until there is an answer."""
    host, port = served.service.url.removeprefix("http://").split(":")
    length = "Content-Length: 52428800" if announced else "Transfer-Encoding: chunked"
    head = f"POST /predict HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\nX-Request-ID: {request_id}\r\n{length}\r\n\r\n"
    piece = (CANARY.encode() * 65536)[:65536]
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(head.encode())
        for _ in range(800):
            try:
                connection.sendall(piece if announced else b"10000\r\n" + piece + b"\r\n")
            except (BrokenPipeError, ConnectionResetError):
                break  # it was told enough
            if select.select([connection], [], [], 0)[0]:
                break
        answer = b""
        while not answer.endswith(b"}}") and (more := connection.recv(2000)):
            answer += more
        return answer.decode()


def test_answers_carry_the_security_headers(client: httpx.Client) -> None:
    for path in ("/health", "/predict", "/docs", "/nothing"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers


def test_no_personal_data_in_logs_or_metrics(served: Served, client: httpx.Client) -> None:
    """A canary in every place where a client can put something; it must be in the decision log only."""
    canary = CANARY
    service, example = served.service, served.scorer.portfolio.examples["refused"]
    good = {"application": example, "applicant_id": canary}
    bad = {"application": {**example, "purpose": canary}}
    for headers in (service.headers, {"Authorization": f"Bearer {canary}"}, {"X-API-Key": f"cp_{canary}_x"}):
        for body in (good, bad, {"application": {canary: 1}}, {canary: canary}):
            client.post("/predict", json=body, headers=headers)
        client.post("/predict", content=canary, headers={**headers, "Content-Type": "application/json"})
        client.post("/predict", content=canary, headers={**headers, "Content-Type": canary})
        client.post(f"/{canary}?q={canary}", headers={**headers, "User-Agent": canary, "Cookie": canary})
        client.request(canary, "/predict", headers=headers)
    last = client.post("/predict", json=good, headers=service.headers)
    assert last.status_code == 200
    line_of(service.log, last.json()["request_id"])
    printed = service.log.read_text(encoding="utf-8")
    assert canary not in printed
    assert canary not in client.get("/metrics", headers=service.headers).text
    assert str(service.key) not in printed


def line_of(log: Path, request_id: str) -> dict[str, object]:
    """The line about a request, which is written after its answer was sent; every whole line must be JSON."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        whole = log.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
        found = [line for line in map(json.loads, whole) if line.get("request_id") == request_id]
        if found:
            [line] = found
            return dict(line)
        time.sleep(0.02)
    pytest.fail(f"no line about {request_id} in {log}")


def test_each_line_of_the_log_is_json_and_leads_to_the_decision(served: Served) -> None:
    answer = served.service.client.predict(Asked(served.scorer.portfolio.examples["refused"]))
    line = line_of(served.service.log, answer["request_id"])
    assert (line["message"], line["route"], line["status"]) == ("request", "/predict", 200)
    assert str(served.service.key).split("_")[1] == line["client"]


@pytest.mark.parametrize(
    "command", [["bento", "--port"], ["bentoml", "serve", "bento.service:CreditScoring", "--port"]]
)
def test_without_keys_it_does_not_start(served: Served, tmp_path: Path, unused_port: int, command: list[str]) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "CREDIT_PLATFORM_AUTHENTICATION")
    }
    done = subprocess.run(
        [sys.executable, "-m", *command, str(unused_port)],
        cwd=served.bento.path / "src",
        env={
            **environment,
            "CREDIT_PLATFORM_HOME": str(tmp_path),
            "BENTOML_HOME": str(tmp_path / "bentoml"),
            "BENTOML_DO_NOT_TRACK": "true",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "has no API key" in done.stdout + done.stderr
    assert "keys create" in done.stdout + done.stderr
