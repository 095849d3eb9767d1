"""What refused applicants could change: exact bounds, tried over all that they could have done."""

from itertools import product

import numpy as np
import pytest

from credit_platform.modelling.metrics import roc_auc
from credit_platform.monitoring.performance.bounds import bounds_of
from credit_platform.portfolios import get_portfolio

COSTS = get_portfolio("german_credit").costs


def test_no_way_in_which_refused_applicants_behave_leaves_the_bounds() -> None:
    y, p, refused = np.array([0, 1, 0, 0, 1]), np.array([0.1, 0.15, 0.05, 0.12, 0.02]), np.array([0.3, 0.4, 0.5, 0.6])
    found = {one.measure: one for one in bounds_of(y, p, refused, COSTS)}
    aucs = [roc_auc([*y, *theirs], [*p, *refused]) for theirs in product([0, 1], repeat=4)]
    assert found["auc"].if_all_default == pytest.approx(max(aucs))
    assert found["auc"].if_all_repay == pytest.approx(min(aucs))
    assert (found["default_rate"].if_all_default, found["default_rate"].if_all_repay) == (6 / 9, 2 / 9)
    # Two granted defaults cost 5 each; four refused good applicants cost 1 each.
    assert (found["cost_per_applicant"].if_all_default, found["cost_per_applicant"].if_all_repay) == (10 / 9, 14 / 9)


def test_nothing_known_is_said_in_words() -> None:
    none = np.array([], dtype=np.int64)
    assert {one.said for one in bounds_of(none, none.astype(float), [0.3], COSTS)} == {"no outcomes yet"}


def test_one_class_still_bounds_rates_and_costs() -> None:
    found = {one.measure: one for one in bounds_of(np.array([0, 0]), np.array([0.1, 0.2]), [], COSTS)}
    assert found["auc"].if_all_default is None
    assert "only one class" in found["auc"].said
    assert found["default_rate"].if_all_default == 0.0
