"""From the service's own metrics to a person: service, Prometheus, Alertmanager, webhook, Slack, e-mail, PagerDuty.

The real programs with our configuration; only the times are shortened.
"""

from __future__ import annotations

import json
import os
import signal
import socketserver
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from email import message_from_string
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from credit_platform.monitoring.scrape_targets import SERVICE_JOB, Target, announced_targets, targets_file
from credit_platform.serving.bentos import BuiltBento
from credit_platform.serving.local.service_process import RunningService, start_service
from credit_platform.settings import Settings
from credit_platform_tests.e2e.conftest import Served
from credit_platform_tests.prometheus_stack import NEEDS_PROMETHEUS, started
from credit_platform_tests.watched_platform import NAME, WatchedPlatform, eventually, exporting
from scripts.monitoring.alertmanager import PAGERDUTY, SLACK, SMTP, TOKEN, Addresses

# Several programs start twice, beside other tests.
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600), NEEDS_PROMETHEUS]

DOWN = f"The scoring service of {NAME} is down"
LOST = "The exporter does not reach the decision log home"
WAITS = {"ApiDown": "1s", "DatabaseUnreachable": "0s", "ApiErrorRateHigh": "1h"}
"""The shorter ones so that nobody waits; the longer one until the test says so."""


class Post:
    """Takes everything that is posted, by path, and mails."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, str, dict[str, Any]]] = []
        self.mails: list[str] = []

    def of(self, path: str, name: str, status: str) -> list[dict[str, Any]]:
        """Messages of Alertmanager's own form at a path."""
        return [
            body
            for where, _, body in self.posted
            if where == path and body["status"] == status and body["commonLabels"]["alertname"] == name
        ]

    def told(self) -> set[str]:
        """Names of all alerts that the platform was told."""
        return {body["commonLabels"]["alertname"] for path, _, body in self.posted if path == "/incidents"}

    def titles(self) -> list[str]:
        """What stood above each message of Slack."""
        return [body["attachments"][0]["title"] for path, _, body in self.posted if path == "/slack"]

    def about(self, sentence: str) -> list[Message]:
        """Mails with a sentence in their subject."""
        mails = [message_from_string(mail) for mail in self.mails]
        return [mail for mail in mails if sentence in str(mail["Subject"])]

    def events(self, sentence: str) -> list[str]:
        """What PagerDuty was told of an incident: whatever bears the key under which the sentence came."""
        pages = [body for path, _, body in self.posted if path.startswith("/pagerduty")]
        assert {page["routing_key"] for page in pages} <= {"key"}
        keys = {page["dedup_key"] for page in pages if sentence in page.get("payload", {}).get("summary", "")}
        return [page["event_action"] for page in pages if page["dedup_key"] in keys]


