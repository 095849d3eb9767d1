"""Pictures of performance, as PNG bytes; the style is that of `modelling/charts.py`.

What is here: `drawn`: vintages by age, observed against expected by band, AUC by month.
What to add here: a picture of figures that another module has computed.
What must not be here: computing those figures, writing files.
"""

from __future__ import annotations

import polars as pl

from credit_platform.modelling.charts import (
    BLUE,
    GREY,
    ORANGE,
    RED,
    SKY,
    _figure,
    _in_percent,
    _label,
    _png,
    _styles,
)
from credit_platform.monitoring.performance.report import ALL_MATURE, EXPECTED, HOLDOUT, OUTCOMES, Performance

_MOST_CURVES = 13


def drawn(found: Performance, digest: str | None) -> dict[str, bytes]:
    """The pictures that there is something to draw of, by file name without ending.

    Args:
        found: what was measured.
        digest: of the champion.
    """
    months = found.measures.filter((pl.col("model_digest") == pl.lit(digest)) & (pl.col("measure") == "auc"))
    there = months.filter(pl.col("value").is_not_null() & ~pl.col("month").is_in([ALL_MATURE, HOLDOUT]))
    pictures = {}
    if there.height:
        pictures["performance_auc"] = auc_by_month(months)
    if found.curves.height:
        pictures["performance_vintages"] = vintage_curves(found.curves)
    if found.bands.height:
        pictures["performance_bands"] = bands(found.bands)
    return pictures


def vintage_curves(curves: pl.DataFrame) -> bytes:
    """Cumulative default rate by months on book, a line per month of decision, the newest months only."""
    figure, axes = _figure(8.0, 4.8)
    months = curves["month"].unique().sort().to_list()[-_MOST_CURVES:]
    for month, (colour, style) in zip(months, _styles(len(months)), strict=True):
        line = curves.filter(pl.col("month") == month).sort("age")
        axes.plot(line["age"], line["default_rate"], style, color=colour, marker=".", label=month)
    _label(axes, "Defaults so far, by month of decision", "Months on book", "Share of loans that defaulted")
    _in_percent(axes, "y")
    axes.set_ylim(bottom=0)
    axes.legend(title="Decided in", fontsize=8)
    return _png(figure)


def bands(table: pl.DataFrame) -> bytes:
    """Observed default rate with its interval beside what was expected, by band of points."""
    figure, axes = _figure(8.0, 4.4)
    places = list(range(table.height))
    observed = table["observed"].to_numpy()
    ends = [observed - table["observed_low"].to_numpy(), table["observed_high"].to_numpy() - observed]
    axes.errorbar(places, observed, yerr=ends, fmt="o", color=BLUE, capsize=4, label="Observed, 95% interval")
    axes.plot(places, table["expected"], "s", color=ORANGE, markersize=8, fillstyle="none", label="Expected")
    names = [f"{low}-{high}" for low, high in table.select("points_from", "points_below").rows()]
    axes.set_xticks(places, names, rotation=45, ha="right", fontsize=8)
    _label(axes, "Defaults by band of points, mature months", "Points", "Share of loans that defaulted")
    _in_percent(axes, "y")
    axes.set_ylim(bottom=0)
    axes.legend()
    return _png(figure)


def auc_by_month(rows: pl.DataFrame) -> bytes:
    """AUC of each month: what was to be expected as a band, what came as points, and the yardstick as a line."""
    figure, axes = _figure(8.0, 4.4)
    single = rows.filter(~pl.col("month").is_in([ALL_MATURE, HOLDOUT])).sort("month")
    months = single["month"].unique().sort().to_list()
    place = {month: number for number, month in enumerate(months)}
    for basis, colour, name, shift in ((EXPECTED, SKY, "Expected, 95%", -0.08), (OUTCOMES, BLUE, "Came", 0.08)):
        known = single.filter((pl.col("basis") == basis) & pl.col("value").is_not_null())
        if known.height:
            at = [place[month] + shift for month in known["month"]]
            value = known["value"].to_numpy()
            ends = [value - known["low"].to_numpy(), known["high"].to_numpy() - value]
            axes.errorbar(at, value, yerr=ends, fmt="o", color=colour, capsize=4, label=name)
    for (yardstick,) in (
        rows.filter((pl.col("month") == HOLDOUT) & pl.col("value").is_not_null()).select("value").rows()
    ):
        axes.axhline(yardstick, color=RED, linestyle="--", label=f"Holdout it accepts: {yardstick:.3f}")
    axes.axhline(0.5, color=GREY, linewidth=1, label="Chance")
    axes.set_xticks(range(len(months)), months, rotation=45, ha="right", fontsize=8)
    _label(axes, "AUC among granted loans, by month of decision", "Decided in", "AUC")
    axes.legend(fontsize=8)
    return _png(figure)
