"""Charts of the page Monitoring, as Vega-Lite specifications.

What is here: one function for each chart. Each colour has its word, and lines differ by their dashes, too.
What to add here: a chart of that page.
What must not be here: Streamlit, reading, figures of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import polars as pl

from credit_platform.console.charts import BETTER, INK, NEUTRAL, WORSE, Spec
from credit_platform.console.texts import Texts
from credit_platform.monitoring.drift.drift import MUCH_IMPORTANCE
from credit_platform.monitoring.drift.questions import MATERIAL

MOST_FEATURES = 20
"""Features whose stability index is drawn: those that drifted, then the most important."""
BEFORE = "#8795a6"
"""What is compared with; stands out from the page by 3 to 1, as a graphical object must (WCAG 1.4.11)."""
_LINE = {"type": "line", "point": {"size": 30}, "strokeWidth": 2}
_LEGEND = {"title": None, "orient": "top", "direction": "vertical", "labelLimit": 300}
_LABEL_LIMIT = 190


def period_labels(periods: pl.Series, texts: Texts) -> list[str]:
    """What each hour or day is called, in its order; an hour that comes twice is told apart by its zone's offset."""
    labels: list[str] = []
    for one in periods:
        label = _label(one, texts)
        labels.append(f"{label} ({one:%z})" if label in labels else label)
    return labels


def _label(period: date | datetime, texts: Texts) -> str:
    return f"{period:%H:%M}" if isinstance(period, datetime) else texts.day(period)


def decisions_over_time(periods: pl.DataFrame, texts: Texts) -> Spec:
    """Bars of what was decided in each period; `periods` as from `overview.decisions.by_period`."""
    kinds = {"accepted": BETTER, "review": NEUTRAL, "refused": WORSE}
    shown = {name: colour for name, colour in kinds.items() if name != "review" or periods["review"].sum()}
    labels = period_labels(periods["period"], texts)
    values = [
        {"period": label, "decision": texts(name), "count": count, "order": place}
        for place, name in enumerate(shown)
        for label, count in zip(labels, periods[name], strict=True)
    ]
    return {
        "data": {"values": values},
        "mark": {"type": "bar"},
        "encoding": {
            "x": _periods(labels),
            "y": {"field": "count", "type": "quantitative", "title": texts("column_decisions"), "axis": _whole()},
            "color": {
                "field": "decision",
                "type": "nominal",
                "sort": None,
                "scale": {"domain": [texts(name) for name in shown], "range": list(shown.values())},
                "legend": _LEGEND,
            },
            "order": {"field": "order", "type": "quantitative"},
            "tooltip": [
                {"field": "period", "title": texts("column_period")},
                {"field": "decision", "title": texts("column_decision")},
                {"field": "count", "title": texts("column_decisions")},
            ],
        },
    }


def acceptance_over_time(periods: pl.DataFrame, holdout: float | None, texts: Texts) -> Spec:
    """Share accepted in each period, and of the holdout, where that is known."""
    labels = period_labels(periods["period"], texts)
    values = [
        {"period": label, "rate": rate, "said": texts.percent(rate), "count": count}
        for label, rate, count in zip(labels, periods["acceptance"], periods["decisions"], strict=True)
        if rate is not None
    ]
    y = {"type": "quantitative", "title": texts("mon_acceptance"), "axis": _percent(texts), "scale": {"domain": [0, 1]}}
    line = {
        "data": {"values": values},
        "mark": {**_LINE, "color": BETTER},
        "encoding": {
            "x": _periods(labels),
            "y": {**y, "field": "rate"},
            "tooltip": [
                {"field": "period", "title": texts("column_period")},
                {"field": "said", "title": texts("mon_acceptance")},
                {"field": "count", "title": texts("column_decisions")},
            ],
        },
    }
    if holdout is None:
        return {"layer": [line]}
    name = f"{texts('mon_rate_holdout')} {texts.percent(holdout)}"
    return {"layer": [line, _rule(holdout, name, y)]}


def latency_over_time(periods: pl.DataFrame, texts: Texts) -> Spec:
    """Median and 95th hundredth of the time of a decision in each period."""
    labels = period_labels(periods["period"], texts)
    values = [
        {"period": label, "which": texts(key), "ms": value, "said": texts.number(value, 1)}
        for key, name in (("mon_p50", "p50_ms"), ("mon_p95", "p95_ms"))
        for label, value in zip(labels, periods[name], strict=True)
        if value is not None
    ]
    names = [texts("mon_p50"), texts("mon_p95")]
    return {
        "data": {"values": values},
        "mark": _LINE,
        "encoding": {
            "x": _periods(labels),
            "y": {"field": "ms", "type": "quantitative", "title": texts("mon_milliseconds"), "axis": _decimal(texts)},
            "color": {
                "field": "which",
                "type": "nominal",
                "sort": None,
                "scale": {"domain": names, "range": [BETTER, WORSE]},
                "legend": _LEGEND,
            },
            "strokeDash": {
                "field": "which",
                "type": "nominal",
                "sort": None,
                "scale": {"domain": names, "range": [[1, 0], [6, 3]]},
                "legend": _LEGEND,
            },
            "tooltip": [
                {"field": "period", "title": texts("column_period")},
                {"field": "which", "title": " "},
                {"field": "said", "title": texts("mon_milliseconds")},
            ],
        },
    }


