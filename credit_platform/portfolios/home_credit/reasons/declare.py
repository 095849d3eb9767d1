"""The records that the reasons of this folder draw on, and short conditions on features."""

from __future__ import annotations

from credit_platform.portfolios.reason import Condition, DataSource, Operator, Value

BUREAU = DataSource(
    tables=("bureau", "bureau_balance"),
    fr="ce que le bureau de crédit sait de vos crédits auprès d'autres prêteurs",
    en="what the credit bureau knows of your credits with other lenders",
)
EARLIER = DataSource(
    tables=("previous_application", "pos_cash_balance", "installments_payments"),
    fr="vos demandes et vos prêts antérieurs chez nous",
    en="your earlier applications and loans with us",
)
CARD = DataSource(
    tables=("credit_card_balance",),
    fr="les relevés de votre carte de crédit chez nous",
    en="the statements of your credit card with us",
)
BUREAU_COUNTS = ("bureau__credits__all__count", "bureau_balance__credits__all__count")
"""Features that are known as soon as there is one record."""
EARLIER_COUNTS = (
    "previous__applications__all__count",
    "pos_cash__loans__all__count",
    "installments__loans__all__count",
)
CARD_COUNTS = ("credit_card__months__all__count",)


def on(feature: str, operator: Operator, value: Value = None) -> Condition:
    """A condition on a feature."""
    return Condition(feature, operator, value)


def unknown(*features: str) -> tuple[Condition, ...]:
    """None of these is known."""
    return tuple(Condition(feature, "unknown") for feature in features)
