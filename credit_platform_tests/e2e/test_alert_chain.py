"""From the service's own metrics to a person: service, Prometheus, Alertmanager, webhook, Slack, e-mail, PagerDuty.

The real programs with our configuration; only the times are shortened.
"""

from __future__ import annotations

import json
import re
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_string
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from credit_platform.monitoring.scrape_targets import SERVICE_JOB, ScrapeTargets, Target, targets_file
from credit_platform.serving.local.service_process import start_service
from credit_platform.settings import Settings
from credit_platform_tests.e2e.conftest import Served
from credit_platform_tests.prometheus_stack import NEEDS_PROMETHEUS, started
from scripts.monitoring.alertmanager import PAGERDUTY, SLACK, SMTP, TOKEN, Addresses

# Several programs start twice, beside other tests.
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600), NEEDS_PROMETHEUS]

PATIENCE_SECONDS = 90
SHORTER = {"for: 5m": "for: 2s", "for: 10m": "for: 2s", "for: 15m": "for: 2s"}


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


def eventually(what: str, happens: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not happens():
        assert time.monotonic() < end, what
        time.sleep(0.2)


def test_one_message_for_an_incident_and_one_when_it_is_over(served: Served, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "mon été")
    folder = tmp_path / "prometheus"
    (folder / "secrets").mkdir(parents=True)
    targets = ScrapeTargets(settings)
    with receiving() as (post, http, smtp):
        at = f"http://127.0.0.1:{http}"
        for name, secret in ((SLACK, f"{at}/slack"), (PAGERDUTY, "key"), (SMTP, "password"), (TOKEN, "the-token")):
            (folder / name).write_text(secret)
        addresses = Addresses(
            incidents=f"{at}/incidents",
            watchdog=f"{at}/watchdog",
            pagerduty=f"{at}/pagerduty",
            smarthost=f"127.0.0.1:{smtp}",
            starttls=False,
            group_wait="0s",
            group_interval="1s",
        )
        service = start_service(served.bento, settings=served.settings)
        try:
            assert service.metrics is not None
            targets.replace([Target(SERVICE_JOB, service.metrics, {"portfolio": "german_credit"})])
            with started(folder, targets_file(settings), addresses, changes=SHORTER) as stack:
                stack.wait_for(f'up{{job="{SERVICE_JOB}"}} == 1')
                eventually("the Watchdog comes", lambda: post.of("/watchdog", "Watchdog", "firing"))
                # No exporter stands in the file.
                eventually("the exporter is missed", lambda: post.of("/incidents", "TargetsAbsent", "firing"))

                service.stop()
                eventually("it is told that the API is down", lambda: post.of("/incidents", "ApiDown", "firing"))
                eventually("PagerDuty is told", lambda: [path for path, _, _ in post.posted if "pagerduty" in path])
                eventually("a mail comes", lambda: [mail for mail in post.mails if "is down" in mail])
                time.sleep(5)  # several rounds in which it could be told again
                again = start_service(served.bento, settings=served.settings)
                try:
                    assert again.metrics is not None
                    targets.replace([Target(SERVICE_JOB, again.metrics, {"portfolio": "german_credit"})])
                    eventually("it is told that it is over", lambda: post.of("/incidents", "ApiDown", "resolved"))
                    time.sleep(3)
                finally:
                    again.stop()
        finally:
            service.stop()
    assert len(post.of("/incidents", "ApiDown", "firing")) == 1
    assert len(post.of("/incidents", "ApiDown", "resolved")) == 1
    assert {shown for path, shown, _ in post.posted if path == "/incidents"} == {"Bearer the-token"}
    slack = [body["attachments"][0]["title"] for path, _, body in post.posted if path == "/slack"]
    down = "The scoring service of german_credit is down"
    assert slack.count(f"[FIRING critical] {down}") == 1
    assert slack.count(f"[RESOLVED] {down}") == 1
    mails = [message_from_string(mail) for mail in post.mails]
    about = [mail for mail in mails if down in str(mail["Subject"])]
    assert [mail["To"] for mail in about] == ["platform@example.org"] * 2
    assert [re.sub(r"\W.*", "", str(mail["Subject"])[1:]) for mail in about] == ["FIRING", "RESOLVED"]
    pages = [body for path, _, body in post.posted if "pagerduty" in path]
    assert {page["routing_key"] for page in pages} == {"key"}
    events = [page["event_action"] for page in pages if page["dedup_key"] == about_key(pages, down)]
    assert events == ["trigger", "resolve"]


def about_key(pages: list[dict[str, Any]], text: str) -> str:
    """What PagerDuty knows an incident by."""
    keys = {page["dedup_key"] for page in pages if text in page.get("payload", {}).get("summary", "")}
    assert len(keys) == 1
    return str(keys.pop())
