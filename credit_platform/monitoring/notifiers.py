"""Who is told when a run fails: a pluggable notifier.

What to add here: another `Notifier` (e-mail, pager) and its choice in `notifier_for`.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import httpx

from credit_platform.lakehouse.shelf import Shelf
from credit_platform.settings import Settings

WEBHOOK_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Notification:
    """What happened, where, and where to look. It carries no personal data."""

    title: str
    message: str
    job: str
    run_id: str


class Notifier(Protocol):
    """Somebody who can be told."""

    def send(self, notification: Notification) -> None:
        """Deliver `notification`, or raise."""
        ...


@dataclass(frozen=True)
class FileNotifier:
    """Append notifications to a JSON-lines file; the default, since it needs no one's address."""

    path: Path

    def send(self, notification: Notification) -> None:
        """Append one line with the time and the fields of `notification`."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(_line(notification) + "\n")


@dataclass(frozen=True)
class StoreNotifier:
    """Store each notification under a key of its own, beside artefacts that lie elsewhere than in the home."""

    shelf: Shelf

    def send(self, notification: Notification) -> None:
        """Store the time and the fields of `notification`.

        Raises:
            StorageError: the store cannot be used.
        """
        key = f"notifications/{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}-{uuid.uuid4().hex[:8]}.json"
        self.shelf.store.put(key, _line(notification).encode())


@dataclass(frozen=True)
class WebhookNotifier:
    """Post notifications to a Slack-compatible webhook."""

    url: str

    def send(self, notification: Notification) -> None:
        """Post one message.

        Raises:
            httpx.HTTPError: the webhook did not accept it; Dagster retries the sensor's tick.
        """
        text = f"*{notification.title}*\n{notification.message}\njob `{notification.job}`, run `{notification.run_id}`"
        httpx.post(self.url, json={"text": text}, timeout=WEBHOOK_TIMEOUT_SECONDS).raise_for_status()


def _line(notification: Notification) -> str:
    record = {"time": datetime.now(UTC).isoformat(timespec="seconds"), **asdict(notification)}
    return json.dumps(record, ensure_ascii=False)


def notifier_for(settings: Settings) -> Notifier:
    """Notifier that the settings ask for: the webhook when one is set, else the file, or what stands for it."""
    if settings.notify_webhook:
        return WebhookNotifier(settings.notify_webhook)
    if settings.keeps_artefacts_at_home:
        return FileNotifier(settings.home / "notifications.jsonl")
    return StoreNotifier(Shelf.of(settings))
