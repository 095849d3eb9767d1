"""Pictures of tuning, calibration, money and imbalance: each function returns a PNG as bytes.

What is here: charts of what happens after the comparison; the style is that of `charts.py`.
What must not be here: computing the figures that are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl
from matplotlib.figure import Figure

from credit_platform.modelling.calibration import reliability_table
from credit_platform.modelling.charts import (
    _DOTS_PER_INCH,
    BLUE,
    GREY,
    ORANGE,
    RED,
    _figure,
    _in_percent,
    _label,
    _png,
    _style,
    _styles,
)
from credit_platform.modelling.tuning import Tuning


def of_study(tuning: Tuning) -> dict[str, bytes]:
    """The pictures of a study, by name; that of the importance of parameters only where it was measured."""
    drawn = {"tuning_history": tuning_history(tuning.trials)}
    if not tuning.importance.is_empty():
        drawn["tuning_importance"] = tuning_importance(tuning.importance)
    return drawn


def tuning_history(trials: pl.DataFrame) -> bytes:
    """Cost of every complete trial in order, the best so far, and the pruned trials as marks at the foot.

    Args:
        trials: as `tuning.Tuning.trials`.
    """
    figure, axes = _figure(8.0, 4.4)
    complete = trials.filter(pl.col("state") == "complete")
    pruned = trials.filter(pl.col("state") == "pruned")
    costs = complete["cost_per_applicant"].cast(pl.Float64)
    axes.plot(complete["trial"], costs, "o", color=GREY, label=f"Complete ({complete.height})")
    axes.step(complete["trial"], costs.cum_min(), where="post", color=BLUE, label="Best so far")
    foot = float(costs.to_numpy().min()) * 0.98
    axes.plot(pruned["trial"], [foot] * pruned.height, "|", color=RED, label=f"Pruned ({pruned.height})")
    axes.axhline(float(costs[0]), color=ORANGE, linestyle="--", label=f"Defaults: {costs[0]:.3f}")
    _label(axes, "Tuning: cross-fitted cost of each trial", "Trial", "Cost per applicant (cost units)")
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return _png(figure)


def tuning_importance(importance: pl.DataFrame) -> bytes:
    """Share of the objective's variance that each tuned parameter explains.

    Args:
        importance: as `tuning.Tuning.importance`.
    """
    figure, axes = _figure(7.0, 1.4 + 0.36 * max(importance.height, 1))
    rows = importance.reverse()
    axes.barh(rows["parameter"].to_list(), rows["importance"].to_list(), color=BLUE, alpha=0.8)
    axes.set_xlim(0, 1)
    _label(axes, "Importance of the tuned parameters (fANOVA)", "Share of the variance of the objective", "")
    _in_percent(axes, "x")
    return _png(figure)


def calibrations(y: npt.ArrayLike, ways: Mapping[str, npt.ArrayLike]) -> bytes:
    """Reliability of several calibrations of the same scores, side by side in one figure."""
    figure, axes = _figure(6.4, 6.0)
    limit = 0.0
    for (name, p), (colour, style) in zip(ways.items(), _styles(len(ways)), strict=True):
        table = reliability_table(y, p)
        limit = max(limit, float(np.max([table["predicted"].to_numpy(), table["observed"].to_numpy()])))
        axes.plot(table["predicted"], table["observed"], style, marker="o", color=colour, label=name)
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, label="Perfect calibration")
    axes.set(xlim=(0, min(1.0, 1.05 * limit)), ylim=(0, min(1.0, 1.05 * limit)))
    _label(axes, "Reliability, cross-fitted", "Predicted probability of default", "Observed default rate")
    _in_percent(axes, "x", "y")
    axes.legend(loc="upper left")
    return _png(figure)


def profit_curve(table: pl.DataFrame, threshold: float) -> bytes:
    """Profit per applicant and return on the amount lent over thresholds.

    Args:
        table: with threshold, profit_per_applicant and return_on_lent, ascending.
        threshold: the chosen one.
    """
    figure = Figure(figsize=(8.0, 5.6), layout="constrained", dpi=_DOTS_PER_INCH)
    top, bottom = figure.subplots(2, 1, sharex=True)
    for axes, name, title in (
        (top, "profit_per_applicant", "Expected profit per applicant (share of an average loan)"),
        (bottom, "return_on_lent", "Return on the amount lent"),
    ):
        _style(axes)
        axes.plot(table["threshold"], table[name], color=BLUE)
        axes.axhline(0.0, color=GREY, linewidth=1)
        axes.axvline(threshold, color=ORANGE, linestyle="--", label=f"Refused from {threshold:.3f}")
        _label(axes, title, "", "")
        _in_percent(axes, "y")
    top.legend(loc="best")
    bottom.set_xlabel("Threshold: refuse from this probability of default")
    bottom.set_xlim(0, 1)
    return _png(figure)
