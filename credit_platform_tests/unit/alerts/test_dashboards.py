"""Dashboards: each panel says what it shows and reads what is told; the rules of Grafana's own linter that matter."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from credit_platform_tests.unit.alerts.expressions import complaints
from scripts.monitoring.alerts import ALERTS
from scripts.monitoring.dashboards import DASHBOARDS
from scripts.monitoring.prometheus import INTERVAL
from scripts.monitoring.write import FOLDER

FILES = sorted((FOLDER / "grafana" / "dashboards").glob("*.json"))
COUNTED = re.compile(r"(\w*)\(?(?<![\w:])(\w+_(?:total|bucket|count|sum))(?:\{[^}]*\})?(\[?)")
"""A counter, the function that it stands in, and whether it has a range."""
UNITS = {"short", "s", "percentunit", "reqps", "cps", "bytes", "Bps"}


def page(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content


def panels(file: Path) -> list[dict[str, Any]]:
    return [panel for panel in page(file)["panels"] if panel["type"] != "row"]


PANELS = [pytest.param(panel, id=f"{file.stem}: {panel['title']}") for file in FILES for panel in panels(file)]
TARGETS = [
    pytest.param(panel, target["expr"], id=f"{file.stem}: {panel['title']} {target['refId']}")
    for file in FILES
    for panel in panels(file)
    for target in panel["targets"]
]


def test_every_dashboard_is_there_once_with_its_own_name() -> None:
    assert len({one.uid for one in DASHBOARDS}) == len({one.title for one in DASHBOARDS}) == len(DASHBOARDS)
    assert {page(file)["uid"] for file in FILES} == {one.uid for one in DASHBOARDS}


def test_alerts_name_dashboards_that_are_there() -> None:
    assert {alert.dashboard for alert in ALERTS} <= {one.uid for one in DASHBOARDS}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_dashboard_is_of_the_pinned_schema_and_asks_for_data_source_and_job(file: Path) -> None:
    content = page(file)
    assert content["schemaVersion"] == 41  # Grafana 11.6
    assert content["editable"] is False
    assert content["description"]
    variables = {one["name"]: one for one in content["templating"]["list"]}
    assert list(variables) == ["datasource", "job", "portfolio"]
    assert variables["datasource"]["query"] == "prometheus"
    job = variables["job"]
    assert (job["label"], job["type"], job["multi"], job["allValue"]) == ("Job", "query", True, ".+")
    assert all(one["datasource"]["uid"] == "${datasource}" for one in (job, variables["portfolio"]))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_panels_fill_their_rows_and_do_not_lie_upon_each_other(file: Path) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in page(file)["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24, panel["title"]
        taken |= cells
    numbers = [panel["id"] for panel in page(file)["panels"]]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_says_what_it_shows(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert len(panel["description"].split()) >= 3
    assert panel["description"][-1] in ".?"
    assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
    assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    assert panel["targets"]
    references = [target["refId"] for target in panel["targets"]]
    assert len(references) == len(set(references))


@pytest.mark.parametrize(("panel", "expression"), TARGETS)
def test_an_expression_reads_what_is_told_of_the_jobs_that_were_chosen(panel: dict[str, Any], expression: str) -> None:
    assert complaints(expression) == []
    for name, matchers in re.findall(r"(?<![\w:])([a-z]\w*)\{([^}]*)\}", expression):
        assert 'job=~"$job"' in matchers, name
    if not re.search(r"\bportfolio:|\bALERTS\b", expression):
        assert 'job=~"$job"' in expression


@pytest.mark.parametrize(("panel", "expression"), TARGETS)
def test_a_counter_is_read_as_a_rate(panel: dict[str, Any], expression: str) -> None:
    for function, name, range_of in COUNTED.findall(expression):
        assert function in {"rate", "increase"}, name
        assert range_of == "[", name


def test_a_bare_counter_is_found() -> None:
    assert COUNTED.findall('sum(a_total{b="c"})') == [("sum", "a_total", "")]
    assert COUNTED.findall('sum(rate(a_total{b="c"}[5m]))') == [("rate", "a_total", "[")]


@pytest.mark.parametrize(("panel", "expression"), TARGETS)
def test_a_range_is_the_dashboards_or_a_meant_one(panel: dict[str, Any], expression: str) -> None:
    ranges = set(re.findall(r"\[([^\]]+)\]", expression))
    assert ranges <= {"$__rate_interval", "$__range", "15m", "1h", "1d", "30d"}
    # It breaks on names with a slash or a dot.
    assert ":regex}" not in expression


def test_grafana_finds_the_data_source_and_the_dashboards() -> None:
    folder = FOLDER / "grafana" / "provisioning"
    source = yaml.safe_load((folder / "datasources" / "prometheus.yml").read_text(encoding="utf-8"))["datasources"][0]
    assert source["jsonData"]["timeInterval"] == INTERVAL
    provider = yaml.safe_load((folder / "dashboards" / "credit_platform.yml").read_text(encoding="utf-8"))["providers"][
        0
    ]
    assert provider["type"] == "file"
