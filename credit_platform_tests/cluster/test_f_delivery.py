"""A tag through staging to production, by `scripts/deploy` as it stands; bad ones stop at each gate in turn.

Staging and production are two namespaces of one cluster, one after the other: staging is the shared release, production
is made from nothing by the same steps of the page, in a namespace of its own. Images are those that the release runs,
once more under other digests: a digest is looked up in the registry that they are pulled from.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from credit_platform_tests.cluster.conftest import INGRESS, MINE, Release
from credit_platform_tests.cluster.kube import ROOT, SERVICE, Kube, until
from credit_platform_tests.cluster.walked import steps, walk
from scripts.delivery.images import chart_version, digests_yaml
from scripts.images.build import IMAGES

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(3600)]
TAG = f"v{chart_version()}"
BY = "head of risk"
PRODUCTION, PRODUCTION_HOST = "credit-production", "german-credit.production.localhost"
ON = {"service": {"enabled": True, "replicas": 1}, "ingress": {"enabled": True, "allowPlain": True}}


@dataclass(frozen=True)
class Way:
    """Both environments, and what delivers to them."""

    staging: Release
    production: Release
    folder: Path
    digests: dict[str, str]

    @property
    def registry(self) -> str:
        found: str = (yaml.safe_load(MINE) or {}).get("images", {}).get("registry", "")
        return found

    def write(self, tag: str, **digests: str) -> None:
        """The images of a tag; those that are not given are the release's own."""
        file = self.folder / "records" / tag / "values-digests.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(digests_yaml(tag, self.registry, {**self.digests, **digests}), encoding="utf-8")

    def deploy(self, environment: str, tag: str, *words: str) -> subprocess.CompletedProcess[str]:
        """The script, as a person runs it."""
        release = self.staging if environment.startswith("staging") else self.production
        folders = ("--environments", str(self.folder / "environments"), "--records", str(self.folder / "records"))
        variables = {**release.kube.variables, "CREDIT_PLATFORM_DELIVERY_KEY": release.key}
        return subprocess.run(
            [str(ROOT / "scripts" / "deploy"), environment, tag, *words, *folders],
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )


