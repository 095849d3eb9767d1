"""Charts of candidates, thresholds and calibration, as PNG pictures.

What is here: functions from figures to PNG bytes, drawn with matplotlib's object interface (no global state).
What to add here: a chart that a modeller or validator looks at.
What must not be here: computing what is drawn (`metrics.py`, `threshold.py`, `calibration.py`), writing files.

Colours are those of M. Okabe and K. Ito, Color Universal Design (2008), told apart by colour-blind readers.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from credit_platform.modelling.calibration import reliability_table
from credit_platform.modelling.cross_validation import CrossValidation
from credit_platform.modelling.metrics import average_precision, precision_recall_curve, roc_auc, roc_curve
from credit_platform.modelling.threshold import ThresholdChoice

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
BLUE, VERMILION, GREEN = COLOURS[:3]
GREY = "#777777"
DPI = 110
BINS = 25


def roc(results: Sequence[CrossValidation]) -> bytes:
    """ROC curves of candidates in one figure, out of fold."""
    figure, axes = _figure(6.4, 5.6)
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", label="chance")
    for result, colour in zip(results, _colours(len(results)), strict=True):
        y, p = _scores(result)
        curve = roc_curve(y, p)
        label = f"{result.candidate} (AUC {roc_auc(y, p):.3f})"
        axes.plot(curve["false_positive_rate"], curve["true_positive_rate"], color=colour, label=label)
    _label(axes, "ROC, out of fold", "Good applicants refused (share)", "Defaults refused (share)")
    axes.legend(loc="lower right", frameon=False)
    return _png(figure)


def precision_recall(results: Sequence[CrossValidation]) -> bytes:
    """Precision-recall curves of candidates in one figure, out of fold."""
    figure, axes = _figure(6.4, 5.6)
    for result, colour in zip(results, _colours(len(results)), strict=True):
        y, p = _scores(result)
        curve = precision_recall_curve(y, p)
        label = f"{result.candidate} (AP {average_precision(y, p):.3f})"
        axes.plot(curve["recall"], curve["precision"], color=colour, label=label)
    base = float(np.mean(results[0].oof["target"].to_numpy()))
    axes.axhline(base, color=GREY, linestyle=":", label=f"default rate {base:.3f}")
    _label(axes, "Precision and recall, out of fold", "Defaults refused (recall)", "Defaults among refused (precision)")
    axes.set_ylim(0, 1.02)
    axes.legend(loc="upper right", frameon=False)
    return _png(figure)


def cost_curve(choice: ThresholdChoice) -> bytes:
    """Cost per applicant over the threshold, with the grid, the chosen threshold and the two do-nothing policies."""
    figure, axes = _figure(8.0, 4.8)
    inner = choice.curve.filter(pl.col("threshold").is_between(0.0, 1.0))
    axes.plot(inner["threshold"], inner["cost_per_applicant"], color=BLUE, linewidth=1.4, label="all scores")
    axes.plot(
        choice.grid["threshold"], choice.grid["cost_per_applicant"], "o", color=VERMILION, markersize=5, label="grid"
    )
    axes.axhline(choice.accept_all_cost, color=GREY, linestyle="--", linewidth=1)
    axes.text(0.995, choice.accept_all_cost, f"accept all {choice.accept_all_cost:.2f}", ha="right", va="bottom")
    axes.axhline(choice.refuse_all_cost, color=GREY, linestyle=":", linewidth=1)
    axes.text(0.995, choice.refuse_all_cost, f"refuse all {choice.refuse_all_cost:.2f}", ha="right", va="bottom")
    chosen = f"chosen {choice.threshold:.3f} ({choice.method}), cost {choice.cost_per_applicant_cross_fitted:.3f}"
    axes.axvline(choice.threshold, color=GREEN, linewidth=1.8, label=chosen)
    axes.axvline(choice.theoretical, color="black", linestyle=":", label=f"break-even {choice.theoretical:.3f}")
    _label(axes, "Cost of a threshold", "Refused from this probability of default", "Cost per applicant")
    axes.set_xlim(0, 1)
    axes.legend(loc="center right", frameon=False)
    return _png(figure)


def comparison(table: pl.DataFrame) -> bytes:
    """AUC and cost per applicant of each candidate with 95 % intervals; the selected one in colour.

    Args:
        table: `Comparison.table`.
    """
    figure = Figure(figsize=(9.0, 1.6 + 0.55 * table.height), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, sharey=True)
    ordered = table.reverse()
    for axes, name, title in ((left, "cost_per_applicant", "Cost per applicant"), (right, "auc", "AUC")):
        for place, row in enumerate(ordered.iter_rows(named=True)):
            colour = BLUE if row["selected"] else GREY
            low, high = row[f"{name}_low"], row[f"{name}_high"]
            axes.plot([low, high], [place, place], color=colour, linewidth=2)
            axes.plot(row[name], place, "o", color=colour)
            axes.annotate(
                f"{row[name]:.3f}", (row[name], place), xytext=(0, 7), textcoords="offset points", ha="center"
            )
        _label(axes, f"{title}, 95 % interval", title, "")
        axes.set_ylim(-0.5, table.height - 0.2)
    left.set_yticks(range(table.height), ordered["title"].to_list())
    return _png(figure)


def reliability(y: npt.ArrayLike, p: npt.ArrayLike) -> bytes:
    """Observed default rate against predicted probability in groups of equally many applicants."""
    table = reliability_table(y, p)
    figure, axes = _figure(5.8, 5.4)
    top = float(np.ceil(max(table["predicted"].to_numpy().max(), table["observed_high"].to_numpy().max()) * 10) / 10)
    axes.plot([0, top], [0, top], color=GREY, linestyle=":", label="perfect")
    for row in table.iter_rows(named=True):
        axes.plot([row["predicted"]] * 2, [row["observed_low"], row["observed_high"]], color=BLUE, linewidth=1)
    axes.plot(table["predicted"], table["observed"], "o-", color=BLUE, label="observed, 95 % interval")
    _label(axes, "Reliability, out of fold", "Predicted probability of default", "Observed default rate")
    axes.legend(loc="upper left", frameon=False)
    return _png(figure)


def score_distribution(y: npt.ArrayLike, p: npt.ArrayLike, threshold: float) -> bytes:
    """Probabilities of applicants who repaid and who defaulted, with the threshold between granting and refusing."""
    outcomes, scores = np.asarray(y), np.asarray(p)
    figure, axes = _figure(8.0, 4.2)
    edges = np.linspace(0.0, 1.0, BINS + 1)
    for outcome, name, colour in ((0, "repaid", BLUE), (1, "defaulted", VERMILION)):
        axes.hist(scores[outcomes == outcome], bins=edges.tolist(), density=True, alpha=0.55, color=colour, label=name)
    axes.axvline(threshold, color="black", linewidth=1.5, label=f"threshold {threshold:.3f}")
    _label(axes, "Scores by outcome", "Probability of default", "Density")
    axes.legend(frameon=False)
    return _png(figure)


def _scores(result: CrossValidation) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float64]]:
    return result.oof["target"].to_numpy(), result.oof["probability"].to_numpy()


def _colours(number: int) -> list[str]:
    return [COLOURS[place % len(COLOURS)] for place in range(number)]


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots()


def _label(axes: Axes, title: str, x: str, y: str) -> None:
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    # Without the software's name and version in the file, equal charts are equal bytes.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
