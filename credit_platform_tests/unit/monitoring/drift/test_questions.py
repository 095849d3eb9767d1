"""The tests against SciPy's own, and what must hold of the PSI."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from credit_platform.monitoring.drift.cells import Kind
from credit_platform.monitoring.drift.counting import count_cells
from credit_platform.monitoring.drift.questions import (
    chi_square_p,
    distances,
    holm,
    indices,
    kolmogorov_p,
    least_decisions,
    totals,
)
from credit_platform.monitoring.drift.questions import (
    test_all as ask_all,
)
from credit_platform.monitoring.drift.reference import NONE, Reference
from credit_platform.monitoring.drift.windows import days_of
from credit_platform_tests.unit.monitoring.drift.made_up import DAY, people


def counted(reference: Reference, batch: pl.DataFrame) -> Any:
    return days_of(count_cells(batch, reference), reference, DAY).counts[0].astype(np.float64)


def test_ks_on_cells_is_close_to_ks_on_values_and_never_larger(reference: Reference) -> None:
    training, now = people(20_000, 1), people(900, 2, income=0.4, age=0.1)
    counts, expected = counted(reference, now), reference.shares(NONE)
    found = distances(reference, expected, counts)
    for name in ("income", "age", "amount", "months"):
        exact = stats.ks_2samp(training[name], now[name]).statistic
        assert exact - 2 / 256 <= found[reference.numbers[name]] <= exact + 1e-12


def test_p_of_ks_is_that_of_the_asymptotic_distribution() -> None:
    expected = stats.kstwobign.sf(np.sqrt(500 * 2000 / 2500) * 0.07)
    assert kolmogorov_p(np.array([0.07]), np.array([500.0]), np.array([2000.0]))[0] == pytest.approx(expected)


def test_chi_square_is_that_of_the_contingency_table() -> None:
    before, now = np.array([0.0, 500, 300, 200]), np.array([10.0, 40, 40, 30])
    statistic, p = chi_square_p(before / 1000, now, 1000)
    exact = stats.chi2_contingency(np.stack([before, now])[:, [1, 2, 3]], correction=False)
    pooled = stats.chi2_contingency(np.stack([before, now])[:, 1:], correction=False)
    assert exact.statistic == pytest.approx(pooled.statistic)
    with_small = stats.chi2_contingency(np.array([[500, 300, 200, 0], [40, 40, 30, 10]]), correction=False)
    assert [statistic, p] == pytest.approx([with_small.statistic, with_small.pvalue])


def test_rare_categories_are_counted_together() -> None:
    before = np.array([0, 990, *[2] * 5], dtype=np.float64)
    now = np.array([0, 95, *[1] * 5], dtype=np.float64)
    exact = stats.chi2_contingency(np.array([[990, 10], [95, 5]]), correction=False)
    assert chi_square_p(before / 1000, now, 1000)[0] == pytest.approx(exact.statistic)


@pytest.mark.parametrize("now", [[0, 0, 0], [0, 50, 0], [50, 0, 0]])
def test_nothing_or_the_same_is_certain_of_nothing(now: list[int]) -> None:
    same = np.array(now, dtype=np.float64)
    assert chi_square_p(same / max(same.sum(), 1), same, 100) == (0.0, 1.0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_is_never_below_p_nor_above_bonferroni(p: list[float]) -> None:
    adjusted = holm(np.array(p))
    assert (adjusted >= np.array(p)).all()
    assert (adjusted <= np.minimum(np.array(p) * len(p), 1.0) + 1e-12).all()


def test_holm_by_hand() -> None:
    assert holm(np.array([0.04, 0.01, 0.03])).tolist() == pytest.approx([0.06, 0.03, 0.06])


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 400), st.integers(0, 1000), st.floats(-3, 3))
def test_psi_is_not_negative_and_nothing_against_itself(
    reference: Reference, rows: int, seed: int, shift: float
) -> None:
    counts = counted(reference, people(rows, seed, income=shift))
    n = totals(reference, counts)
    shares = counts / np.maximum(n, 1)[reference.owner]
    own = indices(reference, shares, counts, n)
    assert np.abs(own).max() < 1e-12
    among = indices(reference, reference.shares(NONE), counts, np.full(n.size, 20_000.0))
    assert (among >= 0).all()
    assert np.isfinite(among).all()


def test_least_n_is_that_of_the_chi_square_quantile(reference: Reference) -> None:
    least = least_decisions(reference, reference.shares(NONE))
    # eight bins of values; nobody is missing or outside of the range
    assert least[reference.numbers["income"]] == pytest.approx(stats.chi2.isf(0.05 / 9, 7) / 0.10)
    assert least[reference.numbers["ratio"]] == pytest.approx(stats.chi2.isf(0.05 / 9, 8) / 0.10)
    assert least[reference.numbers["channel"]] == pytest.approx(stats.chi2.isf(0.05 / 9, 2) / 0.10)


def test_categories_have_no_plain_ks(reference: Reference) -> None:
    batch = people(500, 3, channel=pl.Series(["web"] * 500))
    _, p, plain = ask_all(reference, reference.shares(NONE), counted(reference, batch), np.full(12, 20_000.0))
    number = reference.numbers["channel"]
    assert reference.cells[number].kind is Kind.CATEGORY
    assert p[number] < 1e-9
    assert plain[number] == 1.0
