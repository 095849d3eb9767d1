"""Charts as Vega-Lite specifications: plain dictionaries, which `st.vega_lite_chart` draws in the browser.

What is here: one function for each chart. Colours can be told apart by the colour-blind, and each colour has its word.
What to add here: a chart.
What must not be here: Streamlit, reading of tables.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from credit_platform.console.texts import Texts

Spec = dict[str, Any]
WORSE, BETTER, NEUTRAL, PALE, INK = "#b5541c", "#2b6ca3", "#5a6472", "#c9d3de", "#20262e"
WORDS = "#4a525c"
"""Of axes and legends."""
BINS = 20
MOST_STEPS = 12
"""Steps of a waterfall that are drawn each; those that follow are weaker, and are drawn as one."""
HEIGHT = 320
"""Of histograms and curves, in pixels."""
_TENTHS = [tenth / 10 for tenth in range(11)]


def probability(log_odds: float) -> float:
    """Probability that belongs to log-odds."""
    return 1 / (1 + math.exp(-log_odds)) if log_odds >= 0 else math.exp(log_odds) / (1 + math.exp(log_odds))


def waterfall(explanation: Mapping[str, Any], texts: Texts) -> Spec:
    """Steps from the average applicant to this one; `explanation` is an answer of `POST /explain`.

    The axis is in log-odds, where steps add up, and labelled with the probabilities that belong to them.
    """
    base, end = explanation["base_value"], explanation["log_odds"]
    rows = [
        {
            "subject": step["subject"],
            "start": step["start"],
            "end": step["end"],
            "effect": texts("raises" if step["contribution"] > 0 else "lowers"),
            "before": texts.percent(probability(step["start"])),
            "after": texts.percent(probability(step["end"])),
        }
        for step in _steps(explanation, texts)
    ]
    ends = [
        {"subject": texts("average"), "at": base, "label": texts.percent(probability(base))},
        {"subject": texts("this_applicant"), "at": end, "label": texts.percent(probability(end))},
    ]
    order = [texts("average"), *(row["subject"] for row in rows), texts("this_applicant")]
    # A subject that two steps share would be drawn twice on one line.
    order = list(dict.fromkeys(order))
    percent = "format(100/(1+exp(-datum.value)), '.0f') + '" + ("%" if texts.language == "en" else "\u00a0%") + "'"
    x = {
        "type": "quantitative",
        "title": texts("risk"),
        "axis": {"labelExpr": percent, "grid": True, "tickCount": 7},
        "scale": {"zero": False, "padding": 48},
    }
    y: Spec = {
        "field": "subject",
        "type": "nominal",
        "sort": order,
        "title": None,
        "axis": {"labelLimit": 220, "labelOverlap": False},
    }
    colour = {
        "field": "effect",
        "type": "nominal",
        "scale": {"domain": [texts("raises"), texts("lowers")], "range": [WORSE, BETTER]},
        # One below the other: side by side they are cut off on a phone.
        "legend": {"title": None, "orient": "top", "direction": "vertical"},
    }
    tooltip = [
        {"field": "subject", "title": texts("subject")},
        {"field": "effect", "title": texts("effect")},
        {"field": "before", "title": texts("risk_before")},
        {"field": "after", "title": texts("risk_after")},
    ]
    return {
        "layer": [
            {
                "data": {"values": rows},
                "mark": {"type": "bar", "height": 16},
                "encoding": {
                    "y": y,
                    "x": {**x, "field": "start"},
                    "x2": {"field": "end"},
                    "color": colour,
                    "tooltip": tooltip,
                },
            },
            {
                "data": {"values": ends},
                "mark": {"type": "point", "filled": True, "size": 90, "color": INK, "shape": "diamond"},
                "encoding": {"y": y, "x": {**x, "field": "at"}},
            },
            {
                "data": {"values": ends},
                "mark": {"type": "text", "dx": 9, "align": "left", "fontWeight": "bold", "color": INK},
                "encoding": {"y": y, "x": {**x, "field": "at"}, "text": {"field": "label"}},
            },
        ],
    }


def waterfall_height(explanation: Mapping[str, Any]) -> int:
    """Height in pixels with which every subject has its line."""
    return 150 + 24 * (min(len(explanation["waterfall"]), MOST_STEPS + 1) + 2)


def _steps(explanation: Mapping[str, Any], texts: Texts) -> list[dict[str, Any]]:
    """Steps with their subjects, the strongest first; those after `MOST_STEPS` are one."""
    steps = [{**step, "subject": texts.family(step["reason"])} for step in explanation["waterfall"]]
    if len(steps) <= MOST_STEPS + 1:
        return steps
    rest = steps[MOST_STEPS:]
    added = sum(step["contribution"] for step in rest)
    subject = texts("other_subjects", count=len(rest))
    merged = {"subject": subject, "contribution": added, "start": rest[0]["start"], "end": rest[-1]["end"]}
    return [*steps[:MOST_STEPS], merged]


def histogram(
    groups: Mapping[str, Sequence[float] | pl.Series],
    texts: Texts,
    *,
    colours: Sequence[str],
    marks: Mapping[str, float],
    stacked: bool,
) -> Spec:
    """Distribution of probabilities.

    Args:
        groups: name of each group to its probabilities, 0 to 1.
        texts: the language.
        colours: one for each group.
        marks: places to draw a line at, with their names.
        stacked: whether groups stand on each other; else the later are drawn before the earlier.
    """
    bars = [bar for name, values in groups.items() for bar in _bars(name, values, texts)]
    lines = [{"name": f"{name} {texts.percent(at)}", "at": at} for name, at in marks.items()]
    x = {
        "type": "quantitative",
        "title": texts("risk"),
        "scale": {"domain": [0, 1]},
        "axis": {"labelExpr": _percent_axis(texts), "values": _TENTHS, "grid": False},
    }
    line = {"data": {"values": lines}}
    dashes = {
        "field": "name",
        "type": "nominal",
        "sort": None,
        "scale": {"range": [[1, 0], [5, 4]]},
        "legend": {
            "title": None,
            "orient": "top",
            "direction": "vertical",
            "symbolStrokeColor": INK,
            "labelLimit": 280,
        },
    }
    return {
        "layer": [
            {
                "data": {"values": bars},
                "mark": {"type": "bar", "binSpacing": 1},
                "encoding": {
                    "x": {**x, "field": "low", "bin": {"binned": True, "step": 1 / BINS}},
                    "x2": {"field": "high"},
                    "y": {
                        "field": "count",
                        "type": "quantitative",
                        "title": texts("applicants"),
                        "stack": "zero" if stacked else None,
                    },
                    "color": {
                        "field": "group",
                        "type": "nominal",
                        "sort": None,
                        "scale": {"domain": list(groups), "range": list(colours)},
                        "legend": {"title": None, "orient": "top", "direction": "vertical"},
                    },
                    "tooltip": [
                        {"field": "range", "title": texts("risk")},
                        {"field": "group", "title": " "},
                        {"field": "count", "title": texts("applicants")},
                    ],
                },
            },
            {
                **line,
                "mark": {"type": "rule", "color": INK, "strokeWidth": 2},
                "encoding": {"x": {**x, "field": "at"}, "strokeDash": dashes},
            },
        ],
    }


def cost_curve(curve: pl.DataFrame, threshold: float, texts: Texts) -> Spec:
    """Cost per applicant at each threshold; `curve` has the columns threshold and cost_per_applicant."""
    shown = curve.filter(pl.col("threshold").is_between(0, 1)).sort("threshold")
    shown = shown.gather_every(max(1, shown.height // 300))
    x = {
        "type": "quantitative",
        "title": texts("threshold"),
        "scale": {"domain": [0, 1]},
        "axis": {"labelExpr": _percent_axis(texts), "values": _TENTHS, "grid": False},
    }
    return {
        "layer": [
            {
                "data": {"values": shown.to_dicts()},
                "mark": {"type": "line", "color": BETTER, "strokeWidth": 2},
                "encoding": {
                    "x": {**x, "field": "threshold"},
                    "y": {
                        "field": "cost_per_applicant",
                        "type": "quantitative",
                        "title": texts("cost"),
                        "scale": {"zero": True},
                        "axis": {"labelExpr": f"replace(datum.label, '.', '{'.' if texts.language == 'en' else ','}')"},
                    },
                },
            },
            {
                "data": {"values": [{"at": threshold}]},
                "mark": {"type": "rule", "color": INK, "strokeWidth": 2, "strokeDash": [5, 4]},
                "encoding": {"x": {**x, "field": "at"}},
            },
        ],
    }


def _bars(group: str, values: Sequence[float] | pl.Series, texts: Texts) -> list[dict[str, Any]]:
    counts = [0] * BINS
    for value in values:
        counts[min(int(value * BINS), BINS - 1)] += 1
    return [
        {
            "group": group,
            "low": place / BINS,
            "high": (place + 1) / BINS,
            "range": f"{texts.percent(place / BINS, 0)} – {texts.percent((place + 1) / BINS, 0)}",
            "count": count,
        }
        for place, count in enumerate(counts)
        if count
    ]


def _percent_axis(texts: Texts) -> str:
    return "format(100*datum.value, '.0f') + '" + ("%" if texts.language == "en" else "\u00a0%") + "'"
