"""How good decisions proved to be, once it is known what became of the loans; in words where a figure does not exist.

What is here: `Measure`, `measures_of`, which measures one group of granted loans, and `to_frame`.
What to add here: a figure of outcomes and probabilities that `modelling` computes.
What must not be here: computing a metric a second time (`modelling/metrics.py`, `intervals.py`, `calibration.py`,
`economics.py`); which loans make a group (`followed.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl

from credit_platform.errors import ModellingError
from credit_platform.modelling import metrics
from credit_platform.modelling.calibration import calibration_slope_intercept
from credit_platform.modelling.economics import profit
from credit_platform.modelling.intervals import LEVEL, Interval, auc_interval, bootstrap_interval
from credit_platform.modelling.metrics import Floats, Outcomes
from credit_platform.monitoring.performance.jeffreys import jeffreys_interval
from credit_platform.portfolios.economics import CostMatrix, Economics

MEASURED = "measured"
NAMES = (
    "auc",
    "gini",
    "ks",
    "brier",
    "calibration_slope",
    "calibration_in_the_large",
    "default_rate",
    "mean_probability",
    "cost_per_loan",
    "profit_per_loan",
)
"""What `measures_of` measures, in the order of its rows."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One figure of one group of loans; `value` is None where there is none, and `said` says why."""

    measure: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    """Ends of the 95% interval, where the figure has one."""
    loans: int = 0
    defaults: int | None = None
    """Among them, where their outcome is known."""
    said: str = MEASURED


def measures_of(y: Outcomes, p: Floats, costs: CostMatrix, economics: Economics) -> list[Measure]:
    """Everything that can be said of granted loans whose outcome is known.

    Args:
        y: (n,) outcomes, 1 = default; may be empty or of one class.
        p: (n,) probabilities of default by which they were granted.
        costs: what a granted default costs.
        economics: what a loan earns and loses.

    Returns:
        One measure for each of `NAMES`; never NaN, and no exception for too few loans or one class of outcomes.
    """
    if not y.size:
        return [Measure(measure=name, defaults=0, said="no outcomes yet") for name in NAMES]
    auc = _tried(lambda: auc_interval(y, p))
    granted = np.zeros(y.size, dtype=bool)
    found: dict[str, Interval | str] = {
        "auc": auc,
        "gini": auc if isinstance(auc, str) else Interval(*(2.0 * end - 1.0 for end in _ends(auc))),
        "ks": _tried(lambda: _point(metrics.kolmogorov_smirnov(y, p))),
        "brier": bootstrap_interval((p - y) ** 2),
        **_calibration(y, p),
        "default_rate": jeffreys_interval(int(y.sum()), y.size),
        "mean_probability": _point(float(p.mean())),
        "cost_per_loan": bootstrap_interval(metrics.applicant_costs(y, granted, costs)),
        "profit_per_loan": profit(y, granted, economics).per_applicant,
    }
    return [_measure(name, found[name], y) for name in NAMES]


def to_frame(measures: Sequence[Measure], **group: Any) -> pl.DataFrame:
    """Rows `measure, value, low, high, loans, defaults, said`, after the columns that name their group."""
    rows = pl.DataFrame([asdict(one) for one in measures], schema=SCHEMA)
    return rows.select(*(pl.lit(value).alias(name) for name, value in group.items()), pl.all())


def _calibration(y: Outcomes, p: Floats) -> dict[str, Interval | str]:
    names = ("calibration_slope", "calibration_in_the_large")
    try:
        fit = calibration_slope_intercept(y, p)
    except ModellingError as error:
        return dict.fromkeys(names, error.what)
    half = NormalDist().inv_cdf((1.0 + LEVEL) / 2.0) * fit.in_the_large_error
    large = Interval(fit.in_the_large, fit.in_the_large - half, fit.in_the_large + half)
    return dict(zip(names, (fit.slope_interval(), large), strict=True))


def _tried(compute: Callable[[], Interval]) -> Interval | str:
    """The figure, or the sentence that says why it does not exist."""
    try:
        return compute()
    except ModellingError as error:
        return error.what


def _measure(name: str, found: Interval | str, y: Outcomes) -> Measure:
    loans, defaults = int(y.size), int(y.sum())
    if isinstance(found, str):
        return Measure(measure=name, loans=loans, defaults=defaults, said=found)
    low, high = (None, None) if np.isnan(found.low) else (found.low, found.high)
    return Measure(measure=name, value=found.estimate, low=low, high=high, loans=loans, defaults=defaults)


def _point(value: float) -> Interval:
    """A figure without an interval; its ends are left out of what is stored."""
    return Interval(value, float("nan"), float("nan"))


def _ends(interval: Interval) -> tuple[float, float, float]:
    return interval.estimate, interval.low, interval.high


SCHEMA: dict[str, Any] = {
    "measure": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "loans": pl.Int64,
    "defaults": pl.Int64,
    "said": pl.String,
}
"""Columns of `to_frame`, without those of the group."""
