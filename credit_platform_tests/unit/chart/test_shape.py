"""What the chart promises: who owns the number of pods and the model, who may speak to whom, who is rolled by what."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from credit_platform.serving.bento_fetching import ANNOTATION
from credit_platform_tests.prometheus_stack import NEEDS_PROMETHEUS, run
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
    text_of,
)
from scripts.chart.helm import CHART

SERVICE = "service-german-credit"
SETTINGS_READERS = ("dagster-code", "mlflow", "exporter", "notices")


def template(found: list[Manifest], name: str, kind: str = "Deployment") -> Manifest:
    pod: Manifest = named(found, kind, name)["spec"]["template"]
    return pod


def test_production_scales_from_three_to_ten_at_seventy_percent() -> None:
    found = committed("prod")
    for portfolio in ("german-credit", "home-credit"):
        scaler = named(found, "HorizontalPodAutoscaler", f"service-{portfolio}")["spec"]
        assert (scaler["minReplicas"], scaler["maxReplicas"]) == (3, 10)
        assert scaler["metrics"][0]["resource"] == {
            "name": "cpu",
            "target": {"type": "Utilization", "averageUtilization": 70},
        }
        assert scaler["behavior"]["scaleUp"]["stabilizationWindowSeconds"] == 0
        assert scaler["behavior"]["scaleDown"] == {
            "stabilizationWindowSeconds": 300,
            "selectPolicy": "Min",
            "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}],
        }
        assert scaler["scaleTargetRef"]["name"] == f"credit-service-{portfolio}"
        assert "replicas" not in named(found, "Deployment", f"service-{portfolio}")["spec"], "the autoscaler owns it"
        assert named(found, "PodDisruptionBudget", f"service-{portfolio}")["spec"]["maxUnavailable"] == 1


def test_requests_are_those_that_the_page_says_were_measured() -> None:
    page = (CHART.parents[1] / "docs" / "DEPLOYMENT.md").read_text(encoding="utf-8")
    small = manifests(*PROD, "values-prod-small.yaml", sets=(ON,))
    for found, decisions in ((committed("prod"), 100), (small, 20)):
        (container,) = template(found, SERVICE)["spec"]["containers"]
        asked = container["resources"]["requests"]["cpu"]
        assert asked == f"{2.6 * decisions:.0f}m"
        assert asked in page
    assert "2.6 ms of processor time a decision" in page


def test_staging_scales_from_two_to_four_and_development_not_at_all() -> None:
    staging = manifests("values-staging.yaml", "ci/digests.yaml", sets=(ON,))
    scaler = named(staging, "HorizontalPodAutoscaler", SERVICE)["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (2, 4)
    dev = committed("dev")
    assert not of_kind(dev, "HorizontalPodAutoscaler", "PodDisruptionBudget")
    assert named(dev, "Deployment", SERVICE)["spec"]["replicas"] == 1


def test_small_changes_resources_and_nothing_else() -> None:
    def rest(found: list[Manifest]) -> list[Manifest]:
        bare: list[Manifest] = json.loads(json.dumps(found))
        for _, pod in pods(bare):
            for one in containers(pod):
                one.pop("resources")
                one["env"] = [v for v in one.get("env", []) if v["name"] != "CREDIT_PLATFORM_RUN_RESOURCES"]
        for each in bare:
            if each["kind"] == "ConfigMap" and "dagster.yaml" in each["data"]:
                each["data"] = {}
            each.get("spec", {}).get("template", {}).get("metadata", {}).get("annotations", {}).pop(
                "checksum/dagster", None
            )
        return bare

    large, small = manifests(*PROD, sets=(ON,)), manifests(*PROD, "values-prod-small.yaml", sets=(ON,))
    assert rest(large) == rest(small)
    assert large != small
    given = yaml.safe_load((CHART / "values-prod-small.yaml").read_text(encoding="utf-8"))
    assert set(leaves(given)) <= {"cpu", "memory"}


def leaves(part: Any) -> list[str]:
    return [name for key, value in part.items() for name in (leaves(value) if isinstance(value, dict) else [key])]


def test_the_release_does_not_own_which_model_serves() -> None:
    """A field that is in no manifest is left alone by Helm, by its rollback, and by Argo CD."""
    for found in (committed("dev"), committed("prod")):
        for each in of_kind(found, "Deployment"):
            assert ANNOTATION not in each["spec"]["template"]["metadata"]["annotations"]
        (fetch,) = template(found, SERVICE)["spec"]["initContainers"]
        (digest,) = (each for each in fetch["env"] if each["name"] == "CREDIT_PLATFORM_BENTO_DIGEST")
        assert digest["valueFrom"] == {"fieldRef": {"fieldPath": f"metadata.annotations['{ANNOTATION}']"}}


def test_a_pod_has_time_to_leave() -> None:
    for found in (committed("dev"), committed("prod")):
        spec = template(found, SERVICE)["spec"]
        (service,) = spec["containers"]
        variables = {each["name"]: each.get("value") for each in service["env"]}
        drain = int(variables["CREDIT_PLATFORM_SERVICE_DRAIN_SECONDS"])
        finish = int(variables["CREDIT_PLATFORM_SERVICE_FINISH_SECONDS"])
        before = service["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert drain == 5
        assert finish >= 60, "a batch may take as long"
        assert spec["terminationGracePeriodSeconds"] > before + drain + finish


def test_a_database_that_is_away_restarts_nobody() -> None:
    (service,) = template(committed("prod"), SERVICE)["spec"]["containers"]
    assert service["livenessProbe"]["httpGet"]["path"] == service["startupProbe"]["httpGet"]["path"] == "/livez"
    assert service["readinessProbe"]["httpGet"]["path"] == "/health"


def test_no_pod_less_while_another_comes_and_they_stand_apart() -> None:
    spec = named(committed("prod"), "Deployment", SERVICE)["spec"]
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    spread = spec["template"]["spec"]["topologySpreadConstraints"]
    assert [each["topologyKey"] for each in spread] == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
    for each in spread:
        assert each["labelSelector"]["matchLabels"].items() <= spec["template"]["metadata"]["labels"].items()


@pytest.mark.parametrize("values", ["dev", "prod"])
def test_checkpoints_lie_where_no_pod_takes_them_along(values: str) -> None:
    """And whoever has the database, to which they belong, has the store's key."""
    found = committed(values)
    url = named(found, "ConfigMap", "settings")["data"]["CREDIT_PLATFORM_DECISION_CHECKPOINTS"]
    assert re.fullmatch(r"s3://[\w-]+/[\w-]+", url)
    if values == "dev":
        bucket = url.split("/")[2]
        (job,) = (each for each in of_kind(found, "Job") if "bucket" in each["metadata"]["name"])
        assert f"s3.bucket.create -name {bucket}" in str(containers(job["spec"]["template"])[0])
    for name, pod in pods(found):
        for one in containers(pod):
            given = {each["name"] for each in one.get("env", [])}
            if "CREDIT_PLATFORM_DATABASE_URL" in given:
                assert "AWS_SECRET_ACCESS_KEY" in given, f"{name}: {one['name']}"


