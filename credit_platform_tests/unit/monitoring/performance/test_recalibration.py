"""What a holdout says of probabilities: found where there is something to find, and words where not."""

from __future__ import annotations

import numpy as np
import pytest

from credit_platform.monitoring.performance.recalibration import TRUE, Recalibration, logit, recalibration
from credit_platform.scoring.calibration import sigmoid


def holdout(
    level: float, slope: float, bend: float, size: int = 60_000
) -> tuple[np.ndarray[tuple[int], np.dtype[np.bool_]], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Outcomes of a parabola of the log-odds, and the probabilities that were given."""
    random = np.random.default_rng(4)
    x = random.normal(0.0, 0.9, size)
    return random.random(size) < sigmoid(level + slope * x + bend * x * x), sigmoid(x)


def test_level_slope_and_bend_are_found() -> None:
    found = recalibration(*holdout(-1.0, 0.8, -0.15))
    assert isinstance(found, Recalibration)
    level, slope, bend = found.coefficients
    # About the centre of the holdout, which is close to 0.
    assert [level, slope, bend] == pytest.approx([-1.0, 0.8, -0.15], abs=0.04)


def test_a_small_holdout_is_less_sure_and_keeps_the_bend_near_none() -> None:
    y, p = holdout(-1.0, 1.0, 0.0)
    large, small = recalibration(y, p), recalibration(y[:150], p[:150])
    assert isinstance(large, Recalibration)
    assert isinstance(small, Recalibration)
    spread = [np.diag(np.array(one.root) @ np.array(one.root).T) for one in (large, small)]
    assert (spread[1] > spread[0]).all()
    assert np.sqrt(spread[1][2]) <= 0.25, "the prior of the bend bounds it"


def test_beyond_the_holdout_there_is_no_bend() -> None:
    found = recalibration(*holdout(-1.0, 1.0, -0.2))
    assert isinstance(found, Recalibration)
    far = found.basis(sigmoid(np.array([6.0, 7.0, 8.0]))) @ np.array(found.coefficients)
    assert np.diff(far, 2) == pytest.approx([0.0], abs=1e-9)


def test_true_probabilities_stay_as_they_are() -> None:
    p = np.array([0.0, 1e-9, 0.2, 0.9, 1.0])
    assert TRUE.basis(p) @ TRUE.draw(np.random.default_rng(1)) == pytest.approx(logit(p))
    assert np.isfinite(logit(p)).all()


@pytest.mark.parametrize(("y", "p"), [([], []), ([0, 0], [0.1, 0.2]), ([0, 1], [0.1, 0.2]), ([0, 1], [0.3, 0.3])])
def test_a_holdout_that_says_nothing_is_told_in_a_sentence(y: list[int], p: list[float]) -> None:
    assert isinstance(recalibration(y, p), str)
