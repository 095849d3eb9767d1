"""The services of `credit-platform up`: all that is promoted is served and followed, with stand-ins for processes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from credit_platform.errors import ServiceError
from credit_platform.monitoring.scrape_targets import targets_file
from credit_platform.serving.local import blue_green, following
from credit_platform.serving.local.following import BlueGreenServices
from credit_platform.serving.local.ports import free_port
from credit_platform.serving.promoted import PromotedBento
from credit_platform.serving.running_services import running_services
from credit_platform.settings import Settings


@dataclass
class FakeService:
    """What `start_service` gives."""

    port: int
    log: Path
    code: int | None = None

    @property
    def metrics(self) -> str:
        return f"127.0.0.1:{self.port - 1000}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def client(self) -> None:
        return None

    @property
    def process(self) -> Any:
        return SimpleNamespace(poll=lambda: self.code, returncode=self.code)

    def stop(self) -> None:
        self.code = 0


class World:
    """What is promoted and what runs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.promoted: dict[str, PromotedBento] = {}
        self.services: list[FakeService] = []
        self.shadows: list[Path | None] = []
        self.failure: Exception | None = None
        self.said: list[str] = []
        monkeypatch.setattr(following, "WATCH_SECONDS", 0.02)
        monkeypatch.setattr(following, "promoted_bento", self.find)
        monkeypatch.setattr(blue_green, "start_service", self.start)
        monkeypatch.setattr(blue_green, "smoke_test", lambda *_, **__: None)

    def find(self, _: Settings, portfolio: str) -> PromotedBento | None:
        if self.failure is not None:
            raise self.failure
        return self.promoted.get(portfolio)

    def start(self, path: Path, *, log_name: str, shadow: Path | None, **_: object) -> FakeService:
        self.services.append(FakeService(10_000 + len(self.services), Path(f"{log_name}.log")))
        self.shadows.append(shadow)
        return self.services[-1]

    def promote(self, portfolio: str, name: str) -> None:
        version = 0 if portfolio not in self.promoted else self.promoted[portfolio].version + 1
        self.promoted[portfolio] = PromotedBento(version=version, path=Path("bentos") / name, digest=name)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def scraped(settings: Settings) -> dict[str, str]:
    """Portfolio to address in the file for Prometheus."""
    entries = json.loads(targets_file(settings).read_text(encoding="utf-8"))
    assert {entry["labels"]["job"] for entry in entries} <= {"credit-platform-service"}
    return {entry["labels"]["portfolio"]: entry["targets"][0] for entry in entries}


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_is_promoted_is_served_announced_followed_and_stopped(world: World, settings: Settings) -> None:
    world.promote("german_credit", "one")
    world.promote("home_credit", "big")
    port = free_port(26000)
    with BlueGreenServices(settings, port, world.said.append) as services:
        assert running_services(settings) == services.access
        assert {one.portfolio for one in services.access} == {"german_credit", "home_credit"}
        assert services.access[0].url == f"http://127.0.0.1:{port}"
        assert len({one.url for one in services.access}) == len({one.key for one in services.access}) == 2
        assert scraped(settings) == {"german_credit": "127.0.0.1:9000", "home_credit": "127.0.0.1:9001"}
        assert services.log("german_credit") == Path(f"serve-{port}-1.log")
        before = list(services.access)
        world.promote("german_credit", "two")
        until(lambda: len(world.services) == 3)
        until(lambda: [service.code for service in world.services].count(0) == 1)
        assert scraped(settings)["german_credit"] == "127.0.0.1:9002"  # the port of the process that answers now
        assert services.access == before  # address and key stay
        assert any("bentos:two was promoted" in message for message in world.said)
    assert [service.code for service in world.services] == [0, 0, 0]
    assert running_services(settings) == []
    assert scraped(settings) == {}
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("follow-")]


def test_what_is_promoted_later_is_served_then(world: World, settings: Settings) -> None:
    with BlueGreenServices(settings, free_port(26000), world.said.append) as services:
        assert services.access == []
        world.promote("german_credit", "one")
        until(lambda: any("API key until it stops" in message for message in world.said))
        (access,) = services.access
        assert running_services(settings) == [access]
        assert any(access.url in message and str(access.key) in message for message in world.said)
    assert world.services[0].code == 0


def test_a_store_that_is_away_is_told_once_and_asked_again(world: World, settings: Settings) -> None:
    with BlueGreenServices(settings, free_port(26000), world.said.append) as services:
        world.failure = ServiceError("The store is away.", "Wait.")
        until(lambda: world.said)
        time.sleep(0.1)
        told = [message for message in world.said if "german_credit: it cannot be served" in message]
        assert len(told) == 1
        world.failure = None
        world.promote("german_credit", "one")
        until(lambda: services.access)


def test_what_was_started_is_stopped_when_the_rest_cannot_be(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.promote("german_credit", "one")

    def find(given: Settings, portfolio: str) -> PromotedBento | None:
        if portfolio == "home_credit":
            raise ServiceError("The store is away.", "Wait.")
        return world.find(given, portfolio)

    monkeypatch.setattr(following, "promoted_bento", find)
    with (
        pytest.raises(ServiceError, match="away"),
        BlueGreenServices(settings, free_port(26000), world.said.append),
    ):
        pytest.fail("entered")
    assert [service.code for service in world.services] == [0]
    assert running_services(settings) == []


def test_the_shadow_of_the_settings_is_for_the_portfolio_it_concerns(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    world.promote("german_credit", "one")
    world.promote("home_credit", "big")
    monkeypatch.setattr(following, "concerns", lambda settings, portfolio, wanted: portfolio == "german_credit")
    monkeypatch.setattr(following, "shadow_scorer", lambda settings, name, digest, wanted: tmp_path / name / wanted)
    shadowed = settings.model_copy(update={"shadow_scorer": "challenger"})
    with BlueGreenServices(shadowed, free_port(26000), world.said.append):
        assert world.shadows == [tmp_path / "german_credit" / "challenger", None]
