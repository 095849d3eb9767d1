"""What is expected before outcomes: by hand, and its intervals against what comes."""

import math

import numpy as np
import pytest

from credit_platform.benchmarks.expected_worlds import WORLDS
from credit_platform.modelling.metrics import roc_auc
from credit_platform.monitoring.performance.expected import expected_of
from credit_platform.monitoring.performance.recalibration import TRUE as SURE
from credit_platform.monitoring.performance.recalibration import Recalibration, logit, recalibration
from credit_platform.portfolios import get_portfolio
from credit_platform.scoring.calibration import sigmoid

COSTS = get_portfolio("german_credit").costs


def test_true_probabilities_give_their_own_rate_and_cost() -> None:
    p = np.array([0.1] * 500 + [0.4] * 500)
    found = expected_of(p, p >= 0.3, SURE, COSTS)
    assert found.default_rate is not None
    assert found.cost_per_applicant is not None
    assert found.auc is not None
    assert found.default_rate.estimate == pytest.approx(0.25, abs=0.002)
    assert found.cost_per_applicant.estimate == pytest.approx(0.5 * 0.1 * 5 + 0.5 * 0.6 * 1, abs=0.01)
    # Of pairs, 0.8 x 0.6 x ... by hand: defaults are at 0.4 with 0.8, repaid at 0.1 with 0.6, ties count one half.
    assert found.auc.estimate == pytest.approx(0.8 * 0.6 + 0.5 * (0.8 * 0.4 + 0.2 * 0.6), abs=0.003)


def test_a_small_holdout_makes_the_interval_wider() -> None:
    random = np.random.default_rng(1)
    p = random.beta(1, 6, 2000)
    sizes = (300, 20_000)
    holdouts = [random.beta(1, 6, size) for size in sizes]
    known = [expected_of(p, p > 1, recalibration(random.random(h.size) < h, h), COSTS).default_rate for h in holdouts]
    widths = [one.high - one.low for one in known if one is not None]
    assert widths[0] > 1.5 * widths[1]


def test_a_holdout_that_was_miscalibrated_is_allowed_for() -> None:
    random = np.random.default_rng(2)
    given = random.beta(1, 6, 30_000)
    half_of_it = recalibration(random.random(given.size) < given / 2, given)
    found = expected_of(given[:2000], given[:2000] > 1, half_of_it, COSTS)
    assert found.default_rate is not None
    assert found.default_rate.low < given[:2000].mean() / 2 < found.default_rate.high


def coverage(world: str, shift: str, *, months: int, size: int = 2_000, concept: float = 0.0) -> tuple[float, float]:
    """Share of months of one holdout of 6,000 whose realised AUC and default rate lie in their 95 % intervals.

    The worlds are those of `bench expected`, by none of which the interval was chosen; `concept` adds to the log-odds
    of default what no score says.
    """
    random, made = np.random.default_rng(1), WORLDS[world]()
    given, truth = made.before(random, 6_000)
    trust = recalibration(random.random(given.size) < truth, given)
    held = np.zeros(2)
    for _ in range(months):
        p, truth = made.after[shift](random, size)
        y = (random.random(size) < sigmoid(logit(truth) + concept)).astype(np.int64)
        found = expected_of(p, p > 1, trust, COSTS, seed=int(random.integers(1 << 30)))
        assert found.auc is not None
        assert found.default_rate is not None
        held += [
            found.auc.low <= roc_auc(y, p) <= found.auc.high,
            found.default_rate.low <= y.mean() <= found.default_rate.high,
        ]
    auc, rate = held / months
    return float(auc), float(rate)


@pytest.mark.parametrize(("world", "shift"), [("overconfident", "safer"), ("two kinds", "more new ones")])
def test_intervals_hold_what_comes_in_nine_of_ten_months_under_covariate_shift(world: str, shift: str) -> None:
    auc, rate = coverage(world, shift, months=50)
    assert auc >= 0.9
    assert rate >= 0.9


def test_outcomes_leave_the_interval_when_the_concept_shifts() -> None:
    _, rate = coverage("overconfident", "riskier", months=20, concept=0.7)
    assert rate < 0.2


def test_an_interval_is_not_wider_than_chance_and_calibration_make_it() -> None:
    random = np.random.default_rng(3)
    p = random.beta(1, 6, 2000)
    sure = expected_of(p, p > 1, SURE, COSTS).default_rate
    assert sure is not None
    # Of true probabilities there is nothing but the chance of independent outcomes, which has a formula.
    assert sure.high - sure.low == pytest.approx(2 * 1.96 * math.sqrt((p * (1 - p)).sum()) / p.size, rel=0.06)
    holdout = random.beta(1, 6, 500)
    trust = recalibration(random.random(holdout.size) < holdout, holdout)
    assert isinstance(trust, Recalibration)
    known = expected_of(p, p > 1, trust, COSTS).default_rate
    assert known is not None
    basis = trust.basis(p)
    q = sigmoid(basis @ np.array(trust.coefficients))
    slope = np.array(trust.root).T @ (basis * (q * (1 - q))[:, None]).mean(axis=0)
    chance, calibration = math.sqrt((q * (1 - q)).sum()) / p.size, float(np.linalg.norm(slope))
    half = max(1.96 * math.hypot(chance, calibration), 1.28 * chance + 1.96 * calibration)
    assert known.high - known.low == pytest.approx(2 * half, rel=0.1)


@pytest.mark.parametrize("p", [[], [0.1], [0.0], [1.0], [0.0, 0.0], [0.5] * 3])
def test_few_applicants_get_words_and_never_nan(p: list[float]) -> None:
    found = expected_of(p, [False] * len(p), SURE, COSTS)
    for one in (found.auc, found.default_rate, found.cost_per_applicant):
        assert one is None or all(math.isfinite(end) for end in (one.estimate, one.low, one.high))
    assert found.said


@pytest.mark.parametrize(("y", "p"), [([], []), ([0, 0], [0.1, 0.2]), ([0, 1], [0.1, 0.2]), ([0, 1], [0.3, 0.3])])
def test_a_holdout_that_says_nothing_is_told_in_a_sentence(y: list[int], p: list[float]) -> None:
    trust = recalibration(y, p)
    assert isinstance(trust, str)
    found = expected_of([0.1, 0.2], [False, False], trust, COSTS)
    assert found.auc is None
    assert "The holdout does not say" in found.said
