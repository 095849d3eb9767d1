"""Pictures of explanations, as PNG bytes: importance, SHAP summary, SHAP bar, waterfall.

What is here: the `shap` library's own plots, drawn from the scorer's exact contributions.
What to add here: another plot of contributions.
What must not be here: a shap explainer, which would compute contributions in another way than the decisions.

shap draws with pyplot, whose state is global. So drawing is behind a lock, on the Agg canvas, and figures are closed.
Source: S. Lundberg, S.-I. Lee, A Unified Approach to Interpreting Model Predictions (2017).
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import numpy as np
import polars as pl

from credit_platform.governance.explanations import TOP, Example, ModelExplanation
from credit_platform.scoring.explanation import Explanation

_DOTS_PER_INCH = 90
_SHOWN = 15
_BAR_COLOUR = "#0072B2"
_LOCK = threading.Lock()


def importance_plot(table: pl.DataFrame, kind: str) -> bytes:
    """Bars of the importance of the `TOP` features; `table` as `ModelExplanation.features`."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    top = table.sort("importance", descending=True).head(TOP).reverse()
    figure = Figure(figsize=(9, 1.4 + 0.26 * top.height), layout="constrained", dpi=_DOTS_PER_INCH)
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.barh(top["feature"].to_list(), top["importance"].to_list(), color=_BAR_COLOUR)
    axes.tick_params(axis="y", labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set(title=f"Importance of the {top.height} strongest features", xlabel=kind)
    buffer = BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def shap_summary(explained: ModelExplanation) -> bytes:
    """A dot per applicant and feature: how far it moved the score, coloured by the feature's value."""
    return _draw(lambda shap: shap.plots.beeswarm(_shap(explained), max_display=_SHOWN, show=False))


def shap_bar(explained: ModelExplanation) -> bytes:
    """Mean absolute contribution of the strongest features."""
    return _draw(lambda shap: shap.plots.bar(_shap(explained), max_display=_SHOWN, show=False))


def waterfall(explained: ModelExplanation, example: Example) -> bytes:
    """From the average applicant to this one, feature by feature, in calibrated log-odds of default."""
    return _draw(lambda shap: shap.plots.waterfall(_shap(explained)[example.row], max_display=_SHOWN, show=False))


def shap_values(explanation: Explanation, rows: pl.DataFrame) -> Any:
    """The scorer's contributions as a `shap.Explanation`: nothing is computed anew."""
    features = rows.select(explanation.features)
    numeric = all(dtype.is_numeric() for dtype in features.dtypes)
    data = features.to_numpy() if numeric else np.array(features.rows(), dtype=object)
    return _import_shap().Explanation(
        values=explanation.contributions,
        base_values=explanation.base_value,
        data=data,
        feature_names=list(explanation.features),
    )


def _import_shap() -> Any:
    """The library; it warns, while it is imported, of what it does to matplotlib."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap
    return shap


def _shap(explained: ModelExplanation) -> Any:
    return shap_values(explained.explanation, explained.rows)


def _draw(plot: Callable[[Any], Any]) -> bytes:
    shap = _import_shap()
    with _LOCK, _pyplot() as pyplot:
        pyplot.figure()
        plot(shap)
        figure = pyplot.gcf()
        buffer = BytesIO()
        figure.savefig(buffer, format="png", dpi=_DOTS_PER_INCH, bbox_inches="tight", metadata={"Software": None})
        return buffer.getvalue()


@contextmanager
def _pyplot() -> Iterator[Any]:
    """Pyplot on the Agg canvas, with its figures closed and its settings as they were afterwards."""
    import matplotlib
    from matplotlib import pyplot

    with matplotlib.rc_context(), warnings.catch_warnings():
        pyplot.switch_backend("agg")
        warnings.simplefilter("ignore")  # shap warns about its own use of numpy and of layouts
        try:
            yield pyplot
        finally:
            pyplot.close("all")


def all_plots(explained: ModelExplanation) -> dict[str, bytes]:
    """Every picture of an explanation, by file name."""
    return {
        "importance.png": importance_plot(explained.features, explained.importance_kind),
        "shap_summary.png": shap_summary(explained),
        "shap_bar.png": shap_bar(explained),
        **{f"waterfall_{one.kind}.png": waterfall(explained, one) for one in explained.examples},
    }
