"""What NetworkPolicies deny, tried from a pod of another namespace and between the release's own."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from credit_platform_tests.cluster.conftest import Release
from credit_platform_tests.cluster.kube import SERVICE, until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1200)]
STRANGERS = "credit-strangers"
PROBE = """
import socket, sys
for target in sys.argv[1:]:
    host, _, port = target.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=3).close()
        print(target, "open")
    except TimeoutError:
        print(target, "timeout")
    except OSError as error:
        print(target, type(error).__name__)
"""
EVERYTHING = {
    "credit-service-german-credit": 3000,
    "credit-service-german-credit-metrics": 9464,
    "credit-postgresql": 5432,
    "credit-object-store": 8333,
    "credit-dagster-webserver": 3000,
    "credit-dagster-code": 4000,
    "credit-mlflow": 5000,
    "credit-console-german-credit": 8501,
    "credit-exporter": 9108,
    "credit-notices": 9095,
}
ALLOWED = {
    "console": {"credit-service-german-credit"},
    "service": {"credit-postgresql", "credit-object-store"},
    "mlflow": {"credit-postgresql", "credit-object-store"},
    "dagster-daemon": {"credit-dagster-code", "credit-postgresql"},
    "test": {
        "credit-service-german-credit",
        "credit-dagster-webserver",
        "credit-mlflow",
        "credit-console-german-credit",
        "credit-exporter",
    },
}
"""Whom a pod of a kind reaches, of everything; written down once more, so that the chart is not its own judge."""


@pytest.fixture(scope="module")
def strangers(release: Release) -> Iterator[str]:
    release.kube.run("kubectl", "create", "namespace", STRANGERS)
    yield STRANGERS
    release.kube.run("kubectl", "delete", "namespace", STRANGERS, "--wait=false")


def probed(release: Release, namespace: str, name: str, labels: dict[str, str]) -> dict[str, str]:
    """What a pod with these labels finds of every port of the release."""
    deployment = release.kube.get("deployment", SERVICE)["spec"]["template"]["spec"]["containers"][0]
    targets = [f"{host}.credit.svc:{port}" for host, port in EVERYTHING.items()]
    container = {"name": "probe", "image": deployment["image"], "command": ["python", "-c", PROBE, *targets]}
    container["securityContext"] = deployment["securityContext"]
    spec = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
    }
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels}, "spec": spec}
    kubectl = ("kubectl", "--namespace", namespace)
    release.kube.run(*kubectl, "apply", "--filename", "-", given=json.dumps(pod))

    def phase() -> str:
        return release.kube.run(*kubectl, "get", "pod", name, "--output", "jsonpath={.status.phase}").stdout

    until(f"the probe {name}", 180, lambda: phase() in {"Succeeded", "Failed"})
    said = release.kube.run(*kubectl, "logs", name).stdout
    release.kube.run(*kubectl, "delete", "pod", name, "--wait=false")
    found = dict(line.split() for line in said.splitlines())
    return {host: found[f"{host}.credit.svc:{port}"] for host, port in EVERYTHING.items()}


def test_a_pod_of_another_namespace_reaches_nothing(release: Release, strangers: str) -> None:
    assert probed(release, strangers, "stranger", {"app": "stranger"}) == dict.fromkeys(EVERYTHING, "timeout")


def test_the_labels_of_the_release_do_not_help_in_another_namespace(release: Release, strangers: str) -> None:
    labels = {"app.kubernetes.io/instance": "credit", "credit-platform/kind": "console"}
    assert probed(release, strangers, "dressed-up", labels) == dict.fromkeys(EVERYTHING, "timeout")


@pytest.mark.parametrize("kind", sorted(ALLOWED))
def test_our_own_pods_reach_whom_they_need_and_nobody_else(release: Release, kind: str) -> None:
    """The pod has the labels of its kind, but not of a component, so that no Service takes it for one."""
    labels = {"app.kubernetes.io/instance": "credit", "credit-platform/kind": kind}
    found = probed(release, "credit", f"probe-{kind}", labels)
    assert found == {host: "open" if host in ALLOWED[kind] else "timeout" for host in EVERYTHING}
