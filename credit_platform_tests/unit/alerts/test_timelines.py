"""Stories can only be told in series that a program tells; what is planned is in the catalogue and nowhere else."""

from __future__ import annotations

import re

import pytest

from credit_platform.monitoring.metric_catalogue import CATALOGUE
from credit_platform_tests.unit.alerts.timelines import RECORDED, Line, recorded

ADDED = {"job", "instance", "portfolio"}
SERIES = re.compile(r"^(\w+)\{(.*)\} ", re.MULTILINE)


def series(name: str) -> list[tuple[str, set[str]]]:
    text = (RECORDED / name).read_text(encoding="utf-8")
    return [(metric, set(re.findall(r'(\w+)="', labels))) for metric, labels in SERIES.findall(text)]


def test_a_series_that_no_program_tells_cannot_be_told() -> None:
    with pytest.raises(AssertionError, match="no recording has"):
        Line.of("credit_platform_nothing")
    with pytest.raises(AssertionError, match="no recording has"):
        Line.of("credit_platform_ready", colour="red")


def test_values_are_told_as_promtool_reads_them() -> None:
    line = Line.of("credit_platform_ready").at(1, 3).grow(2, 2).gone(4).at(0, 1)
    assert line.told()["values"] == "1x2 3+2x1 _x4 0x0"
    assert 'job="credit-platform-service"' in line.told()["series"]


def test_what_is_planned_is_in_the_catalogue_and_not_recorded() -> None:
    known = {name for file in ("service.prom", "exporter.prom") for name, _ in series(file)}
    for name, labels in series("planned.prom"):
        assert name not in known
        assert labels - ADDED == set(CATALOGUE[name].label_names) - ADDED


def test_what_is_recorded_is_in_the_catalogue() -> None:
    names = {
        re.sub(r"_(?:bucket|sum|count)$", "", name) for name, _ in recorded() if name.startswith("credit_platform_")
    }
    assert names <= set(CATALOGUE)
