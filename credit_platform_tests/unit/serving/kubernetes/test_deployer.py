"""One pod first, then the rest, or back: the real client of Kubernetes against a small API over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client

from credit_platform.errors import ServiceError
from credit_platform.serving.deployer import Deployment, Verdict
from credit_platform.serving.kubernetes.deployer import KubernetesDeployer, Patience
from credit_platform.serving.kubernetes.workload import BEFORE, DEPLOYED_AT, Told, Workload
from credit_platform.serving.promoted import PromotedBento
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.serving.service_client import ServiceClient
from credit_platform_tests.fake_cluster import NAME, NAMESPACE, Bento, FakeCluster, fake_cluster

OLD, NEW, NEWEST = "a" * 64, "b" * 64, "c" * 64
HURRIED = Patience(ready=1.0, answer=0.2, watch=0.05, look=0.002)


class _Killed(BaseException):
    """The run was."""


class World:
    """A cluster that serves OLD, and whoever deploys to it."""

    def __init__(self, cluster: FakeCluster) -> None:
        self.cluster = cluster
        self.said: list[str] = []
        self._api = client.ApiClient(client.Configuration(host=cluster.url))
        self.workload = Workload(self._api, NAMESPACE, NAME)

    def deploy(self, digest: str = NEW) -> Deployment:
        bento = PromotedBento(
            version=1, path=Path(f"bentos/{digest[:1]}"), digest=f"scorer {digest[:1]}", source_digest=digest
        )
        return KubernetesDeployer(self.workload, _client, say=self.said.append, patience=HURRIED).deploy(bento)

    def close(self) -> None:
        self._api.close()

    @property
    def paused(self) -> list[bool]:
        """Of each change, whether it held the roll-out."""
        return [bool(body["spec"].get("paused")) for body in self.cluster.applied]


def _client(url: str) -> ServiceClient:
    return ServiceClient(ServiceAccess("german_credit", url, "key"))


def bentos(**new: Any) -> dict[str, Bento]:
    return {"": Bento("scorer a"), OLD: Bento("scorer a"), NEW: Bento("scorer b", **new), NEWEST: Bento("scorer c")}


def served_by(told: str = OLD, **new: Any) -> Iterator[World]:
    with fake_cluster(bentos(**new), told=told) as cluster:
        world = World(cluster)
        yield world
        world.close()


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    yield from served_by(**getattr(request, "param", {}))


def test_one_pod_is_tried_and_watched_before_the_rest_follow(world: World) -> None:
    done = world.deploy()
    assert (done.verdict, done.before) == (Verdict.SUCCEEDED, OLD), done.message
    assert world.cluster.served == [NEW] * 3
    assert world.cluster.most_new == 1
    assert world.paused == [False, True, False, False]
    assert done.requests is not None
    assert done.requests >= 200
    assert done.errors == 0
    assert set(world.cluster.metadata) == {"description"}
    assert world.cluster.template[DEPLOYED_AT]


def test_what_the_release_owns_is_never_named(world: World) -> None:
    world.deploy()
    for body in world.cluster.applied:
        assert set(body) == {"apiVersion", "kind", "metadata", "spec"}
        assert set(body["spec"]) <= {"template", "paused"}
        assert set(body["spec"]["template"]) == {"metadata"}


def test_a_second_call_changes_nothing(world: World) -> None:
    world.deploy()
    changes = len(world.cluster.applied)
    again = world.deploy()
    assert (again.verdict, len(world.cluster.applied)) == (Verdict.SUCCEEDED, changes)
    assert "nothing was changed" in again.message


def _taken_back(world: World, *, because: str) -> None:
    done = world.deploy()
    assert done.verdict is Verdict.FAILED, done.message
    assert because in done.message
    assert f"The one before, {OLD[:12]}, answers." in done.message
    assert (world.cluster.told, world.cluster.served) == (OLD, [OLD] * 3)
    assert set(world.cluster.metadata) == {"description"}
    assert not world.cluster.paused


@pytest.mark.parametrize("world", [{"explains": {"decision": "perhaps"}}], indirect=True)
def test_one_that_fails_its_smoke_test_is_taken_back(world: World) -> None:
    _taken_back(world, because="gets no valid decision")
    assert world.cluster.most_new == 1


def test_one_that_serves_another_model_is_taken_back(world: World) -> None:
    world.cluster.bentos[NEW].scorer = "scorer x"
    _taken_back(world, because="serves the scorer scorer x")


@pytest.mark.parametrize("world", [{"crashes": True}], indirect=True)
def test_one_whose_pod_crashes_is_taken_back_with_its_last_words(world: World) -> None:
    _taken_back(
        world, because="service ended with code 3 (Error), having said: ScorerError: scorer/model.json is missing."
    )


@pytest.mark.parametrize("world", [{"crashes_at": 3}], indirect=True)
def test_one_that_crashes_while_the_rest_follow_is_taken_back(world: World) -> None:
    _taken_back(world, because="ended with code 3")


@pytest.mark.parametrize("world", [{"never_ready": True}], indirect=True)
def test_one_that_is_never_ready_is_taken_back(world: World) -> None:
    _taken_back(world, because="no pod of it is ready within 1 s")


@pytest.mark.parametrize("world", [{"errors": 20}], indirect=True)
def test_one_that_errs_more_than_the_others_is_taken_back(world: World) -> None:
    _taken_back(world, because="requests for decisions, the others at the same time 0 of")
    assert world.cluster.most_new == 1


def test_errors_that_all_pods_have_are_no_reason_to_go_back(world: World) -> None:
    for digest in (OLD, NEW):
        world.cluster.bentos[digest].errors = 20
    assert world.deploy().verdict is Verdict.SUCCEEDED


@pytest.mark.parametrize("world", [{"unplaced": True}], indirect=True)
def test_where_no_node_has_room_nothing_can_be_said(world: World) -> None:
    done = world.deploy()
    assert done.verdict is Verdict.INCONCLUSIVE
    assert "no node takes pod-bbbb-1: 0/2 nodes are available: 2 Insufficient cpu." in done.message
    assert world.cluster.served == [OLD] * 3


@pytest.mark.parametrize("changes", [1, 2, 3])
def test_one_that_was_killed_half_way_is_taken_up(world: World, changes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    _killed_after(changes, monkeypatch)
    with pytest.raises(_Killed):
        world.deploy()
    assert BEFORE in world.cluster.metadata
    monkeypatch.undo()
    if changes == 1:
        world.cluster.settle()  # nobody held it: the rest has followed when somebody looks again
    done = world.deploy()
    assert (done.verdict, done.before) == (Verdict.SUCCEEDED, OLD), done.message
    assert world.cluster.served == [NEW] * 3
    assert set(world.cluster.metadata) == {"description"}


@pytest.mark.parametrize("world", [{"explains": {}}], indirect=True)
@pytest.mark.parametrize("changes", [1, 2])
def test_one_that_was_killed_and_fails_goes_back_to_what_was_proven(
    world: World, changes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    _killed_after(changes, monkeypatch)
    with pytest.raises(_Killed):
        world.deploy()
    monkeypatch.undo()
    _taken_back(world, because="gets no valid decision")


def test_another_promotion_meanwhile_goes_back_to_what_was_proven(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _killed_after(2, monkeypatch)
    with pytest.raises(_Killed):
        world.deploy()
    monkeypatch.undo()
    done = world.deploy(NEWEST)
    assert (done.verdict, done.before) == (Verdict.SUCCEEDED, OLD)
    assert world.cluster.served == [NEWEST] * 3


def _killed_after(changes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends right after that many changes."""
    tell, made = Workload.tell, []

    def telling(self: Workload, told: Told, **how: Any) -> None:
        tell(self, told, **how)
        made.append(told)
        if len(made) == changes:
            raise _Killed

    monkeypatch.setattr(Workload, "tell", telling)


