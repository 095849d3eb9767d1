"""A tag through staging to production, by `scripts/deploy` as it stands; bad ones stop at each gate in turn.

Staging and production are two namespaces of one cluster, one after the other: staging is the shared release; while
production is there, made from nothing by the same steps of the page, staging has no pods. Images are those that the
release runs: their digests are looked up in its pods.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from credit_platform_tests.cluster.conftest import HOST, INGRESS, Release
from credit_platform_tests.cluster.kube import CHART, ROOT, SERVICE, Kube, until
from credit_platform_tests.cluster.walked import steps, walk
from scripts.delivery.images import chart_version, digests_yaml
from scripts.images.build import IMAGES

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(3600)]
TAG = f"v{chart_version()}"
BY, COMPONENT = "head of risk", "service-german_credit"
PRODUCTION, PRODUCTION_HOST = "credit-production", "german-credit.production.localhost"
ON = {"service": {"enabled": True, "replicas": 1}, "ingress": {"enabled": True, "allowPlain": True}}


@dataclass(frozen=True)
class Way:
    """Both environments, and what delivers to them."""

    staging: Release
    folder: Path
    digests: dict[str, str]

    @property
    def production_folder(self) -> Path:
        """What the steps of the page write for production."""
        return self.folder / "production"

    def write(self, tag: str, **images: dict[str, str]) -> None:
        """The images of a tag; what is not given of one is the release's own."""
        registry = own_values(self.staging).get("images", {}).get("registry", "")
        values = yaml.safe_load(digests_yaml(tag, registry, self.digests))
        for name, changes in images.items():
            values["images"][name] |= changes
        file = self.folder / "records" / tag / "values-digests.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(values), encoding="utf-8")

    def deploy(self, environment: str, tag: str, *words: str, key: str = "") -> subprocess.CompletedProcess[str]:
        """The script, as a person runs it."""
        folders = ("--environments", str(self.folder / "environments"), "--records", str(self.folder / "records"))
        variables = {**self.staging.kube.variables, "CREDIT_PLATFORM_DELIVERY_KEY": key or self.staging.key}
        return subprocess.run(
            [str(ROOT / "scripts" / "deploy"), environment, tag, *words, *folders],
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )


def environment(namespace: str, own: Path, host: str, **changes: Any) -> dict[str, Any]:
    """What `scripts/deploy` is told of it."""
    return {
        "namespace": namespace,
        "values": [str(CHART / "values-dev.yaml"), str(own), "own-values.yaml"],
        "services": [{"url": f"http://{host}", "connect_to": INGRESS}],
        "timeout": "5m",
        "load": {"route": "/predict", "clients": 4, "seconds": 10, "p95_ms": 5000},
        **changes,
    }


def own_values(release: Release) -> dict[str, Any]:
    """What differs in this cluster: the page's `mine.yaml`."""
    return yaml.safe_load((release.folder / "mine.yaml").read_text(encoding="utf-8")) or {}


def service_image(release: Release) -> str:
    containers = release.kube.get("deployment", SERVICE)["spec"]["template"]["spec"]["containers"]
    return str(containers[0]["image"])


def revision(release: Release) -> int:
    history = json.loads(release.kube.helm("history", "credit", "--output", "json").stdout)
    return max(int(one["revision"]) for one in history)


def digest_of(release: Release, component: str) -> str:
    """Digest of an image of ours that runs, or of one that the cluster's own pods have pulled."""
    pods = release.kube.get("pods")["items"]
    for pod in pods:
        for status in pod["status"].get("containerStatuses", []) + pod["status"].get("initContainerStatuses", []):
            if f"credit-platform/{component}" in status["image"] + status["imageID"] and "@" in status["imageID"]:
                return str(status["imageID"].partition("@")[2])
    raise AssertionError(f"no pod tells the digest of the image {component}; push the images to a registry")


