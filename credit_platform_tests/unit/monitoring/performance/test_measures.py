"""Figures of granted loans: by hand, against a bootstrap, and in words where there is none."""

import math

import numpy as np
import pytest

from credit_platform.modelling.metrics import roc_auc
from credit_platform.monitoring.performance.measures import MEASURED, NAMES, Measure, measures_of, to_frame
from credit_platform.portfolios import get_portfolio

PORTFOLIO = get_portfolio("german_credit")


def found(y: list[int], p: list[float]) -> dict[str, Measure]:
    rows = measures_of(np.array(y, dtype=np.int64), np.array(p), PORTFOLIO.costs, PORTFOLIO.economics)
    return {row.measure: row for row in rows}


def test_figures_by_hand() -> None:
    # Defaults at 0.4 and 0.1 against repaid at 0.3, 0.2, 0.05: pairs won 3 + 1 of 6.
    rows = found([1, 0, 0, 1, 0], [0.4, 0.3, 0.2, 0.1, 0.05])
    assert rows["auc"].value == pytest.approx(4 / 6)
    assert rows["gini"].value == pytest.approx(2 * 4 / 6 - 1)
    assert rows["brier"].value == pytest.approx((0.36 + 0.09 + 0.04 + 0.81 + 0.0025) / 5)
    assert rows["cost_per_loan"].value == pytest.approx(2 * 5 / 5)
    assert rows["profit_per_loan"].value == pytest.approx((3 * 0.09 - 2 * 0.45) / 5)
    assert rows["default_rate"].value == pytest.approx(0.4)
    assert rows["mean_probability"].value == pytest.approx(0.21)
    assert rows["ks"].low is None
    assert [rows["auc"].loans, rows["auc"].defaults] == [5, 2]


def test_delong_agrees_with_a_bootstrap() -> None:
    random = np.random.default_rng(3)
    p = random.beta(1, 8, 1500)
    y = (random.random(p.size) < p).astype(np.int64)
    row = {one.measure: one for one in measures_of(y, p, PORTFOLIO.costs, PORTFOLIO.economics)}["auc"]
    resampled = [roc_auc(y[chosen], p[chosen]) for chosen in (random.integers(0, y.size, y.size) for _ in range(600))]
    assert row.low is not None
    assert row.high is not None
    # The ends of a bootstrap of 600 are themselves uncertain by about a tenth of the half width.
    assert [row.low, row.high] == pytest.approx(np.quantile(resampled, [0.025, 0.975]), abs=0.006)


@pytest.mark.parametrize(
    ("y", "p"),
    [
        ([], []),
        ([1], [0.3]),
        ([0], [0.3]),
        ([0, 0, 0], [0.1, 0.2, 0.3]),
        ([1, 1], [0.1, 0.2]),
        ([0, 1], [0.1, 0.1]),
        ([0, 1], [0.1, 0.2]),
        ([1, 0], [0.1, 0.2]),
        ([0, 1, 0], [0.0, 1.0, 0.0]),
    ],
)
def test_groups_that_are_too_small_get_words_and_never_nan(y: list[int], p: list[float]) -> None:
    rows = found(y, p)
    assert list(rows) == list(NAMES)
    for row in rows.values():
        assert (row.value is None) == (row.said != MEASURED), row
        assert all(end is None or math.isfinite(end) for end in (row.value, row.low, row.high)), row
        assert row.said


def test_frame_names_its_group() -> None:
    frame = to_frame([Measure(measure="auc", said="no outcomes yet")], month="2026-01")
    assert frame.rows(named=True) == [
        {
            "month": "2026-01",
            "measure": "auc",
            "value": None,
            "low": None,
            "high": None,
            "loans": 0,
            "defaults": None,
            "said": "no outcomes yet",
        }
    ]
