"""Observed against expected defaults by bands of points."""

import polars as pl
import pytest
from scipy.stats import beta

from credit_platform.monitoring.performance.bands import IN_LINE, TOO_HIGH, TOO_LOW, points_bands
from credit_platform.portfolios.economics import PointsScale

SCALE = PointsScale()


def loans(*bands: tuple[int, int, int, float]) -> pl.DataFrame:
    """Bands as (points, loans, defaults, probability)."""
    parts = [
        pl.DataFrame(
            {"points": [at] * n, "probability": [p] * n, "defaulted": [True] * bad + [False] * (n - bad)},
            schema={"points": pl.Int64, "probability": pl.Float64, "defaulted": pl.Boolean},
        )
        for at, n, bad, p in bands
    ]
    return pl.concat(parts)


def test_bands_by_hand() -> None:
    # 100 loans expected at 10 % of which 25 defaulted; 200 at 5 % of which 10 did; 400 at 4 % of which 2 did.
    found = points_bands(loans((545, 100, 25, 0.10), (565, 200, 10, 0.05), (599, 400, 2, 0.04)), SCALE)
    assert found.select("points_from", "points_below", "loans", "defaults").rows() == [
        (540, 560, 100, 25),
        (560, 580, 200, 10),
        (580, 600, 400, 2),
    ]
    assert found["said"].to_list() == [TOO_LOW, IN_LINE, TOO_HIGH]
    assert found["p_too_low"][0] == pytest.approx(3 * beta(25.5, 75.5).cdf(0.10))
    assert found["p_too_high"][2] == pytest.approx(3 * beta(2.5, 398.5).sf(0.04))


def test_holm_keeps_chance_among_many_bands_from_being_told() -> None:
    # Alone this band would be told (p about 0.03); among ten it is what chance brings.
    alone = (545, 100, 16, 0.10)
    others = [(565 + 20 * step, 100, 5, 0.05) for step in range(9)]
    assert points_bands(loans(alone), SCALE)["said"].to_list() == [TOO_LOW]
    assert set(points_bands(loans(alone, *others), SCALE)["said"]) == {IN_LINE}


def test_no_loan_gives_no_band_and_one_loan_gives_one() -> None:
    assert points_bands(loans((545, 0, 0, 0.1)), SCALE).is_empty()
    assert points_bands(loans((-5, 1, 1, 0.1)), SCALE).row(0)[:4] == (-20, 0, 1, 1)