@contextmanager
def receiving() -> Iterator[tuple[Post, int, int]]:
    """An HTTP and an SMTP server on free ports; what they got."""
    post = Post()

    class Http(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            post.posted.append((self.path, self.headers.get("Authorization", ""), body))
            # PagerDuty answers 202 and what it took.
            self.send_response(202 if self.path.startswith("/pagerduty") else 200)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
            """Nothing."""

    class Smtp(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 test\r\n")
            while line := self.rfile.readline().decode().strip():
                if line == "DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines = iter(lambda: self.rfile.readline().decode().rstrip("\r\n"), ".")
                    post.mails.append("\n".join(lines))
                self.wfile.write(b"221 bye\r\n" if line == "QUIT" else b"250 ok\r\n")

    servers: list[socketserver.TCPServer] = [
        ThreadingHTTPServer(("127.0.0.1", 0), Http),
        socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp),
    ]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield post, int(servers[0].server_address[1]), int(servers[1].server_address[1])
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Nobody can write to it: a service answers 503."""
    with closing(sqlite3.connect(database, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        yield
        holder.execute("ROLLBACK")


@contextmanager
def hung(service: RunningService) -> Iterator[None]:
    """Its processes stand still: it takes connections, and answers nobody."""
    os.killpg(service.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(service.pid, signal.SIGCONT)


@contextmanager
def destroyed(database: Path) -> Iterator[None]:
    """Another file lies in its place; what SQLite keeps beside it would bring it back, so that is away, too."""
    aside = database.parent / "aside"
    aside.mkdir()
    for file in database.parent.glob(f"{database.name}*"):
        file.rename(aside / file.name)
    database.write_bytes(b"no database" * 100)
    try:
        yield
    finally:
        for file in aside.iterdir():
            file.replace(database.parent / file.name)


@contextmanager
def chain(bento: BuiltBento, folder: Path) -> Iterator[tuple[Post, WatchedPlatform, Path]]:
    """Service, exporter, Prometheus, Alertmanager and receivers; what they got, what runs, and the decision log."""
    settings = Settings(home=folder / "mon été", exporter_seconds=1.0)
    secrets = folder / "prometheus" / "secrets"
    secrets.mkdir(parents=True)
    with ExitStack() as stack:
        post, http, smtp = stack.enter_context(receiving())
        at = f"http://127.0.0.1:{http}"
        for name, secret in ((SLACK, f"{at}/slack"), (PAGERDUTY, "key"), (SMTP, "password"), (TOKEN, "the-token")):
            (folder / "prometheus" / name).write_text(secret)
        addresses = Addresses(
            incidents=f"{at}/incidents",
            watchdog=f"{at}/watchdog",
            pagerduty=f"{at}/pagerduty",
            smarthost=f"127.0.0.1:{smtp}",
            starttls=False,
            group_wait="0s",
            group_interval="1s",
        )
        service = stack.enter_context(start_service(bento, settings=settings))
        assert service.metrics is not None
        stack.enter_context(exporting(settings, folder))
        stack.enter_context(announced_targets(settings, [Target(SERVICE_JOB, service.metrics, {"portfolio": NAME})]))
        watching = started(folder / "prometheus", targets_file(settings), addresses, waits=WAITS)
        platform = WatchedPlatform(settings, service, stack.enter_context(watching))
        platform.stack.wait_for(f'up{{job="{SERVICE_JOB}"}} == 1')
        platform.stack.wait_for("credit_platform_decision_log_reachable == 1")
        yield post, platform, Path(settings.decision_log.removeprefix("sqlite:///"))


def test_one_message_for_an_incident_and_one_when_it_is_over(served: Served, tmp_path: Path) -> None:
    with chain(served.bento, tmp_path) as (post, platform, log):
        eventually("the Watchdog comes", lambda: post.of("/watchdog", "Watchdog", "firing"))
        platform.simulate(None, 20)
        with locked(log):
            assert set(platform.sent(20).errors) == {"503 log_unavailable"}
        platform.stack.wait_for('ALERTS{alertname="ApiErrorRateHigh",alertstate="pending"}')
        with hung(platform.service):
            eventually("it is told that the API is down", lambda: post.of("/incidents", "ApiDown", "firing"))
            # What the one explains is held back: requests failed, too.
            platform.stack.wait_times({**WAITS, "ApiErrorRateHigh": "0s"})
            eventually("errors fire", lambda: platform.stack.suppressed().get("ApiErrorRateHigh") == {"ApiDown"})
            # Told after what was held back was held back.
            with destroyed(log):
                eventually("the log is missed", lambda: post.of("/incidents", "DatabaseUnreachable", "firing"))
            eventually("the log is back", lambda: post.of("/incidents", "DatabaseUnreachable", "resolved"))
            assert "ApiErrorRateHigh" not in post.told() | set(post.titles())
        eventually("it is told that it is over", lambda: post.of("/incidents", "ApiDown", "resolved"))
        eventually("everywhere", lambda: len(post.about(DOWN)) == len(post.about(LOST)) == 2)
        eventually("PagerDuty, too", lambda: [*post.events(DOWN), *post.events(LOST)] == ["trigger", "resolve"] * 2)
    for name in ("ApiDown", "DatabaseUnreachable"):
        assert [len(post.of("/incidents", name, status)) for status in ("firing", "resolved")] == [1, 1]
    assert {shown for path, shown, _ in post.posted if path == "/incidents"} == {"Bearer the-token"}
    for sentence in (DOWN, LOST):
        assert [title for title in post.titles() if sentence in title] == [
            f"[FIRING critical] {sentence}",
            f"[RESOLVED] {sentence}",
        ]
        assert [mail["To"] for mail in post.about(sentence)] == ["platform@example.org"] * 2
        assert [str(mail["Subject"]).split("]")[0] for mail in post.about(sentence)] == [
            "[FIRING critical",
            "[RESOLVED",
        ]
