"""Each chart is a PNG, and equal figures give equal bytes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from credit_platform.modelling import selection_charts

RNG = np.random.default_rng(0)
P = RNG.random(500)
Y = (RNG.random(500) < P).astype(np.int8)
TRIALS = pl.DataFrame(
    {
        "trial": [0, 1, 2, 3],
        "state": ["complete", "pruned", "complete", "complete"],
        "cost_per_applicant": [0.6, None, 0.55, 0.7],
    }
)
CURVE = pl.DataFrame(
    {"threshold": [0.0, 0.5, 1.0], "profit_per_applicant": [0.0, 0.02, -0.1], "return_on_lent": [0.0, 0.05, -0.1]}
)
CHARTS: dict[str, Callable[[], bytes]] = {
    "history": lambda: selection_charts.tuning_history(TRIALS),
    "importance": lambda: selection_charts.tuning_importance(
        pl.DataFrame({"parameter": ["depth", "rate"], "importance": [0.7, 0.3]})
    ),
    "calibrations": lambda: selection_charts.calibrations(Y, {"Platt": P, "Isotonic": P**2}),
    "profit": lambda: selection_charts.profit_curve(CURVE, 0.3),
}


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_a_reproducible_png(name: str) -> None:
    first = CHARTS[name]()
    assert first.startswith(b"\x89PNG")
    assert len(first) > 5000
    assert CHARTS[name]() == first
