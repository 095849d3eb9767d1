"""The namespace is deleted and comes back from store and database backup, by the steps of the page."""

from __future__ import annotations

import uuid

import pytest

from credit_platform_tests.cluster.conftest import INGRESS, Release
from credit_platform_tests.cluster.kube import until
from credit_platform_tests.cluster.walked import steps, walk

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(3600)]


def test_a_deleted_namespace_comes_back_with_champion_and_decisions(release: Release) -> None:
    champion, name = release.champion(), f"T-{uuid.uuid4().hex}"
    assert release.ask("/predict", {"applicant_id": name, "application": release.application}).is_success
    backup, restore = steps("## When a cluster is lost")
    walk([backup], release.folder, release.kube.variables, INGRESS)
    release.kube.run("kubectl", "delete", "namespace", "credit", "--wait=true")
    walk([restore], release.folder, release.kube.variables, INGRESS)
    until("an answer over the Ingress", 120, lambda: release.ask("/model-info").is_success)
    assert release.champion() == champion
    assert release.logged(name) == 1
    again = f"T-{uuid.uuid4().hex}"
    assert release.ask("/predict", {"applicant_id": again, "application": release.application}).is_success
    assert release.logged(again) == 1