def environment(release: Release, host: str, **changes: Any) -> dict[str, Any]:
    """What `scripts/deploy` is told of it."""
    return {
        "namespace": release.kube.namespace,
        "values": [*map(str, release.values), "own-values.yaml"],
        "services": [{"url": f"http://{host}", "connect_to": INGRESS}],
        "timeout": "5m",
        "load": {"route": "/predict", "clients": 4, "seconds": 10, "p95_ms": 5000},
        **changes,
    }


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
def production(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    """A second release, by the steps of the page, in a namespace of its own and at a host name of its own."""
    kube = Kube(PRODUCTION, release.kube.variables)
    folder = tmp_path_factory.mktemp("production é")
    host = {"service": {"portfolios": {"german_credit": {"host": PRODUCTION_HOST}}}}
    mine = {**(yaml.safe_load(MINE) or {})}
    mine["service"] = {**mine.get("service", {}), **host["service"]}
    (folder / "mine.yaml").write_text(yaml.safe_dump(mine), encoding="utf-8")
    named = ("--namespace credit", f"--namespace {PRODUCTION}"), ("namespace credit", f"namespace {PRODUCTION}")
    blocks = steps()
    for old, new in (*named, ("german-credit.localhost", PRODUCTION_HOST)):
        blocks = [block.replace(f"{old}\n", f"{new}\n").replace(f"{old} ", f"{new} ") for block in blocks]
        blocks = [block.replace(f"http://{old}/", f"http://{new}/") for block in blocks]
    try:
        walk(blocks, folder, kube.variables, INGRESS)
        made = replace(release, kube=kube, key=(folder / "key.txt").read_text(encoding="utf-8").strip(), folder=folder)
        yield made
    finally:
        kube.run("kubectl", "delete", "namespace", PRODUCTION, "--wait=true", check=False)


@pytest.fixture(scope="module")
def way(release: Release, production: Release, tmp_path_factory: pytest.TempPathFactory) -> Way:
    folder = tmp_path_factory.mktemp("livraison é")
    (folder / "environments").mkdir()
    made = Way(release, production, folder, {name: digest_of(release, name) for name in IMAGES})
    host = "german-credit.localhost"
    slow = {"route": "/predict", "clients": 4, "seconds": 5, "p95_ms": 0.001}
    shut = [{"url": f"http://{host}", "connect_to": INGRESS}, {"url": "http://nobody.localhost", "connect_to": INGRESS}]
    approval = {"after": "staging", "by": [BY]}
    for name, document in {
        "staging": environment(release, host),
        "staging-slow": environment(release, host, load=slow),
        "staging-shut": environment(release, host, services=shut, patience_seconds=5),
        "production": environment(production, PRODUCTION_HOST, approval=approval),
    }.items():
        (folder / "environments" / f"{name}.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    (folder / "environments" / "own-values.yaml").write_text(yaml.safe_dump(ON), encoding="utf-8")
    return made


def test_production_is_not_reached_before_staging_and_not_without_a_yes(way: Way) -> None:
    way.write(TAG)
    before = revision(way.production)
    for words in ((), ("--approved-by", "somebody"), ("--approved-by", BY)):
        done = way.deploy("production", TAG, *words)
        assert done.returncode == 3, done.stderr
    assert revision(way.production) == before


def test_a_good_one_goes_from_staging_to_production_and_twice_changes_nothing(way: Way) -> None:
    way.write(TAG)
    models = way.staging.champion()
    for name, words in (("staging", ()), ("production", ("--approved-by", BY))):
        release = way.staging if name == "staging" else way.production
        done = way.deploy(name, TAG, *words)
        assert done.returncode == 0, done.stderr
        assert service_image(release).endswith(way.digests["service"])
        after = revision(release)
        again = way.deploy(name, TAG, *words)
        assert (again.returncode, "nothing was changed" in again.stderr) == (0, True), again.stderr
        assert revision(release) == after
    assert way.staging.champion() == models


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("staging", "crash", "does not get ready"),
        ("staging-shut", "shut", "nobody.localhost"),
        ("staging-slow", "slow", "or more is too slow"),
    ],
)
def test_a_bad_one_stops_at_its_gate_and_leaves_what_was_there(way: Way, name: str, kind: str, words: str) -> None:
    """An image that lacks what a Bento stands on; a service that is not there; answers that are too slow."""
    tag = f"{TAG}-{kind}"
    # Another name of the console's image keeps tags apart; the service's is what crashes.
    way.write(tag, **({"service": way.digests["dagster"]} if kind == "crash" else {}))
    if kind == "crash":  # a digest is of one repository
        file = way.folder / "records" / tag / "values-digests.yaml"
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
        values["images"]["service"]["repository"] = "credit-platform/dagster"
        file.write_text(yaml.safe_dump(values), encoding="utf-8")
        shorter = yaml.safe_load((way.folder / "environments" / "staging.yaml").read_text(encoding="utf-8"))
        shorter["timeout"] = "150s"
        (way.folder / "environments" / "staging.yaml").write_text(yaml.safe_dump(shorter), encoding="utf-8")
    champion, image = way.staging.champion(), service_image(way.staging)
    with way.staging.asking(2).at_work() as load:
        done = way.deploy(name, tag)
    assert done.returncode == 1, done.stderr
    assert words in done.stderr, done.stderr
    way.staging.kube.rolled_out()
    assert (way.staging.champion(), service_image(way.staging)) == (champion, image)
    assert set(load.answers) == {"200"}, load.answers
    refused = way.deploy("production", tag, "--approved-by", BY)
    assert refused.returncode == 3, refused.stderr
    until("its pods are gone", 120, lambda: _settled(way.staging))


def _settled(release: Release) -> bool:
    component = "service-german_credit"
    return len(release.kube.pods(component)) == release.kube.ready(component)
