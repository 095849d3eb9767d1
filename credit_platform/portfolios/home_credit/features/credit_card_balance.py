"""Features of the monthly statements of earlier credit cards with us: one row per card and month.

What is here: use of the limit, drawings, payments against the minimum, days past due, over all and the latest months.
What to add here: row steps and aggregates over the statements.
What must not be here: other loans.

The balance of a month is what is owed after its payment, so a payment is held against the balance of the month before.
"""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from credit_platform.portfolios.feature_group import Feature, FeatureGroup
from credit_platform.portfolios.home_credit.features.declare import (
    Measure,
    Rows,
    at_least_zero,
    currency,
    days,
    derived,
    exact_ratio,
    flag,
    mask_step,
    money,
    month_before,
    number,
    of,
    share,
    slope,
    statistics,
    tallies,
    tally,
)

_SOURCE = "credit_card"

_VALUES: Mapping[str, nw.Expr] = {
    "month": number("MONTHS_BALANCE"),
    "balance": money("AMT_BALANCE"),
    "limit": money("AMT_CREDIT_LIMIT_ACTUAL"),
    "cash_drawn": money("AMT_DRAWINGS_ATM_CURRENT"),
    "drawn": money("AMT_DRAWINGS_CURRENT"),
    "spent": money("AMT_DRAWINGS_POS_CURRENT"),
    "minimum_due": money("AMT_INST_MIN_REGULARITY"),
    "paid": money("AMT_PAYMENT_CURRENT"),
    "paid_total": money("AMT_PAYMENT_TOTAL_CURRENT"),
    "principal": money("AMT_RECEIVABLE_PRINCIPAL"),
    "receivable": money("AMT_TOTAL_RECEIVABLE"),
    "cash_drawings": number("CNT_DRAWINGS_ATM_CURRENT"),
    "drawings": number("CNT_DRAWINGS_CURRENT"),
    "purchases": number("CNT_DRAWINGS_POS_CURRENT"),
    "instalments_paid": number("CNT_INSTALMENT_MATURE_CUM"),
    "dpd": number("SK_DPD"),
    "dpd_def": number("SK_DPD_DEF"),
    "active": flag(nw.col("NAME_CONTRACT_STATUS") == "Active"),
}
_month, _balance = nw.col("month"), nw.col("balance")


def _latest_months(months: int) -> nw.Expr:
    return flag(_month >= -months)


_BEFORE: Mapping[str, nw.Expr] = {
    "last_balance": month_before("balance", "SK_ID_PREV", "month"),
    "last_month": month_before("month", "SK_ID_PREV", "month"),
}
_OWED: Mapping[str, nw.Expr] = {
    # After a month that is missing nobody knows what was owed, and after one without a balance nothing was.
    "owed": nw.when((nw.col("last_month") == _month - 1.0) & (nw.col("last_balance") > 0)).then(nw.col("last_balance")),
}
_CONDITIONS: Mapping[str, nw.Expr] = {
    "age": -_month,
    "last_3_months": _latest_months(3),
    "last_6_months": _latest_months(6),
    "last_12_months": _latest_months(12),
    "last_24_months": _latest_months(24),
    "use": exact_ratio("balance", "limit"),
    "draw_rate": exact_ratio("drawn", "limit"),
    "pay_rate": exact_ratio("paid_total", "owed"),
    "due_rate": exact_ratio("minimum_due", "owed"),
    "cash_share": exact_ratio("cash_drawn", "drawn"),
    "interest": nw.col("receivable") - nw.col("principal"),
    "short": at_least_zero(nw.col("minimum_due") - nw.col("paid_total")),
    "late": flag(nw.col("dpd") > 0),
    "late_def": flag(nw.col("dpd_def") > 0),
    "indebted": flag(_balance > 0),
    "over_limit": flag(_balance > nw.col("limit")),
    "drew": flag(nw.col("drawn") > 0),
    "drew_cash": flag(nw.col("cash_drawn") > 0),
    "underpaid": flag(nw.col("paid_total") < nw.col("minimum_due")),
    "paid_in_full": nw.when(~nw.col("owed").is_null()).then(flag(nw.col("paid_total") >= nw.col("owed"))),
}

_ALL = Rows(name="all", words="all months")
_LAST_3 = Rows(name="last_3_months", words="the last 3 months")
_LAST_6 = Rows(name="last_6_months", words="the last 6 months")
_LAST_12 = Rows(name="last_12_months", words="the last 12 months")
_LAST_24 = Rows(name="last_24_months", words="the last 24 months")

