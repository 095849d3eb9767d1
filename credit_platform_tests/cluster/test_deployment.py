"""A promoted Bento reaches pods one first, under load, and goes back by itself; the release is not changed by it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from credit_platform_tests.cluster.conftest import Release
from credit_platform_tests.cluster.dagster_pages import pages
from credit_platform_tests.cluster.kube import ANNOTATION, SERVICE, until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(3600)]
PER_SECOND = float(os.environ.get("CREDIT_PLATFORM_TEST_RATE", "200"))
COMPONENT, REPLICAS = "service-german-credit", 3
OVER = {"SUCCESS", "FAILURE", "CANCELED"}
PROMOTE = Path(__file__).with_name("promote_variant.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def three(release: Release) -> Release:
    """Three pods, of which one is tried first; pinned to what is promoted."""
    release.upgrade("--set", f"service.replicas={REPLICAS}", "--wait", "--timeout", "15m")
    assert deployed(release) == "SUCCESS"
    return release


def promoted(release: Release, kind: str) -> str:
    """Digest of another Bento of the same scorer, promoted now."""
    said = release.kube.run(
        *("kubectl", "--namespace", release.kube.namespace, "exec", "--stdin", "deploy/credit-dagster-code", "--"),
        *("python", "-", kind),
        given=PROMOTE,
    )
    return said.stdout.split()[-1]


def deployed(release: Release) -> str:
    """How a run of the job that deploys ended."""
    with pages(release.kube) as asked:
        run = asked.launch("german_credit_deployment")
        until("its end", 1800, lambda: asked.status(run) in OVER)
        return asked.status(run)


def told(release: Release) -> str | None:
    """Digest that pods are told."""
    annotations = release.kube.get("deployment", SERVICE)["spec"]["template"]["metadata"]["annotations"]
    found: str | None = annotations.get(ANNOTATION)
    return found


def served(release: Release) -> set[str]:
    """Digests of the pods that stay."""
    return {pod["metadata"]["annotations"][ANNOTATION] for pod in release.kube.pods(COMPONENT)}


def test_a_promotion_under_load_refuses_nobody(three: Release) -> None:
    digest = promoted(three, "good")
    with three.asking(PER_SECOND).at_work() as load:
        until("answers", 60, lambda: load.answers["200"] > 100)
        assert deployed(three) == "SUCCESS"
    assert (told(three), served(three)) == (digest, {digest})
    assert set(load.answers) == {"200"}, load.answers
    assert three.logged(load.prefix) == load.answers.total()
    assert three.ask("/model-info").json()["deployed_at"]


def test_one_that_fails_its_smoke_test_goes_back_by_itself_and_no_upgrade_brings_it_back(three: Release) -> None:
    before = told(three)
    assert before is not None
    promoted(three, "bad")
    with three.asking(PER_SECOND / 2).at_work() as load:
        until("answers", 60, lambda: load.answers["200"] > 100)
        assert deployed(three) == "FAILURE"
    assert (told(three), served(three)) == (before, {before})
    assert set(load.answers) == {"200"}, load.answers
    assert three.logged(load.prefix) == load.answers.total()
    three.upgrade("--set", f"service.replicas={REPLICAS}", "--wait", "--timeout", "15m")
    assert (told(three), served(three)) == (before, {before})
