"""Scorecard points of a probability of default.

What is here: the scaling that lenders use to speak of risk; more points, less risk.
What must not be here: the points of single features (governance/scorecard).
"""

from __future__ import annotations

import math

from credit_platform.portfolios.economics import PointsScale

_LEAST = 1e-9
"""Probabilities are kept this far from 0 and 1, where the odds have no logarithm."""


def points(probability: float, scale: PointsScale) -> int:
    """Points: `base_points` where the odds of repaying are `base_odds`, more by a fixed number when they double.

    Source: N. Siddiqi, Credit Risk Scorecards (2006), chapter 6.
    """
    kept = min(max(probability, _LEAST), 1 - _LEAST)
    log_odds_good = math.log((1 - kept) / kept)
    factor = scale.points_to_double_odds / math.log(2)
    return round(scale.base_points + factor * (log_odds_good - math.log(scale.base_odds)))