def scores(bins: pl.DataFrame, texts: Texts) -> Spec:
    """Shares of holdout and production in each twentieth of the risk; `bins` as from `overview.scores`."""
    names = {"holdout": texts("in_holdout"), "production": texts("in_production")}
    layers = []
    for column, mark in (
        ("holdout", {"type": "bar", "binSpacing": 1}),
        ("production", {"type": "bar", "binSpacing": 1, "filled": False, "strokeWidth": 2}),
    ):
        values = [
            {
                "low": row["low"],
                "high": row["high"],
                "share": row[column],
                "group": names[column],
                "range": range_of(row["low"], row["high"], texts),
                "said": texts.percent(row[column]),
            }
            for row in bins.iter_rows(named=True)
            if row[column]
        ]
        layers.append(
            {"data": {"values": values}, "mark": mark, "encoding": _score_encoding(list(names.values()), texts)}
        )
    return {"layer": layers}


def range_of(low: float, high: float, texts: Texts) -> str:
    """A part of the risk."""
    return f"{texts.percent(low, 0)} – {texts.percent(high, 0)}"


def _score_encoding(names: list[str], texts: Texts) -> Spec:
    return {
        "x": {
            "field": "low",
            "bin": {"binned": True, "step": 0.05},
            "type": "quantitative",
            "title": texts("risk"),
            "scale": {"domain": [0, 1]},
            "axis": {**_percent(texts), "values": [tenth / 5 for tenth in range(6)], "grid": False},
        },
        "x2": {"field": "high"},
        "y": {
            "field": "share",
            "type": "quantitative",
            "stack": None,
            "title": texts("share_of_applicants"),
            "axis": _percent(texts),
        },
        "color": {
            "field": "group",
            "type": "nominal",
            "sort": None,
            "scale": {"domain": names, "range": [BEFORE, BETTER]},
            "legend": _LEGEND,
        },
        "tooltip": [
            {"field": "range", "title": texts("risk")},
            {"field": "group", "title": " "},
            {"field": "said", "title": texts("share_of_applicants")},
        ],
    }


def drift_over_time(days: pl.DataFrame, texts: Texts) -> Spec:
    """Share of importance that drifted, day by day, and where somebody is told."""
    labels = period_labels(days["day"], texts)
    values = [
        {"period": label, "score": score, "said": texts.percent(score), "level": texts(f"level_{level}")}
        for label, score, level in zip(labels, days["score"], days["level"], strict=True)
    ]
    y = {"type": "quantitative", "title": texts("drift_share"), "axis": _percent(texts), "scale": {"domain": [0, 1]}}
    line = {
        "data": {"values": values},
        "mark": {**_LINE, "color": BETTER},
        "encoding": {
            "x": _periods(labels),
            "y": {**y, "field": "score"},
            "tooltip": [
                {"field": "period", "title": texts("column_period")},
                {"field": "said", "title": texts("drift_share")},
                {"field": "level", "title": texts("drift_state")},
            ],
        },
    }
    return {"layer": [line, _rule(MUCH_IMPORTANCE, f"{texts('drift_limit')} {texts.percent(MUCH_IMPORTANCE, 0)}", y)]}


def stability_indices(features: pl.DataFrame, texts: Texts) -> Spec:
    """Stability index of those that drifted and of the most important features; `features` as from `overview.drift`."""
    shown = features.head(MOST_FEATURES).sort("importance", "feature", descending=[True, False])
    left_out = _shared_beginning(shown["feature"].to_list())
    states = {
        texts("drift_state_other"): BEFORE,
        texts("drift_state_drifted"): WORSE,
        texts("drift_state_incident"): INK,
    }
    values = [
        {
            "feature": row["feature"],
            "label": row["feature"][left_out:],
            "psi": row["psi"],
            "said": texts.number(row["psi"], 3),
            "state": texts(state_of(row)),
            "importance": texts.percent(row["importance"]),
        }
        for row in shown.iter_rows(named=True)
        if row["psi"] is not None
    ]
    x = {"type": "quantitative", "title": texts("drift_psi"), "axis": _decimal(texts)}
    bars = {
        "data": {"values": values},
        "mark": {"type": "bar", "height": 14},
        "encoding": {
            "y": {
                "field": "label",
                "type": "nominal",
                "sort": [value["label"] for value in values],
                "title": None,
                "axis": {"labelLimit": _LABEL_LIMIT, "labelOverlap": False},
            },
            "x": {**x, "field": "psi"},
            "color": {
                "field": "state",
                "type": "nominal",
                "sort": None,
                "scale": {"domain": list(states), "range": list(states.values())},
                "legend": _LEGEND,
            },
            "tooltip": [
                {"field": "feature", "title": texts("drift_feature")},
                {"field": "said", "title": texts("column_psi")},
                {"field": "importance", "title": texts("column_importance")},
                {"field": "state", "title": texts("drift_state")},
            ],
        },
    }
    return {"layer": [bars, _rule(MATERIAL, f"{texts('drift_material')} {texts.number(MATERIAL)}", x, channel="x")]}


