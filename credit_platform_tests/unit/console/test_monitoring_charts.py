"""Charts of the page Monitoring hold the figures they are given, in words of the language."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import polars as pl

from credit_platform.console import monitoring_charts as charts
from credit_platform.console.texts import Texts
from credit_platform.monitoring.overview.decisions import by_period
from credit_platform_tests.unit.monitoring.overview.made_up import NOON, rows

EN, FR = Texts("en", "german_credit"), Texts("fr", "german_credit")
DAY = timedelta(days=1)
PERIODS = by_period(
    rows([(NOON, "accepted", 0.1, 1.0), (NOON, "refused", 0.5, 3.0), (NOON + 2 * DAY, "accepted", 0.1, 1234.5)]),
    NOON,
    NOON + 2 * DAY,
    ZoneInfo("Europe/Paris"),
    hourly=False,
)


def test_bars_of_every_day_also_of_one_without_decisions() -> None:
    spec = charts.decisions_over_time(PERIODS, FR)
    counts = [(one["period"], one["decision"], one["count"]) for one in spec["data"]["values"]]
    assert counts == [
        ("02/03/2026", "Accordé", 1),
        ("03/03/2026", "Accordé", 0),
        ("04/03/2026", "Accordé", 1),
        ("02/03/2026", "Refusé", 1),
        ("03/03/2026", "Refusé", 0),
        ("04/03/2026", "Refusé", 0),
    ]
    assert spec["encoding"]["x"]["scale"]["domain"] == ["02/03/2026", "03/03/2026", "04/03/2026"]


def test_a_day_without_decisions_has_no_rate_and_the_holdout_is_a_line_with_its_name() -> None:
    line, rule = charts.acceptance_over_time(PERIODS, 0.381, EN)["layer"]
    assert [(one["period"], one["share"], one["said"]) for one in line["data"]["values"]] == [
        ("2026-03-02", 0.5, "50.0%"),
        ("2026-03-04", 1.0, "100.0%"),
    ]
    assert rule["data"]["values"] == [{"at": 0.381, "name": "holdout 38.1%"}]
    assert len(charts.acceptance_over_time(PERIODS, None, EN)["layer"]) == 1


def test_times_are_two_lines_told_apart_without_colour() -> None:
    spec = charts.latency_over_time(PERIODS, FR)
    assert [(one["which"], one["said"]) for one in spec["data"]["values"]] == [
        ("p50", "2,0"),
        ("p50", "1\u202f234,5"),
        ("p95", "2,9"),
        ("p95", "1\u202f234,5"),
    ]
    assert spec["encoding"]["strokeDash"]["scale"]["range"] == [[1, 0], [6, 3]]


def test_scores_are_two_distributions_without_the_empty_parts() -> None:
    bins = pl.DataFrame(
        {"low": [0.0, 0.05], "high": [0.05, 0.1], "holdout": [1.0, 0.0], "production": [0.25, 0.75]},
    )
    before, now = charts.scores(bins, EN)["layer"]
    assert [(one["range"], one["group"], one["said"]) for one in before["data"]["values"]] == [
        ("0% – 5%", "holdout", "100.0%")
    ]
    assert [one["share"] for one in now["data"]["values"]] == [0.25, 0.75]
