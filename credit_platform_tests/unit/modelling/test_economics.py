"""Money, review bands and sensitivity, against cases worked out by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from credit_platform.modelling.economics import cost_band, profit, review_band, review_table, sensitivity, with_profit
from credit_platform.modelling.metrics import applicant_costs
from credit_platform.modelling.threshold import at_thresholds
from credit_platform.portfolios.economics import CostMatrix, Economics

COSTS = CostMatrix(false_negative=5.0, false_positive=1.0, source="toy")
ECONOMICS = Economics(loss_given_default=0.5, margin=0.1)


def scored(rows: int = 2000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    p = rng.beta(1.2, 3.0, rows)
    return (rng.random(rows) < p).astype(np.int8), p


def test_profit_by_hand() -> None:
    # Granted: three repaid, one default; refused: one of each.
    money = profit([0, 0, 0, 1, 0, 1], [False, False, False, False, True, True], ECONOMICS)
    assert money.per_applicant.estimate == pytest.approx((3 * 0.1 - 0.5) / 6)
    assert money.on_lent == pytest.approx((3 * 0.1 - 0.5) / 4)
    assert money.acceptance_rate == pytest.approx(4 / 6)
    assert money.default_rate == 0.25
    nothing = profit([0, 1], [True, True], ECONOMICS)
    assert (nothing.per_applicant.estimate, nothing.on_lent, nothing.default_rate) == (0.0, 0.0, 0.0)
    assert ECONOMICS.cost_ratio() == pytest.approx(5.0)


def test_profit_of_a_table_is_that_of_its_decisions() -> None:
    y, p = scored()
    table = with_profit(at_thresholds(y, p, COSTS, [0.0, 0.2, 0.5]), ECONOMICS)
    for row in table.iter_rows(named=True):
        money = profit(y, p >= row["threshold"], ECONOMICS)
        assert row["profit_per_applicant"] == pytest.approx(money.per_applicant.estimate)
        assert row["return_on_lent"] == pytest.approx(money.on_lent)


def test_least_cost_is_most_profit_when_the_economics_agree_with_the_costs() -> None:
    y, p = scored()
    table = with_profit(at_thresholds(y, p, COSTS, np.unique(p)), ECONOMICS)
    assert int(np.argmin(table["cost_per_applicant"])) == int(np.argmax(table["profit_per_applicant"]))


def width(band: pl.DataFrame) -> float:
    return float(np.mean(band["cost_high"].to_numpy() - band["cost_low"].to_numpy()))


def test_the_band_surrounds_the_cost_curve() -> None:
    y, p = scored()
    band = cost_band(y, p, COSTS)
    exact = [applicant_costs(y, p >= t, COSTS).mean() for t in band["threshold"]]
    assert band["cost_per_applicant"].to_list() == pytest.approx(exact)
    assert (band["cost_low"] <= band["cost_per_applicant"]).all()
    assert (band["cost_per_applicant"] <= band["cost_high"]).all()
    assert width(cost_band(y[:200], p[:200], COSTS)) > 2 * width(band)
    assert cost_band(y, p, COSTS).equals(band)


def test_a_person_decides_where_the_machine_would_cost_more() -> None:
    assert review_band(COSTS, 0.5, 1 / 6) == pytest.approx((0.1, 0.5))
    assert review_band(COSTS, 0.5, 0.6) == pytest.approx((0.1, 0.6))
    assert review_band(COSTS, 0.9, 1 / 6) is None  # dearer than any wrong decision of the machine


def test_reviews_by_hand() -> None:
    y, p = np.array([1, 0, 0, 1]), np.array([0.05, 0.12, 0.4, 0.9])
    table = review_table(y, p, COSTS, 1 / 6, [0.5, 0.9])
    first, second = table.iter_rows(named=True)
    assert first["reviewed"] == 0.5
    assert first["cost_per_applicant"] == pytest.approx((5 + 0.5 + 0.5 + 0) / 4)
    assert (second["from"], second["to"], second["reviewed"]) == (None, None, 0.0)
    assert second["cost_per_applicant"] == pytest.approx((5 + 0 + 1 + 0) / 4)


def test_a_dearer_default_lowers_the_threshold() -> None:
    y, p = scored()
    table = sensitivity(y, p, np.arange(y.size) % 5, 1 / 6)
    assert table["cost_ratio"].to_list() == [5.0, 10.0, 20.0]
    assert table["threshold"].is_sorted(descending=True)
    assert table["acceptance_rate"].is_sorted(descending=True)
    assert (table["cost_if_kept"] >= table["cost_per_applicant"] - 0.05).all()
    assert table.schema["method"] == pl.String
