"""Calibration against scikit-learn, simulation and hand-computed cases."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from credit_platform.errors import ModellingError
from credit_platform.modelling import calibration
from credit_platform.modelling.metrics import Floats, Outcomes, brier_score, log_loss


def sigmoid(values: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-values)), dtype=np.float64)


def sample(seed: int, rows: int = 2_000, slope: float = 1.0, intercept: float = 0.0) -> tuple[Outcomes, Floats]:
    """Outcomes, and margins whose true log-odds are `slope` * margin + `intercept`."""
    random = np.random.default_rng(seed)
    margin = random.normal(-1.0, 1.2, size=rows)
    return (random.random(rows) < sigmoid(slope * margin + intercept)).astype(np.int64), margin


def test_platt_recovers_the_true_line() -> None:
    y, margin = sample(1, rows=100_000, slope=0.6, intercept=-0.8)

    found = calibration.fit_platt(margin, y)

    assert found.slope == pytest.approx(0.6, abs=0.03)
    assert found.intercept == pytest.approx(-0.8, abs=0.03)


def test_platt_is_finite_when_margins_separate_the_classes() -> None:
    found = calibration.fit_platt([-3.0, -2.0, 2.0, 3.0], [0, 0, 1, 1])

    # With two of each, the smoothed targets are 1/4 and 3/4.
    assert found.slope > 0
    assert found.intercept == pytest.approx(0.0, abs=1e-9)
    assert found.probability(np.array([-3.0, -2.0])).mean() == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_platt_does_not_depend_on_the_scale_of_margins(scale: float) -> None:
    y, margin = sample(2)

    found, plain = calibration.fit_platt(margin * scale, y), calibration.fit_platt(margin, y)

    assert found.slope * scale == pytest.approx(plain.slope, rel=1e-6)
    assert found.intercept == pytest.approx(plain.intercept, rel=1e-6)


@given(st.integers(0, 1000), st.floats(0.3, 3.0), st.floats(-1.0, 1.0))
@settings(max_examples=20, deadline=None)
def test_cox_slope_and_intercept_equal_an_unpenalised_regression(seed: int, slope: float, shift: float) -> None:
    y, margin = sample(seed, rows=500)
    p = sigmoid(slope * margin + shift)
    reference = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(np.log(p / (1 - p))[:, None], y)

    found = calibration.calibration_slope_intercept(y, p)

    assert found.slope == pytest.approx(reference.coef_[0, 0], rel=1e-3)
    assert found.intercept == pytest.approx(reference.intercept_[0], rel=1e-3, abs=1e-4)


def test_standard_errors_are_the_spread_over_samples() -> None:
    fits = []
    for seed in range(300):
        y, margin = sample(seed, rows=400)
        fits.append(calibration.calibration_slope_intercept(y, sigmoid(margin)))

    for figure, truth in (("slope", 1.0), ("intercept", 0.0), ("in_the_large", 0.0)):
        values = np.array([getattr(fit, figure) for fit in fits])
        errors = np.array([getattr(fit, f"{figure}_error") for fit in fits])
        assert values.mean() == pytest.approx(truth, abs=0.03)
        assert errors.mean() == pytest.approx(values.std(), rel=0.12)
    covered = [fit.slope_interval().low <= 1.0 <= fit.slope_interval().high for fit in fits]
    assert 0.92 <= np.mean(covered) <= 0.98


def test_overfitted_probabilities_have_a_slope_below_one() -> None:
    y, margin = sample(4)

    found = calibration.calibration_slope_intercept(y, sigmoid(2.0 * margin))

    assert found.slope_interval().high < 1.0


def test_low_probabilities_show_in_the_large() -> None:
    y, margin = sample(5)

    found = calibration.calibration_slope_intercept(y, sigmoid(margin - 0.5))

    assert found.in_the_large == pytest.approx(0.5, abs=3 * found.in_the_large_error)
    assert found.in_the_large > 2 * found.in_the_large_error


def test_certain_probabilities_are_measured_too() -> None:
    found = calibration.calibration_slope_intercept([0, 1, 0, 1, 0, 1], [0.0, 1.0, 1.0, 0.0, 0.0, 1.0])

    assert 0.0 < found.slope < 1.0


@pytest.mark.parametrize("noise", [0.0, 1e-15])
def test_equal_scores_have_no_slope(noise: float) -> None:
    with pytest.raises(ModellingError, match="All 3 scores are equal"):
        calibration.calibration_slope_intercept([0, 1, 0], [0.3, 0.3, 0.3 + noise])
    with pytest.raises(ModellingError, match="All 2 scores are equal"):
        calibration.fit_platt([0.0, 0.0], [0, 1])


def test_separating_probabilities_have_no_finite_slope() -> None:
    with pytest.raises(ModellingError, match="separate defaults from repaid loans wholly"):
        calibration.calibration_slope_intercept([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])


def test_reliability_table_by_hand() -> None:
    y = [0, 0, 0, 1, 1, 1]
    p = [0.1, 0.2, 0.3, 0.4, 0.8, 0.9]

    table = calibration.reliability_table(y, p, bins=2)

    assert table["applicants"].to_list() == [3, 3]
    assert table["predicted"].to_list() == pytest.approx([0.2, 0.7])
    assert table["observed"].to_list() == [0.0, 1.0]
    assert calibration.expected_calibration_error(y, p, bins=2) == pytest.approx((0.2 + 0.3) / 2)


@given(st.lists(st.tuples(st.sampled_from([0, 1]), st.sampled_from([0.0, 0.2, 0.5, 0.9])), min_size=2, max_size=50))
def test_reliability_table_keeps_everybody_and_ties_together(rows: list[tuple[int, float]]) -> None:
    rows = [*rows, (0, 0.2), (1, 0.5)]
    y, p = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])

    table = calibration.reliability_table(y, p)

    assert table["applicants"].sum() == len(rows)
    assert table.height <= np.unique(p).size
    assert (table["predicted"] * table["applicants"]).sum() == pytest.approx(p.sum())
    assert (table["observed"] * table["applicants"]).sum() == pytest.approx(y.sum())
    assert table.filter(
        (pl.col("observed_low") > pl.col("observed")) | (pl.col("observed_high") < pl.col("observed"))
    ).is_empty()


def test_before_and_after() -> None:
    y, margin = sample(6)
    before = sigmoid(3.0 * margin)
    after = calibration.fit_platt(3.0 * margin, y).probability(3.0 * margin)

    table = calibration.before_and_after(y, before, after)

    assert table["stage"].to_list() == ["before", "after"]
    assert table["brier"].to_list() == [brier_score(y, before), brier_score(y, after)]
    assert table["log_loss"].to_list() == [log_loss(y, before), log_loss(y, after)]
    assert table["log_loss"][1] < table["log_loss"][0]
    assert table["calibration_error"][1] < table["calibration_error"][0]
    assert table["slope"].to_list() == pytest.approx([1 / 3, 1.0], abs=0.05)


def test_wilson_interval() -> None:
    # 0 of 10: the textbook 95 % interval is 0 to 0.2775.
    none = calibration.wilson_interval(0, 10)

    assert (none.estimate, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(0.2775, abs=1e-4)
    assert calibration.wilson_interval(10, 10).low == pytest.approx(1 - 0.2775, abs=1e-4)
