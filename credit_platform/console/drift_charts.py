"""Charts of drift on the page Monitoring, as Vega-Lite specifications.

What is here: one function for each chart, and words for states and groups of features.
What to add here: a chart of drift.
What must not be here: Streamlit, reading, judging.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import polars as pl

from credit_platform.console.chart_parts import (
    BEFORE,
    LEGEND,
    decimal_axis,
    percent_axis,
    period_labels,
    rule,
    share_over_time,
)
from credit_platform.console.charts import BETTER, INK, WORSE, Spec
from credit_platform.console.texts import Texts
from credit_platform.monitoring.drift.drift import MUCH_IMPORTANCE
from credit_platform.monitoring.drift.questions import MATERIAL

MOST_FEATURES = 20
"""Features whose stability index is drawn: those that drifted, then the most important."""
_LABEL_LIMIT = 190


def drift_over_time(days: pl.DataFrame, texts: Texts) -> Spec:
    """Share of importance that drifted, day by day, and where somebody is told."""
    labels = period_labels(days["day"], texts)
    values = [
        {"period": label, "share": score, "said": texts.percent(score), "level": texts(f"level_{level}")}
        for label, score, level in zip(labels, days["score"], days["level"], strict=True)
    ]
    told = {"said": texts("drift_share"), "level": texts("drift_state")}
    line, y = share_over_time(values, labels, told, texts("drift_share"), texts)
    return {"layer": [line, rule(MUCH_IMPORTANCE, f"{texts('drift_limit')} {texts.percent(MUCH_IMPORTANCE, 0)}", y)]}


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
    x = {"type": "quantitative", "title": texts("drift_psi"), "axis": decimal_axis(texts)}
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
                "legend": LEGEND,
            },
            "tooltip": [
                {"field": "feature", "title": texts("drift_feature")},
                {"field": "said", "title": texts("column_psi")},
                {"field": "importance", "title": texts("column_importance")},
                {"field": "state", "title": texts("drift_state")},
            ],
        },
    }
    return {"layer": [bars, rule(MATERIAL, f"{texts('drift_material')} {texts.number(MATERIAL)}", x, channel="x")]}


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
                "axis": percent_axis(texts),
            },
            "color": {
                "field": "side",
                "type": "nominal",
                "sort": None,
                "scale": {"domain": list(sides.values()), "range": [BEFORE, BETTER]},
                "legend": LEGEND,
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
