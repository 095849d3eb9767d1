"""Charts of decisions on the page Monitoring, as Vega-Lite specifications.

What is here: one function for each chart. Each colour has its word, and lines differ by their dashes, too.
What to add here: a chart of decisions.
What must not be here: Streamlit, reading, figures of its own; drift (`drift_charts.py`).
"""

from __future__ import annotations

import polars as pl

from credit_platform.console.chart_parts import (
    BEFORE,
    LEGEND,
    LINE,
    decimal_axis,
    percent_axis,
    period_axis,
    period_labels,
    rule,
    share_over_time,
)
from credit_platform.console.charts import BETTER, NEUTRAL, WORSE, Spec
from credit_platform.console.texts import Texts


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
            "x": period_axis(labels),
            "y": {"field": "count", "type": "quantitative", "title": texts("column_decisions"), "axis": _whole()},
            "color": {
                "field": "decision",
                "type": "nominal",
                "sort": None,
                "scale": {"domain": [texts(name) for name in shown], "range": list(shown.values())},
                "legend": LEGEND,
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
        {"period": label, "share": rate, "said": texts.percent(rate), "count": count}
        for label, rate, count in zip(labels, periods["acceptance"], periods["decisions"], strict=True)
        if rate is not None
    ]
    told = {"said": texts("mon_acceptance"), "count": texts("column_decisions")}
    line, y = share_over_time(values, labels, told, texts("mon_acceptance"), texts)
    if holdout is None:
        return {"layer": [line]}
    name = f"{texts('mon_rate_holdout')} {texts.percent(holdout)}"
    return {"layer": [line, rule(holdout, name, y)]}


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
        "mark": LINE,
        "encoding": {
            "x": period_axis(labels),
            "y": {
                "field": "ms",
                "type": "quantitative",
                "title": texts("mon_milliseconds"),
                "axis": decimal_axis(texts),
            },
            "color": {
                "field": "which",
                "type": "nominal",
                "sort": None,
                "scale": {"domain": names, "range": [BETTER, WORSE]},
                "legend": LEGEND,
            },
            "strokeDash": {
                "field": "which",
                "type": "nominal",
                "sort": None,
                "scale": {"domain": names, "range": [[1, 0], [6, 3]]},
                "legend": LEGEND,
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
            "axis": {**percent_axis(texts), "values": [tenth / 5 for tenth in range(6)], "grid": False},
        },
        "x2": {"field": "high"},
        "y": {
            "field": "share",
            "type": "quantitative",
            "stack": None,
            "title": texts("share_of_applicants"),
            "axis": percent_axis(texts),
        },
        "color": {
            "field": "group",
            "type": "nominal",
            "sort": None,
            "scale": {"domain": names, "range": [BEFORE, BETTER]},
            "legend": LEGEND,
        },
        "tooltip": [
            {"field": "range", "title": texts("risk")},
            {"field": "group", "title": " "},
            {"field": "said", "title": texts("share_of_applicants")},
        ],
    }


def _whole() -> Spec:
    return {"tickMinStep": 1, "format": "d"}
