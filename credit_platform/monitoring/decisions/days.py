"""The days of a portfolio: from its first promotion to today.

What is here: `first_promotion_day`, `days_until`.
What must not be here: what lies in a day (`passes.py`), Dagster's partitions.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios.keys import champion_key
from credit_platform.portfolios.portfolio import Portfolio


def first_promotion_day(lakehouse: Lakehouse, portfolio: Portfolio) -> date | None:
    """Day of the first promotion, where the lender is; None before it."""
    # By what a promotion says of itself, which is of the clock of its run; one of before says when it was committed.
    moments = [
        version.timestamp if said is None else datetime.fromisoformat(said)
        for version, summary in lakehouse.records(champion_key(portfolio.name))
        for said in [summary.get("promoted_at")]
    ]
    return min(moments).astimezone(portfolio.monitoring.zone).date() if moments else None


def days_until(first: date | None, portfolio: Portfolio, now: datetime) -> list[date]:
    """Every day from `first` to today, where the lender is; none where there is no first."""
    today = now.astimezone(portfolio.monitoring.zone).date()
    return [first + timedelta(days=i) for i in range((today - first).days + 1)] if first else []
