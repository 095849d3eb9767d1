"""What charts of several pages are made of: periods side by side, lines with a name, axes in the language.

What is here: `period_labels`, `period_axis`, `share_over_time`, `rule`, `percent_axis`, `decimal_axis`, and looks that
charts share.
What to add here: what a second chart would otherwise copy.
What must not be here: a chart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import polars as pl

from credit_platform.console.charts import BETTER, INK, Spec
from credit_platform.console.texts import Texts

BEFORE = "#8795a6"
"""What is compared with; stands out from the page by 3 to 1, as a graphical object must (WCAG 1.4.11)."""
LINE: Spec = {"type": "line", "point": {"size": 30}, "strokeWidth": 2}
LEGEND: Spec = {"title": None, "orient": "top", "direction": "vertical", "labelLimit": 280}


def period_labels(periods: pl.Series, texts: Texts) -> list[str]:
    """What each hour or day is called, in its order; an hour that comes twice is told apart by its zone's offset."""
    labels: list[str] = []
    for one in periods:
        label = _label(one, texts)
        labels.append(f"{label} ({one:%z})" if label in labels else label)
    return labels


def _label(period: date | datetime, texts: Texts) -> str:
    return f"{period:%H:%M}" if isinstance(period, datetime) else texts.day(period)


def period_axis(labels: Sequence[str]) -> Spec:
    """Periods side by side: a scale of time would show them in the zone of the browser."""
    return {
        "field": "period",
        "type": "ordinal",
        "sort": None,
        "scale": {"domain": list(labels)},
        "title": None,
        "axis": {"labelOverlap": "greedy", "labelAngle": 0 if len(labels) <= 1 else -45, "grid": False},
    }


def share_over_time(
    values: Sequence[Mapping[str, object]], labels: Sequence[str], told: Mapping[str, str], title: str, texts: Texts
) -> tuple[Spec, Spec]:
    """A line of the share in each period, and its axis from 0 to 1, for a line at a fixed share beside it.

    Args:
        values: each with `period` (one of `labels`), `share`, and what is told.
        labels: of all periods, in their order.
        told: field and its name, of what is shown of a point besides its period.
        title: of the axis.
        texts: of the language.
    """
    y = {"type": "quantitative", "title": title, "axis": percent_axis(texts), "scale": {"domain": [0, 1]}}
    shown = {"period": texts("column_period"), **told}
    line = {
        "data": {"values": list(values)},
        "mark": {**LINE, "color": BETTER},
        "encoding": {
            "x": period_axis(labels),
            "y": {**y, "field": "share"},
            "tooltip": [{"field": field, "title": name} for field, name in shown.items()],
        },
    }
    return line, y


def rule(at: float, name: str, axis: Spec, *, channel: str = "y") -> Spec:
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
                "legend": {**LEGEND, "symbolStrokeColor": INK},
            },
        },
    }


def percent_axis(texts: Texts) -> Spec:
    """Shares as percentages."""
    return {"labelExpr": "format(100*datum.value, '.0f') + '" + ("%'" if texts.language == "en" else "\u00a0%'")}


def decimal_axis(texts: Texts) -> Spec:
    """Vega writes numbers the English way."""
    return {} if texts.language == "en" else {"labelExpr": "replace(replace(datum.label, ',', '\u202f'), '.', ',')"}
