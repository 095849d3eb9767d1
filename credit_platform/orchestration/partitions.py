"""Days as Dagster's partitions.

What is here: `decision_days`.
What to add here: another set of partitions that assets share.
What must not be here: which days there are (`monitoring/decisions/days.py`).

They are dynamic, not Dagster's daily ones: those begin on a date that is known when definitions load, and a daemon that
has run since before the first promotion would never hear of it.
"""

import dagster as dg

from credit_platform.portfolios.portfolio import Portfolio


def decision_days(portfolio: Portfolio) -> dg.DynamicPartitionsDefinition:
    """Days (ISO 8601, where the lender is) from the first promotion on; the sensor `<portfolio>_days` adds them."""
    return dg.DynamicPartitionsDefinition(name=f"{portfolio.name}_days")
