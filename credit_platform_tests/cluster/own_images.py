"""Images for the cluster of the test tools: built here, and where its nodes find them.

What is here: `own_images`, for whoever names no registry of their own.
What must not be here: images for another cluster; its owner pushes them and says where in CREDIT_PLATFORM_TEST_VALUES.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from credit_platform_tests.cluster.kube import ROOT, tools
from scripts.chart.images import Images
from scripts.images.build import IMAGES

REGISTRY = "127.0.0.1:5001"
"""Of the tools: its nodes pull from there."""


def own_images(variables: Mapping[str, str]) -> str:
    """Build and push ours, hand over those of others; the text of a `mine.yaml` that names them.

    Args:
        variables: of this process, with kubectl and Helm.

    Raises:
        AssertionError: the tools have no engine, or a step fails; what was printed is told.
    """
    wanted, engine = Images(), tools() / "container-engine"
    assert engine.is_file(), f"No {engine}: say in CREDIT_PLATFORM_TEST_VALUES where the images of this cluster are."
    told = re.findall(r"(\w+)=(\S+)", _run([engine, "env"], variables))
    given = {**variables, **{name: value.strip("'\"") for name, value in told if name != "PATH"}}
    tag = wanted.platform.tag
    named = {"IMAGE_PREFIX": f"{REGISTRY}/credit-platform", "IMAGE_TAG": tag, "BUILD_ARGS": "--network host"}
    _run([sys.executable, "-m", "scripts.images.build"], {**given, **named})
    for name in IMAGES:
        _run(["docker", "push", f"{REGISTRY}/credit-platform/{name}:{tag}"], given)
    others = [f"{one.repository}:{one.tag}" for one in (wanted.postgresql, wanted.object_store)]
    short = [name.removeprefix("docker.io/").removeprefix("library/") for name in others]
    there = set(_run(["docker", "images", "--format", "{{.Repository}}:{{.Tag}}"], given).splitlines())
    if missing := [name for name in short if name not in there]:
        _run([engine, "stand-in", *missing], given)
    _run([tools() / "cluster" / "cluster", "load-image", *short], given)
    network = {"ingressNamespace": {"kubernetes.io/metadata.name": "kube-system"}}
    return json.dumps({"images": {"registry": REGISTRY}, "network": network})


def is_cluster_of_the_tools() -> bool:
    """Whether `KUBECONFIG` names the one that the tools start."""
    script = tools() / "cluster" / "cluster"
    if not script.is_file():
        return False
    said = subprocess.run([script, "env"], capture_output=True, text=True, check=False).stdout
    (named, *_) = re.findall(r"KUBECONFIG=(\S+)", said) or [""]
    return bool(named) and Path(named.strip("'\"")) == Path(os.environ.get("KUBECONFIG", ""))


def _run(command: list[str | Path], variables: Mapping[str, str]) -> str:
    done = subprocess.run(command, env=variables, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout
