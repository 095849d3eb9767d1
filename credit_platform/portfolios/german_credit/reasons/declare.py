"""A short condition on a column of the application, for the reasons of this folder."""

from __future__ import annotations

from credit_platform.portfolios.german_credit.features import PREFIX
from credit_platform.portfolios.reason import Condition, Operator, Value


def on(column: str, operator: Operator, value: Value = None) -> Condition:
    """A condition on a feature of the application."""
    return Condition(PREFIX + column, operator, value)