_BALANCE = currency("balance", "Balance of the card", "card_use", minimum=None)
_LIMIT = currency("limit", "Limit of the card", "card_use")
_USE = share("use", "Balance against limit", "card_use", minimum=None)
_DRAWN = currency("drawn", "Amount drawn", "card_use", minimum=None)
_DRAW_RATE = share("draw_rate", "Amount drawn against limit", "card_use", minimum=None)
_CASH = currency("cash_drawn", "Cash drawn at machines", "card_use", minimum=None)
_SPENT = currency("spent", "Amount spent in shops", "card_use", minimum=None)
_CASH_SHARE = share("cash_share", "Share of drawings taken in cash", "card_use", minimum=None)
_PAID = currency("paid", "Amount paid", "card_repayment")
_PAID_TOTAL = currency("paid_total", "Amount paid in all", "card_repayment")
_PAY_RATE = share("pay_rate", "Payment against the balance of the month before", "card_repayment")
_DUE = currency("minimum_due", "Least amount due", "card_repayment")
_DUE_RATE = share("due_rate", "Least amount due against the balance of the month before", "card_repayment")
_SHORT = currency("short", "Least amount due less payment, where positive", "card_repayment", monotone=1)
_INTEREST = currency("interest", "Interest and fees owed", "card_use", minimum=None)
_DPD = days("dpd", "Days past due", "card_repayment", monotone=1)
_DEF = days("dpd_def", "Days past due, tolerated debts apart", "card_repayment", monotone=1)
_AGE = Measure(name="age", words="Age of the statement", reason="card_use", unit="months", minimum=0.0)


def _count(name: str, words: str, reason: str) -> Measure:
    return Measure(name=name, words=words, reason=reason, unit="number", minimum=0.0)


def _occurs(name: str, words: str, reason: str, *, monotone: int = 0, known_by: str | None = None) -> Measure:
    return share(name, f"{words} (1) or not (0)", reason, maximum=1.0, monotone=monotone, known_by=known_by)


_CASH_DRAWINGS = _count("cash_drawings", "Number of cash drawings", "card_use")
_DRAWINGS = _count("drawings", "Number of drawings", "card_use")
_PURCHASES = _count("purchases", "Number of purchases", "card_use")
_INSTALMENTS = _count("instalments_paid", "Instalments paid so far", "card_repayment")
_LATE = _occurs("late", "Past due", "card_repayment", monotone=1)
_DREW_CASH = _occurs("drew_cash", "Cash was drawn", "card_use", known_by="cash_drawn")
_OVER = _occurs("over_limit", "Balance above the limit", "card_use", monotone=1)
_UNDERPAID = _occurs(
    "underpaid", "Less than the least amount due was paid", "card_repayment", monotone=1, known_by="minimum_due"
)

