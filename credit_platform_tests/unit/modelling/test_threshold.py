"""The cost curve is minimal at the chosen threshold, and the quoted cost is honest."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_platform.errors import ModellingError
from credit_platform.modelling import threshold as module
from credit_platform.modelling.metrics import Floats, Outcomes, applicant_costs, cost_curve
from credit_platform.modelling.threshold import Method, cheapest_threshold, choose_threshold, smoothed_threshold
from credit_platform.portfolios.economics import CostMatrix

COSTS = CostMatrix(false_negative=5.0, false_positive=1.0, source="test")
Sample = tuple[Outcomes, Floats, Outcomes]


def calibrated(seed: int, rows: int = 600) -> Sample:
    """Outcomes drawn from the very probabilities given: calibrated by construction."""
    random = np.random.default_rng(seed)
    p = random.beta(1.2, 2.8, size=rows)
    return (random.random(rows) < p).astype(np.int64), p, np.arange(rows) % 5


rows_strategy = st.lists(
    st.tuples(st.sampled_from([0, 1]), st.sampled_from([0.0, 0.1, 0.2, 0.35, 0.5, 0.8, 1.0])), min_size=2, max_size=40
).filter(lambda rows: len({outcome for outcome, _ in rows}) == 2)


@given(rows_strategy, st.sampled_from([1.0, 5.0, 10.0]))
def test_no_threshold_is_cheaper_than_the_optimum(rows: list[tuple[int, float]], ratio: float) -> None:
    y, p = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    costs = CostMatrix(false_negative=ratio, false_positive=1.0, source="test")

    chosen = cheapest_threshold(cost_curve(y, p, costs))

    cost = applicant_costs(y, p >= chosen, costs).sum()
    everything = [-1.0, *np.unique(p), 2.0]
    assert cost == min(applicant_costs(y, p >= other, costs).sum() for other in everything)


def test_of_equally_cheap_thresholds_the_one_that_grants_most_is_taken() -> None:
    # Refusing the applicant at 0.3 avoids a loss of 1 and costs 1: no reason to refuse.
    costs = CostMatrix(false_negative=1.0, false_positive=1.0, source="test")

    chosen = cheapest_threshold(cost_curve([0, 1, 0, 1], [0.1, 0.3, 0.3, 0.9], costs))

    assert chosen == pytest.approx(0.6)


def test_optimum_of_calibrated_probabilities_is_near_break_even() -> None:
    y, p, fold = calibrated(1, rows=100_000)

    choice = choose_threshold(y, p, COSTS, fold)

    assert choice.theoretical == pytest.approx(1 / 6)
    by_method = dict(choice.methods.select("method", "threshold").iter_rows())
    assert by_method == {
        "break_even": pytest.approx(1 / 6),
        "smoothed": pytest.approx(1 / 6, abs=0.02),
        "empirical": pytest.approx(1 / 6, abs=0.03),
    }
    assert choice.theoretical_cost == pytest.approx(choice.cost_per_applicant_cross_fitted, abs=0.005)


def test_break_even_is_kept_unless_the_data_contradict_it() -> None:
    y, p, fold = calibrated(2)

    assert choose_threshold(y, p, COSTS, fold).method is Method.BREAK_EVEN
    # Probabilities ten times too small put break-even far off: the data must win.
    choice = choose_threshold(y, p / 10, COSTS, fold)
    assert choice.method is not Method.BREAK_EVEN
    assert choice.threshold == pytest.approx(1 / 60, abs=0.01)


def test_the_quoted_cost_is_that_of_the_cross_fitted_decisions() -> None:
    y, p, fold = calibrated(3)

    choice = choose_threshold(y, p, COSTS, fold)

    assert choice.cost_per_applicant_cross_fitted == pytest.approx(applicant_costs(y, choice.refused, COSTS).mean())
    assert choice.cost_interval.low < choice.cost_per_applicant_cross_fitted < choice.cost_interval.high
    for number, value in choice.fold_thresholds.items():
        assert (choice.refused[fold == number] == (p[fold == number] >= value)).all()


def test_a_folds_own_outcomes_do_not_choose_its_threshold() -> None:
    y, p, fold = calibrated(4)
    flipped = np.where(fold == 2, 1 - y, y)

    before, after = choose_threshold(y, p / 10, COSTS, fold), choose_threshold(flipped, p / 10, COSTS, fold)

    assert after.fold_thresholds[2] == before.fold_thresholds[2]
    assert after.fold_thresholds != before.fold_thresholds


def test_scores_without_information_cost_no_less_than_refusing_all_on_average() -> None:
    """The regression guarded against: in-sample optima of random scores look better than they are."""
    costs, trivial = [], []
    for seed in range(12):
        y, p, fold = calibrated(seed, rows=300)
        p = np.random.default_rng(seed).permutation(p)
        choice = choose_threshold(y, p, COSTS, fold)
        costs.append(choice.cost_per_applicant_cross_fitted)
        trivial.append(min(choice.accept_all_cost, choice.refuse_all_cost))

    assert np.mean(costs) >= np.mean(trivial)


def test_tables_hold_the_grid_the_curve_and_the_trivial_rules() -> None:
    y, p, fold = calibrated(5)

    choice = choose_threshold(y, p, COSTS, fold)

    assert choice.grid["threshold"].to_list() == [round(0.1 + 0.05 * i, 2) for i in range(17)]
    assert choice.accept_all_cost == pytest.approx(5 * y.mean())
    assert choice.refuse_all_cost == pytest.approx(1 - y.mean())
    assert choice.curve["threshold"].is_sorted()
    at_choice = choice.curve.row(by_predicate=pl.col("threshold") == choice.threshold, named=True)
    assert at_choice["cost_per_applicant"] == choice.cost_per_applicant
    assert at_choice["acceptance_rate"] == choice.acceptance_rate
    assert choice.curve["cost_per_applicant"].min() == cost_curve(y, p, COSTS)["cost_per_applicant"].min()
    for row in choice.grid.iter_rows(named=True):
        assert row["cost_per_applicant"] == pytest.approx(applicant_costs(y, p >= row["threshold"], COSTS).mean())


def test_a_long_curve_is_thinned() -> None:
    y, p, fold = calibrated(6, rows=5_000)

    curve = choose_threshold(y, p, COSTS, fold).curve

    assert module.CURVE_ROWS <= curve.height <= module.CURVE_ROWS + len(Method)
    assert curve["acceptance_rate"].max() == 1.0
    assert curve["acceptance_rate"].min() == 0.0


def test_smoothing_steadies_the_threshold() -> None:
    smoothed, empirical = [], []
    for seed in range(30):
        y, p, _ = calibrated(seed, rows=400)
        curve = cost_curve(y, p, COSTS)
        smoothed.append(smoothed_threshold(y, p, curve, COSTS, seed=seed))
        empirical.append(cheapest_threshold(curve))

    assert np.std(smoothed) < 0.8 * np.std(empirical)


def test_same_seed_same_choice() -> None:
    y, p, fold = calibrated(7)

    first, second = choose_threshold(y, p, COSTS, fold, seed=3), choose_threshold(y, p, COSTS, fold, seed=3)

    assert first.methods.equals(second.methods)
    assert first.cost_interval == second.cost_interval


def test_two_folds_cannot_keep_choosing_and_judging_apart() -> None:
    y, p, fold = calibrated(8)

    with pytest.raises(ModellingError, match="2 folds"):
        choose_threshold(y, p, COSTS, fold % 2)
