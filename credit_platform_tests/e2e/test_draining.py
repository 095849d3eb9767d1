"""SIGTERM, as Kubernetes sends it: not ready at once, everything answered for a while, then the rest, then closed."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

import httpx
import polars as pl
import pytest

from credit_platform.api_keys import new_owner_key
from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios.keys import bento_key
from credit_platform.serving.records import BentoRecord
from credit_platform_tests.e2e.conftest import Served

pytestmark = pytest.mark.e2e
PATIENCE = 60.0
LONG = 600
"""Longer than a test may take: what has ended, somebody ended."""


class Leaving:
    """A service in a process of its own that is told to go."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, key: str, home: Path, body: bytes) -> None:
        self.process, self.port, self.key, self.home, self.body = process, port, key, home, body
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def get(self, path: str) -> httpx.Response:
        """Over a connection of its own."""
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE, trust_env=False)

    def predict(self, request_id: str) -> httpx.Response:
        headers = {**self.headers, "X-Request-ID": request_id}
        url = f"http://127.0.0.1:{self.port}/predict"
        return httpx.post(url, content=self.body, headers=headers, timeout=PATIENCE, trust_env=False)

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def is_closed(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) != 0

    def begin(self, connection: http.client.HTTPConnection, request_id: str) -> None:
        """Send all but the last byte of a request."""
        connection.putrequest("POST", "/predict")
        for name, value in {**self.headers, "X-Request-ID": request_id, "Content-Length": len(self.body)}.items():
            connection.putheader(name, str(value))
        connection.endheaders(self.body[:-1])

    def decided(self) -> set[str]:
        with closing(sqlite3.connect(self.home / "decisions" / "decisions.db")) as log:
            return {row[0] for row in log.execute("SELECT request_id FROM decisions")}


class Start(Protocol):
    def __call__(self, seconds: float, *, first_process: bool = False) -> Leaving: ...


@pytest.fixture(scope="module")
def fetched(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Bento as an init container brings it, by the command it runs."""
    folder = tmp_path_factory.mktemp("pod")
    key, record = bento_key("german_credit"), BentoRecord.made(served.bento, "")
    root = str(folder / "lakehouse")
    Lakehouse(root).write(key, pl.DataFrame({"tag": [record.tag]}), summary=record.to_summary())
    environment = {
        **os.environ,
        "CREDIT_PLATFORM_LAKEHOUSE_URL": root,
        "CREDIT_PLATFORM_ARTEFACT_URL": served.settings.artefact_root,
        "CREDIT_PLATFORM_BENTO_DIGEST": served.bento.source_digest,
    }
    main = [sys.executable, "-c", "from credit_platform.cli import main; main()"]
    command = [*main, "fetch-bento", "german_credit", "--to", str(folder / "bento")]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "as it was promoted" in done.stdout
    assert sorted(path.name for path in folder.iterdir()) == ["bento", "lakehouse"]
    return folder / "bento"


@pytest.fixture
def start(served: Served, fetched: Path, tmp_path: Path, unused_port: int) -> Iterator[Start]:
    processes: list[subprocess.Popen[bytes]] = []

    def begin(seconds: float, *, first_process: bool = False) -> Leaving:
        key, variable = new_owner_key()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
            "CREDIT_PLATFORM_HOME": str(tmp_path),
            "CREDIT_PLATFORM_OWNER_KEY": variable,
            "CREDIT_PLATFORM_SERVICE_DRAIN_SECONDS": str(seconds),
            "CREDIT_PLATFORM_SERVICE_BODY_SECONDS": "60",
            "CREDIT_PLATFORM_SERVICE_FINISH_SECONDS": str(LONG),
        }
        with (tmp_path / "service.log").open("wb") as log:
            within = ["unshare", "--pid", "--fork", "--kill-child"] if first_process else []
            command = [*within, sys.executable, "-m", "bento", "--port", str(unused_port)]
            process = subprocess.Popen(
                command, cwd=fetched / "src", env=environment, stdout=log, stderr=subprocess.STDOUT
            )
        processes.append(process)
        body = json.dumps({"application": served.scorer.portfolio.examples["accepted"]}).encode()
        service = Leaving(process, unused_port, key, tmp_path, body)
        if not first_process:
            wait_until(lambda: not service.is_closed() and service.get("/health").status_code == 200, process)
        return service

    yield begin
    for process in processes:
        process.kill()
        process.wait()


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "in vain"
        assert process.poll() is None, "the service has ended"
        time.sleep(0.02)


@contextmanager
def opened(service: Leaving) -> Iterator[http.client.HTTPConnection]:
    connection = service.connect()
    yield connection
    connection.close()


def test_who_comes_while_it_leaves_is_answered_and_asked_to_come_back_elsewhere(
    start: Start,
) -> None:
    service = start(LONG)
    with opened(service) as kept, opened(service) as slow:
        kept.request("GET", "/health")
        first = kept.getresponse()
        first.read()
        assert (first.status, first.getheader("Connection")) == (200, None)
        service.begin(slow, "began-before")

        service.process.send_signal(signal.SIGTERM)
        wait_until(lambda: service.get("/health").status_code == 503, service.process)
        assert service.get("/health").json()["reason"] == "The service is shutting down."
        assert (service.get("/readyz").status_code, service.get("/livez").status_code) == (503, 200)

        answer = service.predict("came-later")
        assert (answer.status_code, answer.headers["Connection"]) == (200, "close")
        kept.request("POST", "/predict", service.body, {**service.headers, "X-Request-ID": "kept-open"})
        last = kept.getresponse()
        last.read()
        assert (last.status, last.getheader("Connection")) == (200, "close")

        # It would go on for minutes: a second signal says that nobody comes any more.
        service.process.send_signal(signal.SIGTERM)
        wait_until(service.is_closed, service.process)
        slow.send(service.body[-1:])
        assert slow.getresponse().status == 200, "what was asked is answered, behind a closed port"
    assert service.process.wait(PATIENCE) == -signal.SIGTERM
    assert service.decided() == {"came-later", "kept-open", "began-before"}


def test_it_closes_by_itself_when_the_time_is_over(start: Start) -> None:
    service = start(0.3)
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(PATIENCE) == -signal.SIGTERM
    assert service.is_closed()


def test_without_a_setting_the_port_is_closed_at_once(start: Start) -> None:
    service = start(0)
    with opened(service) as slow:
        service.begin(slow, "began-before")
        service.process.send_signal(signal.SIGTERM)
        wait_until(service.is_closed, service.process)
        slow.send(service.body[-1:])
        assert slow.getresponse().status == 200
    assert service.process.wait(PATIENCE) == -signal.SIGTERM


def test_the_first_process_of_a_container_can_be_told_to_go_before_it_serves(start: Start) -> None:
    """The kernel throws away a signal to it that it has no handler for, and the pod would stay until it is killed."""
    if subprocess.run(["unshare", "--pid", "--fork", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this account may not make a namespace of processes (unshare --pid)")
    service = start(LONG, first_process=True)
    children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children")
    deadline = time.monotonic() + PATIENCE
    while service.process.poll() is None:
        assert time.monotonic() < deadline, "it stays"
        for child in children.read_text().split():
            os.kill(int(child), signal.SIGTERM)  # again and again: the first ones come before Python does
        time.sleep(0.02)
    # Without a handler of its own it would serve, end by uvicorn's, and say 0: raised again, the signal is thrown away.
    assert service.process.returncode == 128 + signal.SIGTERM
