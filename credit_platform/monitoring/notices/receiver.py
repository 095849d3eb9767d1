"""Alertmanager's webhook: alerts become incidents of the home, so that people and the console find them in one place.

What is here: `AlertReceiver`, a small HTTP server on loopback; `alert_observations`, what a message says;
`watchdog_observations`, what the absence of messages says.
What must not be here: telling: Alertmanager tells by its own receivers, and here an alert goes to the file only.

The message is version 4 of https://prometheus.io/docs/alerting/latest/configuration/#webhook_config.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from credit_platform.errors import NoticeError
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.notices.problems import Observation, Problem, Recovery, Severity

PATH: Final = "/alerts"
HEALTH: Final = "/health"
WATCHDOG: Final = "Watchdog"
"""The alert that always fires: when it stops coming, Prometheus, Alertmanager or the way from them is broken."""
WATCHDOG_SILENCE_SECONDS: Final = 900.0
_REMEMBERED: Final = "watchdog"
_TOLD_BY: Final = ("file",)
_LARGEST_BODY: Final = 1 << 20
_PATIENCE_SECONDS: Final = 10
_BAD: Final = frozenset({"critical", "error", "page"})


def alert_observations(message: Mapping[str, Any]) -> list[Observation]:
    """What a message of Alertmanager says of each alert, but for the Watchdog.

    Raises:
        ValueError: it is no such message.
    """
    alerts = message.get("alerts")
    if not isinstance(alerts, list):
        raise ValueError("it has no list `alerts`")  # noqa: TRY004  # of what somebody sent
    return [_observation(alert) for alert in alerts if not _is_watchdog(alert)]


def watchdog_observations(book: IncidentBook, started: float, now: float) -> Iterator[Observation]:
    """Whether the Watchdog still comes; nothing where it never did.

    Args:
        book: remembers when it came.
        started: when this began to watch.
        now: seconds since 1970.
    """
    came = book.remembered(_REMEMBERED)
    if came is None:
        return
    if now - max(float(came), started) <= WATCHDOG_SILENCE_SECONDS:
        yield Recovery(key="alertmanager", at=float(came), message="The Watchdog alert comes again.")
        return
    yield Problem(
        key="alertmanager",
        title="Alertmanager is silent",
        message=f"Its Watchdog alert has not come for {WATCHDOG_SILENCE_SECONDS / 60:.0f} minutes: no alert of "
        "Prometheus reaches anybody. See whether Prometheus and Alertmanager run.",
        at=now,
        owner="team:operations",
    )


class AlertReceiver(ThreadingHTTPServer):
    """Takes `POST /alerts` with `Authorization: Bearer <token>`, and answers `GET /health`."""

    daemon_threads = True

    def __init__(
        self,
        host: str,
        port: int,
        book: IncidentBook,
        is_token: Callable[[str], bool],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Listen.

        Raises:
            OSError: the port is taken.
        """
        self.book, self.is_token, self.clock = book, is_token, clock
        super().__init__((host, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: AlertReceiver
    timeout = _PATIENCE_SECONDS
    server_version, sys_version = "credit_platform", ""

    def do_GET(self) -> None:
        """Say that it is there."""
        self._answer(HTTPStatus.OK if self.path == HEALTH else HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """Take alerts."""
        self._answer(self._taken())

    def _taken(self) -> HTTPStatus:
        self.close_connection = True  # what is refused is not read
        if (refusal := self._refusal()) is not None:
            return refusal
        try:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._keep(message if isinstance(message, dict) else {})
        except (ValueError, RecursionError):
            return HTTPStatus.BAD_REQUEST
        except NoticeError:
            return HTTPStatus.SERVICE_UNAVAILABLE  # Alertmanager sends it again
        return HTTPStatus.OK

    def _refusal(self) -> HTTPStatus | None:
        """Why nothing of it is read, if so."""
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        length = self.headers.get("Content-Length", "")
        if self.path != PATH:
            return HTTPStatus.NOT_FOUND
        if kind.lower() != "bearer" or not self.server.is_token(token.strip()):
            return HTTPStatus.UNAUTHORIZED
        if not length.isascii() or not length.isdecimal():
            return HTTPStatus.LENGTH_REQUIRED
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE if int(length) > _LARGEST_BODY else None

    def _keep(self, message: Mapping[str, Any]) -> None:
        """Write down what a message says.

        Raises:
            ValueError: it is none of Alertmanager's.
            NoticeError: it cannot be written down.
        """
        found = alert_observations(message)
        if any(map(_is_watchdog, message["alerts"])):
            self.server.book.remember(_REMEMBERED, str(self.server.clock()))
        self.server.book.observe(found, _TOLD_BY)

    def _answer(self, status: HTTPStatus) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing: a message may be long, and health is asked often."""


def _is_watchdog(alert: object) -> bool:
    return _texts(alert, "labels").get("alertname") == WATCHDOG


def _observation(alert: object) -> Observation:
    labels, notes = _texts(alert, "labels"), _texts(alert, "annotations")
    if not isinstance(alert, Mapping) or "alertname" not in labels:
        raise ValueError("an alert has no label `alertname`")
    # Without a fingerprint (an older Alertmanager, a test by hand) the labels are the identity.
    mark = alert.get("fingerprint") or ",".join(f"{name}={labels[name]}" for name in sorted(labels))
    key = f"alert:{labels['alertname']}:{mark}"
    if alert.get("status") == "resolved":
        return Recovery(key=key, at=_seconds(alert.get("endsAt")), message="Alertmanager says that it is over.")
    severity: Severity = "error" if labels.get("severity") in _BAD else "warning"
    return Problem(
        key=key,
        title=notes.get("summary") or labels["alertname"],
        message=notes.get("description") or f"The alert {labels['alertname']} fires.",
        at=_seconds(alert.get("startsAt")),
        severity=severity,
        link=notes.get("runbook_url") or str(alert.get("generatorURL") or ""),
        owner=labels.get("owner", ""),
        portfolio=labels.get("portfolio", ""),
    )


def _texts(alert: object, name: str) -> dict[str, str]:
    found = alert.get(name) if isinstance(alert, Mapping) else None
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, Mapping) else {}


def _seconds(moment: object) -> float:
    """Seconds since 1970 of a time as Go writes it.

    Raises:
        ValueError: it is none.
    """
    read = datetime.fromisoformat(str(moment))
    if read.tzinfo is None:
        raise ValueError("a time has no zone")
    return read.timestamp()
