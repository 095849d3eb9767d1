"""Observed against expected defaults, by bands of scorecard points.

What is here: `points_bands`.
What to add here: nothing; another grouping is a module of its own.
What must not be here: the tests themselves (`jeffreys.py`).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from credit_platform.monitoring.performance.jeffreys import holm, jeffreys_interval, too_low
from credit_platform.portfolios.economics import PointsScale

ALPHA = 0.05
"""Over all bands together, by Holm."""
IN_LINE, TOO_LOW, TOO_HIGH = "in line", "probabilities too low", "probabilities too high"


def points_bands(loans: pl.DataFrame, scale: PointsScale) -> pl.DataFrame:
    """One row per band of points that holds a loan, the riskiest first.

    A band is as wide as the points that double the odds, so it depends on the scale only and is the same for every
    month and every model of the portfolio.

    Args:
        loans: `points`, `probability` and `defaulted` (true or false) of granted loans whose outcome is known.
        scale: of the portfolio.

    Returns:
        points_from, points_below, loans, defaults, expected (mean probability), observed (default rate), observed_low,
        observed_high (95% Jeffreys interval), p_too_low and p_too_high (adjusted over the bands), said.
    """
    width = max(1, round(scale.points_to_double_odds))
    grouped = (
        loans.with_columns((pl.col("points") // width * width).cast(pl.Int64).alias("points_from"))
        .group_by("points_from")
        .agg(pl.len().alias("loans"), pl.col("defaulted").sum().alias("defaults"), pl.col("probability").mean())
        .sort("points_from")
    )
    counts = [(int(d), int(n), float(p)) for d, n, p in grouped.select("defaults", "loans", "probability").rows()]
    low_side = [too_low(*one) for one in counts]
    under, over = holm(low_side), holm([1.0 - value for value in low_side])
    rows = [
        {
            "points_from": start,
            "points_below": start + width,
            "loans": loans_in,
            "defaults": defaults,
            "expected": expected,
            **jeffreys_interval(defaults, loans_in).columns("observed"),
            "p_too_low": below,
            "p_too_high": above,
            "said": TOO_LOW if below < ALPHA else TOO_HIGH if above < ALPHA else IN_LINE,
        }
        for start, (defaults, loans_in, expected), below, above in zip(
            grouped["points_from"], counts, under, over, strict=True
        )
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


SCHEMA: dict[str, Any] = {
    "points_from": pl.Int64,
    "points_below": pl.Int64,
    "loans": pl.Int64,
    "defaults": pl.Int64,
    "expected": pl.Float64,
    "observed": pl.Float64,
    "observed_low": pl.Float64,
    "observed_high": pl.Float64,
    "p_too_low": pl.Float64,
    "p_too_high": pl.Float64,
    "said": pl.String,
}
"""Columns of `points_bands`."""