def _shared_beginning(names: Sequence[str]) -> int:
    """Letters of the source that all names begin with, where they do: on a phone they would push the rest out."""
    beginnings = {"".join(name.partition("__")[:2]) for name in names}
    only = beginnings.pop() if len(beginnings) == 1 else ""
    return len(only) if only.endswith("__") and len(names) > 1 else 0


def stability_height(features: pl.DataFrame) -> int:
    """Height in pixels with which every feature has its line."""
    return 150 + 22 * min(features.height, MOST_FEATURES)


def state_of(row: dict[str, Any]) -> str:
    """Key of the word for a feature's state."""
    if row["incident"]:
        return "drift_state_incident"
    return "drift_state_drifted" if row["drifted"] else "drift_state_other"


def feature_bins(bins: pl.DataFrame, texts: Texts) -> Spec:
    """A pair of bars for each group of a feature; `bins` as from `overview.drift.feature_bins`."""
    sides = {"before": texts("drift_before"), "now": texts("drift_now")}
    labels = bin_labels(bins, texts)
    values = [
        {"bin": label, "side": name, "share": share, "said": texts.percent(share)}
        for side, name in sides.items()
        for label, share in zip(labels, bins[side], strict=True)
    ]
    return {
        "data": {"values": values},
        "mark": {"type": "bar"},
        "encoding": {
            "y": {
                "field": "bin",
                "type": "nominal",
                "sort": labels,
                "title": None,
                "axis": {"labelLimit": _LABEL_LIMIT, "labelOverlap": False},
            },
            "yOffset": {"field": "side", "sort": list(sides.values())},
            "x": {
                "field": "share",
                "type": "quantitative",
                "title": texts("share_of_applicants"),
                "axis": _percent(texts),
            },
            "color": {
                "field": "side",
                "type": "nominal",
                "sort": None,
                "scale": {"domain": list(sides.values()), "range": [BEFORE, BETTER]},
                "legend": _LEGEND,
            },
            "tooltip": [
                {"field": "bin", "title": texts("value")},
                {"field": "side", "title": " "},
                {"field": "said", "title": texts("share_of_applicants")},
            ],
        },
    }


def bin_labels(bins: pl.DataFrame, texts: Texts) -> list[str]:
    """What lies in each group, no two alike: a chart would draw them as one."""
    labels: list[str] = []
    for row in bins.iter_rows(named=True):
        label = _bin_label(row, texts)
        labels.append(f"{label} ({row['order']})" if label in labels else label)
    return labels


def _bin_label(row: dict[str, Any], texts: Texts) -> str:
    if row["kind"] != "values":
        return texts(f"drift_{row['kind']}")
    if row["categories"] is not None:
        return ", ".join(row["categories"])
    if row["low"] is None:
        return texts("value")
    return f"{_bound(row['low'], texts)} – {_bound(row['high'], texts)}"


def _bound(value: float, texts: Texts) -> str:
    """A bound with three digits that say something."""
    digits = 0 if value == 0 else 2 - math.floor(math.log10(abs(value)))
    rounded = round(value, digits)
    return texts.number(rounded, 0 if float(rounded).is_integer() else max(digits, 0))


def _periods(labels: Sequence[str]) -> Spec:
    """Periods side by side: a scale of time would show them in the zone of the browser."""
    return {
        "field": "period",
        "type": "ordinal",
        "sort": None,
        "scale": {"domain": list(labels)},
        "title": None,
        "axis": {"labelOverlap": "greedy", "labelAngle": 0 if len(labels) <= 1 else -45, "grid": False},
    }


def _rule(at: float, name: str, axis: Spec, *, channel: str = "y") -> Spec:
    """A dashed line with its name in the legend."""
    return {
        "data": {"values": [{"at": at, "name": name}]},
        "mark": {"type": "rule", "color": INK, "strokeWidth": 2},
        "encoding": {
            channel: {**axis, "field": "at"},
            "strokeDash": {
                "field": "name",
                "type": "nominal",
                "scale": {"range": [[5, 4]]},
                "legend": {**_LEGEND, "symbolStrokeColor": INK},
            },
        },
    }


def _percent(texts: Texts) -> Spec:
    return {"labelExpr": "format(100*datum.value, '.0f') + '" + ("%'" if texts.language == "en" else "\u00a0%'")}


def _decimal(texts: Texts) -> Spec:
    """Vega writes numbers the English way."""
    return {} if texts.language == "en" else {"labelExpr": "replace(replace(datum.label, ',', '\u202f'), '.', ',')"}


def _whole() -> Spec:
    return {"tickMinStep": 1, "format": "d"}
