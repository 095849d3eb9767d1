"""Outcomes that count, of one model, for the question whether the target drifts.

What is here: `mature_outcomes`.
What must not be here: the comparison (`target.py`), which months count (`performance/followed.py`).
"""

from __future__ import annotations

import polars as pl

from credit_platform.lakehouse import Lakehouse, is_refused
from credit_platform.monitoring.decisions.schema import FIXED, decisions_key
from credit_platform.monitoring.outcomes.contract import NAME
from credit_platform.monitoring.performance.followed import MATURE, follow, granted, resolved, vintages
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.portfolios.portfolio import Portfolio

_COLUMNS = {"month": pl.String, "outcomes": pl.Int64, "defaults": pl.Int64}


def mature_outcomes(lakehouse: Lakehouse, portfolio: Portfolio, model: str) -> pl.DataFrame:
    """Known outcomes and defaults among them for each month of decision that counts, as `target_drift` takes them.

    Args:
        lakehouse: holds `monitoring/decisions` and `monitoring/outcomes`; either may be absent: nothing is known then.
        portfolio: says at which age outcomes count.
        model: digest of the scorer that decided.
    """
    keys = (decisions_key(portfolio.name), monitoring_key(portfolio.name, NAME))
    if not all(lakehouse.exists(key) and not is_refused(key) for key in keys):
        return pl.DataFrame(schema=_COLUMNS)
    decided, known = (lakehouse.scan(key) for key in keys)
    own = decided.select(list(FIXED)).filter(pl.col("model_digest") == model).collect()
    followed = follow(own, known.collect(), portfolio.monitoring)
    months = vintages(followed, portfolio.monitoring).filter(pl.col("state") == MATURE)["month"]
    loans = granted(followed).filter(pl.col("month").is_in(months.implode()))
    rows = resolved(loans, portfolio.monitoring.maturity_months)
    return rows.group_by("month").agg(
        pl.len().cast(pl.Int64).alias("outcomes"), pl.col("defaulted").sum().cast(pl.Int64).alias("defaults")
    )