def test_native_threads_are_those_of_the_limit() -> None:
    for name, pod in pods(committed("prod")):
        for one in containers(pod):
            for variable in one.get("env", []):
                if variable["name"] == "OMP_NUM_THREADS":
                    assert variable["valueFrom"] == {"resourceFieldRef": {"resource": "limits.cpu"}}, name
    without = manifests(*DEV, sets=(ON, "service.resources.limits.cpu=null"))
    (service,) = template(without, SERVICE)["spec"]["containers"]
    assert "OMP_NUM_THREADS" not in {each["name"] for each in service["env"]}, "a node's processors are no limit"


def templates(found: list[Manifest]) -> dict[str, Manifest]:
    long_running = of_kind(found, "Deployment", "StatefulSet")
    return {each["metadata"]["name"].removeprefix("credit-"): each["spec"]["template"] for each in long_running}


@pytest.mark.parametrize(
    ("change", "rolled"),
    [
        ('settings.CREDIT_PLATFORM_PROFILE="full"', {SERVICE, "console-german-credit", *SETTINGS_READERS}),
        ("dagster.runs.maxConcurrent=9", {"dagster-webserver", "dagster-daemon"}),
        ("service.autoscaling.maxReplicas=7", set()),
        ("network.policies=false", set()),
    ],
)
def test_who_reads_what_changed_is_rolled_and_nobody_else(change: str, rolled: set[str]) -> None:
    before, after = templates(manifests(*DEV, sets=(ON,))), templates(manifests(*DEV, sets=(ON, change)))
    assert {name for name in before if before[name] != after[name]} == rolled


