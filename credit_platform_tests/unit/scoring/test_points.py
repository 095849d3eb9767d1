from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_platform.portfolios.economics import PointsScale
from credit_platform.scoring import points

SCALE = PointsScale(base_points=600, base_odds=20, points_to_double_odds=20)


@pytest.mark.parametrize(("odds", "expected"), [(20, 600), (40, 620), (80, 640), (10, 580), (5, 560)])
def test_doubling_the_odds_adds_the_same_points(odds: float, expected: int) -> None:
    assert points(1 / (1 + odds), SCALE) == expected


@settings(deadline=None)
@given(a=st.floats(0, 1), b=st.floats(0, 1))
def test_more_risk_never_means_more_points(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert points(low, SCALE) >= points(high, SCALE)
