"""DeLong against its definition and simulation, bootstrap against theory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_platform.errors import ModellingError
from credit_platform.modelling import intervals
from credit_platform.modelling.metrics import Floats, Outcomes, applicant_costs, roc_auc
from credit_platform.portfolios.economics import CostMatrix

COSTS = CostMatrix(false_negative=5.0, false_positive=1.0, source="test")


def sample(seed: int, rows: int = 400, signal: float = 1.2) -> tuple[Outcomes, Floats]:
    random = np.random.default_rng(seed)
    y = (random.random(rows) < 0.3).astype(np.int64)
    return y, random.normal(size=rows) + signal * y


def delong_error_by_definition(y: Outcomes, p: Floats) -> float:
    """Every pair compared, as in the paper: O(n^2)."""
    wins = (p[y == 1][:, None] > p[y == 0]) + 0.5 * (p[y == 1][:, None] == p[y == 0])
    of_defaults, of_repaid = wins.mean(axis=1), wins.mean(axis=0)
    return float(np.sqrt(of_defaults.var(ddof=1) / of_defaults.size + of_repaid.var(ddof=1) / of_repaid.size))


@given(st.integers(0, 10_000), st.integers(1, 3))
@settings(max_examples=30)
def test_auc_error_is_delongs_also_with_ties(seed: int, digits: int) -> None:
    y, p = sample(seed, rows=60)
    p = p.round(digits - 1)

    assert intervals.auc_error(y, p) == pytest.approx(delong_error_by_definition(y, p))


def test_auc_interval_covers_the_truth_as_often_as_it_says() -> None:
    truth = roc_auc(*sample(0, rows=400_000))
    found = [intervals.auc_interval(*sample(seed, rows=200)) for seed in range(1, 401)]

    covered = np.mean([interval.low <= truth <= interval.high for interval in found])
    assert 0.92 <= covered <= 0.98
    assert all(0.0 < interval.low < interval.estimate < interval.high < 1.0 for interval in found)


def test_perfect_separation_is_no_certainty() -> None:
    y, p = [0, 0, 0, 0, 1, 1, 1], [1, 2, 3, 4, 5, 6, 7]

    best = intervals.auc_interval(y, p)
    worst = intervals.auc_interval(y, [-score for score in p])

    assert (best.estimate, best.high) == (1.0, 1.0)
    assert best.low == pytest.approx(0.025 ** (1 / 3))
    assert (worst.estimate, worst.low) == (0.0, 0.0)
    assert worst.high == pytest.approx(1 - best.low)


def test_a_single_default_still_has_an_interval() -> None:
    interval = intervals.auc_interval([0, 0, 0, 0, 1], [0.1, 0.2, 0.3, 0.5, 0.4])

    assert interval.estimate == 0.75
    assert interval.low < 0.25
    assert interval.high > 0.95


def test_auc_difference_is_paired() -> None:
    y, p = sample(3)
    nearly = p + np.random.default_rng(4).normal(scale=0.1, size=p.size)
    noise = np.random.default_rng(5).normal(size=p.size)

    close = intervals.auc_difference(y, p, nearly)
    unlike = intervals.auc_difference(y, p, noise)
    equal = intervals.auc_difference(y, p, p)

    assert close.high - close.low < 0.2 * (unlike.high - unlike.low)
    assert unlike.distinguishable
    assert unlike.probability_above_zero > 0.999
    assert (equal.difference, equal.low, equal.high, equal.probability_above_zero) == (0.0, 0.0, 0.0, 0.0)
    assert not equal.distinguishable


def test_auc_difference_changes_sign_with_the_order() -> None:
    y, p = sample(3)
    other = p + np.random.default_rng(4).normal(size=p.size)

    there, back = intervals.auc_difference(y, p, other), intervals.auc_difference(y, other, p)

    assert back.difference == pytest.approx(-there.difference)
    assert back.high == pytest.approx(-there.low)
    assert back.probability_above_zero == pytest.approx(1 - there.probability_above_zero)


@pytest.mark.parametrize("kind", ["costs", "squared errors"])
def test_bootstrap_interval_has_the_width_of_the_normal_one(kind: str) -> None:
    y, p = sample(1, rows=800)
    values = applicant_costs(y, p > 0.5, COSTS) if kind == "costs" else (y - 1 / (1 + np.exp(-p))) ** 2

    interval = intervals.bootstrap_interval(values)

    half = 1.96 * values.std() / np.sqrt(values.size)
    assert interval.estimate == pytest.approx(values.mean())
    assert interval.low == pytest.approx(values.mean() - half, rel=0.05)
    assert interval.high == pytest.approx(values.mean() + half, rel=0.05)


def test_bootstrap_is_deterministic_and_depends_on_its_seed() -> None:
    values = np.arange(50.0)

    first = intervals.bootstrap_interval(values, seed=1)

    assert intervals.bootstrap_interval(values[::-1].copy(), seed=1) == first
    assert intervals.bootstrap_interval(values, seed=2) != first


def test_paired_bootstrap_of_equal_costs_finds_no_difference() -> None:
    costs = applicant_costs(*sample(1), COSTS)

    found = intervals.paired_bootstrap(costs, costs)

    assert (found.difference, found.low, found.high, found.probability_above_zero) == (0.0, 0.0, 0.0, 0.0)


def test_paired_bootstrap_sees_a_dearer_model() -> None:
    y, p = sample(1, rows=800)
    dear, cheap = applicant_costs(y, p > 3.0, COSTS), applicant_costs(y, p > 0.0, COSTS)

    found = intervals.paired_bootstrap(dear, cheap)

    assert found.difference == pytest.approx(dear.mean() - cheap.mean())
    assert found.distinguishable
    assert found.probability_above_zero == 1.0


def test_paired_bootstrap_wants_the_same_applicants() -> None:
    with pytest.raises(ModellingError, match="same applicants"):
        intervals.paired_bootstrap([1.0, 2.0], [1.0])


def test_nobody_to_resample() -> None:
    with pytest.raises(ModellingError, match="no applicant to resample"):
        intervals.bootstrap_interval([])


def test_an_interval_reads_and_tabulates() -> None:
    interval = intervals.Interval(0.79, 0.7551, 0.821)

    assert str(interval) == "0.790 (0.755 to 0.821)"
    assert interval.columns("auc") == {"auc": 0.79, "auc_low": 0.7551, "auc_high": 0.821}