def test_every_configmap_that_a_pod_reads_rolls_it() -> None:
    long_running = [each for each in pods(manifests(*EVERYTHING)) if each[0] != RUN]  # a run is new each time
    for name, pod in long_running:
        read = {
            each["configMapRef"]["name"]
            for one in containers(pod)
            for each in one.get("envFrom", [])
            if "configMapRef" in each
        }
        read |= {each["configMap"]["name"] for each in pod["spec"].get("volumes", []) if "configMap" in each}
        sums = {
            key.removeprefix("checksum/")
            for key in pod["metadata"].get("annotations", {})
            if key.startswith("checksum/")
        }
        assert {each.removeprefix("credit-") for each in read} == sums, name


# Who may speak to whom


def policies(found: list[Manifest]) -> dict[str, Manifest]:
    return {each["metadata"]["name"].removeprefix("credit-"): each["spec"] for each in of_kind(found, "NetworkPolicy")}


def test_every_pod_is_denied_everything_and_allowed_its_own() -> None:
    for found in (committed("dev"), committed("prod"), manifests(*EVERYTHING)):
        made = policies(found)
        deny = made["default-deny"]
        assert deny["podSelector"] == {"matchLabels": {"app.kubernetes.io/instance": "credit"}}
        assert (deny["policyTypes"], deny.get("ingress")) == (["Ingress", "Egress"], None)
        dns = {"kubernetes.io/metadata.name": "kube-system"}, {"k8s-app": "kube-dns"}
        assert [each for rule in deny["egress"] for each in rule["to"]] == [
            {"namespaceSelector": {"matchLabels": dns[0]}, "podSelector": {"matchLabels": dns[1]}}
        ]
        kinds = set()
        for name, pod in pods(found):
            kind = pod["metadata"]["labels"]["credit-platform/kind"]
            kinds.add(f"allow-{kind}")
            assert pod["metadata"]["labels"]["app.kubernetes.io/instance"] == "credit", name
        assert kinds | {"default-deny"} <= set(made) <= kinds | {"default-deny", "allow-test"}


def test_both_ends_of_a_way_are_open_and_at_a_port_that_is_there() -> None:
    """A rule of one side alone would open nothing; one at a port that nobody has would be of no use."""
    found = manifests(*EVERYTHING)
    ports: dict[str, set[int]] = {}
    for _, pod in pods(found):
        listening = {port["containerPort"] for one in pod["spec"]["containers"] for port in one.get("ports", [])}
        ports.setdefault(pod["metadata"]["labels"]["credit-platform/kind"], set()).update(listening)
    made = policies(found)
    out = {(a, b, port) for a, rules in made.items() for b, port in ways(rules.get("egress", []), "to")}
    into = {(b, a, port) for a, rules in made.items() for b, port in ways(rules.get("ingress", []), "from")}
    assert out == into
    for _, receiver, port in into:
        assert port in ports[receiver.removeprefix("allow-")], (receiver, port)


def ways(rules: list[Manifest], end: str) -> set[tuple[str, int]]:
    """Other pods of the release, and at which port."""
    return {
        (f"allow-{peer['podSelector']['matchLabels']['credit-platform/kind']}", port["port"])
        for rule in rules
        for peer in rule[end]
        if "podSelector" in peer and "namespaceSelector" not in peer
        for port in rule["ports"]
    }


def test_nobody_from_outside_reaches_what_has_no_login() -> None:
    outside = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}}

    def enters(rules: Manifest) -> bool:
        return any(outside in rule["from"] for rule in rules.get("ingress", []))

    found = manifests(*EVERYTHING)
    assert {name for name, rules in policies(found).items() if enters(rules)} == {
        "allow-service",
        "allow-login",
        "allow-grafana",
    }
    services = {each["metadata"]["name"]: each for each in of_kind(found, "Service")}
    for ingress in of_kind(found, "Ingress"):
        for rule in ingress["spec"]["rules"]:
            (path,) = rule["http"]["paths"]
            backend = path["backend"]["service"]
            assert backend["port"]["number"] in {port["port"] for port in services[backend["name"]]["spec"]["ports"]}
            pages = ("dagster", "mlflow", "console")
            assert backend["name"].startswith("credit-login-") or not any(page in backend["name"] for page in pages)
        assert ingress["spec"]["tls"] == [{"hosts": [ingress["spec"]["rules"][0]["host"]], "secretName": "credit-tls"}]


