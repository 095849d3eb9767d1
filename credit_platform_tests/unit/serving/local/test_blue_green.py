"""Following the champion, with small HTTP servers where services would be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from credit_platform.errors import ServiceError
from credit_platform.lakehouse import Lakehouse
from credit_platform.serving.deployer import Deployer, Deployment, Verdict
from credit_platform.serving.local import blue_green
from credit_platform.serving.local.blue_green import BlueGreenService
from credit_platform.serving.local.reverse_proxy import ReverseProxy
from credit_platform.serving.local.service_notices import What
from credit_platform.serving.promoted import PromotedBento, promoted_bento
from credit_platform.serving.smoke_test import smoke_test
from credit_platform.settings import Settings
from credit_platform_tests.records import bento_record

EXAMPLES: dict[str, Any] = {"a": {"value": {"application": {}}}, "b": {"value": {"application": {}}}}
CONTENT = {"application/json": {"examples": EXAMPLES}}
OPENAPI = {"paths": {"/predict": {"post": {"requestBody": {"content": CONTENT}}}}}
VALID = {"probability_of_default": 0.5, "decision": "refused", "reasons": [{}]}


@dataclass
class FakeService:
    """What `start_service` gives; `port` only names it."""

    port: int
    digest: str
    answers: list[dict[str, Any]] = field(default_factory=lambda: [VALID])
    code: int | None = None
    log: Path = Path("a.log")
    checks: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def process(self) -> Any:
        return SimpleNamespace(poll=lambda: self.code, returncode=self.code)

    @property
    def client(self) -> FakeService:
        return self

    def health(self) -> dict[str, Any]:
        return {"ready": True}

    def model_info(self) -> dict[str, Any]:
        return {"digest": self.digest}

    def openapi(self) -> dict[str, Any]:
        return OPENAPI

    def post(self, path: str, body: object) -> dict[str, Any]:
        assert path == "/explain"
        self.checks += 1
        return self.answers[min(self.checks, len(self.answers)) - 1]

    def stop(self) -> None:
        self.code = 0 if self.code is None else self.code


class World:
    """What is promoted, what starts, and what was said."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        self.promoted: PromotedBento | None = None
        self.broken: set[str] = set()
        self.services: list[FakeService] = []
        self.make: Callable[[FakeService], FakeService] = lambda service: service
        self.said: list[str] = []
        self.told: list[str] = []
        self.mended: list[tuple[str, ...]] = []
        self.unreachable = False
        self.now = 0.0
        self.shadow: Path | None = None
        self.no_shadow: ServiceError | None = None
        self.shadows: list[Path | None] = []
        self.front = ReverseProxy()
        monkeypatch.setattr(blue_green, "start_service", self.start)
        self.following = BlueGreenService(
            self.front,
            self.find,
            Settings(home=tmp_path),
            say=self.said.append,
            notices=self,
            shadow=self.shadow_of,
            clock=lambda: self.now,
        )

    def shadow_of(self, _: PromotedBento) -> Path | None:
        if self.no_shadow is not None:
            raise self.no_shadow
        return self.shadow

    def find(self) -> PromotedBento | None:
        if self.unreachable:
            raise ServiceError("The store is away.", "Wait.")
        return self.promoted

    def start(
        self, path: Path, *, settings: Settings, owner: tuple[str, str], log_name: str, shadow: Path | None
    ) -> FakeService:
        assert owner[0] == self.following.key
        if path.name in self.broken or (shadow is not None and shadow.name in self.broken):
            raise ServiceError(f"{path.name} is broken.", "Mend it.")
        self.shadows.append(shadow)
        self.services.append(self.make(FakeService(10_000 + len(self.services), f"digest of {path.name}")))
        return self.services[-1]

    def wrong(self, what: What, message: str) -> None:
        self.told.append(f"{what}: {message}")

    def well(self, what: Sequence[What], message: str) -> None:
        self.mended.append(tuple(what))

    def promote(self, name: str) -> None:
        version = 0 if self.promoted is None else self.promoted.version + 1
        self.promoted = PromotedBento(version=version, path=Path("bentos") / name, digest=f"digest of {name}")
        self.following.step()

    @property
    def served(self) -> str | None:
        """Name of the Bento that clients reach, as far as the front and the processes say."""
        alive = {service.port: service.digest.split()[-1] for service in self.services if service.code is None}
        return None if self.front.backend is None else alive[self.front.backend]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[World]:
    world = World(monkeypatch, tmp_path)
    yield world
    world.following.stop()
    assert all(service.code is not None for service in world.services)


def test_it_follows_promotion_and_rollback(world: World) -> None:
    world.following.step()
    assert world.served is None
    for name in ("one", "two", "one"):
        world.promote(name)
        assert world.served == name
        assert [service.code for service in world.services[:-1]] == [0] * (len(world.services) - 1)
    world.following.step()
    assert len(world.services) == 3
    assert world.told == []


def test_a_deployment_says_what_came_of_it(world: World) -> None:
    names = enumerate(("one", "two"))
    one, two = (PromotedBento(version=n, path=Path("bentos") / name, digest=f"digest of {name}") for n, name in names)
    world.broken = {"one", "two"}
    deployer: Deployer = world.following
    assert deployer.deploy(one).verdict is Verdict.INCONCLUSIVE  # it is tried again
    assert "tried again" in deployer.deploy(one).message
    world.broken, world.now = {"two"}, world.now + 3600
    assert deployer.deploy(one) == Deployment(bento=one, verdict=Verdict.SUCCEEDED, message="bentos:one answers.")
    failed = deployer.deploy(two)
    assert (failed.verdict, failed.bento, world.served) == (Verdict.FAILED, two, "one")
    assert "bentos:one stays" in failed.message


