"""The autoscaler under HTTP load: three pods, more, three again, with one change of direction."""

from __future__ import annotations

import os
import threading

import pytest

from credit_platform_tests.cluster.conftest import Release
from credit_platform_tests.cluster.kube import CHART, SERVICE, Kube, until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(3600)]
COMPONENT = "service-german_credit"
MOST = 10
PER_SECOND = float(os.environ.get("CREDIT_PLATFORM_TEST_SCALING_RATE", "120"))
DOWN_SECONDS = 60
"""As the autoscaler of production, but for how long it looks back before it takes a pod away."""


def test_it_scales_by_http_load_alone_and_back(release: Release) -> None:
    kube = release.kube
    small = ("--values", CHART / "values-prod-small.yaml", "--set", "service.autoscaling.enabled=true")
    down = ("--set", f"service.autoscaling.scaleDownSeconds={DOWN_SECONDS}", "--set", "service.disruptionBudget=true")
    release.upgrade(*small, *down, "--wait", "--timeout", "20m")
    until("three pods", 600, lambda: kube.ready(COMPONENT) == 3)
    until("the autoscaler knows the load", 300, lambda: _load(kube) is not None)
    wanted: list[int] = []
    ended = threading.Event()
    watching = threading.Thread(target=_watch, args=(kube, wanted, ended))
    watching.start()
    try:
        with release.asking(PER_SECOND).at_work() as load:
            until("more than three pods are ready", 900, lambda: kube.ready(COMPONENT) > 3)
        until("three pods again", 1800, lambda: kube.ready(COMPONENT) == 3 and wanted[-1] == 3)
    finally:
        ended.set()
        watching.join()
    assert 3 < max(wanted) <= MOST
    top = wanted.index(max(wanted))
    assert wanted[:top] == sorted(wanted[:top]), wanted
    assert wanted[top:] == sorted(wanted[top:], reverse=True), wanted
    assert set(load.answers) == {"200"}, load.answers
    assert release.logged(load.prefix) == load.answers.total()


def _load(kube: Kube) -> int | None:
    """Percent of the requested processor time that the pods use, as the autoscaler knows it."""
    metrics = kube.get("hpa", SERVICE)["status"].get("currentMetrics") or [{}]
    used: int | None = metrics[0].get("resource", {}).get("current", {}).get("averageUtilization")
    return used


def _watch(kube: Kube, wanted: list[int], ended: threading.Event) -> None:
    while not ended.wait(1):
        wanted.append(kube.get("hpa", SERVICE)["status"]["desiredReplicas"])