def test_every_service_finds_its_pods_and_ports() -> None:
    for found in (committed("dev"), manifests(*EVERYTHING)):
        labelled = [pod for _, pod in pods(found)]
        for service in of_kind(found, "Service"):
            chosen = [p for p in labelled if service["spec"]["selector"].items() <= p["metadata"]["labels"].items()]
            assert len(chosen) == 1, service["metadata"]["name"]
            names = {port["name"] for one in chosen[0]["spec"]["containers"] for port in one["ports"]}
            assert {port["targetPort"] for port in service["spec"]["ports"]} <= names


# What watches


def test_prometheus_scrapes_under_the_names_that_the_rules_ask_for() -> None:
    found = manifests(*EVERYTHING)
    made = yaml.safe_load(named(found, "ConfigMap", "prometheus")["data"]["prometheus.yml"])
    jobs = {each["job_name"]: each for each in made["scrape_configs"]}
    for portfolio in ("german_credit", "home_credit"):
        labels = {each["target_label"]: each["replacement"] for each in jobs[f"service-{portfolio}"]["relabel_configs"]}
        assert labels == {"job": "credit-platform-service", "portfolio": portfolio}
    assert {"credit-platform-exporter", "alertmanager", "prometheus", "postgresql", "node", "kube-state-metrics"} < set(
        jobs
    )
    rules = named(found, "ConfigMap", "rules")["data"]
    assert {group["name"] for group in yaml.safe_load(rules["alerts.yml"])["groups"]}
    assert named(found, "PrometheusRule", "rules")["spec"]["groups"]
    monitors = {each["metadata"]["name"]: each["spec"] for each in of_kind(found, "ServiceMonitor")}
    services = of_kind(found, "Service")
    for name, count in {"credit-watch-service": 2, "credit-watch-exporter": 1}.items():
        wanted = monitors[name]["selector"]["matchLabels"].items()
        assert sum(wanted <= each["metadata"]["labels"].items() for each in services) == count


def test_alerts_reach_who_takes_them() -> None:
    made = named(manifests(*EVERYTHING), "ConfigMap", "alertmanager")["data"]["alertmanager.yml"]
    assert "http://credit-notices:9095/alerts" in made
    assert "127.0.0.1" not in made
    changed = text_of(*EVERYTHING, sets=('monitoring.alertmanager.smtpFrom="risk@lender.example"',))
    assert "smtp_from: risk@lender.example" in changed
    assert "to: platform@lender.example" in changed
    assert "@example.org" not in changed


@NEEDS_PROMETHEUS
def test_prometheus_and_alertmanager_take_what_they_are_given(tmp_path: Path) -> None:
    """Asked of the programs, with the files where the pods have them."""
    found = manifests(*EVERYTHING)
    for name, kind in (("prometheus", "StatefulSet"), ("alertmanager", "StatefulSet")):
        (one,) = template(found, name, kind)["spec"]["containers"]
        volumes = {each["name"]: each for each in template(found, name, kind)["spec"]["volumes"]}
        for mount in one["volumeMounts"]:
            if "configMap" not in volumes.get(mount["name"], {}):
                continue
            holds = volumes[mount["name"]]["configMap"]["name"].removeprefix("credit-")
            source, at = named(found, "ConfigMap", holds)["data"], mount["mountPath"]
            kept = {mount["subPath"]: at} if "subPath" in mount else {key: f"{at}/{key}" for key in source}
            for key, path in kept.items():
                file = tmp_path / path.removeprefix("/")
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(source[key].replace("/etc/prometheus/rules", str(tmp_path / "etc/prometheus/rules")))
    checked = run("promtool", "check", "config", str(tmp_path / "etc" / "prometheus" / "prometheus.yml"))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "2 rule files" in checked.stdout + checked.stderr
    checked = run("amtool", "check-config", str(tmp_path / "etc" / "alertmanager" / "alertmanager.yml"))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "1 templates" in checked.stdout


def test_every_dashboard_is_a_configmap() -> None:
    found = of_kind(committed("prod"), "ConfigMap")
    boards = [each for each in found if each["metadata"]["labels"].get("grafana_dashboard") == "1"]
    assert len(boards) == len(list((CHART / "files" / "monitoring" / "dashboards").glob("*.json"))) == 7
    for board in boards:
        ((_, text),) = board["data"].items()
        assert json.loads(text)["panels"]


def test_the_console_is_opened_where_it_says_it_is() -> None:
    (console,) = template(committed("prod"), "console-german-credit")["spec"]["containers"]
    (options,) = (each["value"] for each in console["env"] if each["name"] == "CREDIT_PLATFORM_CONSOLE_OPTIONS")
    assert json.loads(options)["browser.serverAddress"] == "console.german-credit.lender.example"
