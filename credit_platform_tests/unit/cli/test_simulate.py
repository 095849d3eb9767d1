"""Sending simulated applicants to a stand-in of the service."""

from __future__ import annotations

import http.server
import io
import json
import math
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from credit_platform.cli.simulate import simulate
from credit_platform.errors import ServiceError
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.serving.service_client import named_service
from credit_platform.settings import Settings
from credit_platform.simulation.sending import Outcome
from credit_platform_tests.unit.cli.conftest import Command


class StandIn(http.server.ThreadingHTTPServer):
    """Answers like a service; every third request is above the rate."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies: list[dict[str, Any]] = []
        self.keys: set[str | None] = set()
        self.refuses = False
        self.pause = 0.0
        self.lock = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    server: StandIn

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(self.server.pause)
        with self.server.lock:
            self.server.bodies.append(body)
            self.server.keys.add(self.headers["Authorization"])
            number = len(self.server.bodies)
        if self.server.refuses or number % 3 == 0:
            self.answer(429, {"error": {"code": "rate_limited", "message": "m"}})
        else:
            self.answer(200, {"decision": "accepted" if number % 3 == 1 else "refused"})

    def do_GET(self) -> None:
        known = self.headers["Authorization"] == "Bearer k"
        self.answer(200 if known else 401, {"portfolio": "german_credit"})

    def answer(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  # the name is the library's
        """Nothing."""


@pytest.fixture
def service() -> Iterator[StandIn]:
    with StandIn() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def access(service: StandIn) -> ServiceAccess:
    return ServiceAccess("german_credit", f"http://127.0.0.1:{service.server_address[1]}", "k")


def run(tmp_path: Path, access: ServiceAccess, **options: Any) -> tuple[Outcome, str]:
    text = io.StringIO()
    settings = Settings(home=tmp_path / "home")
    given: dict[str, Any] = {"portfolio": None, "rate": 100, "seconds": 0.12, "access": access, **options}
    outcome = simulate(settings, screen=Console(file=text, width=200), **given)
    return outcome, text.getvalue()


def test_applicants_are_sent_and_summed_up(tmp_path: Path, access: ServiceAccess, service: StandIn) -> None:
    outcome, text = run(tmp_path, access)
    assert outcome.sent == len(service.bodies) == 12
    assert outcome.decisions == {"accepted": 4, "refused": 4}
    assert outcome.errors == {"429 rate_limited": 4}
    assert len(outcome.seconds) == 8
    assert "12 sent" in text
    assert "p95" in text
    assert service.keys == {"Bearer k"}
    assert service.bodies[0]["applicant_id"].rpartition("-")[0] in text, "so that the decisions can be found"


def test_a_rate_that_is_not_reached_is_said(tmp_path: Path, access: ServiceAccess, service: StandIn) -> None:
    service.pause = 0.2
    _, text = run(tmp_path, access, rate=400, seconds=0.1)
    assert "not the 400 asked for" in text


def test_every_request_is_marked_as_simulated_and_holds_nothing_protected(
    tmp_path: Path, access: ServiceAccess, service: StandIn
) -> None:
    run(tmp_path, access)
    names = [body["applicant_id"] for body in service.bodies]
    assert len(set(names)) == len(names)
    assert all(name.startswith("SIM-") for name in names)
    assert all("foreign_worker" not in body["application"] for body in service.bodies)


def test_the_same_seed_sends_the_same_applicants(tmp_path: Path, access: ServiceAccess, service: StandIn) -> None:
    def sent() -> list[str]:
        service.bodies.clear()
        run(tmp_path, access, seed=3)
        return sorted(json.dumps(body["application"]) for body in service.bodies)

    assert sent() == sent()


def test_a_drift_shifts_who_applies(tmp_path: Path, access: ServiceAccess, service: StandIn) -> None:
    run(tmp_path, access)
    usual = sum(body["application"]["amount"] for body in service.bodies)
    service.bodies.clear()
    _, text = run(tmp_path, access, drift="larger_loans")
    assert sum(body["application"]["amount"] for body in service.bodies) == pytest.approx(1.6 * usual, rel=0.01)
    assert "drift larger_loans" in text


def test_a_service_that_is_gone_is_counted_as_errors(tmp_path: Path) -> None:
    outcome, text = run(tmp_path, ServiceAccess("german_credit", "http://127.0.0.1:9"), seconds=0.05)
    assert outcome.errors == {"not reachable": 5}
    assert math.isnan(outcome.quantile(0.5))
    assert "Answers took" not in text


def test_a_service_elsewhere_says_whose_it_is(access: ServiceAccess) -> None:
    assert named_service(access.url + "/", "k") == access
    with pytest.raises(ServiceError, match="answered with 401"):
        named_service(access.url, "wrong")
    with pytest.raises(ServiceError, match="does not answer"):
        named_service("http://127.0.0.1:9", None)


def test_the_command_fails_when_nobody_was_answered(
    command: Command, tmp_path: Path, service: StandIn, access: ServiceAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_HOME", str(tmp_path))
    monkeypatch.setenv("CREDIT_PLATFORM_CONSOLE_API_KEY", "k")
    arguments = ("simulate", "--rate", "50", "--duration", "0.1s", "--service", access.url)
    assert command(*arguments).exit_code == 0
    service.refuses = True
    assert command(*arguments).exit_code == 1
