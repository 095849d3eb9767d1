"""What is usual in the real files and no fault: shares of nulls by column, as the contracts declare them.

What is here: `usual`, which puts the shares into columns. Measured on public samples of the real files (30,000
applicants of application_train, all of application_test, 50,000 to 1,700,000 rows of the histories), rounded.
What to add here: a share that a new extract turned out to have.
What must not be here: what follows from a share that is not usual (see `quality/findings.py`).

The measures of the building come in three statistics with the same nulls, so each is written once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from credit_platform.portfolios.source_table import Column

_BUILDING = {
    "APARTMENTS": (0.51, 0.49),
    "BASEMENTAREA": (0.58, 0.57),
    "YEARS_BEGINEXPLUATATION": (0.49, 0.47),
    "YEARS_BUILD": (0.66, 0.65),
    "COMMONAREA": (0.7, 0.69),
    "ELEVATORS": (0.53, 0.52),
    "ENTRANCES": (0.5, 0.48),
    "FLOORSMAX": (0.5, 0.48),
    "FLOORSMIN": (0.68, 0.67),
    "LANDAREA": (0.59, 0.58),
    "LIVINGAPARTMENTS": (0.68, 0.67),
    "LIVINGAREA": (0.5, 0.48),
    "NONLIVINGAPARTMENTS": (0.69, 0.68),
    "NONLIVINGAREA": (0.55, 0.54),
}
"""Measure -> share of nulls in application_train and in application_test."""

_TRAIN: Mapping[str, float] = {
    "AMT_ANNUITY": 0.001,
    "AMT_GOODS_PRICE": 0.001,
    "NAME_TYPE_SUITE": 0.005,
    "OWN_CAR_AGE": 0.66,
    "OCCUPATION_TYPE": 0.32,
    "EXT_SOURCE_1": 0.56,
    "EXT_SOURCE_2": 0.001,
    "EXT_SOURCE_3": 0.2,
    "FONDKAPREMONT_MODE": 0.68,
    "HOUSETYPE_MODE": 0.5,
    "TOTALAREA_MODE": 0.48,
    "WALLSMATERIAL_MODE": 0.51,
    "EMERGENCYSTATE_MODE": 0.47,
    "OBS_30_CNT_SOCIAL_CIRCLE": 0.003,
    "DEF_30_CNT_SOCIAL_CIRCLE": 0.003,
    "OBS_60_CNT_SOCIAL_CIRCLE": 0.003,
    "DEF_60_CNT_SOCIAL_CIRCLE": 0.003,
    "AMT_REQ_CREDIT_BUREAU_HOUR": 0.13,
    "AMT_REQ_CREDIT_BUREAU_DAY": 0.13,
    "AMT_REQ_CREDIT_BUREAU_WEEK": 0.13,
    "AMT_REQ_CREDIT_BUREAU_MON": 0.13,
    "AMT_REQ_CREDIT_BUREAU_QRT": 0.13,
    "AMT_REQ_CREDIT_BUREAU_YEAR": 0.13,
    **{f"{stem}_{kind}": shares[0] for stem, shares in _BUILDING.items() for kind in ("AVG", "MODE", "MEDI")},
}

_TEST: Mapping[str, float] = {
    "AMT_ANNUITY": 0.001,
    "NAME_TYPE_SUITE": 0.02,
    "OWN_CAR_AGE": 0.66,
    "OCCUPATION_TYPE": 0.32,
    "EXT_SOURCE_1": 0.42,
    "EXT_SOURCE_2": 0.001,
    "EXT_SOURCE_3": 0.18,
    "FONDKAPREMONT_MODE": 0.67,
    "HOUSETYPE_MODE": 0.48,
    "TOTALAREA_MODE": 0.46,
    "WALLSMATERIAL_MODE": 0.49,
    "EMERGENCYSTATE_MODE": 0.46,
    "OBS_30_CNT_SOCIAL_CIRCLE": 0.001,
    "DEF_30_CNT_SOCIAL_CIRCLE": 0.001,
    "OBS_60_CNT_SOCIAL_CIRCLE": 0.001,
    "DEF_60_CNT_SOCIAL_CIRCLE": 0.001,
    "AMT_REQ_CREDIT_BUREAU_HOUR": 0.12,
    "AMT_REQ_CREDIT_BUREAU_DAY": 0.12,
    "AMT_REQ_CREDIT_BUREAU_WEEK": 0.12,
    "AMT_REQ_CREDIT_BUREAU_MON": 0.12,
    "AMT_REQ_CREDIT_BUREAU_QRT": 0.12,
    "AMT_REQ_CREDIT_BUREAU_YEAR": 0.12,
    **{f"{stem}_{kind}": shares[1] for stem, shares in _BUILDING.items() for kind in ("AVG", "MODE", "MEDI")},
}

_BUREAU: Mapping[str, float] = {
    "DAYS_CREDIT_ENDDATE": 0.06,
    "DAYS_ENDDATE_FACT": 0.37,
    "AMT_CREDIT_MAX_OVERDUE": 0.66,
    "AMT_CREDIT_SUM": 0.001,
    "AMT_CREDIT_SUM_DEBT": 0.15,
    "AMT_CREDIT_SUM_LIMIT": 0.36,
    "AMT_ANNUITY": 0.65,
}

_PREVIOUS: Mapping[str, float] = {
    "AMT_ANNUITY": 0.24,
    "AMT_DOWN_PAYMENT": 0.55,
    "AMT_GOODS_PRICE": 0.25,
    "RATE_DOWN_PAYMENT": 0.55,
    "RATE_INTEREST_PRIMARY": 0.996,
    "RATE_INTEREST_PRIVILEGED": 0.996,
    "NAME_TYPE_SUITE": 0.49,
    "CNT_PAYMENT": 0.24,
    "PRODUCT_COMBINATION": 0.001,
    "DAYS_FIRST_DRAWING": 0.42,
    "DAYS_FIRST_DUE": 0.42,
    "DAYS_LAST_DUE_1ST_VERSION": 0.42,
    "DAYS_LAST_DUE": 0.42,
    "DAYS_TERMINATION": 0.42,
    "NFLAG_INSURED_ON_APPROVAL": 0.42,
}

_POS_CASH: Mapping[str, float] = {
    "CNT_INSTALMENT": 0.003,
    "CNT_INSTALMENT_FUTURE": 0.003,
}

_CARDS: Mapping[str, float] = {
    "AMT_DRAWINGS_ATM_CURRENT": 0.2,
    "AMT_DRAWINGS_OTHER_CURRENT": 0.2,
    "AMT_DRAWINGS_POS_CURRENT": 0.2,
    "AMT_INST_MIN_REGULARITY": 0.08,
    "AMT_PAYMENT_CURRENT": 0.21,
    "CNT_DRAWINGS_ATM_CURRENT": 0.2,
    "CNT_DRAWINGS_OTHER_CURRENT": 0.2,
    "CNT_DRAWINGS_POS_CURRENT": 0.2,
    "CNT_INSTALMENT_MATURE_CUM": 0.08,
}

_INSTALMENTS: Mapping[str, float] = {
    "DAYS_ENTRY_PAYMENT": 0.001,
    "AMT_PAYMENT": 0.001,
}

USUAL_NULL_SHARES: Mapping[str, Mapping[str, float]] = {
    "application_train": _TRAIN,
    "application_test": _TEST,
    "bureau": _BUREAU,
    "previous_application": _PREVIOUS,
    "pos_cash_balance": _POS_CASH,
    "credit_card_balance": _CARDS,
    "installments_payments": _INSTALMENTS,
}


def usual(table: str, columns: Iterable[Column]) -> tuple[Column, ...]:
    """`columns` of `table` with the share of nulls that is usual; those not listed above usually have none."""
    shares = USUAL_NULL_SHARES[table]
    return tuple(replace(c, usual_null_share=shares.get(c.name, 0.0)) if c.nullable else c for c in columns)
