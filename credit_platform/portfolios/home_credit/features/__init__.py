"""The features of Home Credit: one module per source table, and what crosses tables.

What is here: declarations only. `declare.py` holds the builders, `application_*.py` the parts of the application's
features, each other module the features of the table it is called after; `cross.py` combines finished features.
What to add here: a feature in the module of its table; a module when the lender delivers a new table.
What must not be here: reading or computing anything, gender, family status, the target.
"""

from __future__ import annotations

from credit_platform.portfolios.home_credit.features.application import APPLICATION, AUDIT_FEATURES
from credit_platform.portfolios.home_credit.features.bureau import BUREAU
from credit_platform.portfolios.home_credit.features.bureau_balance import BUREAU_BALANCE
from credit_platform.portfolios.home_credit.features.credit_card_balance import CREDIT_CARD_BALANCE
from credit_platform.portfolios.home_credit.features.cross import CROSS_FEATURES
from credit_platform.portfolios.home_credit.features.installments_payments import INSTALLMENTS_PAYMENTS
from credit_platform.portfolios.home_credit.features.pos_cash_balance import POS_CASH_BALANCE
from credit_platform.portfolios.home_credit.features.previous_application import PREVIOUS_APPLICATION

FEATURE_GROUPS = (
    APPLICATION,
    BUREAU,
    BUREAU_BALANCE,
    PREVIOUS_APPLICATION,
    POS_CASH_BALANCE,
    CREDIT_CARD_BALANCE,
    INSTALLMENTS_PAYMENTS,
)

__all__ = ["AUDIT_FEATURES", "CROSS_FEATURES", "FEATURE_GROUPS"]
