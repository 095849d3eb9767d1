"""Alertmanager's webhook becomes incidents, for whoever has the token."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.notices.receiver import (
    WATCHDOG_SILENCE_SECONDS,
    AlertReceiver,
    alert_observations,
    watchdog_observations,
)
from credit_platform.settings import Settings

NOW = 1_800_000_000.0


def alert(status: str = "firing", name: str = "ApiDown", **other: object) -> dict[str, Any]:
    labels = {"alertname": name, "severity": "critical", "owner": "team:operations"}
    notes = {
        "summary": "The API is down",
        "description": "No answer for 5 minutes.",
        "runbook_url": "https://r/ApiDown",
    }
    times = {"startsAt": "2026-11-30T10:00:00.123456789Z", "endsAt": "2026-11-30T10:10:00Z"}
    return {"status": status, "labels": labels, "annotations": notes, "fingerprint": "f1", **times, **other}


class World:
    def __init__(self, home: Path) -> None:
        self.book = IncidentBook.of(Settings(home=home))
        self.server = AlertReceiver("127.0.0.1", 0, self.book, lambda given: given == "t0ken", clock=lambda: NOW)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def post(self, *alerts: object, token: str = "t0ken", path: str = "/alerts") -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.post(self.url + path, json={"version": "4", "alerts": list(alerts)}, headers=headers).status_code


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    thread = threading.Thread(target=world.server.serve_forever)
    thread.start()
    yield world
    world.server.shutdown()
    thread.join()
    world.server.server_close()


def test_an_alert_is_one_incident_however_often_it_is_repeated_and_ends(world: World) -> None:
    assert [world.post(alert()), world.post(alert()), world.post(alert())] == [200, 200, 200]
    (incident,) = world.book.open_incidents()
    assert (incident.key, incident.severity, incident.times) == ("alert:ApiDown:f1", "error", 1)
    assert (incident.title, incident.link) == ("The API is down", "https://r/ApiDown")
    assert world.post(alert("resolved")) == 200
    assert world.book.open_incidents() == []
    assert world.post(alert(startsAt="2026-11-30T11:00:00Z")) == 200
    assert len(world.book.open_incidents()) == 1


def test_alertmanager_tells_by_itself_here_only_the_file_does(world: World) -> None:
    world.post(alert())
    assert set(world.book.claim(["file", "webhook", "mail", "pager"], NOW)) == {"file"}


def test_without_the_token_nothing_is_taken(world: World) -> None:
    assert [world.post(alert(), token="other"), world.post(alert(), path="/other")] == [401, 404]
    assert httpx.post(f"{world.url}/alerts", json={"alerts": [alert()]}).status_code == 401
    assert world.book.open_incidents() == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"\xff", b'{"alerts": 3}', b'{"alerts": [3]}', b'{"alerts": [{"labels": {}}]}', b"[" * 9999],
)
def test_what_is_no_message_of_alertmanager_is_refused(world: World, body: bytes) -> None:
    headers = {"Authorization": "Bearer t0ken"}
    assert httpx.post(f"{world.url}/alerts", content=body, headers=headers).status_code == 400


def test_a_long_message_is_not_read(world: World) -> None:
    with socket.create_connection(("127.0.0.1", world.server.server_port)) as line:
        line.sendall(b"POST /alerts HTTP/1.1\r\nAuthorization: Bearer t0ken\r\nContent-Length: 2000000\r\n\r\n")
        assert line.recv(1000).split()[1] == b"413"


def test_times_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="no zone"):
        alert_observations({"alerts": [alert(startsAt="2026-11-30T10:00:00")]})


def test_the_watchdog_is_no_incident_but_its_silence_is(world: World) -> None:
    assert list(watchdog_observations(world.book, NOW, NOW + 1e6)) == []
    assert world.post(alert(name="Watchdog")) == 200
    assert world.book.open_incidents() == []
    late = NOW + WATCHDOG_SILENCE_SECONDS + 1
    keys = [(one.key, type(one).__name__) for one in watchdog_observations(world.book, NOW, late)]
    assert keys == [("alertmanager", "Problem")]
    assert [type(one).__name__ for one in watchdog_observations(world.book, late - 5, late)] == ["Recovery"]


def test_health_is_for_everybody(world: World) -> None:
    assert [httpx.get(f"{world.url}{path}").status_code for path in ("/health", "/")] == [200, 404]