def test_the_same_bento_promoted_again_is_not_started_again(world: World) -> None:
    world.promote("one")
    world.promote("one")
    assert (len(world.services), world.following.bento) == (1, world.promoted)


def test_one_that_does_not_start_is_refused_once_and_told(world: World) -> None:
    world.promote("one")
    world.broken = {"two"}
    world.promote("two")
    world.following.step()
    assert world.served == "one"
    assert ["two is broken" in note for note in world.told] == [True]
    assert "bentos:two was promoted but is not served, bentos:one stays" in world.said[-1]
    world.broken = set()
    world.promote("two")  # promoted anew: tried anew
    assert world.served == "two"


@pytest.mark.parametrize(
    "answer",
    [{**VALID, "probability_of_default": 1.5}, {**VALID, "decision": "perhaps"}, {**VALID, "reasons": []}],
)
def test_one_with_an_invalid_decision_is_stopped_before_clients_meet_it(world: World, answer: dict[str, Any]) -> None:
    world.promote("one")
    world.make = lambda service: replace(service, answers=[VALID, answer])
    world.promote("two")
    assert world.served == "one"
    assert world.services[1].code == 0
    assert "example 'b' gets no valid decision" in world.told[0]


def test_one_that_fails_once_clients_use_it_is_taken_back(world: World) -> None:
    world.promote("one")
    world.make = lambda service: replace(service, answers=[VALID, VALID, {**VALID, "reasons": []}])
    world.promote("two")
    assert world.served == "one"
    assert (world.services[0].code, world.services[1].code) == (None, 0)


def test_one_that_serves_another_model_is_refused(tmp_path: Path) -> None:
    bento = PromotedBento(version=0, path=tmp_path, digest="wanted")
    with pytest.raises(ServiceError, match="serves the scorer other, not wanted"):
        smoke_test(FakeService(1, "other"), bento, log="a.log")  # type: ignore[arg-type]  # as far as is needed here


def test_one_that_dies_is_started_again(world: World) -> None:
    world.promote("one")
    world.services[0].code = -9
    world.following.step()
    assert world.served == "one"
    assert "code -9" in world.told[0]


def test_one_that_does_not_start_again_is_tried_later_and_later(world: World) -> None:
    world.broken = {"one"}
    world.promote("one")
    world.following.step()  # too early
    assert len(world.told) == 1
    world.now = 1.0
    world.following.step()
    world.now = 2.0
    world.following.step()
    assert len(world.told) == 2
    world.broken = set()
    world.now = 3.0
    world.following.step()
    assert world.served == "one"


def test_after_a_death_the_proven_one_comes_back_when_the_new_one_does_not_start(world: World) -> None:
    world.promote("one")
    world.services[0].code = 1
    world.broken = {"two"}
    world.promote("two")
    world.following.step()
    assert world.served == "one"


def test_a_store_that_is_away_changes_nothing(world: World) -> None:
    world.promote("one")
    world.unreachable = True
    world.following.step()
    world.following.step()
    assert world.served == "one"
    assert ["The store is away" in note for note in world.told] == [True]


def test_whoever_is_served_is_shadowed(world: World) -> None:
    world.shadow = Path("challenger")
    world.promote("one")
    assert world.following.log == Path("a.log")
    world.promote("two")
    assert world.shadows == [Path("challenger")] * 2
    assert world.said.count("Scores along and answers nobody: challenger") == 2
    assert world.told == []


@pytest.mark.parametrize("broken", [True, False])
def test_a_shadow_that_cannot_be_used_keeps_the_first_service_from_starting(world: World, *, broken: bool) -> None:
    world.shadow = Path("challenger")
    world.broken = {"challenger"} if broken else set()
    world.no_shadow = None if broken else ServiceError("No such challenger.", "Name one.")
    world.promote("one")
    assert (world.served, world.following.log) == (None, None)
    assert ("one is broken" if broken else "No such challenger") in world.told[0]
    world.broken, world.no_shadow, world.now = set(), None, 2.0
    world.following.step()
    assert (world.served, world.shadows) == ("one", [Path("challenger")])


@pytest.mark.parametrize("broken", [True, False])
def test_a_shadow_that_cannot_be_used_does_not_stand_in_the_way_of_a_promotion(world: World, *, broken: bool) -> None:
    world.shadow = Path("challenger")
    world.promote("one")
    world.broken = {"challenger"} if broken else set()
    world.no_shadow = None if broken else ServiceError("It is the champion itself.", "Name another.")
    world.promote("two")
    assert (world.served, world.shadows[-1]) == ("two", None)
    assert "bentos:two is served without a shadow: " in world.told[0]


def test_what_is_promoted_comes_from_the_lakehouse(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert promoted_bento(settings, "german_credit") is None
    row = bento_record(tmp_path / "bento").to_summary()
    Lakehouse(settings.lakehouse_root).write("german_credit/serving/bento", pl.DataFrame(row), summary=row)
    found = promoted_bento(settings, "german_credit")
    assert found == PromotedBento(version=0, path=tmp_path / "bento", digest="d")
