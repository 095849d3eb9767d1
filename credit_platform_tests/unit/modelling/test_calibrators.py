"""Isotonic calibration: never falling, contributions that add up; and the rule by which it is chosen."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from credit_platform.modelling.calibrators import choose_calibrator, fit_isotonic
from credit_platform.modelling.metrics import log_loss
from credit_platform.scoring import IsotonicCalibrator, PlattCalibrator, calibrator_from_json


def sample(rows: int, *, bent: bool, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Margins, outcomes, folds; `bent`: the truth is a step, which no line can follow."""
    rng = np.random.default_rng(seed)
    margin = rng.normal(size=rows) * 2
    truth = np.where(margin > 0.5, 0.7, 0.15) if bent else 1 / (1 + np.exp(-margin))
    return margin, (rng.random(rows) < truth).astype(np.int8), np.arange(rows) % 5


def test_platt_stays_where_defaults_are_few_even_if_a_curve_looks_better() -> None:
    choice = choose_calibrator(*sample(600, bent=True))
    assert isinstance(choice.calibrator, PlattCalibrator)
    assert "fewer than the 1000" in choice.reason


def test_isotonic_wins_where_there_are_many_and_the_line_is_wrong() -> None:
    margin, y, fold = sample(6000, bent=True)
    choice = choose_calibrator(margin, y, fold)
    assert isinstance(choice.calibrator, IsotonicCalibrator)
    assert "beyond chance" in choice.reason
    rows = {row["calibration"]: row for row in choice.table.iter_rows(named=True)}
    assert rows["isotonic"]["chosen"]
    assert rows["isotonic"]["log_loss"] < rows["platt"]["log_loss"] < rows["none"]["log_loss"]
    assert rows["isotonic"]["log_loss"] == pytest.approx(log_loss(y, choice.probability))


def test_platt_stays_where_the_line_is_right() -> None:
    choice = choose_calibrator(*sample(6000, bent=False))
    assert choice.calibrator.kind == "platt"
    assert "no improvement beyond chance" in choice.reason


def test_the_probabilities_of_a_fold_do_not_know_its_outcomes() -> None:
    margin, y, fold = sample(6000, bent=True)
    flipped = np.where(fold == 2, 1 - y, y).astype(np.int8)
    before, after = choose_calibrator(margin, y, fold), choose_calibrator(margin, flipped, fold)
    if before.calibrator.kind == after.calibrator.kind:
        assert np.array_equal(before.probability[fold == 2], after.probability[fold == 2])
    assert before.calibrator.kind == "isotonic"


def test_isotonic_follows_the_steps_of_scikit_learn() -> None:
    margin, y, _ = sample(3000, bent=True)
    ours = fit_isotonic(margin, y)
    steps = IsotonicRegression(out_of_bounds="clip").fit(margin, y)
    gap = np.abs(ours.probability(np.array(ours.margins)) - steps.predict(ours.margins))
    assert gap.max() < 0.02  # smoothed outcomes
    assert np.diff(ours.values).min() >= 0


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10_000), rows=st.integers(2, 40))
def test_log_odds_never_fall_and_contributions_add_up(seed: int, rows: int) -> None:
    rng = np.random.default_rng(seed)
    margin = rng.normal(size=rows)
    y = np.concatenate([[0, 1], rng.integers(0, 2, rows - 2)])
    calibrator = fit_isotonic(margin, y)
    ladder = np.linspace(-6, 6, 200)
    assert np.diff(calibrator.log_odds(ladder)).min() >= 0
    assert np.isfinite(calibrator.log_odds(ladder)).all()
    contributions = rng.normal(size=(30, 4))
    contributions[0] = [0.0, 0.0, 0.0, 0.7]  # nothing but the base value
    shared = calibrator.contributions(contributions)
    expected = calibrator.log_odds(contributions.sum(axis=1))
    assert np.abs(shared.sum(axis=1) - expected).max() < 1e-9
    # Nobody's contribution changes sign: the curve never falls.
    assert (shared[:, :-1] * contributions[:, :-1] >= 0).all()


def test_it_survives_json_to_the_last_bit() -> None:
    margin, y, _ = sample(500, bent=True)
    calibrator = fit_isotonic(margin, y)
    again = calibrator_from_json(json.loads(json.dumps(calibrator.to_json())))
    assert again == calibrator
    assert again.probability(margin).tobytes() == calibrator.probability(margin).tobytes()
