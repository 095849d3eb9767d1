"""A picture of a day for the asset's page, as PNG bytes; the style is that of `modelling/charts.py`.

What is here: `drift_picture`: how far the features moved that come first, and how much of the model each carries.
What to add here: another picture for a page that shows PNG only.
What must not be here: what a feature looks like then and now (`charts.py`, for the HTML page).
"""

from __future__ import annotations

import polars as pl

from credit_platform.modelling.charts import BLUE, GREY, ORANGE, RED, _figure, _label, _png
from credit_platform.monitoring.drift.drift import Drift
from credit_platform.monitoring.drift.questions import MATERIAL
from credit_platform.quality.report_format import share

_SHOWN = 15
_COLOURS = {"drifted": RED, "feed broken": ORANGE, "not drifted": BLUE}


def drift_picture(drift: Drift) -> bytes | None:
    """PSI of the first features as bars: incidents and those that drifted first, then by importance.

    Args:
        drift: what is said of a day.

    Returns:
        The picture; None where no feature has a PSI, because nobody was decided about.
    """
    known = drift.features.filter(pl.col("psi").is_not_null() & (pl.col("decisions") > 0)).head(_SHOWN)
    if known.is_empty():
        return None
    total = float(drift.features["importance"].sum()) or 1.0
    figure, axes = _figure(9.0, 1.4 + 0.3 * known.height)
    rows = known.reverse()
    names = rows["feature"].to_list()
    bars = axes.barh(names, rows["psi"], color=[_colour(row) for row in rows.iter_rows(named=True)])
    axes.bar_label(bars, [share(part / total) for part in rows["importance"]], padding=3, fontsize=8, color=GREY)
    axes.axvline(MATERIAL, linestyle="--", color=GREY, linewidth=1)
    axes.set_xlim(0, 1.15 * max(*rows["psi"].to_list(), 2 * MATERIAL))
    for word, colour in _COLOURS.items():
        axes.plot([], [], color=colour, linewidth=6, label=word)
    axes.legend(loc="lower right")
    _label(axes, f"{drift.day}: {drift.level.value}", "PSI against training, and share of the model's importance", "")
    return _png(figure)


def _colour(row: dict[str, object]) -> str:
    if row["incident"]:
        return _COLOURS["feed broken"]
    return _COLOURS["drifted" if row["drifted"] else "not drifted"]