@pytest.mark.parametrize("world", [{"told": ""}], indirect=True)
def test_pods_that_were_told_nothing_are_asked_what_they_serve(world: World) -> None:
    world.cluster.bentos["scorer a"] = Bento("scorer a")
    done = world.deploy()
    assert (done.verdict, done.before) == (Verdict.SUCCEEDED, "scorer a")
    world.cluster.bentos[NEWEST].crashes = True
    assert world.deploy(NEWEST).before == NEW
    assert world.cluster.served == [NEW] * 3


def test_a_deployment_without_pods_is_told_for_later(world: World) -> None:
    world.cluster.replicas = 0
    done = world.deploy()
    assert (done.verdict, world.cluster.told) == (Verdict.INCONCLUSIVE, NEW)


def test_no_deployment_is_no_failure(world: World) -> None:
    world.cluster.exists = False
    done = world.deploy()
    assert done.verdict is Verdict.INCONCLUSIVE
    assert f"There is no Deployment {NAME} of the namespace {NAMESPACE}" in done.message


def test_a_cluster_that_refuses_is_told_with_the_cure(world: World) -> None:
    world.cluster.forbidden = True
    with pytest.raises(
        ServiceError, match=r"refuses to read the Deployment .*403 .*is forbidden\. Run it with the acc"
    ):
        world.deploy()


def test_a_cluster_that_does_not_answer_is_told(world: World) -> None:
    nobody = client.ApiClient(client.Configuration(host="http://127.0.0.1:9"))
    world.workload = Workload(nobody, NAMESPACE, NAME)
    with pytest.raises(ServiceError, match="The API of the cluster does not answer"):
        world.deploy()
    nobody.close()
