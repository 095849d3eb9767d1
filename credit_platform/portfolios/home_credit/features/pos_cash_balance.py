"""Features of the monthly state of earlier point-of-sale and cash loans with us: one row per loan and month.

What is here: days past due, instalments left and paid off, by loan, over all months and the latest ones.
What to add here: aggregates over those months.
What must not be here: single payments (`installments_payments.py`), credit cards.

Months are first reduced to loans. "Tolerated" small debts count as past due in SK_DPD, not in SK_DPD_DEF.
"""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from credit_platform.portfolios.feature_group import Feature, FeatureGroup, Reduction
from credit_platform.portfolios.home_credit.features.declare import (
    RATIO_BITS,
    Measure,
    Rows,
    at_least_zero,
    days,
    derived,
    exact,
    exact_ratio,
    flag,
    latest,
    mask_step,
    number,
    of,
    ratio,
    share,
    statistics,
    tallies,
    tally,
)

_SOURCE = "pos_cash"
_CODES = 1024
"""More than there are instalments: month * 1024 + instalments left orders by month, without a window."""
_HALF_YEAR, _YEAR, _TWO_YEARS = -6, -12, -24

_VALUES: Mapping[str, nw.Expr] = {
    "month": number("MONTHS_BALANCE"),
    "dpd": number("SK_DPD"),
    "dpd_def": number("SK_DPD_DEF"),
    "term": number("CNT_INSTALMENT"),
    "left": number("CNT_INSTALMENT_FUTURE"),
    "completed": flag(nw.col("NAME_CONTRACT_STATUS") == "Completed"),
    "troubled": flag(nw.col("NAME_CONTRACT_STATUS").is_in(["Demand", "Amortized debt"])),
}
_month, _dpd, _def = nw.col("month"), nw.col("dpd"), nw.col("dpd_def")
_CONDITIONS: Mapping[str, nw.Expr] = {
    "late": flag(_dpd > 0),
    "late_def": flag(_def > 0),
    "recent_12": flag(_month >= _YEAR),
    "dpd_6": nw.when(_month >= _HALF_YEAR).then(_dpd),
    "dpd_12": nw.when(_month >= _YEAR).then(_dpd),
    "dpd_24": nw.when(_month >= _TWO_YEARS).then(_dpd),
    "dpd_def_12": nw.when(_month >= _YEAR).then(_def),
    "late_month": nw.when(_dpd > 0).then(_month),
    "left_code": _month * float(_CODES) + nw.col("left"),
    "left_month": nw.when(~nw.col("left").is_null()).then(_month),
}
_REDUCTION = Reduction(
    key=("SK_ID_CURR", "SK_ID_PREV"),
    aggregates={
        "months": nw.len().cast(nw.Float64),
        "months_12": nw.col("recent_12").sum(),
        "months_late": nw.col("late").sum(),
        "months_late_def": nw.col("late_def").sum(),
        "months_late_12": flag(nw.col("dpd_12") > 0).sum(),
        "months_late_24": flag(nw.col("dpd_24") > 0).sum(),
        "months_troubled": nw.col("troubled").sum(),
        "dpd_sum": _dpd.sum(),
        "dpd": _dpd.max(),
        "dpd_6": nw.col("dpd_6").max(),
        "dpd_12": nw.col("dpd_12").max(),
        "dpd_24": nw.col("dpd_24").max(),
        "dpd_def_sum": _def.sum(),
        "dpd_def": _def.max(),
        "dpd_def_12": nw.col("dpd_def_12").max(),
        "first": -_month.min(),
        "last": -_month.max(),
        "since_late": -nw.col("late_month").max(),
        "completed": nw.col("completed").max(),
        "term": nw.col("term").max(),
        "term_min": nw.col("term").min(),
        "left": nw.col("left_code").max() - float(_CODES) * nw.col("left_month").max(),
    },
)
_LOANS: Mapping[str, nw.Expr] = {
    "running": flag((nw.col("completed") < 1) & (nw.col("last") <= 1)),
    "once_late": flag(nw.col("months_late") > 0),
    "late_def": flag(nw.col("months_late_def") > 0),
    "late_12": flag(nw.col("months_late_12") > 0),
    "last_3": latest("first", "SK_ID_CURR", 3),
    "last_1": latest("first", "SK_ID_CURR", 1),
    "late_share": exact(ratio(nw.col("months_late"), nw.col("months")), RATIO_BITS),
    "left_share": exact_ratio("left", "term"),
    "shortened": nw.col("term") - nw.col("term_min"),
    "early": at_least_zero(nw.col("term") - nw.col("months")) * nw.col("completed"),
}

_ALL = Rows(name="all", words="all loans")
_RUNNING = Rows(name="running", words="loans still running")
_COMPLETED = Rows(name="completed", words="loans paid off")
_LAST_3 = Rows(name="last_3", words="the three latest loans (ties included)")
_LAST_1 = Rows(name="last_1", words="the latest loan (ties included)")


def _months(name: str, words: str, reason: str, *, monotone: int = 0) -> Measure:
    return Measure(name=name, words=words, reason=reason, unit="months", minimum=0.0, monotone=monotone)


def _instalments(name: str, words: str) -> Measure:
    return Measure(name=name, words=words, reason="previous_activity", unit="instalments", minimum=0.0)


