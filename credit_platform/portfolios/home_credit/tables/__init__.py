"""Contracts of the eight Home Credit files, with the header and column order of the published ones.

What is here: one module per group of files, and `TABLES`, all eight, parents before children.
What to add here: the contract of a further file.
What must not be here: features, statistics of the data, reading.

Whole numbers are stored as narrow as their range allows (`MONTHS_BALANCE` is int8): cast before multiplying.
"""

from credit_platform.portfolios.home_credit.tables.application import APPLICATION_TEST, APPLICATION_TRAIN
from credit_platform.portfolios.home_credit.tables.balances import (
    CREDIT_CARD_BALANCE,
    INSTALLMENTS_PAYMENTS,
    POS_CASH_BALANCE,
)
from credit_platform.portfolios.home_credit.tables.bureau import BUREAU, BUREAU_BALANCE
from credit_platform.portfolios.home_credit.tables.previous_application import PREVIOUS_APPLICATION

TABLES = (
    APPLICATION_TRAIN,
    APPLICATION_TEST,
    BUREAU,
    BUREAU_BALANCE,
    PREVIOUS_APPLICATION,
    POS_CASH_BALANCE,
    CREDIT_CARD_BALANCE,
    INSTALLMENTS_PAYMENTS,
)

__all__ = [
    "APPLICATION_TEST",
    "APPLICATION_TRAIN",
    "BUREAU",
    "BUREAU_BALANCE",
    "CREDIT_CARD_BALANCE",
    "INSTALLMENTS_PAYMENTS",
    "POS_CASH_BALANCE",
    "PREVIOUS_APPLICATION",
    "TABLES",
]
