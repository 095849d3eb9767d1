"""Outcomes that count, of one model, for the question whether the target drifts.

What is here: `mature_loans`, and `mature_outcomes`, which counts them, and `made_up`.
What must not be here: the comparison (`target.py`), which months count (`performance/followed.py`).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from credit_platform.lakehouse import Lakehouse, is_refused
from credit_platform.monitoring.decisions.schema import FIXED, decisions_key
from credit_platform.monitoring.outcomes.contract import NAME
from credit_platform.monitoring.performance.followed import MATURE, follow, granted, resolved, vintages
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.portfolios.portfolio import Portfolio

_LOAN: dict[str, Any] = {"log": pl.String, "row": pl.Int64, "month": pl.String, "defaulted": pl.Boolean}


def mature_loans(lakehouse: Lakehouse, portfolio: Portfolio, model: str) -> pl.DataFrame:
    """Granted loans of a model whose outcome counts, by `log` and `row`, with `month` and `defaulted`.

    Args:
        lakehouse: as of `mature_outcomes`.
        portfolio: says at which age outcomes count.
        model: digest of the scorer that decided.
    """
    keys = (decisions_key(portfolio.name), monitoring_key(portfolio.name, NAME))
    if not all(lakehouse.exists(key) and not is_refused(key) for key in keys):
        return pl.DataFrame(schema=_LOAN)
    decided, known = (lakehouse.scan(key) for key in keys)
    own = decided.select(list(FIXED)).filter(pl.col("model_digest") == model).collect()
    followed = follow(own, known.collect(), portfolio.monitoring)
    months = vintages(followed, portfolio.monitoring).filter(pl.col("state") == MATURE)["month"]
    loans = granted(followed).filter(pl.col("month").is_in(months.implode()))
    return resolved(loans, portfolio.monitoring.maturity_months).select(list(_LOAN))


def made_up(lakehouse: Lakehouse, portfolio: Portfolio) -> bool:
    """Whether any outcome that is known was made up by a simulation; then so were decisions, most likely."""
    newest = lakehouse.latest(monitoring_key(portfolio.name, NAME))
    return newest is not None and newest.synthetic


def mature_outcomes(lakehouse: Lakehouse, portfolio: Portfolio, model: str) -> pl.DataFrame:
    """Known outcomes and defaults among them for each month of decision that counts, as `target_drift` takes them.

    Args:
        lakehouse: holds `monitoring/decisions` and `monitoring/outcomes`; either may be absent: nothing is known then.
        portfolio: says at which age outcomes count.
        model: digest of the scorer that decided.
    """
    return (
        mature_loans(lakehouse, portfolio, model)
        .group_by("month")
        .agg(pl.len().cast(pl.Int64).alias("outcomes"), pl.col("defaulted").sum().cast(pl.Int64).alias("defaults"))
    )
