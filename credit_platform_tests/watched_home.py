"""A home whose model in use is watched: decisions of two days, the second unlike training, and drift judged of both.

Made in two seconds, of a small scorer, without a run of the graph.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import polars as pl

from credit_platform.portfolios.keys import champion_key
from credit_platform_tests.records import promoted_model
from credit_platform_tests.unit.monitoring.drift.home import PORTFOLIO, Home

MOVED: Final = "application__duration_months"
"""The feature that is the same for everybody on the second day: its feed broke."""
HOLDOUT: Final = 200
A_DAY: Final = 1000
"""Decisions of each day."""


def make_watched_home(folder: Path, last: date | None = None) -> Home:
    """Fill `folder`; the second day is `last`, else yesterday."""
    home, second = Home.made(folder), last or datetime.now(UTC).date() - timedelta(days=1)
    scores = home.rows.select(
        PORTFOLIO.applicant_key,
        PORTFOLIO.target,
        pl.Series("probability", home.scorer.score_features(home.rows)),
    ).rename({PORTFOLIO.target: "target"})
    summary = promoted_model(home.scorer.digest, folder / "scorer", threshold=home.scorer.threshold).to_summary()
    home.lakehouse.write(champion_key(PORTFOLIO.name), scores.head(HOLDOUT), summary=summary)
    home.log(home.rows, second - timedelta(days=1), "a")
    home.log(home.rows.with_columns(pl.col(MOVED).max()), second, "b")
    home.all()
    return home
