"""The chart as Helm renders it: the committed manifests, what is refused, and in which words; every schema."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from credit_platform_tests.unit.chart.rendered import (
    DEV,
    EVERYTHING,
    MANIFESTS,
    ON,
    PROD,
    Manifest,
    helm,
    manifests,
    refusal,
    text_of,
)
from scripts.chart.helm import CHART
from scripts.chart.write import manifests as made_manifests

OTHERS = {"PrometheusRule", "ServiceMonitor"}
"""Kinds of the Prometheus operator, whose schemas are no part of Kubernetes."""
VALIDATOR = Path(".venv") / "chart" / "python"
VALIDATION = """
import functools, json, sys
import kubernetes_validate.utils as utils
utils.schema_contents = functools.cache(utils.schema_contents)  # it reads a megabyte for every object
from kubernetes_validate import SchemaNotFoundError, ValidationError, validate
said = {"versions": [], "unknown": [], "wrong": []}
for version in sys.argv[2:]:
    for one in json.load(open(sys.argv[1])):
        try:
            said["versions"].append(validate(one, version, True))
        except SchemaNotFoundError:
            said["unknown"].append([version, one["kind"]])
        except ValidationError as error:
            said["wrong"].append([version, one["metadata"]["name"], error.message])
said["versions"] = sorted({".".join(each.split(".")[:2]) for each in said["versions"]})
print(json.dumps(said))
"""
VERSIONS = [f"1.{minor}" for minor in range(30, 38)]


def test_the_manifests_are_those_of_the_chart() -> None:
    made = made_manifests(helm())
    kept = {
        path.relative_to(MANIFESTS).as_posix(): path.read_text(encoding="utf-8") for path in MANIFESTS.rglob("*.yaml")
    }
    assert set(kept) == set(made)
    for name, text in made.items():
        assert kept[name] == text, f"{name} is not as the chart gives it: make manifests"


@pytest.mark.parametrize(
    "files", [DEV, ("values-staging.yaml", "ci/digests.yaml"), EVERYTHING, (*PROD, "values-prod-small.yaml")]
)
def test_lint_has_nothing_to_say(files: tuple[str, ...]) -> None:
    values = [word for file in files for word in ("--values", str(CHART / file))]
    done = subprocess.run([helm(), "lint", "--strict", CHART, *values], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not re.findall(r"\[(?:WARNING|ERROR)\]", done.stdout)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("servce", "servce"),
        ("service.replica", "replica"),
        ("service.autoscaling.minPods", "minPods"),
        ("service.portfolios.german_credit.hst", "hst"),
        ("dagster.runs.ttl", "ttl"),
        ("monitoring.prometheus.storage.sise", "sise"),
    ],
)
def test_a_key_that_is_none_is_refused_by_name(path: str, name: str) -> None:
    # Helm 4, and Helm 3.
    said = rf"additional properties '{name}' not allowed|Additional property {name} is not allowed"
    assert re.search(said, refusal(*DEV, sets=(f"{path}=1",)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ('service.resources.requests.cpu="a lot"', "service/resources/requests/cpu"),
        ("service.autoscaling.cpuPercent=100", "service/autoscaling/cpuPercent"),
        ('images.platform.digest="sha256:1"', "images/platform/digest"),
        ('service.portfolios={"German":{}}', "German"),
        ('settings={"HOME":"/"}', "HOME"),
        ('ingress.enabled="yes"', "ingress/enabled"),
        ('database.host="Server.Example"', "database/host"),
    ],
)
def test_a_value_that_is_none_is_refused(change: str, said: str) -> None:
    # Helm 3 separates by points.
    assert said in refusal(*DEV, sets=(change,)).replace(".", "/")


REFUSED = {
    "Two databases are named: database.host is pg": ('database.host="pg"',),
    "No database is named. Set database.host, or postgresql.enabled=true": ("postgresql.enabled=false",),
    "database.existingSecret is empty. Name a Secret": ('database.existingSecret=""',),
    "Two object stores are named: store.lakehouseUrl is s3://a/b": ('store.lakehouseUrl="s3://a/b"',),
    "No object store is named. Set store.lakehouseUrl": ("objectStore.enabled=false",),
    "store.lakehouseUrl is /data, which pods on several nodes cannot share": (
        "objectStore.enabled=false",
        'store.lakehouseUrl="/data"',
    ),
    "store.existingSecret is empty, and the object store of the chart asks for a key": ('store.existingSecret=""',),
    "store.checkpointsUrl is s3://credit/checkpoints, and the object store of the chart makes one bucket, loans": (
        'objectStore.bucket="loans"',
    ),
    "settings.CREDIT_PLATFORM_HOME is set by the chart itself": ('settings={"CREDIT_PLATFORM_HOME":"/home"}',),
    "settings.CREDIT_PLATFORM_DATABASE_URL holds a secret": ('settings={"CREDIT_PLATFORM_DATABASE_URL":"x"}',),
    "settings.CREDIT_PLATFORM_RAW holds a secret": ('settings={"CREDIT_PLATFORM_RAW":"s3://key:word@bucket/raw"}',),
    "service.enabled is true, and no portfolio is": (ON, "service.portfolios.german_credit.enabled=false"),
    "service.apiKeysSecret is empty, so that nobody could ask": (ON, 'service.apiKeysSecret=""'),
    "service.autoscaling.minReplicas is 5, more than maxReplicas, 4": (
        ON,
        'service.autoscaling={"enabled":true,"minReplicas":5,"maxReplicas":4}',
    ),
    "service.autoscaling counts from service.resources.requests.cpu, which is not set": (
        ON,
        "service.autoscaling.enabled=true",
        "service.resources.requests.cpu=null",
    ),
    "console.apiKeySecret is empty, so that the console could not ask": (ON, 'console.apiKeySecret=""'),
    "notices.tokenSecret is empty. Name a Secret": ('notices.tokenSecret=""',),
    "login.enabled is true: set login.issuerUrl, login.existingSecret and login.emailDomains": ("login.enabled=true",),
    "monitoring.alertmanager.existingSecret is empty": ("monitoring.alertmanager.enabled=true",),
    "monitoring.grafana.adminSecret is empty": ("monitoring.grafana.enabled=true",),
    "monitoring.grafana asks the Prometheus of the chart, which is off": (
        "monitoring.grafana.enabled=true",
        'monitoring.grafana.adminSecret="a"',
    ),
    "dagster.host and mlflow.host are both one.example": ('dagster.host="one.example"', 'mlflow.host="one.example"'),
    "dagster.host is set, and login.enabled is false: these pages have no login": (
        'dagster.host="one.example"',
        "ingress.enabled=true",
    ),
    "ingress.enabled is true, and no host name is set": ("ingress.enabled=true",),
    "ingress.tlsSecret is empty: applications and keys would travel in the clear": (ON, "ingress.enabled=true"),
    "images.platform has no digest, and images.requireDigest asks for one": ("images.requireDigest=true",),
    "images.platform has neither tag nor digest": ('images.platform.tag=""',),
}


@pytest.mark.parametrize("said", REFUSED)
def test_values_that_do_not_go_together_are_refused_with_a_cure(said: str) -> None:
    assert said in refusal(*DEV, sets=REFUSED[said])


def test_every_refusal_of_the_templates_is_tried() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in CHART.glob("templates/**/*.*"))
    messages = re.findall(r'\b(?:fail|required) \(?(?:printf )?"([^"]+)"', text)
    assert len(messages) == len(re.findall(r"\{\{-? *fail |\brequired ", text))
    said = "".join(refusal(*DEV, sets=sets) for sets in REFUSED.values())
    for message in messages:
        assert re.search(re.sub("%[sd]", ".+", re.escape(message)), said), message


def test_a_database_is_not_expected_before_it_is_there() -> None:
    inside, outside = text_of(*DEV), text_of(*PROD)
    assert "helm.sh/hook: post-install,pre-upgrade" in inside
    assert "helm.sh/hook: pre-install,pre-upgrade" in outside


def without_content(found: Manifest) -> Manifest:
    """Files in a ConfigMap are texts to Kubernetes, and most of what a validator would read."""
    return found if found["kind"] != "ConfigMap" else {**found, "data": dict.fromkeys(found["data"], "text")}


def test_every_object_is_one_of_each_kubernetes(tmp_path: Path) -> None:
    """In one process: to start it takes longer than what it does."""
    if not VALIDATOR.is_dir() and "CI" not in os.environ:
        pytest.skip("there is no kubernetes-validate here; get it: make chart-tools")
    found = [without_content(each) for each in [*manifests(*EVERYTHING), *manifests(*DEV, sets=(ON,))]]
    wrong = {**found[0], "spec": {**found[0]["spec"], "podSelektor": {}}}
    (tmp_path / "all.json").write_text(json.dumps([*found, wrong]))
    environment = {**os.environ, "PYTHONPATH": str(VALIDATOR.absolute())}
    command = [sys.executable, "-c", VALIDATION, str(tmp_path / "all.json"), *VERSIONS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    assert set(said["versions"]) == set(VERSIONS), "each schema is that of its version, not of one before"
    assert {kind for _, kind in said["unknown"]} == OTHERS
    assert {version for version, _, _ in said["wrong"]} == set(VERSIONS)
    assert all("podSelektor" in why for _, _, why in said["wrong"]), said["wrong"]
