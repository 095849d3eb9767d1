"""`monitoring/` is what the builders write; its expressions read what is told; who is told, and of what not."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from credit_platform_tests.prometheus_stack import NEEDS_PROMETHEUS, run
from credit_platform_tests.unit.alerts.expressions import complaints
from scripts.monitoring import recording
from scripts.monitoring.alertmanager import Addresses, configuration
from scripts.monitoring.alerts import ALERTS
from scripts.monitoring.prometheus import Places
from scripts.monitoring.rules import Alert, Severity
from scripts.monitoring.write import FOLDER, ROOT, files, main

RUNBOOKS = ROOT / "docs" / "runbooks"
SECTIONS = ["Meaning", "Impact", "Diagnosis", "Mitigation"]
RECORDED = [rule for group in recording.GROUPS for rule in group["rules"]]  # type: ignore[attr-defined]  # rules are plain mappings


def test_what_is_committed_is_what_the_builders_write(tmp_path: Path) -> None:
    assert main(["--into", str(tmp_path)]) == 0
    written = {
        file.relative_to(tmp_path): file.read_text(encoding="utf-8") for file in tmp_path.rglob("*.*") if file.is_file()
    }
    by_hand = {file.relative_to(FOLDER) for name in ("templates", "targets.d") for file in (FOLDER / name).iterdir()}
    committed = {file.relative_to(FOLDER): file for file in FOLDER.rglob("*.*") if file.is_file()}
    assert set(committed) == set(written) | by_hand
    assert {name for name, text in written.items() if committed[name].read_text(encoding="utf-8") != text} == set()


def test_the_targets_of_another_home_may_be_named(tmp_path: Path) -> None:
    assert main(["--into", str(tmp_path), "--targets", "/srv/mon été/targets.json"]) == 0
    jobs = yaml.safe_load((tmp_path / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    assert jobs[0]["file_sd_configs"][0]["files"] == ["/srv/mon été/targets.json"]


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_an_alert_reads_what_is_told(alert: Alert) -> None:
    assert complaints(alert.expression) == []


@pytest.mark.parametrize("rule", RECORDED, ids=lambda rule: rule["record"])
def test_a_recording_rule_reads_what_is_told(rule: dict[str, str]) -> None:
    assert complaints(rule["expr"]) == []


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("credit_platform_nothing > 1", ["nobody tells credit_platform_nothing"]),
        ('sum(credit_platform_ready{colour="red"})', ["credit_platform_ready has no label colour"]),
        ("sum by (colour) (credit_platform_ready)", ["none of credit_platform_ready has a label colour"]),
        ("rate(credit_platform_request_seconds[5m])", ["nobody tells credit_platform_request_seconds"]),
    ],
)
def test_what_nobody_tells_is_found(expression: str, complaint: list[str]) -> None:
    assert complaints(expression) == complaint


# --- what an alert says --------------------------------------------------------------------------------------------


def test_names_are_there_once() -> None:
    names = [alert.name for alert in ALERTS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_an_alert_says_who_has_to_do_what(alert: Alert) -> None:
    rule: dict[str, Any] = alert.rule()
    assert set(rule["labels"]) == {"severity", "owner"}
    assert all(rule["annotations"].values())
    assert rule["annotations"]["runbook_url"].endswith(f"/docs/runbooks/{alert.name}.md")
    assert (rule.get("for") is None) == (alert.severity is Severity.NONE)


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    assert {file.stem for file in RUNBOOKS.glob("*.md")} - {"README"} == {alert.name for alert in ALERTS}


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_a_runbook_says_what_it_means_and_what_to_do(alert: Alert) -> None:
    text = (ROOT / alert.runbook).read_text(encoding="utf-8")
    assert text.startswith(f"# {alert.name}\n")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == SECTIONS
    assert all(len(part.split()) >= 8 for part in re.split(r"^## .*$", text, flags=re.MULTILINE)[1:])
    # The wait and the severity stand in it, so that they are changed together.
    assert f"{alert.severity}, owner {alert.owner}" in text
    assert not alert.wait or f"for {alert.wait}" in text


def test_the_list_of_runbooks_is_whole() -> None:
    listed = re.findall(r"^\| \[(\w+)\]\(\1\.md\)", (RUNBOOKS / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == [alert.name for alert in ALERTS]


# --- tools of Prometheus -------------------------------------------------------------------------------------------


@NEEDS_PROMETHEUS
def test_promtool_has_nothing_against_the_rules() -> None:
    for name in ("recording.yml", "alerts.yml"):
        result = run("promtool", "check", "rules", "--lint=all", "--lint-fatal", str(FOLDER / name))
        assert result.returncode == 0, result.stdout + result.stderr
    result = run("promtool", "check", "config", "--lint=all", "--lint-fatal", "prometheus.yml", cwd=FOLDER)
    assert result.returncode == 0, result.stdout + result.stderr


@NEEDS_PROMETHEUS
def test_alertmanager_takes_its_configuration_with_its_templates() -> None:
    result = run("amtool", "check-config", "alertmanager.yml", cwd=FOLDER)
    assert result.returncode == 0, result.stdout + result.stderr
    assert " - 1 templates" in result.stdout


@NEEDS_PROMETHEUS
@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_an_alert_goes_to_its_owner_by_its_severity(alert: Alert) -> None:
    labels = [f"alertname={alert.name}", f"severity={alert.severity}", f"owner={alert.owner}", "portfolio=x"]
    result = run("amtool", "config", "routes", "test", "--config.file=alertmanager.yml", *labels, cwd=FOLDER)
    to = {
        Severity.CRITICAL: f"incidents,page-{alert.owner}",
        Severity.WARNING: f"incidents,ticket-{alert.owner}",
        Severity.NONE: "watchdog",
    }
    assert result.stdout.strip() == to[alert.severity]


def test_an_inhibition_names_alerts_and_none_hides_itself() -> None:
    rules: Any = configuration(Addresses())["inhibit_rules"]
    names = {alert.name for alert in ALERTS}
    for rule in rules:
        source, targets = (
            set(re.findall(r"\w+", rule[kind][0].partition('"')[2])) for kind in ("source_matchers", "target_matchers")
        )
        assert source | targets <= names
        assert not source & targets


def test_secrets_are_in_files_and_nowhere_else() -> None:
    text = files(Places(), Addresses())["alertmanager.yml"]
    assert not re.search(r"(?:password|routing_key|service_key|api_url): ", text)
    assert set(re.findall(r"secrets/(\w+)", text)) == {
        "smtp_password",
        "slack_url",
        "pagerduty_routing_key",
        "alerts_token",
    }


DATA = {
    "receiver": "x",
    "status": "firing",
    "externalURL": "",
    "groupLabels": {"alertname": "ApiDown"},
    "commonLabels": {"alertname": "ApiDown", "severity": "critical", "owner": "platform", "portfolio": "german_credit"},
    "commonAnnotations": {},
    "alerts": [
        {
            "status": "firing",
            "labels": {"owner": "platform"},
            "annotations": {
                "summary": "The scoring service of german_credit is down",
                "description": "Nobody gets a decision.",
                "runbook_url": "https://example.org/ApiDown.md",
                "dashboard": "credit-api",
            },
            "startsAt": "2026-11-30T11:00:00Z",
            "endsAt": "2026-11-30T11:20:00Z",
        }
    ],
}


@NEEDS_PROMETHEUS
@pytest.mark.parametrize(
    ("template", "status", "text"),
    [
        ("title", "firing", "[FIRING critical] The scoring service of german_credit is down"),
        ("title", "resolved", "[RESOLVED] The scoring service of german_credit is down"),
        ("colour", "firing", "danger"),
        ("colour", "resolved", "good"),
        ("runbook", "firing", "https://example.org/ApiDown.md"),
        (
            "text",
            "resolved",
            "RESOLVED: The scoring service of german_credit is down\nNobody gets a decision.\n"
            "Since 2026-11-30 11:00 UTC until 2026-11-30 11:20 UTC\nOwner: platform. Dashboard: credit-api.\n"
            "Runbook: https://example.org/ApiDown.md",
        ),
        (
            "slack",
            "firing",
            "*The scoring service of german_credit is down*\nNobody gets a decision.\n"
            "<https://example.org/ApiDown.md|Runbook> · owner platform · since 2026-11-30 11:00 UTC",
        ),
    ],
)
def test_a_message_says_what_is_wrong_and_what_to_read(tmp_path: Path, template: str, status: str, text: str) -> None:
    alerts = [{**alert, "status": status} for alert in DATA["alerts"]]  # type: ignore[dict-item]  # rules are plain mappings
    (tmp_path / "data.json").write_text(json.dumps({**DATA, "status": status, "alerts": alerts}))
    shutil.copytree(FOLDER / "templates", tmp_path / "templates")
    command = ("amtool", "template", "render", "--template.glob=templates/*.tmpl", "--template.data=data.json")
    result = run(*command, f'--template.text={{{{ template "credit_platform.{template}" . }}}}', cwd=tmp_path)
    assert result.stdout.strip() == text, result.stderr
