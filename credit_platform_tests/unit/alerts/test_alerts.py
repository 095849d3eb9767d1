"""Every alert fires in one story and is silent in others; a bound that is changed, or a wait, makes a story fail.

The stories are told in series that were recorded from the running programs (`timelines.py`); Debian's promtool
computes the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from credit_platform_tests.prometheus_stack import NEEDS_PROMETHEUS, run
from credit_platform_tests.unit.alerts import cases_model, cases_pipeline, cases_service
from credit_platform_tests.unit.alerts.timelines import Case
from scripts.monitoring import recording
from scripts.monitoring.alerts import ALERTS
from scripts.monitoring.rules import Alert

CASES = [*cases_service.CASES, *cases_pipeline.CASES, *cases_model.CASES]
BY_NAME = {alert.name: alert for alert in ALERTS}
NUMBER = re.compile(r"(?<![\w.:\"\[])(\d+(?:\.\d+)?)(?![\w.:\"\]])")

FAILED = re.compile(r'expr: "count\(ALERTS\{alertname=\\?"(Variant\d+)\\?".*?time: (\w+)', re.DOTALL)
AS_IT_IS = "as it is"
BATCH = 4

pytestmark = NEEDS_PROMETHEUS


def broken(folder: Path, cases: list[Case], rules: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    """Stories that do not end as told, by variant of a rule; promtool computes all variants in one run."""
    original = cases[0].alert
    names = {f"Variant{number}": what for number, what in enumerate(rules)}
    variants = [{**rule, "alert": name} for name, rule in zip(names, rules.values(), strict=True)]
    groups = needed(" ".join(str(rule["expr"]) for rule in variants))
    content = {"groups": [*groups, {"name": "alert", "rules": variants}]}
    (folder / "rules.yml").write_text(yaml.safe_dump(content))
    tests = []
    for step in sorted({case.step for case in cases}):
        told = []
        for case in (case for case in cases if case.step == step):
            group = case.group()
            (test,) = group.pop("promql_expr_test")
            asked = [{**test, "expr": test["expr"].replace(f'"{original}"', f'"{name}"')} for name in names]
            told.append({**group, "promql_expr_test": asked})
        file = folder / f"test_{step}.yml"
        order = [*(str(group["name"]) for group in groups), "alert"]
        wanted = {"rule_files": ["rules.yml"], "evaluation_interval": step, "group_eval_order": order, "tests": told}
        file.write_text(yaml.safe_dump(wanted, width=10_000))
        tests.append(file.name)
    result = run("promtool", "test", "rules", *tests, cwd=folder)
    text = result.stdout + result.stderr
    failed: dict[str, list[str]] = {what: [] for what in names.values()}
    for name, story in FAILED.findall(text):
        failed[names[name]].append(story)
    assert (result.returncode != 0) == any(failed.values()), text
    return failed


def stories(name: str) -> list[Case]:
    return [case for case in CASES if case.alert == name]


def batches(cases: list[Case]) -> Iterator[list[Case]]:
    """Those that take promtool least time first: what one of them notices need not be asked of stories of a week."""
    ordered = sorted(cases, key=lambda case: case.minute / {"m": 1, "h": 60}[case.step[-1]] / int(case.step[:-1]))
    for begin in range(0, len(ordered), BATCH):
        yield ordered[begin : begin + BATCH]


def needed(expression: str) -> list[dict[str, Any]]:
    """Recording rules that an expression reads."""
    groups: list[dict[str, Any]] = []
    for group in recording.GROUPS:
        rules = [rule for rule in group["rules"] if rule["record"] in expression]  # type: ignore[attr-defined]  # rules are plain mappings
        if rules:
            groups.append({"name": group["name"], "rules": rules})
    return groups


def mutants(alert: Alert) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rule with one number doubled or halved, or with another wait or none."""
    rule = alert.rule()
    expression = str(rule["expr"])
    for match in NUMBER.finditer(expression):
        number = float(match.group())
        if number and not expression[: match.start()].rstrip().endswith(("vector(",)):
            for factor in (2, 0.5):
                text = f"{expression[: match.start()]}{number * factor:.10g}{expression[match.end() :]}"
                yield f"{match.group()} times {factor} at {match.start()}", {**rule, "expr": text}
    if alert.wait:
        yield "no wait", {name: value for name, value in rule.items() if name != "for"}
        for factor in (2, 0.5):
            seconds = int(alert.wait[:-1]) * {"m": 60, "h": 3600}[alert.wait[-1]] * factor
            yield f"wait times {factor}", {**rule, "for": f"{seconds:.0f}s"}


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_stories_end_as_told_and_a_changed_number_or_wait_makes_one_fail(alert: Alert, tmp_path: Path) -> None:
    cases = stories(alert.name)
    assert any(case.firing for case in cases)
    assert alert.name == "Watchdog" or any(not case.firing for case in cases)
    left = {AS_IT_IS: alert.rule(), **dict(mutants(alert))}
    for number, some in enumerate(batches(cases)):
        (folder := tmp_path / f"{number}").mkdir()
        failed = broken(folder, some, left)
        assert failed[AS_IT_IS] == []
        left = {what: rule for what, rule in left.items() if not failed[what]}
    assert list(left) == [AS_IT_IS]


def test_no_story_is_told_of_an_alert_that_is_not_there() -> None:
    assert {case.alert for case in CASES} == set(BY_NAME)
