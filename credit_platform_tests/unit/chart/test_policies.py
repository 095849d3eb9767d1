"""What every pod that may come of the chart keeps to; of the committed manifests also where there is no Helm."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from credit_platform_tests.unit.chart.rendered import (
    DEV,
    EVERYTHING,
    ON,
    PROD,
    RUN,
    Manifest,
    committed,
    containers,
    manifests,
    named,
    of_kind,
    pods,
)

SOURCES: dict[str, Callable[[], list[Manifest]]] = {
    "k8s/dev": lambda: committed("dev"),
    "k8s/prod": lambda: committed("prod"),
    "staging": lambda: manifests("values-staging.yaml", "ci/digests.yaml", sets=(ON,)),
    "prod, small": lambda: manifests(*PROD, "values-prod-small.yaml", sets=(ON,)),
    "everything": lambda: manifests(*EVERYTHING),
    "dev with tests": lambda: manifests(*DEV, sets=(ON,)),
}
WITH_TOKEN = {
    "Deployment credit-dagster-webserver": "credit-launcher",
    "Deployment credit-dagster-daemon": "credit-launcher",
    "Deployment credit-kube-state-metrics": "credit-kube-state-metrics",
}
"""Who asks the cluster's API: the launcher of runs, and a program that does nothing else."""
WITH_DIGESTS = ("k8s/prod", "staging", "prod, small", "everything")
SEES_NODES = "DaemonSet credit-node-exporter"


@pytest.fixture(params=SOURCES)
def source(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def found(source: str) -> list[Manifest]:
    return SOURCES[source]()


def broken(found: list[Manifest], rule: Callable[[str, Manifest, Manifest], bool]) -> list[str]:
    """Containers that a rule does not hold for."""
    return [
        f"{pod}: {one['name']}"
        for pod, template in pods(found)
        for one in containers(template)
        if not rule(pod, template, one)
    ]


def test_there_are_pods_of_all_kinds(found: list[Manifest], source: str) -> None:
    names = {name for name, _ in pods(found)}
    assert {"Deployment credit-service-german-credit", "Job credit-migrations", RUN} <= names
    assert len(names) >= (23 if source == "everything" else 10)


def test_nobody_is_root_and_every_user_is_a_number(found: list[Manifest]) -> None:
    for name, pod in pods(found):
        context = pod["spec"]["securityContext"]
        assert context["runAsNonRoot"] is True, name
        assert context["runAsUser"] > 0, name
        assert context["runAsGroup"] > 0, name
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod["spec"]), name
    assert not broken(found, lambda _, __, one: not {"runAsUser", "runAsNonRoot"} & set(one["securityContext"]))


def test_no_container_can_write_its_root_or_become_more_than_it_is(found: list[Manifest]) -> None:
    wanted = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not broken(found, lambda _, __, one: one["securityContext"] == wanted)


def test_every_container_says_what_it_needs_and_may_take(found: list[Manifest]) -> None:
    def said(_: str, __: Manifest, one: Manifest) -> bool:
        return all(set(one["resources"][kind]) == {"cpu", "memory"} for kind in ("requests", "limits"))

    assert not broken(found, said)


def test_only_who_asks_the_api_has_a_token(found: list[Manifest]) -> None:
    assert all(account["automountServiceAccountToken"] is False for account in of_kind(found, "ServiceAccount"))
    for name, pod in pods(found):
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is (name in WITH_TOKEN), name
        expected = "default" if name == "Job credit-migrations" else "credit-plain"
        assert spec["serviceAccountName"] == WITH_TOKEN.get(name, expected), name
        assert spec["enableServiceLinks"] is False, name


def test_images_are_named_by_digest_where_it_counts(found: list[Manifest], source: str) -> None:
    def pinned(pod: str, _: Manifest, one: Manifest) -> bool:
        form = r".+@sha256:[0-9a-f]{64}" if source in WITH_DIGESTS else r".+:[^:/]+"
        return pod == RUN or bool(re.fullmatch(form, one["image"]))

    assert not broken(found, pinned)
    assert not broken(found, lambda _, __, one: ":latest" not in one["image"])
    # A run's Job runs what the code location names, which is itself.
    (code,) = named(found, "Deployment", "dagster-code")["spec"]["template"]["spec"]["containers"]
    assert {"name": "DAGSTER_CURRENT_IMAGE", "value": code["image"]} in code["env"]