_PLAN = (
    (_BALANCE, _ALL, "mean max"),
    (_BALANCE, _LAST_3, "mean"),
    (_BALANCE, _LAST_12, "mean"),
    (_BALANCE, _LAST_24, "mean"),
    (_LIMIT, _ALL, "mean max min"),
    (_USE, _ALL, "mean max std"),
    (_USE, _LAST_3, "mean"),
    (_USE, _LAST_6, "mean"),
    (_USE, _LAST_12, "max"),
    (_USE, _LAST_24, "mean"),
    (_DRAWN, _ALL, "sum max"),
    (_DRAWN, _LAST_3, "sum"),
    (_DRAWN, _LAST_12, "mean"),
    (_DRAW_RATE, _ALL, "mean max"),
    (_CASH, _ALL, "sum max"),
    (_CASH, _LAST_6, "sum"),
    (_CASH, _LAST_12, "sum"),
    (_SPENT, _ALL, "mean max"),
    (_SPENT, _LAST_12, "mean"),
    (_CASH_SHARE, _ALL, "mean"),
    (_CASH_DRAWINGS, _ALL, "mean max"),
    (_CASH_DRAWINGS, _LAST_3, "mean"),
    (_CASH_DRAWINGS, _LAST_12, "mean"),
    (_DRAWINGS, _ALL, "mean max"),
    (_DRAWINGS, _LAST_12, "mean"),
    (_PURCHASES, _ALL, "mean max"),
    (_PAID, _ALL, "mean max"),
    (_PAID_TOTAL, _ALL, "sum"),
    (_PAID_TOTAL, _LAST_12, "mean"),
    (_PAY_RATE, _ALL, "mean"),
    (_DUE, _ALL, "mean max"),
    (_DUE, _LAST_12, "mean"),
    (_DUE_RATE, _ALL, "mean"),
    (_SHORT, _ALL, "mean max"),
    (_SHORT, _LAST_12, "sum"),
    (_INTEREST, _ALL, "mean max"),
    (_DPD, _ALL, "max mean"),
    (_DPD, _LAST_12, "max"),
    (_DEF, _ALL, "max mean"),
    (_DEF, _LAST_12, "max"),
    (_AGE, _ALL, "max"),
    (_INSTALMENTS, _ALL, "max"),
    (_LATE, _LAST_12, "mean"),
    (_DREW_CASH, _LAST_12, "mean"),
    (_OVER, _LAST_12, "mean"),
    (_UNDERPAID, _LAST_12, "mean"),
)
_TALLIES = (
    tally("active", "in which the card was active", "card_use", "share"),
    tally("late", "past due", "card_repayment", monotone=1),
    tally("late_def", "past due, tolerated debts apart", "card_repayment", "share", monotone=1),
    tally("indebted", "with a balance owed", "card_use", "share"),
    tally("over_limit", "with a balance above the limit", "card_use", "share", monotone=1),
    tally("drew", "in which something was drawn", "card_use", "share"),
    tally("drew_cash", "in which cash was drawn", "card_use", "share", known_by="cash_drawn"),
    tally(
        "underpaid",
        "in which less than the least amount due was paid",
        "card_repayment",
        "share",
        monotone=1,
        known_by="minimum_due",
    ),
    tally(
        "paid_in_full",
        "after one with a balance, in which all of that was paid",
        "card_repayment",
        "share",
        monotone=-1,
    ),
)
_EXTRA = (
    Feature(
        name="credit_card__months__all__count",
        expression=nw.len().cast(nw.Float64),
        description="Number of monthly statements.",
        reason="card_use",
        unit="months",
        minimum=1.0,
    ),
    Feature(
        name="credit_card__use__all__slope",
        expression=slope("use", "month"),
        description="How much the used share of the limit grows per month, by least squares.",
        reason="card_use",
        unit="ratio per month",
    ),
    Feature(
        name="credit_card__balance__all__slope",
        expression=slope("balance", "month"),
        description="How much the balance grows per month, by least squares.",
        reason="card_use",
        unit="currency per month",
    ),
    Feature(
        name="credit_card__dpd__all__slope",
        expression=slope("dpd", "month"),
        description="How much the days past due grow per month, by least squares.",
        reason="card_repayment",
        unit="days per month",
    ),
)
_DERIVED = (
    derived(
        "credit_card__paid_to_drawn__ratio",
        of("credit_card__paid_total__all__sum", "credit_card__drawn__all__sum"),
        "All payments against all drawings.",
        "card_repayment",
        minimum=0.0,
    ),
    derived(
        "credit_card__cash_to_drawn__ratio",
        of("credit_card__cash_drawn__all__sum", "credit_card__drawn__all__sum"),
        "Share of all drawings that was taken in cash.",
        "card_use",
    ),
    derived(
        "credit_card__balance__last_3_to_24_months__ratio",
        of("credit_card__balance__last_3_months__mean", "credit_card__balance__last_24_months__mean"),
        "Average balance of the last 3 months against that of the last 24.",
        "card_use",
    ),
    derived(
        "credit_card__use__last_6_less_24_months__difference",
        nw.col("credit_card__use__last_6_months__mean") - nw.col("credit_card__use__last_24_months__mean"),
        "Used share of the limit in the last 6 months less that in the last 24.",
        "card_use",
    ),
)

CREDIT_CARD_BALANCE = FeatureGroup(
    name="credit_card_balance",
    table="credit_card_balance",
    description="Monthly statements of earlier credit cards.",
    history=True,
    known_at=nw.col("MONTHS_BALANCE") <= 0,
    steps=(_VALUES, _BEFORE, _OWED, _CONDITIONS, mask_step(_PLAN)),
    features=(*_EXTRA, *tallies(_SOURCE, "months", _TALLIES), *statistics(_SOURCE, _PLAN)),
    derived=_DERIVED,
)