@pytest.fixture(scope="module")
def way(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Way:
    folder = tmp_path_factory.mktemp("livraison é")
    (folder / "environments").mkdir()
    (folder / "production").mkdir()
    made = Way(release, folder, {name: digest_of(release, name) for name in IMAGES})
    mine = release.folder / "mine.yaml"
    slow = {"route": "/predict", "clients": 4, "seconds": 5, "p95_ms": 0.001}
    shut = [{"url": f"http://{name}", "connect_to": INGRESS} for name in (HOST, "nobody.localhost")]
    approval = {"after": "staging", "by": [BY]}
    for name, document in {
        "staging": environment(release.kube.namespace, mine, HOST),
        "staging-crash": environment(release.kube.namespace, mine, HOST, timeout="150s"),
        "staging-shut": environment(release.kube.namespace, mine, HOST, services=shut, patience_seconds=5),
        "staging-slow": environment(release.kube.namespace, mine, HOST, load=slow),
        "production": environment(PRODUCTION, folder / "production" / "mine.yaml", PRODUCTION_HOST, approval=approval),
    }.items():
        (folder / "environments" / f"{name}.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    (folder / "environments" / "own-values.yaml").write_text(yaml.safe_dump(ON), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def production(way: Way) -> Iterator[Release]:
    """A second release, by the steps of the page, at a host name of its own; both would not find room side by side."""
    staging, kube, folder = way.staging, Kube(PRODUCTION, way.staging.kube.variables), way.production_folder
    mine = own_values(staging)
    host = {"portfolios": {"german_credit": {"host": PRODUCTION_HOST}}}
    mine["service"] = {**mine.get("service", {}), **host}
    (folder / "mine.yaml").write_text(yaml.safe_dump(mine), encoding="utf-8")
    blocks = [re.sub(r"namespace credit(?=\s|$)", f"namespace {PRODUCTION}", block, flags=re.M) for block in steps()]
    blocks = [block.replace(f"http://{HOST}/", f"http://{PRODUCTION_HOST}/") for block in blocks]
    staging.kube.kubectl("scale", "deployment", "--all", "--replicas=0")
    try:
        walk(blocks, folder, kube.variables, INGRESS)
        key = (folder / "key.txt").read_text(encoding="utf-8").strip()
        yield replace(staging, kube=kube, key=key, folder=folder)
    finally:
        kube.run("kubectl", "delete", "namespace", PRODUCTION, "--wait=true", check=False)
        staging.kube.kubectl("scale", "deployment", "--all", "--replicas=1")
        staging.kube.kubectl("wait", "--for=condition=Available", "deployment", "--all", "--timeout=600s")


def test_production_is_not_reached_before_staging_and_not_without_a_yes(way: Way) -> None:
    """There is no such namespace yet: who is refused asks no cluster."""
    way.write(TAG)
    for words in ((), ("--approved-by", "somebody"), ("--approved-by", BY)):
        done = way.deploy("production", TAG, *words)
        assert done.returncode == 3, done.stderr


def test_a_good_one_serves_in_staging_and_twice_changes_nothing(way: Way) -> None:
    way.write(TAG)
    champion = way.staging.champion()
    done = way.deploy("staging", TAG)
    assert done.returncode == 0, done.stderr
    assert service_image(way.staging).endswith(way.digests["service"])
    before = revision(way.staging)
    again = way.deploy("staging", TAG)
    assert (again.returncode, "nothing was changed" in again.stderr) == (0, True), again.stderr
    assert (revision(way.staging), way.staging.champion()) == (before, champion)


@pytest.mark.parametrize(
    ("kind", "words"),
    [("crash", "does not get ready"), ("shut", "nobody.localhost"), ("slow", "or more is too slow")],
)
def test_a_bad_one_stops_at_its_gate_and_leaves_what_was_there(way: Way, kind: str, words: str) -> None:
    """An image that lacks what a Bento stands on; a service that is not there; answers that are too slow."""
    tag = f"{TAG}-{kind}"
    crashes = {"repository": "credit-platform/dagster", "digest": way.digests["dagster"]}
    way.write(tag, **({"service": crashes} if kind == "crash" else {}))
    champion, image = way.staging.champion(), service_image(way.staging)
    with way.staging.asking(2).at_work() as load:
        until("answers", 60, lambda: load.answers["200"] > 2)
        done = way.deploy(f"staging-{kind}", tag)
    assert done.returncode == 1, done.stderr
    assert words in done.stderr, done.stderr
    way.staging.kube.rolled_out()
    assert (way.staging.champion(), service_image(way.staging)) == (champion, image)
    assert set(load.answers) == {"200"}, load.answers
    refused = way.deploy("production", tag, "--approved-by", BY)
    assert refused.returncode == 3, refused.stderr
    until("its pods are gone", 120, lambda: _settled(way.staging))


def test_what_passed_in_staging_serves_in_production_by_a_yes(way: Way, production: Release) -> None:
    before = revision(production)
    assert way.deploy("production", TAG, key=production.key).returncode == 3, "nobody said yes"
    assert revision(production) == before
    done = way.deploy("production", TAG, "--approved-by", BY, key=production.key)
    assert done.returncode == 0, done.stderr
    assert service_image(production).endswith(way.digests["service"])
    after = revision(production)
    again = way.deploy("production", TAG, "--approved-by", BY, key=production.key)
    assert (again.returncode, revision(production)) == (0, after), again.stderr


def _settled(release: Release) -> bool:
    return len(release.kube.pods(COMPONENT)) == release.kube.ready(COMPONENT)
