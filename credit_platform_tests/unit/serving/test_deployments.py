"""The shadow's evidence first, then the target, then the verdict."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from credit_platform.clock import SYSTEM_CLOCK
from credit_platform.errors import ServiceError
from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.shadow_evidence import ShadowEvidence
from credit_platform.portfolios.keys import bento_key, deployment_key
from credit_platform.serving import deployments
from credit_platform.serving.deployer import LEAST_REQUESTS, Deployer, Deployment, Verdict
from credit_platform.serving.deployments import deploy, deployer_of, newest_deployments
from credit_platform.serving.promoted import PromotedBento
from credit_platform.serving.records import BentoRecord, DeploymentRecord, deployment_rows
from credit_platform.settings import Settings

FEW = ShadowEvidence(champion="scorer 1", decisions=499)
GOOD = ShadowEvidence(champion="scorer 1", decisions=500)
BAD = replace(GOOD, objections=("It would accept 100%, the one that answers accepts 70%.",))


@dataclass
class Target(Deployer):
    """A target where everything goes well, and that remembers."""

    requests: int | None = None
    asked: list[str] = field(default_factory=list)
    verdict: Verdict = Verdict.SUCCEEDED

    def deploy(self, bento: PromotedBento) -> Deployment:
        self.asked.append(bento.name)
        errors = None if self.requests is None else 0
        return Deployment(
            bento=bento, verdict=self.verdict, message="It answers.", before="b1", requests=self.requests, errors=errors
        )


@dataclass
class World:
    """A home in which Bentos were promoted, and a target."""

    settings: Settings
    target: Target
    evidence: ShadowEvidence
    rolled_back: bool = False

    def promote(self, number: int) -> None:
        record = BentoRecord(
            tag=f"toy_scoring:{number}",
            key=f"toy/bentos/{number}",
            promoted_by=f"run {number}",
            digest=f"scorer {number}",
            source_digest=f"source {number}",
            fingerprint="f",
        )
        lakehouse = Lakehouse(self.settings.lakehouse_root)
        lakehouse.write(bento_key("toy"), pl.DataFrame({"tag": [record.tag]}), summary=record.to_summary())

    def deploy(self, **settings: Any) -> DeploymentRecord:
        given = self.settings.model_copy(update=settings)
        return deploy(given, "toy", say=lambda _: None, clock=SYSTEM_CLOCK)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(Settings(home=tmp_path / "mes données é"), Target(), FEW)
    monkeypatch.setattr(deployments, "deployer_of", lambda *_, **__: made.target)
    monkeypatch.setattr(deployments, "shadow_evidence", lambda *_: made.evidence)
    return made


def test_the_first_champion_has_nothing_to_be_compared_with(world: World) -> None:
    world.promote(1)
    done = world.deploy()
    assert (done.verdict, done.evidence, done.promoted_by) == (Verdict.SUCCEEDED, None, "run 1")
    assert "No other model answered before" in done.evidence_sentence


@pytest.mark.parametrize("requests", [None, 0, LEAST_REQUESTS - 1])
def test_too_few_decisions_of_shadow_and_first_pod_are_inconclusive(world: World, requests: int | None) -> None:
    world.promote(1)
    world.promote(2)
    world.target.requests = requests
    done = world.deploy()
    assert done.verdict is Verdict.INCONCLUSIVE
    assert "too few decisions. It scored along at 499 decisions; 500 are needed" in done.message
    assert world.target.asked == ["toy_scoring:2"]


def test_enough_decisions_of_either_are_enough(world: World) -> None:
    world.promote(1)
    world.promote(2)
    world.target.requests = LEAST_REQUESTS
    assert world.deploy().verdict is Verdict.SUCCEEDED
    world.target.requests, world.evidence = None, GOOD
    assert world.deploy().verdict is Verdict.SUCCEEDED


def test_what_speaks_against_it_holds_it_back_unless_it_is_only_noted(world: World) -> None:
    world.promote(1)
    world.promote(2)
    world.evidence = BAD
    done = world.deploy()
    assert (done.verdict, world.target.asked) == (Verdict.FAILED, [])
    assert "toy_scoring:2 was held back." in done.message
    assert "It would accept 100%" in done.message
    assert "Nothing was changed." in done.message
    assert world.deploy(deployment_evidence="note").verdict is Verdict.SUCCEEDED


def test_too_few_decisions_hold_it_back_where_evidence_is_required(world: World) -> None:
    world.promote(1)
    world.promote(2)
    done = world.deploy(deployment_evidence="require")
    assert (done.verdict, world.target.asked) == (Verdict.INCONCLUSIVE, [])
    assert "waits. It scored along at 499 decisions" in done.message


def test_what_a_person_went_back_to_needs_no_evidence(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rollback = SimpleNamespace(decision=SimpleNamespace(event="rollback"))
    monkeypatch.setattr(deployments, "history", lambda *_: [rollback])
    for number in (1, 2, 1):
        world.promote(number)
    world.evidence = BAD
    done = world.deploy()
    assert (done.verdict, done.evidence) == (Verdict.SUCCEEDED, None)


def test_a_failure_of_the_target_stays_one(world: World) -> None:
    world.promote(1)
    world.promote(2)
    world.target.verdict = Verdict.FAILED
    assert world.deploy().verdict is Verdict.FAILED


def test_nothing_promoted_is_said(world: World) -> None:
    with pytest.raises(ServiceError, match="No model of toy is promoted yet"):
        world.deploy()


def test_a_portfolio_that_no_deployment_serves_is_no_failure(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    world.promote(1)
    done = world.deploy(deployment_target="kubernetes")
    assert done.verdict is Verdict.INCONCLUSIVE
    assert "No Deployment of the cluster serves toy" in done.message


def test_no_cluster_is_said_with_the_cure(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "none"))
    settings = world.settings.model_copy(update={"deployment_target": "kubernetes", "deployment_names": {"toy": "d"}})
    with pytest.raises(ServiceError, match=r"No cluster is known: .*CREDIT_PLATFORM_DEPLOYMENT_TARGET=local"):
        deployer_of(settings, "toy", say=lambda _: None, clock=SYSTEM_CLOCK)


def test_what_came_of_each_promotion_is_found_again(world: World) -> None:
    lakehouse = Lakehouse(world.settings.lakehouse_root)
    assert newest_deployments(world.settings, "toy", {"scorer 1"}) == {}
    world.evidence = GOOD
    for number in (1, 2):
        world.promote(number)
        record = world.deploy()
        lakehouse.write(deployment_key("toy"), deployment_rows(record), summary=record.to_summary())
    found = newest_deployments(world.settings, "toy", {"scorer 1", "scorer 2"})
    assert {digest: one.bento for digest, one in found.items()} == {
        "scorer 1": "toy_scoring:1",
        "scorer 2": "toy_scoring:2",
    }
    assert found["scorer 2"].evidence == GOOD
    assert newest_deployments(world.settings, "toy", {"scorer 2"}).keys() == {"scorer 2"}  # nothing older is read
