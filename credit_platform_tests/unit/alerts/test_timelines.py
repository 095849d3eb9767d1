"""Stories can only be told in series that a program tells, and every metric of the catalogue is told by one."""

from __future__ import annotations

import re

import pytest

from credit_platform.monitoring.metric_catalogue import CATALOGUE
from credit_platform.monitoring.scrape_targets import EXPORTER_JOB
from credit_platform_tests.recordings import OWN, RECORDED, recordings
from credit_platform_tests.replayed import OTHERS
from credit_platform_tests.unit.alerts.timelines import Line, recorded

NEVER: set[str] = set()
"""Metrics of the catalogue that no recording has."""


def test_a_series_that_no_program_tells_cannot_be_told() -> None:
    with pytest.raises(AssertionError, match="no recording has"):
        Line.of("credit_platform_nothing")
    with pytest.raises(AssertionError, match="no recording has"):
        Line.of("credit_platform_ready", colour="red")


def test_values_are_told_as_promtool_reads_them() -> None:
    line = Line.of("credit_platform_ready").at(1, 3).grow(2, 2).gone(4).at(0, 1)
    assert line.told()["values"] == "1x2 3+2x1 _x4 0x0"
    assert 'job="credit-platform-service"' in line.told()["series"]


def test_what_is_recorded_is_in_the_catalogue() -> None:
    names = {
        re.sub(r"_(?:bucket|sum|count)$", "", name) for name, _ in recorded() if name.startswith("credit_platform_")
    }
    assert names <= set(CATALOGUE)
    assert set(CATALOGUE) - names == NEVER


def test_the_recordings_are_listed() -> None:
    """By hand is what no program of the tests tells: host, cluster, PostgreSQL."""
    listed = re.findall(r"^\| `(\w+\.prom)`", (RECORDED / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    there = {file.name for file in RECORDED.glob("*.prom")}
    assert set(listed) == there == {*OWN, *(f"{name}.prom" for name in OTHERS)}


def test_recordings_are_of_the_jobs_that_are_watched() -> None:
    at, moment = f'instance="127.0.0.1:45001",job="{EXPORTER_JOB}"', "1796046000000"
    told = f'credit_platform_dagster_job_runs_total{{dagster_job="german_credit",{at},outcome="failure"}} 1'
    other = 'node_load1{instance="127.0.0.1:9100",job="node"} 1'
    found = recordings(f"# TYPE a gauge\n{told} {moment}\n{other} {moment}\n")
    assert found == {"exporter.prom": told.replace("45001", "9108") + "\n"}
