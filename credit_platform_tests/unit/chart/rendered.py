"""What the chart gives: as committed in `k8s/`, and rendered anew where there is Helm."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.chart.helm import CHART, find_helm, render
from scripts.chart.tools import FOLDER

Manifest = dict[str, Any]
MANIFESTS = CHART.parents[1] / "k8s"
DEV = ("values-dev.yaml",)
ON = "service.enabled=true"
PROD = ("values-prod.yaml", "ci/digests.yaml")
EVERYTHING = (*PROD, "ci/everything.yaml")
RUN = "Job of a run"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def helm() -> Path:
    """Helm, or the test is skipped and says why; on CI (`CI=true`) that is a failure."""
    found = find_helm()
    if found is None:
        missing = pytest.fail if "CI" in os.environ else pytest.skip
        missing("there is no helm here, so nothing is rendered; get it: make chart-tools")
    return found


def helm3() -> Path:
    """Helm 3, which `make chart-tools` gets, too; as above."""
    found = FOLDER / "helm3"
    if not found.is_file():
        missing = pytest.fail if "CI" in os.environ else pytest.skip
        missing("there is no helm 3 here, so nothing is rendered by it; get it: make chart-tools")
    return found


@cache
def text_of(*files: str, sets: tuple[str, ...] = ()) -> str:
    """What Helm prints."""
    return render(helm(), [CHART / file for file in files], sets=sets)


@cache
def refusal(*files: str, sets: tuple[str, ...] = ()) -> str:
    """What Helm says when it refuses."""
    with pytest.raises(subprocess.CalledProcessError) as raised:
        render(helm(), [CHART / file for file in files], sets=sets)
    said: str = raised.value.stderr
    return said


def parsed(text: str) -> list[Manifest]:
    return [document for document in yaml.load_all(text, LOADER) if document]


@cache
def _manifests(*files: str, sets: tuple[str, ...] = ()) -> list[Manifest]:
    return parsed(text_of(*files, sets=sets))


def manifests(*files: str, sets: tuple[str, ...] = ()) -> list[Manifest]:
    """What Helm would install."""
    return _manifests(*files, sets=sets)


@cache
def committed(folder: str) -> list[Manifest]:
    """What lies in `k8s/`; needs no Helm."""
    files = sorted((MANIFESTS / folder).glob("*.yaml"))
    assert files
    return [document for file in files for document in parsed(file.read_text(encoding="utf-8"))]


def named(found: list[Manifest], kind: str, name: str) -> Manifest:
    (one,) = (each for each in found if each["kind"] == kind and each["metadata"]["name"] == f"credit-{name}")
    return one


def of_kind(found: list[Manifest], *kinds: str) -> list[Manifest]:
    return [each for each in found if each["kind"] in kinds]


def pods(found: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """Name and template of every pod that may come of it, those of runs included."""
    for each in of_kind(found, "Deployment", "StatefulSet", "DaemonSet", "Job"):
        yield f"{each['kind']} {each['metadata']['name']}", each["spec"]["template"]
    launcher = yaml.safe_load(named(found, "ConfigMap", "dagster")["data"]["dagster.yaml"]).get("run_launcher")
    if launcher:
        given = launcher["config"]["run_k8s_config"]
        container = {"name": "run", "image": "given by the code location", **given["container_config"]}
        yield (
            RUN,
            {
                "metadata": given["pod_template_spec_metadata"],
                "spec": {**given["pod_spec_config"], "containers": [container]},
            },
        )


def containers(pod: Manifest) -> list[Manifest]:
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]
