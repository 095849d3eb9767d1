"""Charts of the page Monitoring hold the figures they are given, in words of the language."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
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


def feature(name: str, importance: float, psi: float | None, **changed: Any) -> dict[str, Any]:
    return {"feature": name, "importance": importance, "psi": psi, "drifted": False, "incident": False, **changed}


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
    assert [(one["period"], one["rate"], one["said"]) for one in line["data"]["values"]] == [
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


def test_an_hour_that_comes_twice_has_two_names() -> None:
    zone = ZoneInfo("Europe/Paris")
    hours = [datetime(2026, 10, 25, hour, tzinfo=UTC).astimezone(zone) for hour in (0, 1)]
    assert charts.period_labels(pl.Series(hours), EN) == ["02:00", "02:00 (+0100)"]


def test_scores_are_two_distributions_without_the_empty_parts() -> None:
    bins = pl.DataFrame(
        {"low": [0.0, 0.05], "high": [0.05, 0.1], "holdout": [1.0, 0.0], "production": [0.25, 0.75]},
    )
    before, now = charts.scores(bins, EN)["layer"]
    assert [(one["range"], one["group"], one["said"]) for one in before["data"]["values"]] == [
        ("0% – 5%", "holdout", "100.0%")
    ]
    assert [one["share"] for one in now["data"]["values"]] == [0.25, 0.75]


def test_drift_by_day_stands_against_the_line_of_the_alert() -> None:
    days = pl.DataFrame({"day": [date(2026, 3, 2)], "score": [0.09], "level": ["too few"]})
    line, rule = charts.drift_over_time(days, EN)["layer"]
    assert line["data"]["values"] == [
        {"period": "2026-03-02", "score": 0.09, "said": "9.0%", "level": "too few decisions"}
    ]
    assert rule["data"]["values"] == [{"at": 0.5, "name": "alert 50%"}]


def test_stability_indices_of_those_that_drifted_and_of_the_most_important() -> None:
    first = [feature("bureau__late", 0.01, 0.4, drifted=True), feature("bureau__none", 0.0, None, incident=True)]
    features = pl.DataFrame([*first, *(feature(f"bureau__f{n:02}", 0.5 - n / 100, 0.001) for n in range(30))])
    bars, rule = charts.stability_indices(features, EN)["layer"]
    values = bars["data"]["values"]
    assert len(values) == charts.MOST_FEATURES - 1
    assert values[0]["label"] == "f00"
    assert (values[-1]["feature"], values[-1]["state"], values[-1]["label"]) == ("bureau__late", "drifted", "late")
    assert rule["data"]["values"][0]["name"] == "material 0.10"
    assert charts.stability_height(features) == charts.stability_height(features.head(charts.MOST_FEATURES))


def test_names_of_several_sources_are_whole() -> None:
    features = pl.DataFrame([feature("bureau__late", 0.5, 0.1), feature("application__late", 0.4, 0.1)])
    bars = charts.stability_indices(features, EN)["layer"][0]
    assert [one["label"] for one in bars["data"]["values"]] == ["bureau__late", "application__late"]


def test_groups_of_a_feature_are_named_and_none_twice() -> None:
    rows_ = [
        ("missing", None, None, None),
        ("values", 0.0, 0.00123, None),
        ("values", 0.00123, 1500.0, None),
        ("values", 1499.9, 1500.4, None),
        ("values", 1499.9, 1500.4, None),
        ("values", None, None, ["own", "rent"]),
        ("values", None, None, None),
        ("unseen", None, None, None),
    ]
    bins = pl.DataFrame(
        [
            {"order": n, "kind": kind, "low": low, "high": high, "categories": names, "before": 0.5, "now": 0.25}
            for n, (kind, low, high, names) in enumerate(rows_)
        ],
        schema_overrides={"categories": pl.List(pl.String)},
    )
    assert charts.bin_labels(bins, FR) == [
        "absente",
        "0 – 0,00123",
        "0,00123 – 1\u202f500",
        "1\u202f500 – 1\u202f500",
        "1\u202f500 – 1\u202f500 (4)",
        "own, rent",
        "Valeur",
        "hors apprentissage",
    ]
    values = charts.feature_bins(bins, FR)["data"]["values"]
    assert [(one["side"], one["said"]) for one in values[:1] + values[-1:]] == [
        ("apprentissage", "50,0\u00a0%"),
        ("maintenant", "25,0\u00a0%"),
    ]
