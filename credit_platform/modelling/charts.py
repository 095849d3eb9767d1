"""Pictures of models for people: each function returns a PNG as bytes.

What is here: ROC and precision-recall curves, the cost curve, the comparison of candidates, reliability and score
distribution.
What to add here: a chart of figures that another module has computed.
What must not be here: computing those figures, writing files, `pyplot` (its global state leaks between threads).

Colours are those of M. Okabe and K. Ito, Color Universal Design (2008), told apart by colour-blind readers too; lines
also differ in style.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import numpy as np
import numpy.typing as npt
import polars as pl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from credit_platform.modelling.calibration import reliability_table
from credit_platform.modelling.candidates import get_candidate
from credit_platform.modelling.cross_validation import CrossValidation
from credit_platform.modelling.metrics import average_precision, precision_recall_curve, roc_auc
from credit_platform.modelling.metrics import roc_curve as roc_points
from credit_platform.modelling.threshold import ThresholdChoice

BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, BLACK = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#CC79A7",
    "#56B4E9",
    "#F0E442",
    "#000000",
)
GREY = "#8C8C8C"
_LINES = (
    *((BLUE, "-"), (RED, "--"), (GREEN, "-."), (PURPLE, ":"), (ORANGE, "-"), (SKY, "--"), (BLACK, "-.")),
    *((GREEN, ":"), (RED, "-"), (BLUE, "--"), (ORANGE, "-."), (PURPLE, "-"), (BLACK, ":")),
)
"""More than the candidates: no two curves of a figure look alike."""
_DOTS_PER_INCH = 110
_POINTS = 2000
"""A curve is drawn through at most so many points: more make no difference to the eye, and large pictures slow."""
_BINS = 40


def roc(results: Sequence[CrossValidation]) -> bytes:
    """ROC curves of candidates over their out-of-fold probabilities, best AUC first in the legend."""
    figure, axes = _figure(6.4, 6.0)
    scored = [(roc_auc(*_scores(result)), result) for result in results]
    for (auc, result), (colour, style) in zip(_best_first(scored), _styles(len(results)), strict=True):
        curve = _thin(roc_points(*_scores(result)))
        label = f"{get_candidate(result.candidate).title} (AUC {auc:.3f})"
        axes.plot(curve["false_positive_rate"], curve["true_positive_rate"], style, color=colour, label=label)
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, label="Chance (AUC 0.500)")
    axes.set_aspect("equal")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    _label(axes, "ROC, out of fold", "Good applicants refused", "Defaults refused")
    _in_percent(axes, "x", "y")
    axes.legend(loc="lower right")
    return _png(figure)


def precision_recall(results: Sequence[CrossValidation]) -> bytes:
    """Precision-recall curves of candidates over their out-of-fold probabilities."""
    figure, axes = _figure(6.4, 6.0)
    scored = [(average_precision(*_scores(result)), result) for result in results]
    for (area, result), (colour, style) in zip(_best_first(scored), _styles(len(results)), strict=True):
        curve = _thin(precision_recall_curve(*_scores(result)))
        label = f"{get_candidate(result.candidate).title} (AP {area:.3f})"
        axes.plot(curve["recall"], curve["precision"], style, color=colour, label=label)
    rate = float(np.mean(_scores(results[0])[0]))
    axes.axhline(rate, color=GREY, linewidth=1, label=f"Chance ({rate:.1%})")
    axes.set(xlim=(0, 1), ylim=(0, 1.02))
    _label(axes, "Precision and recall, out of fold", "Recall: defaults refused", "Precision: defaults among refused")
    _in_percent(axes, "x", "y")
    axes.legend(loc="upper right")
    return _png(figure)


def cost_curve(choice: ThresholdChoice, band: pl.DataFrame | None = None) -> bytes:
    """Cost per applicant over thresholds: curve, grid, chosen and break-even threshold, accept-all and refuse-all.

    Args:
        choice: the threshold and its curve.
        band: as from `economics.cost_band`, drawn behind the curve.
    """
    figure, axes = _figure(8.0, 5.2)
    curve, grid = choice.curve, choice.grid
    if band is not None:
        axes.fill_between(
            band["threshold"],
            band["cost_low"],
            band["cost_high"],
            color=SKY,
            alpha=0.35,
            linewidth=0,
            label="95% band",
        )
    axes.plot(curve["threshold"], curve["cost_per_applicant"], color=BLUE, drawstyle="steps-pre", label="Cost")
    axes.plot(grid["threshold"], grid["cost_per_applicant"], "o", color=BLUE, markersize=4, label="Grid, by 0.05")
    axes.axhline(choice.accept_all_cost, color=RED, linestyle="--", label=f"Accept all: {choice.accept_all_cost:.3f}")
    axes.axhline(
        choice.refuse_all_cost, color=PURPLE, linestyle="-.", label=f"Refuse all: {choice.refuse_all_cost:.3f}"
    )
    axes.axvline(
        choice.theoretical, color=GREY, linestyle=":", linewidth=2, label=f"Break-even: {choice.theoretical:.3f}"
    )
    axes.plot(
        [choice.threshold],
        [choice.cost_per_applicant],
        "D",
        color=ORANGE,
        markeredgecolor=BLACK,
        markersize=9,
        label=f"Chosen ({choice.method.replace('_', '-')}): {choice.threshold:.3f}",
    )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.08 * max(choice.accept_all_cost, float(curve["cost_per_applicant"].to_numpy().max())))
    title = f"Cost over thresholds\nCross-fitted cost of the choice: {choice.cost_interval}, 95% interval"
    _label(axes, title, "Threshold: refuse from this probability of default", "Cost per applicant (cost units)")
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return _png(figure)


def comparison(table: pl.DataFrame) -> bytes:
    """Cost per applicant and AUC of each candidate with 95% intervals, the selected one in colour.

    Args:
        table: as `comparison.Comparison.table`.
    """
    figure = Figure(figsize=(10.0, 1.6 + 0.5 * table.height), layout="constrained", dpi=_DOTS_PER_INCH)
    left, right = figure.subplots(1, 2, sharey=True)
    rows = table.reverse()
    _bars(left, rows, "cost_per_applicant")
    _bars(right, rows, "auc")
    left.set_yticks(range(rows.height), rows["title"].to_list())
    left.set_xlim(0, 1.22 * float(rows["cost_per_applicant_high"].to_numpy().max()))
    right.set_xlim(0.5, 1.0)
    _label(left, "Cost per applicant (less is better)", "Cross-fitted cost, cost units", "")
    _label(right, "AUC (more is better)", "AUC, out of fold; the axis starts at chance", "")
    figure.suptitle("Candidates with 95% intervals; the selected one is blue", fontsize=11)
    return _png(figure)


def reliability(y: npt.ArrayLike, p: npt.ArrayLike) -> bytes:
    """Observed against predicted default rate in ten groups with 95% intervals, above the number of applicants."""
    table = reliability_table(y, p)
    figure = Figure(figsize=(6.4, 6.4), layout="constrained", dpi=_DOTS_PER_INCH)
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    _style(top)
    _style(bottom)
    observed = table["observed"].to_numpy()
    spread = [observed - table["observed_low"].to_numpy(), table["observed_high"].to_numpy() - observed]
    limit = min(1.0, 1.05 * float(max(table["observed_high"].to_numpy().max(), table["predicted"].to_numpy().max())))
    top.plot([0, 1], [0, 1], color=GREY, linewidth=1, label="Perfect calibration")
    top.errorbar(
        table["predicted"], observed, yerr=spread, fmt="o-", color=BLUE, capsize=3, label="Observed, 95% interval"
    )
    top.set(xlim=(0, limit), ylim=(0, limit))
    _label(top, "Reliability: groups of equally many applicants", "", "Observed default rate")
    top.legend(loc="upper left")
    bottom.hist(np.asarray(p), bins=_BINS, range=(0.0, limit), color=SKY)
    _label(bottom, "", "Predicted probability of default", "Applicants")
    _in_percent(top, "y")
    _in_percent(bottom, "x")
    return _png(figure)


def _scores(result: CrossValidation) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    return result.oof["target"].to_numpy(), result.oof["probability"].to_numpy()


def _best_first(scored: list[tuple[float, CrossValidation]]) -> list[tuple[float, CrossValidation]]:
    return sorted(scored, key=lambda pair: -pair[0])


def _styles(count: int) -> list[tuple[str, str]]:
    return [_LINES[index % len(_LINES)] for index in range(count)]


def _thin(curve: pl.DataFrame) -> pl.DataFrame:
    positions = np.unique(np.linspace(0, curve.height - 1, min(curve.height, _POINTS)).round().astype(np.int64))
    return curve[positions]


def _bars(axes: Axes, rows: pl.DataFrame, name: str) -> None:
    """One horizontal bar per row with its interval and its figure."""
    values, low, high = (rows[f"{name}{end}"].to_numpy() for end in ("", "_low", "_high"))
    colours = [BLUE if selected else GREY for selected in rows["selected"]]
    _style(axes)
    axes.grid(visible=False, axis="y")
    axes.barh(range(rows.height), values, color=colours, alpha=0.8, height=0.6)
    axes.errorbar(
        values,
        range(rows.height),
        xerr=[values - low, high - values],
        fmt="none",
        ecolor=BLACK,
        capsize=4,
        elinewidth=1.2,
    )
    for position, (value, end) in enumerate(zip(values, high, strict=True)):
        axes.annotate(f"{value:.3f}", (end, position), xytext=(6, 0), textcoords="offset points", va="center")


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    """Figure of `width` x `height` inches with one pair of axes."""
    figure = Figure(figsize=(width, height), layout="constrained", dpi=_DOTS_PER_INCH)
    axes = figure.subplots()
    _style(axes)
    return figure, axes


def _style(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(visible=True, color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)


def _label(axes: Axes, title: str, x: str, y: str) -> None:
    axes.set_title(title, fontsize=11)
    axes.set(xlabel=x, ylabel=y)


def _in_percent(axes: Axes, *sides: str) -> None:
    for side in sides:
        axis = axes.xaxis if side == "x" else axes.yaxis
        axis.set_major_formatter(PercentFormatter(xmax=1.0, decimals=0))


def _png(figure: Figure) -> bytes:
    """Draw without a date or version inside, so that equal figures give equal bytes."""
    buffer = BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
