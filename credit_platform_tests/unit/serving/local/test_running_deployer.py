"""The service of this home that follows what is promoted: waited for, and tried over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from credit_platform.serving.deployer import Deployment, Verdict
from credit_platform.serving.local.running_deployer import RunningServiceDeployer
from credit_platform.serving.local.service_notices import ServiceNotices
from credit_platform.serving.promoted import PromotedBento
from credit_platform.serving.running_services import ServiceAccess, announced
from credit_platform.settings import Settings
from credit_platform_tests.fake_cluster import OPENAPI, VALID, Server

BENTO = PromotedBento(version=1, path=Path("bentos/two"), digest="scorer 2")


class World:
    """A service that switches after a few questions, or never."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home)
        self.asked, self.switches_at = 0, 3
        self.explains: dict[str, Any] = VALID
        self.server = Server(self._answer)
        self.stack = ExitStack()

    def announce(self) -> None:
        access = ServiceAccess("toy", f"http://127.0.0.1:{self.server.port}", "key")
        self.stack.enter_context(announced(self.settings, [access]))

    def deploy(self, wait_seconds: float = 5.0) -> Deployment:
        return RunningServiceDeployer(self.settings, "toy", say=lambda _: None, wait_seconds=wait_seconds).deploy(BENTO)

    def _answer(self, method: str, path: str, body: bytes) -> tuple[int, str]:
        if path == "/model-info":
            self.asked += 1
        digest = "scorer 2" if self.asked > self.switches_at else "scorer 1"
        answers: dict[str, dict[str, Any]] = {
            "/health": {"ready": True},
            "/model-info": {"digest": digest, "portfolio": "toy"},
            "/openapi.json": OPENAPI,
            "/explain": self.explains,
        }
        return 200, json.dumps(answers[path])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "mes données é")
    yield made
    made.stack.close()
    made.server.stop()


def test_it_waits_until_the_service_has_switched(world: World) -> None:
    world.announce()
    done = world.deploy()
    assert (done.verdict, done.before) == (Verdict.SUCCEEDED, "scorer 1"), done.message


def test_a_second_time_it_answers_already(world: World) -> None:
    world.announce()
    world.deploy()
    assert world.deploy().before == "scorer 2"


def test_no_service_is_no_failure(world: World) -> None:
    done = world.deploy()
    assert done.verdict is Verdict.INCONCLUSIVE
    assert "No service of toy runs on this machine" in done.message


def test_one_that_never_switches_is_told(world: World) -> None:
    world.announce()
    world.switches_at = 10**6
    done = world.deploy(wait_seconds=0.3)
    assert done.verdict is Verdict.FAILED
    assert "the service still answers with scorer 1" in done.message


def test_what_the_service_says_of_a_bento_that_it_refused_is_told_at_once(world: World) -> None:
    world.announce()
    world.switches_at = 10**6
    notices = ServiceNotices(world.settings, "toy", lambda _: None)
    notices.wrong("refused", "bentos:two was promoted but is not served, bentos:one stays: it is broken.")
    done = world.deploy(wait_seconds=60)
    assert done.verdict is Verdict.FAILED
    assert done.message == "bentos:two was promoted but is not served, bentos:one stays: it is broken."


def test_one_that_fails_once_it_is_switched_to_is_told(world: World) -> None:
    world.announce()
    world.explains = {**VALID, "reasons": []}
    done = world.deploy()
    assert done.verdict is Verdict.FAILED
    assert "gets no valid decision" in done.message


def test_a_service_that_is_gone_is_told(world: World) -> None:
    world.announce()
    world.server.stop()
    done = world.deploy(wait_seconds=0.3)
    assert "the service does not answer" in done.message
    world.server = Server(lambda *_: (404, ""))
