"""From payments of instalments to loans: what is kept of each loan before the features are computed.

What is here: columns of a payment, the reduction of payments to loans, columns of a loan.
What to add here: a sum, count or extreme over the payments of a loan that a feature needs.
What must not be here: features (`installments_payments.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from credit_platform.portfolios.feature_group import Reduction
from credit_platform.portfolios.home_credit.features.declare import (
    RATIO_BITS,
    at_least_zero,
    exact,
    exact_ratio,
    flag,
    latest,
    money,
    number,
    ratio,
    within_months,
)

_WEEK, _MONTH = 7, 30

VALUES: Mapping[str, nw.Expr] = {
    "age": -number("DAYS_INSTALMENT"),
    "delay": number("DAYS_ENTRY_PAYMENT") - number("DAYS_INSTALMENT"),
    "due": money("AMT_INSTALMENT"),
    "paid": money("AMT_PAYMENT"),
    "number": number("NUM_INSTALMENT_NUMBER"),
    "version": number("NUM_INSTALMENT_VERSION"),
}
_delay = nw.col("delay")
CONDITIONS: Mapping[str, nw.Expr] = {
    "late_days": at_least_zero(_delay),
    "early_days": at_least_zero(-_delay),
    "short": at_least_zero(nw.col("due") - nw.col("paid")),
    "paid_share": exact_ratio("paid", "due"),
    "late": flag(_delay > 0),
    "late_week": flag(_delay > _WEEK),
    "late_month": flag(_delay > _MONTH),
    "underpaid": flag(nw.col("paid") < nw.col("due")),
    "unpaid": flag(nw.col("paid").is_null()),
    "last_6_months": within_months("age", 6),
    "last_12_months": within_months("age", 12),
    "last_24_months": within_months("age", 24),
}
IN_WINDOWS: Mapping[str, nw.Expr] = {
    f"late_days_in_{months}": nw.when(nw.col(f"last_{months}_months") > 0).then(nw.col("late_days"))
    for months in (6, 12, 24)
}
"""Delays of payments due in a window; null outside of it, so that a loan with nothing due there has no worst delay."""
_late_days, _late, _short = nw.col("late_days"), nw.col("late"), nw.col("short")
_six, _twelve, _twenty_four = nw.col("last_6_months"), nw.col("last_12_months"), nw.col("last_24_months")
REDUCTION = Reduction(
    key=("SK_ID_CURR", "SK_ID_PREV"),
    aggregates={
        "lines": nw.len().cast(nw.Float64),
        "lines_6": _six.sum(),
        "lines_12": _twelve.sum(),
        "lines_24": _twenty_four.sum(),
        "lines_late": _late.sum(),
        "lines_late_6": (_late * _six).sum(),
        "lines_late_12": (_late * _twelve).sum(),
        "lines_late_24": (_late * _twenty_four).sum(),
        "lines_late_week": nw.col("late_week").sum(),
        "lines_late_month": nw.col("late_month").sum(),
        "lines_underpaid": nw.col("underpaid").sum(),
        "lines_underpaid_12": (nw.col("underpaid") * _twelve).sum(),
        "lines_unpaid": nw.col("unpaid").sum(),
        "late_days": _late_days.sum(),
        "late_days_12": (_late_days * _twelve).sum(),
        "early_days": nw.col("early_days").sum(),
        "early_days_12": (nw.col("early_days") * _twelve).sum(),
        "worst_delay": _late_days.max(),
        "worst_delay_6": nw.col("late_days_in_6").max(),
        "worst_delay_12": nw.col("late_days_in_12").max(),
        "worst_delay_24": nw.col("late_days_in_24").max(),
        "delay_squares": (_late_days * _late_days).sum(),
        "delay_by_age": (_late_days * nw.col("age")).sum(),
        "ages": nw.col("age").sum(),
        "age_squares": (nw.col("age") * nw.col("age")).sum(),
        "earliest": nw.col("early_days").max(),
        "due": nw.col("due").sum(),
        "due_12": (nw.col("due") * _twelve).sum(),
        "due_max": nw.col("due").max(),
        "paid": nw.col("paid").sum(),
        "paid_12": (nw.col("paid") * _twelve).sum(),
        "paid_max": nw.col("paid").max(),
        "paid_min": nw.col("paid").min(),
        "short": _short.sum(),
        "short_12": (_short * _twelve).sum(),
        "short_max": _short.max(),
        "paid_share_sum": nw.col("paid_share").sum(),
        "paid_share_min": nw.col("paid_share").min(),
        "first": nw.col("age").max(),
        "last": nw.col("age").min(),
        "versions": nw.col("version").max() - nw.col("version").min(),
        "number": nw.col("number").max(),
    },
)
LOANS: Mapping[str, nw.Expr] = {
    "last_1": latest("first", "SK_ID_CURR", 1),
    "last_3": latest("first", "SK_ID_CURR", 3),
    "once_late": flag(nw.col("lines_late") > 0),
    "once_late_month": flag(nw.col("lines_late_month") > 0),
    "late_12": flag(nw.col("lines_late_12") > 0),
    "late_share": exact_ratio("lines_late", "lines"),
    "late_days_mean": exact_ratio("late_days", "lines"),
    "paid_ratio": exact(ratio(nw.col("paid"), nw.col("due")), RATIO_BITS),
}
