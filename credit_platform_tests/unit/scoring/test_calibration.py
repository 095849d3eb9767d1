from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_platform.errors import ScorerError
from credit_platform.scoring import IdentityCalibrator, PlattCalibrator, calibrator_from_json, sigmoid

numbers = st.floats(-50, 50, allow_nan=False)


@settings(deadline=None)
@given(st.lists(st.floats(-1e308, 1e308), min_size=1))
def test_sigmoid_is_a_probability_and_never_overflows(values: list[float]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = sigmoid(np.array(values))
    assert ((result >= 0) & (result <= 1)).all()
    assert np.allclose(result + sigmoid(-np.array(values)), 1)


def test_sigmoid_of_known_odds() -> None:
    assert sigmoid(np.log([1.0, 3.0, 1 / 3])).tolist() == pytest.approx([0.5, 0.75, 0.25], abs=1e-15)


@settings(deadline=None)
@given(slope=numbers, intercept=numbers, rows=st.lists(st.tuples(numbers, numbers, numbers), min_size=1))
def test_calibrated_contributions_add_up_to_calibrated_log_odds(
    slope: float, intercept: float, rows: list[tuple[float, float, float]]
) -> None:
    raw = np.array(rows)
    margin = raw.sum(axis=1)
    for calibrator in (PlattCalibrator(slope, intercept), IdentityCalibrator()):
        total = calibrator.contributions(raw).sum(axis=1)
        assert total == pytest.approx(calibrator.log_odds(margin), abs=1e-9)
        assert np.array_equal(calibrator.probability(margin), sigmoid(calibrator.log_odds(margin)))
    assert np.array_equal(raw, np.array(rows)), "the given contributions are left alone"


@settings(deadline=None)
@given(slope=st.floats(allow_nan=False, allow_infinity=False), intercept=numbers)
def test_json_keeps_every_bit(slope: float, intercept: float) -> None:
    calibrator = PlattCalibrator(slope, intercept)
    assert calibrator_from_json(json.loads(json.dumps(calibrator.to_json()))) == calibrator


def test_identity_survives_json_and_an_unknown_kind_is_refused() -> None:
    assert calibrator_from_json(IdentityCalibrator().to_json()) == IdentityCalibrator()
    with pytest.raises(ScorerError, match="kind 'beta'"):
        calibrator_from_json({"kind": "beta"})
