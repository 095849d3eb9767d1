"""Metrics against scikit-learn and hand-computed cases, ties included."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
import sklearn.metrics as reference
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_platform.errors import ModellingError
from credit_platform.modelling import metrics
from credit_platform.portfolios.economics import CostMatrix

COSTS = CostMatrix(false_negative=5.0, false_positive=1.0, source="test")
HAND_Y = [0, 0, 1, 0, 1, 1, 0, 0, 0, 1]
HAND_P = [0.1, 0.1, 0.2, 0.2, 0.3, 0.4, 0.4, 0.5, 0.6, 0.9]

# Few distinct values, so that most examples contain ties.
scores = st.sampled_from([0.0, 0.05, 0.1, 0.25, 0.25000000000000006, 0.5, 0.75, 0.99, 1.0])
samples = st.lists(st.tuples(st.sampled_from([0, 1]), scores), min_size=2, max_size=60).filter(
    lambda rows: len({outcome for outcome, _ in rows}) == 2
)


def arrays(rows: list[tuple[int, float]]) -> tuple[metrics.Outcomes, metrics.Floats]:
    return np.array([y for y, _ in rows]), np.array([p for _, p in rows])


@given(samples)
def test_ranking_metrics_equal_scikit_learn(rows: list[tuple[int, float]]) -> None:
    y, p = arrays(rows)

    assert metrics.roc_auc(y, p) == pytest.approx(reference.roc_auc_score(y, p), abs=1e-12)
    assert metrics.average_precision(y, p) == pytest.approx(reference.average_precision_score(y, p), abs=1e-12)
    assert metrics.brier_score(y, p) == pytest.approx(reference.brier_score_loss(y, p), abs=1e-12)
    assert metrics.log_loss(y, p) == pytest.approx(reference.log_loss(y, p), rel=1e-9)


@given(samples)
def test_curves_equal_scikit_learn(rows: list[tuple[int, float]]) -> None:
    y, p = arrays(rows)

    fpr, tpr, thresholds = reference.roc_curve(y, p, drop_intermediate=False)
    roc = metrics.roc_curve(y, p)
    assert roc["false_positive_rate"].to_numpy() == pytest.approx(fpr)
    assert roc["true_positive_rate"].to_numpy() == pytest.approx(tpr)
    assert roc["threshold"].to_numpy() == pytest.approx(thresholds)
    assert metrics.kolmogorov_smirnov(y, p) == pytest.approx(np.abs(tpr - fpr).max())

    precision, recall, _ = reference.precision_recall_curve(y, p)
    curve = metrics.precision_recall_curve(y, p)
    assert curve["precision"].to_numpy()[::-1] == pytest.approx(precision[:-1])
    assert curve["recall"].to_numpy()[::-1] == pytest.approx(recall[:-1])


@given(samples, scores)
def test_decision_metrics_equal_scikit_learn(rows: list[tuple[int, float]], threshold: float) -> None:
    y, p = arrays(rows)
    refused = (p >= threshold).astype(int)

    found = metrics.classification_metrics(y, p, threshold, COSTS)

    tn, fp, fn, tp = reference.confusion_matrix(y, refused, labels=[0, 1]).ravel()
    assert (found["tn"], found["fp"], found["fn"], found["tp"]) == (tn, fp, fn, tp)
    expected = reference.precision_recall_fscore_support(y, refused, average="binary", zero_division=0)[:3]
    assert (found["precision"], found["recall"], found["f1"]) == pytest.approx(expected)
    assert found["accuracy"] == pytest.approx(reference.accuracy_score(y, refused))
    assert found["gini"] == pytest.approx(2 * found["auc"] - 1)
    assert found["cost"] == pytest.approx(5 * fn + fp)
    assert found["cost_per_applicant"] == pytest.approx(metrics.applicant_costs(y, refused, COSTS).mean())
    assert found["acceptance_rate"] == pytest.approx(1 - refused.mean())


@given(samples, st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_row_order_changes_nothing(rows: list[tuple[int, float]], random: Random) -> None:
    y, p = arrays(rows)
    shuffled = list(rows)
    random.shuffle(shuffled)
    other_y, other_p = arrays(shuffled)

    first = metrics.classification_metrics(y, p, 0.25, COSTS)
    assert metrics.classification_metrics(other_y, other_p, 0.25, COSTS) == pytest.approx(first)


def test_hand_computed_case() -> None:
    found = metrics.classification_metrics(HAND_Y, HAND_P, 0.4, COSTS)

    # Of 24 pairs the default at 0.9 wins 6, at 0.4 3 and half a tie, at 0.3 3, at 0.2 2 and half a tie.
    assert found["auc"] == pytest.approx(15 / 24)
    # At score >= 0.2 all 4 defaults but 4 of 6 repaid loans are above; at 0.9: 1/4 against 0.
    assert found["ks"] == pytest.approx(max(1 - 4 / 6, 1 / 4, 3 / 4 - 3 / 6))
    assert (found["tn"], found["fp"], found["fn"], found["tp"]) == (3, 3, 2, 2)
    assert found["cost_per_applicant"] == pytest.approx((5 * 2 + 3) / 10)
    assert found["lift_top_decile"] == pytest.approx(1.0 / 0.4)


def test_lift_shares_ties_at_the_border_in_proportion() -> None:
    # 20 rows, so two are taken: one of 0.9 (a default) and one of the four tied at 0.8, of which one defaulted.
    y = [1] + [1, 0, 0, 0] + [1, 1] + [0] * 13
    p = [0.9] + [0.8] * 4 + [0.1] * 15

    assert metrics.lift(y, p) == pytest.approx(((1 + 0.25) / 2) / (4 / 20))


def test_precision_is_zero_when_nobody_is_refused() -> None:
    assert metrics.classification_metrics(HAND_Y, HAND_P, 2.0, COSTS)["precision"] == 0.0


@given(samples)
def test_cost_curve_is_the_cost_at_each_threshold(rows: list[tuple[int, float]]) -> None:
    y, p = arrays(rows)

    curve = metrics.cost_curve(y, p, COSTS)

    assert curve.height == np.unique(p).size + 1
    assert (np.diff(curve["threshold"].to_numpy()) < 0).all()
    assert curve["acceptance_rate"][0] == 1.0
    assert curve["acceptance_rate"][-1] == 0.0
    for row in curve.iter_rows(named=True):
        counts = metrics.confusion(y, p, row["threshold"])
        assert {name: row[name] for name in counts} == counts
        assert row["cost"] == 5 * counts["fn"] + counts["fp"]
        assert row["cost_per_applicant"] == pytest.approx(row["cost"] / len(rows))


def test_thresholds_lie_halfway_between_scores() -> None:
    curve = metrics.cost_curve([0, 1, 0], [0.2, 0.4, 0.4], COSTS)

    assert curve["threshold"].to_list() == pytest.approx([0.7, 0.3, 0.1])


@pytest.mark.parametrize(
    ("y", "p", "message"),
    [
        ([0, 0, 0], [0.1, 0.2, 0.3], "0 defaults, so only one class"),
        ([1, 1], [0.1, 0.2], "2 defaults, so only one class"),
        ([0, 1], [0.1], r"shape \(2,\) and scores \(1,\)"),
        ([0, 1], [0.1, float("nan")], "1 of 2 scores are not finite"),
        ([0, 2], [0.1, 0.2], "neither 0 nor 1"),
    ],
)
def test_unfit_input_is_refused(y: list[int], p: list[float], message: str) -> None:
    with pytest.raises(ModellingError, match=message):
        metrics.roc_auc(y, p)
