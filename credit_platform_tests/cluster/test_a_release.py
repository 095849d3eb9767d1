"""The short form: from nothing to a decision by the steps of the page, an upgrade, and an image that crashes."""

from __future__ import annotations

import uuid

import pytest

from credit_platform_tests.cluster.asking import ask
from credit_platform_tests.cluster.conftest import HOST, Release
from credit_platform_tests.cluster.kube import ANNOTATION, SERVICE, until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(2400)]
PORTFOLIO = "service-german_credit"


def annotation(release: Release) -> str:
    pod = release.kube.get("deployment", SERVICE)["spec"]["template"]["metadata"]["annotations"]
    return str(pod.get(ANNOTATION, ""))


def test_the_steps_of_the_page_end_in_a_decision(release: Release) -> None:
    """The fixture has carried them out, `helm test` among them."""
    said = (release.folder / "said.txt").read_text(encoding="utf-8")
    assert '"decision"' in said
    assert "Phase:          Succeeded" in said, "helm test"


def test_a_decision_over_the_ingress_is_in_the_log(release: Release) -> None:
    name = f"T-{uuid.uuid4().hex}"
    answer = release.ask("/predict", {"applicant_id": name, "application": release.application})
    assert answer.status_code == 200, answer.text
    assert release.logged(name) == 1
    assert release.ask("/model-info").json()["digest"] == release.champion()


def test_without_a_key_nothing_is_decided(release: Release) -> None:
    assert ask(release.address, HOST, "", "/predict", {"application": release.application}).status_code == 401


def test_an_upgrade_changes_no_model(release: Release) -> None:
    """Whoever deploys has named a Bento; a release with other values leaves it named, and so does the way back."""
    champion = release.champion()
    patch = f'{{"spec":{{"template":{{"metadata":{{"annotations":{{"{ANNOTATION}":"{champion}"}}}}}}}}}}'
    release.kube.kubectl("patch", "deployment", SERVICE, "--field-manager", "credit-platform-deployment", "-p", patch)
    release.kube.rolled_out()
    release.upgrade("--set", "settings.CREDIT_PLATFORM_LOG_LEVEL=warning", "--wait", "--timeout", "10m")
    assert annotation(release) == champion
    release.kube.helm("rollback", "credit", "--wait", "--timeout", "10m")
    assert annotation(release) == champion
    assert release.champion() == champion


def test_an_image_that_crashes_goes_back_by_itself(release: Release) -> None:
    """One of ours that lacks what a Bento stands on; nobody who asks meanwhile is told so."""
    kube, champion, named = release.kube, release.champion(), annotation(release)
    before = kube.get("deployment", SERVICE)["spec"]["template"]["spec"]["containers"][0]["image"]
    with release.asking(2).at_work() as load:
        arguments = ("--set", "images.service.repository=credit-platform/dagster", "--set", "images.service.digest=")
        done = release.upgrade(*arguments, "--rollback-on-failure", "--timeout", "150s", check=False)
    assert done.returncode != 0
    assert "credit-service-german-credit not ready" in done.stderr
    after = kube.get("deployment", SERVICE)["spec"]["template"]["spec"]["containers"][0]["image"]
    kube.rolled_out()
    assert (after, release.champion(), annotation(release)) == (before, champion, named)
    assert set(load.answers) == {"200"}, load.answers
    assert release.logged(load.prefix) == load.answers.total()
    until("pods of the crashing image are gone", 120, lambda: len(kube.pods(PORTFOLIO)) == kube.ready(PORTFOLIO))
