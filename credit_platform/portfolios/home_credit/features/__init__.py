"""The features of Home Credit: one module per source table, and what crosses tables.

What is here: declarations only. `declare.py` holds the builders, `application_*.py` the parts of the application's
features, each other module the features of the table it is called after; `cross.py` combines finished features.
What to add here: a feature in the module of its table; a module when the lender delivers a new table.
What must not be here: reading or computing anything, gender, family status, the target.

Null means the same in every source:

* no row of the source: every feature of it is null;
* no row in the window or of the kind: a count and a total are 0, an average, a worst or best, a spread and a share are
  null, for there was nothing to pay late;
* a value that is null in a row counts for nothing in totals, averages and extremes. A condition on it counts as not
  fulfilled; when it is null in all rows the share of the condition is null (`known_by`), and its count is 0;
* a quotient whose denominator is not above 0 is null: nothing was due, nothing was owed.
"""

from __future__ import annotations

from dataclasses import replace

from credit_platform.portfolios.home_credit.features.application import APPLICATION, AUDIT_FEATURES
from credit_platform.portfolios.home_credit.features.bureau import BUREAU
from credit_platform.portfolios.home_credit.features.bureau_balance import BUREAU_BALANCE
from credit_platform.portfolios.home_credit.features.credit_card_balance import CREDIT_CARD_BALANCE
from credit_platform.portfolios.home_credit.features.cross import CROSS_FEATURES as _CROSS_FEATURES
from credit_platform.portfolios.home_credit.features.installments_payments import INSTALLMENTS_PAYMENTS
from credit_platform.portfolios.home_credit.features.null_shares import bounded
from credit_platform.portfolios.home_credit.features.pos_cash_balance import POS_CASH_BALANCE
from credit_platform.portfolios.home_credit.features.previous_application import PREVIOUS_APPLICATION

FEATURE_GROUPS = tuple(
    replace(group, features=bounded(group.features), derived=bounded(group.derived))
    for group in (
        APPLICATION,
        BUREAU,
        BUREAU_BALANCE,
        PREVIOUS_APPLICATION,
        POS_CASH_BALANCE,
        CREDIT_CARD_BALANCE,
        INSTALLMENTS_PAYMENTS,
    )
)
CROSS_FEATURES = bounded(_CROSS_FEATURES)

__all__ = ["AUDIT_FEATURES", "CROSS_FEATURES", "FEATURE_GROUPS"]
