"""A run that is launched from the pages is a Job; what becomes of one that is killed, evicted or cancelled."""

from __future__ import annotations

import json

import pytest

from credit_platform_tests.cluster.conftest import Release
from credit_platform_tests.cluster.dagster_pages import DAEMON, WEBSERVER, jobs_of, pages, pods_of
from credit_platform_tests.cluster.kube import Kube, until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(3600)]
WHOLE, INGESTION = "german_credit", "german_credit_ingestion"
PATIENCE = 1800
"""Seconds for a whole graph beside whatever else the machine does."""
OVER = {"SUCCESS", "FAILURE", "CANCELED"}


@pytest.fixture
def kube(release: Release) -> Kube:
    return release.kube


def restart(kube: Kube, *components: str) -> None:
    selector = f"app.kubernetes.io/component in ({','.join(components)})"
    kube.kubectl("rollout", "restart", "deployment", "--selector", selector)
    kube.kubectl("rollout", "status", "deployment", "--selector", selector, "--timeout=600s")


def nothing_is_left(kube: Kube, run: str) -> bool:
    """No Job that could still start something, and no pod that works."""
    over = [bool(job["status"].get("conditions")) for job in jobs_of(kube, run)]
    return all(over) and all(pod["status"]["phase"] in ("Succeeded", "Failed") for pod in pods_of(kube, run))


def test_a_run_of_the_pages_is_a_job_and_ends_green(kube: Kube) -> None:
    with pages(kube) as asked:
        run = asked.launch(INGESTION)
        until("its end", PATIENCE, lambda: asked.status(run) in OVER)
        assert asked.status(run) == "SUCCESS", kube.kubectl("logs", f"job/dagster-run-{run}", "--tail=50")
        assert "german_credit__raw__applications" in asked.done(run)
    until("that its Job is over", 60, lambda: nothing_is_left(kube, run))
    (job,) = jobs_of(kube, run)
    assert job["metadata"]["name"] == f"dagster-run-{run}"
    assert job["spec"]["ttlSecondsAfterFinished"] > 0
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert not pod["automountServiceAccountToken"]
    (code,) = kube.get("deployments", "--selector", "app.kubernetes.io/component=dagster-code")["items"]
    assert container["image"] == code["spec"]["template"]["spec"]["containers"][0]["image"]


@pytest.mark.parametrize("how", ["killed", "evicted"])
def test_a_run_that_loses_its_pod_fails_and_is_run_again_from_there(kube: Kube, how: str) -> None:
    """Daemon and webserver are restarted while it is run again: it does not notice."""
    with pages(kube) as asked:
        run = asked.launch(WHOLE)
        until("a step that succeeded", PATIENCE, lambda: asked.done(run))
        (pod,) = pods_of(kube, run)
        name = pod["metadata"]["name"]
        if how == "killed":
            kube.kubectl("delete", "pod", name, "--grace-period=0", "--force")
        else:
            eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}}
            path = f"/api/v1/namespaces/{kube.namespace}/pods/{name}/eviction"
            kube.kubectl("create", "--raw", path, "--filename", "-", given=json.dumps(eviction))
        until("its failure", 300, lambda: asked.status(run) == "FAILURE")
        done = asked.done(run)
        assert done
        until("that it is run again", 300, lambda: asked.retries(run))
        until("that nothing is left of it", 120, lambda: nothing_is_left(kube, run))
        (again,) = asked.retries(run)
        until("a step of the second run", PATIENCE, lambda: asked.done(again))
    restart(kube, DAEMON, WEBSERVER)
    with pages(kube) as asked:
        assert asked.status(again) in ("STARTED", "SUCCESS")
        until("its end", PATIENCE, lambda: asked.status(again) in OVER)
        assert asked.status(again) == "SUCCESS", kube.kubectl("logs", f"job/dagster-run-{again}", "--tail=50")
        assert not asked.done(again) & done, "what had succeeded was not done again"
        assert not asked.retries(again)


def test_a_run_that_is_cancelled_leaves_nothing(kube: Kube) -> None:
    with pages(kube) as asked:
        run = asked.launch(WHOLE)
        until("a step that succeeded", PATIENCE, lambda: asked.done(run))
        asked.terminate(run)
        until("its end", 300, lambda: asked.status(run) in OVER)
        assert asked.status(run) == "CANCELED"
        until("that nothing is left of it", 120, lambda: not jobs_of(kube, run) and not pods_of(kube, run))
        assert not asked.retries(run)


def test_a_run_that_finds_no_room_is_cancelled_and_never_starts(kube: Kube) -> None:
    """It asks for more than any machine has; without its Job nothing could start it once there is room."""
    much = {"memory": "900Ti"}
    huge = json.dumps({"container_config": {"resources": {"requests": much, "limits": much}}})
    with pages(kube) as asked:
        run = asked.launch(INGESTION, **{"dagster-k8s/config": huge})
        until("a pod that waits", 300, lambda: pods_of(kube, run))
        assert asked.status(run) == "STARTING"
        asked.terminate(run)
        until("that its Job is gone", 120, lambda: not jobs_of(kube, run) and not pods_of(kube, run))
        until("its end", 400, lambda: asked.status(run) == "CANCELED")


def test_a_tag_that_asks_for_the_machine_starts_nothing(kube: Kube) -> None:
    forbidden = json.dumps({"pod_spec_config": {"host_network": True}})
    with pages(kube) as asked:
        run = asked.launch(INGESTION, **{"dagster-k8s/config": forbidden})
        until("its failure", 300, lambda: asked.status(run) == "FAILURE")
    assert not pods_of(kube, run)
