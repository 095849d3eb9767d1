"""The release that the tests of this folder share.

What is here: `kube` (a cluster, or the end of the session), `release` (serving, by the steps of the page).
What to add here: what several of these tests need of the release.
What must not be here: assertions about it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from credit_platform_tests.cluster.asking import Asking, ask
from credit_platform_tests.cluster.kube import CHART, Kube, environment, until
from credit_platform_tests.cluster.own_images import is_cluster_of_the_tools, own_images
from credit_platform_tests.cluster.walked import steps, walk

HOST = "german-credit.localhost"
NAMESPACE = "credit"
INGRESS = os.environ.get("CREDIT_PLATFORM_TEST_INGRESS", "127.0.0.1:30080")
MINE = os.environ.get("CREDIT_PLATFORM_TEST_VALUES", "")


@dataclass(frozen=True)
class Release:
    """A release that serves german_credit."""

    kube: Kube
    key: str
    folder: Path
    application: dict[str, Any]

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = INGRESS.partition(":")
        return host, int(port)

    @property
    def values(self) -> list[Path]:
        """Those of the page."""
        return [CHART / "values-dev.yaml", self.folder / "mine.yaml"]

    def ask(self, path: str, body: object = None) -> httpx.Response:
        return ask(self.address, HOST, self.key, path, body)

    def asking(self, per_second: float) -> Asking:
        return Asking(self.address, HOST, self.key, self.application, per_second)

    def upgrade(self, *words: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        """The release of the page, with more words."""
        more = ("--set", "service.enabled=true", "--set", "ingress.enabled=true", "--set", "ingress.allowPlain=true")
        return self.kube.upgrade(self.values, *more, *words, check=check)

    def champion(self) -> str:
        """Digest of the model that answers."""
        digest: str = self.ask("/model-info").json()["digest"]
        return digest

    def logged(self, prefix: str) -> int:
        """How many requests of a load are in the decision log; each once."""
        like = f"applicant_id LIKE '{prefix}%'"
        return int(self.kube.sql(f"SELECT count(DISTINCT applicant_id) FROM decisions WHERE {like}"))


@pytest.fixture(scope="session")
def kube() -> Kube:
    variables = environment()
    one = Kube(NAMESPACE, variables)
    if shutil.which("kubectl", path=variables["PATH"]) is None or shutil.which("helm", path=variables["PATH"]) is None:
        pytest.exit(
            "There is no kubectl and helm here. Install them, or name a folder of test tools that brings "
            "them: CREDIT_PLATFORM_TEST_TOOLS.",
            returncode=2,
        )
    if "KUBECONFIG" not in variables:
        pytest.exit("No cluster is named: set KUBECONFIG to one that may be used up.", returncode=2)
    if one.run("kubectl", "get", "--raw", "/readyz", check=False).returncode:
        pytest.exit(
            f"The cluster of {variables['KUBECONFIG']} does not answer. Start it, or name another.", returncode=2
        )
    return one


@pytest.fixture(scope="session")
def release(kube: Kube, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    """From nothing, by the steps of the page, and removed again.

    For whoever works on these tests: `CREDIT_PLATFORM_TEST_KEEP` names a folder. What the steps write stays there, and
    the release with it, for the next session.
    """
    kept = os.environ.get("CREDIT_PLATFORM_TEST_KEEP")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("mes données é")
    there = kube.run("kubectl", "get", "namespace", NAMESPACE, check=False).returncode == 0
    if there and not (folder / "said.txt").exists():
        pytest.exit(
            f"The cluster has a namespace {NAMESPACE} already. Remove it, or name another cluster.", returncode=2
        )
    try:
        if not there:
            mine = MINE or (own_images(kube.variables) if is_cluster_of_the_tools() else "{}")
            (folder / "mine.yaml").write_text(mine, encoding="utf-8")
            (folder / "said.txt").write_text(walk(steps(), folder, kube.variables, INGRESS), encoding="utf-8")
        body = json.loads((folder / "application.json").read_text(encoding="utf-8"))
        made = Release(kube, (folder / "key.txt").read_text(encoding="utf-8").strip(), folder, body["application"])
        until("an answer over the Ingress", 60, lambda: made.ask("/model-info").is_success)
        yield made
    finally:
        if not kept:
            kube.run("kubectl", "delete", "namespace", NAMESPACE, "--wait=true", check=False)
