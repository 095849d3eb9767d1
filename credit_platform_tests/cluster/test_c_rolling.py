"""Pods that change under load: a rolling update, and a node that is drained. Nobody is refused, nothing is unlogged."""

from __future__ import annotations

import os
import threading

import pytest

from credit_platform_tests.cluster.asking import Asking
from credit_platform_tests.cluster.conftest import Release
from credit_platform_tests.cluster.kube import Kube, until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(2400)]
PER_SECOND = float(os.environ.get("CREDIT_PLATFORM_TEST_RATE", "200"))
COMPONENT = "service-german_credit"
REPLICAS = 3


@pytest.fixture(scope="module")
def three(release: Release) -> Release:
    """Three pods, of which a drain may take one."""
    release.upgrade(
        "--set", f"service.replicas={REPLICAS}", "--set", "service.disruptionBudget=true", "--wait", "--timeout", "15m"
    )
    return release


def settled(release: Release, load: Asking) -> None:
    """Every request was answered by a decision, and every decision is in the log."""
    sent = load.answers.total()
    assert set(load.answers) == {"200"}, load.answers
    assert release.logged(load.prefix) == sent


def test_a_rolling_update_refuses_nobody(three: Release) -> None:
    """Another setting rolls every pod that reads it."""
    before = {pod["metadata"]["name"] for pod in three.kube.pods(COMPONENT)}
    with three.asking(PER_SECOND).at_work() as load:
        until("answers", 60, lambda: load.answers["200"] > 100)
        three.kube.kubectl("rollout", "restart", "deployment/credit-service-german-credit")
        three.kube.rolled_out(seconds=900)
        until("the pods of before are gone", 180, lambda: len(three.kube.pods(COMPONENT)) == REPLICAS)
    assert not before & {pod["metadata"]["name"] for pod in three.kube.pods(COMPONENT)}
    settled(three, load)


def test_a_node_that_is_drained_takes_no_more_than_one_at_a_time(three: Release) -> None:
    node = sorted({pod["spec"]["nodeName"] for pod in three.kube.pods(COMPONENT)})[-1]
    lowest = [REPLICAS]
    ended = threading.Event()
    watching = threading.Thread(target=_watch, args=(three.kube, lowest, ended))
    watching.start()
    try:
        with three.asking(PER_SECOND / 2).at_work() as load:
            three.kube.run(
                "kubectl",
                "drain",
                node,
                "--delete-emptydir-data",
                "--ignore-daemonsets",
                "--timeout=900s",
                f"--pod-selector=app.kubernetes.io/component={COMPONENT}",
            )
            assert not [pod for pod in three.kube.pods(COMPONENT) if pod["spec"].get("nodeName") == node]
            # Where the other node has no room for all of them, the last waits until this one is back.
            three.kube.run("kubectl", "uncordon", node)
            until("all are ready again", 300, lambda: three.kube.ready(COMPONENT) == REPLICAS)
    finally:
        three.kube.run("kubectl", "uncordon", node)
        ended.set()
        watching.join()
    assert lowest[0] >= REPLICAS - 1, f"only {lowest[0]} were ready meanwhile"
    settled(three, load)


def _watch(kube: Kube, lowest: list[int], ended: threading.Event) -> None:
    while not ended.wait(0.5):
        lowest[0] = min(lowest[0], kube.ready(COMPONENT))
