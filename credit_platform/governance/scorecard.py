"""Scorecard bands: what a number of points means in risk and decision.

What is here: `score_bands`, the table from points to default rate, and `scorecard_of`, that of one scorer.
What to add here: another reading of points that a committee asks for.
What must not be here: the scaling (`scoring.points`), points of single features of a WoE scorecard (its candidate).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from credit_platform.governance.evidence import Evidence
from credit_platform.governance.records import ScorecardRecord
from credit_platform.modelling.calibration import wilson_interval
from credit_platform.portfolios.economics import PointsScale
from credit_platform.scoring import Scorer, points_table
from credit_platform.scoring.points import points

MOST_BANDS = 10


def score_bands(evidence: Evidence, scale: PointsScale) -> pl.DataFrame:
    """Bands of equally many points over out-of-sample applicants, riskiest first.

    A band is one or more times `points_to_double_odds` wide, so that from band to band the odds change by one factor.

    Returns:
        points_from, points_to (both included), probability_low, probability_high and predicted (mean), applicants,
        share, defaults, default_rate with _low and _high (95% Wilson), refused (share).
    """
    scores = np.array([points(p, scale) for p in evidence.probability.tolist()])
    step = round(scale.points_to_double_odds)
    width = step * max(1, int(np.ceil((scores.max() - scores.min() + 1) / step / MOST_BANDS)))
    band = scores // width
    return pl.DataFrame([_band(evidence, band == one, int(one) * width, width) for one in np.unique(band)])


def _band(evidence: Evidence, here: Any, start: int, width: int) -> dict[str, Any]:
    y, p = evidence.y[here], evidence.probability[here]
    rate = wilson_interval(int(y.sum()), y.size)
    return {
        "points_from": start,
        "points_to": start + width - 1,
        "probability_low": float(p.min()),
        "probability_high": float(p.max()),
        "predicted": float(p.mean()),
        "applicants": int(y.size),
        "share": float(y.size / evidence.y.size),
        "defaults": int(y.sum()),
        "default_rate": rate.estimate,
        "default_rate_low": rate.low,
        "default_rate_high": rate.high,
        "refused": float(evidence.refused[here].mean()),
    }


@dataclass(frozen=True, kw_only=True)
class Scorecard:
    """What the points of a scorer mean."""

    record: ScorecardRecord
    bands: pl.DataFrame
    """As from `score_bands`."""
    points: pl.DataFrame | None
    """Points of each answer, for a scorecard proper."""


def scorecard_of(scorer: Scorer, calibrated: pl.DataFrame, holdout: pl.DataFrame) -> Scorecard:
    """Bands over everybody's out-of-sample probabilities, decided at the scorer's threshold.

    Args:
        scorer: gives threshold, scale and, if it is a scorecard, the points of each answer.
        calibrated: `target` and `probability` of the training applicants, out of fold.
        holdout: the same of the holdout.
    """
    scale = scorer.portfolio.points
    inside, outside = (
        Evidence.at_threshold(part["target"], part["probability"], scorer.threshold) for part in (calibrated, holdout)
    )
    of_answers = points_table(scorer.fitted.encoder.encodings, scorer.fitted.model, scale)
    record = ScorecardRecord(
        points_of_bins=0 if of_answers is None else of_answers.height,
        digest=scorer.digest,
        base_points=scale.base_points,
        base_odds=scale.base_odds,
        points_to_double_odds=scale.points_to_double_odds,
    )
    return Scorecard(record=record, bands=score_bands(inside.and_also(outside), scale), points=of_answers)
