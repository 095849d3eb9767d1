"""Charts of drift hold the figures they are given, in words of the language."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from credit_platform.console import drift_charts as charts
from credit_platform.console.texts import Texts

EN, FR = Texts("en", "german_credit"), Texts("fr", "german_credit")


def feature(name: str, importance: float, psi: float | None, **changed: Any) -> dict[str, Any]:
    return {"feature": name, "importance": importance, "psi": psi, "drifted": False, "incident": False, **changed}


def test_drift_by_day_stands_against_the_line_of_the_alert() -> None:
    days = pl.DataFrame({"day": [date(2026, 3, 2)], "score": [0.09], "level": ["too few"]})
    line, rule = charts.drift_over_time(days, EN)["layer"]
    assert line["data"]["values"] == [
        {"period": "2026-03-02", "share": 0.09, "said": "9.0%", "level": "too few decisions"}
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
        "jamais apprise",
    ]
    values = charts.feature_bins(bins, FR)["data"]["values"]
    assert [(one["side"], one["said"]) for one in values[:1] + values[-1:]] == [
        ("référence", "50,0\u00a0%"),
        ("maintenant", "25,0\u00a0%"),
    ]
