"""Notifiers deliver what happened, over a real HTTP webhook too."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest

from credit_platform.lakehouse.shelf import Shelf
from credit_platform.monitoring.notifiers import (
    FileNotifier,
    Notification,
    StoreNotifier,
    WebhookNotifier,
    notifier_for,
)
from credit_platform.settings import Settings

NOTIFICATION = Notification(title="Run failed", message="disk full", job="german_credit", run_id="r-1")


class _Hook(BaseHTTPRequestHandler):
    status = 200
    bodies: list[dict[str, str]] = []  # noqa: RUF012  # shared with the test on purpose

    def do_POST(self) -> None:
        type(self).bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(type(self).status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def hook() -> Iterator[str]:
    _Hook.bodies, _Hook.status = [], 200
    server = HTTPServer(("127.0.0.1", 0), _Hook)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    thread.join()
    server.server_close()


def test_file_notifier_appends_one_line_per_notification(tmp_path: Path) -> None:
    notifier = FileNotifier(tmp_path / "deep" / "notifications.jsonl")
    notifier.send(NOTIFICATION)
    notifier.send(NOTIFICATION)
    lines = [json.loads(line) for line in notifier.path.read_text(encoding="utf-8").splitlines()]
    assert [line["run_id"] for line in lines] == ["r-1", "r-1"]
    assert lines[0]["message"] == "disk full"


def test_webhook_notifier_posts_a_slack_text(hook: str) -> None:
    WebhookNotifier(hook).send(NOTIFICATION)
    assert _Hook.bodies == [{"text": "*Run failed*\ndisk full\njob `german_credit`, run `r-1`"}]


def test_webhook_that_refuses_is_an_error(hook: str) -> None:
    _Hook.status = 500
    with pytest.raises(httpx.HTTPStatusError):
        WebhookNotifier(hook).send(NOTIFICATION)


def test_settings_choose_the_notifier(tmp_path: Path) -> None:
    assert notifier_for(Settings(home=tmp_path)) == FileNotifier(tmp_path / "notifications.jsonl")
    assert notifier_for(Settings(home=tmp_path, notify_webhook="http://h")) == WebhookNotifier("http://h")
    shared = Settings(home=tmp_path, artefact_url=str(tmp_path / "shared"))
    assert notifier_for(shared) == StoreNotifier(Shelf.of(shared))


def test_store_notifier_keeps_each_notification_under_a_key_of_its_own(tmp_path: Path) -> None:
    shelf = Shelf.of(Settings(home=tmp_path, artefact_url=str(tmp_path / "shared é")))
    for _ in range(2):
        StoreNotifier(shelf).send(NOTIFICATION)
    said = [json.loads(shelf.store.get(key)) for key in shelf.store.keys("notifications/")]
    assert [one["run_id"] for one in said] == ["r-1", "r-1"]