def test_what_runs_long_is_probed(found: list[Manifest]) -> None:
    for each in of_kind(found, "Deployment", "StatefulSet", "DaemonSet"):
        for one in each["spec"]["template"]["spec"]["containers"]:
            assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(one), each["metadata"]["name"]


def test_our_programs_have_a_home_that_they_can_write(found: list[Manifest]) -> None:
    settings = named(found, "ConfigMap", "settings")["data"]
    assert settings["HOME"] == "/tmp"
    assert settings["CREDIT_PLATFORM_ARTEFACT_CACHE"].startswith(settings["CREDIT_PLATFORM_HOME"] + "/")
    for name, pod in pods(found):
        for one in containers(pod):
            given = {each["name"]: each.get("value") for each in one.get("env", [])}
            reads = any(each.get("configMapRef") for each in one.get("envFrom", [])) or name == RUN
            if "credit-platform/" in one["image"] and one["name"] not in ("token", "test"):
                assert reads or given["HOME"] == "/tmp", f"{name}: {one['name']}"
                assert "/tmp" in {mount["mountPath"] for mount in one["volumeMounts"]}, f"{name}: {one['name']}"


def test_jobs_end(found: list[Manifest]) -> None:
    for job in of_kind(found, "Job"):
        assert job["spec"]["activeDeadlineSeconds"] <= 1800
        assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"


def test_the_machine_is_seen_by_one_program_and_written_by_none(found: list[Manifest]) -> None:
    for name, pod in pods(found):
        paths = [volume for volume in pod["spec"].get("volumes", []) if "hostPath" in volume]
        assert bool(paths) is (name == SEES_NODES), name
        seen = {volume["name"] for volume in paths}
        for one in containers(pod):
            assert all(mount["readOnly"] for mount in one.get("volumeMounts", []) if mount["name"] in seen)


def test_secrets_are_named_and_never_written_down(found: list[Manifest]) -> None:
    assert not of_kind(found, "Secret")
    for name, pod in pods(found):
        for one in containers(pod):
            for variable in one.get("env", []):
                if re.search(r"PASSWORD|SECRET|TOKEN|_KEY$|ACCESS_KEY", variable["name"]):
                    assert "secretKeyRef" in variable["valueFrom"], f"{name}: {variable['name']}"
            words = [*one.get("command", []), *one.get("args", [])]
            assert not any("$(DATABASE_PASSWORD)" in word or re.search("://[^/]+:[^/]+@", word) for word in words), name


def test_everything_says_what_it_is(found: list[Manifest]) -> None:
    for each in found:
        about = each["metadata"]
        labels = {"name", "instance", "component", "version", "part-of", "managed-by"}
        assert {f"app.kubernetes.io/{label}" for label in labels} <= set(about["labels"]), about["name"]
        assert len(about["annotations"]["description"]) > 8, about["name"]
        assert about["namespace"] == "credit"
        assert len(about["name"]) <= 63


def test_roles_name_what_they_allow(found: list[Manifest]) -> None:
    assert not of_kind(found, "ClusterRole", "ClusterRoleBinding")
    for role in of_kind(found, "Role"):
        for rule in role["rules"]:
            assert "*" not in [*rule["verbs"], *rule["resources"], *rule["apiGroups"]]
            assert not {"secrets", "pods/exec", "roles"} & set(rule["resources"])
    deployer = named(found, "Role", "deployer")["rules"]
    (patched,) = (rule for rule in deployer if "patch" in rule["verbs"])
    served = {
        each["metadata"]["name"] for each in of_kind(found, "Deployment") if "-service-" in each["metadata"]["name"]
    }
    assert set(patched["resourceNames"]) == served


def test_each_role_is_given_to_its_own_account(found: list[Manifest]) -> None:
    accounts = {each["metadata"]["name"] for each in of_kind(found, "ServiceAccount")}
    for binding in of_kind(found, "RoleBinding"):
        (subject,) = binding["subjects"]
        assert subject["name"] == binding["roleRef"]["name"] == binding["metadata"]["name"]
        assert subject["name"] in accounts