_MONTHS = _months("months", "Months of records", "previous_activity")
_FIRST = _months("first", "Months since the loan began", "previous_activity")
_LAST = _months("last", "Months since the latest record", "previous_activity")
_LATE = _months("months_late", "Months past due", "instalment_delays", monotone=1)
_LATE_DEF = _months("months_late_def", "Months past due, tolerated debts apart", "instalment_delays", monotone=1)
_LATE_12 = _months("months_late_12", "Months past due of the last 12", "instalment_delays", monotone=1)
_LATE_24 = _months("months_late_24", "Months past due of the last 24", "instalment_delays", monotone=1)
_TROUBLED = _months(
    "months_troubled", "Months in which the debt was called in or amortised", "instalment_delays", monotone=1
)
_SINCE_LATE = _months("since_late", "Months since the loan was last past due", "instalment_delays")
_DPD = days("dpd", "Most days past due", "instalment_delays", monotone=1)
_DPD_6 = days("dpd_6", "Most days past due in the last 6 months", "instalment_delays", monotone=1)
_DPD_12 = days("dpd_12", "Most days past due in the last 12 months", "instalment_delays", monotone=1)
_DPD_24 = days("dpd_24", "Most days past due in the last 24 months", "instalment_delays", monotone=1)
_DPD_SUM = days("dpd_sum", "Days past due added over the months", "instalment_delays", monotone=1)
_DEF = days("dpd_def", "Most days past due, tolerated debts apart", "instalment_delays", monotone=1)
_DEF_12 = days(
    "dpd_def_12", "Most days past due in the last 12 months, tolerated debts apart", "instalment_delays", monotone=1
)
_DEF_SUM = days(
    "dpd_def_sum", "Days past due added over the months, tolerated debts apart", "instalment_delays", monotone=1
)
_TERM = _instalments("term", "Number of instalments")
_LEFT = _instalments("left", "Instalments left at the latest record")
_SHORTENED = _instalments("shortened", "Longest less shortest term of the loan")
_EARLY = _instalments("early", "Instalments saved by paying off early")
_LATE_SHARE = share("late_share", "Share of months past due", "instalment_delays", maximum=1.0, monotone=1)
_LEFT_SHARE = share("left_share", "Share of instalments left", "previous_activity")

_PLAN = (
    (_MONTHS, _ALL, "sum mean max"),
    (_FIRST, _ALL, "max min mean"),
    (_LAST, _ALL, "min mean"),
    (_LATE, _ALL, "sum max"),
    (_LATE, _LAST_3, "sum"),
    (_LATE_DEF, _ALL, "sum"),
    (_LATE_12, _ALL, "sum"),
    (_LATE_24, _ALL, "sum"),
    (_TROUBLED, _ALL, "sum"),
    (_SINCE_LATE, _ALL, "min"),
    (_DPD, _ALL, "max mean"),
    (_DPD, _LAST_3, "max"),
    (_DPD, _LAST_1, "max"),
    (_DPD, _RUNNING, "max"),
    (_DPD_6, _ALL, "max"),
    (_DPD_12, _ALL, "max"),
    (_DPD_24, _ALL, "max"),
    (_DEF, _ALL, "max mean"),
    (_DEF_12, _ALL, "max"),
    (_TERM, _ALL, "mean max min"),
    (_TERM, _LAST_1, "max"),
    (_TERM, _RUNNING, "max"),
    (_LEFT, _ALL, "mean"),
    (_LEFT, _RUNNING, "sum max"),
    (_LEFT_SHARE, _RUNNING, "mean max"),
    (_SHORTENED, _ALL, "max mean"),
    (_EARLY, _COMPLETED, "mean max"),
    (_LATE_SHARE, _ALL, "mean max"),
    (_LATE_SHARE, _LAST_3, "mean"),
)
_TALLIES = (
    tally("completed", "that are paid off", "previous_activity"),
    tally("running", "still running", "previous_activity", "count"),
    tally("once_late", "once past due", "instalment_delays", monotone=1),
    tally("late_def", "once past due, tolerated debts apart", "instalment_delays", monotone=1),
    tally("late_12", "past due within the last 12 months", "instalment_delays", monotone=1, known_by="dpd_12"),
)
_EXTRA = (
    Feature(
        name="pos_cash__loans__all__count",
        expression=nw.len().cast(nw.Float64),
        description="Number of point-of-sale and cash loans.",
        reason="previous_activity",
        unit="loans",
        minimum=1.0,
    ),
)
_DERIVED = (
    derived(
        "pos_cash__months__late__share",
        of("pos_cash__months_late__all__sum", "pos_cash__months__all__sum"),
        "Share of all months that were past due.",
        "instalment_delays",
        minimum=0.0,
        maximum=1.0,
        monotone=1,
    ),
    derived(
        "pos_cash__months_late__last_12_to_all__ratio",
        of("pos_cash__months_late_12__all__sum", "pos_cash__months_late__all__sum"),
        "Share of the months past due that lie in the last 12.",
        "instalment_delays",
        minimum=0.0,
        maximum=1.0,
    ),
)
_SUMS = statistics(_SOURCE, ((_DPD_SUM, _ALL, "sum"), (_DEF_SUM, _ALL, "sum")))

POS_CASH_BALANCE = FeatureGroup(
    name="pos_cash_balance",
    table="pos_cash_balance",
    description="Monthly state of earlier point-of-sale and cash loans.",
    history=True,
    known_at=nw.col("MONTHS_BALANCE") <= 0,
    steps=(_VALUES, _CONDITIONS),
    reduction=_REDUCTION,
    reduced_steps=(_LOANS, mask_step(_PLAN)),
    features=(*_EXTRA, *tallies(_SOURCE, "loans", _TALLIES), *statistics(_SOURCE, _PLAN), *_SUMS),
    derived=_DERIVED,
)
