"""Features of the monthly reports on credits with other lenders: one row per credit and month.

What is here: how often and how badly those credits were past due, over all months and the latest ones.
What to add here: aggregates over the monthly statuses.
What must not be here: amounts of the credits (`bureau.py`).

Status: C closed, X unknown, 0 not past due, 1 to 5 past due by up to 30, 60, 90, 120 and more than 120 days (5 also
when sold or written off). Months are first reduced to credits, and the bureau table says whose credit it is.
"""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from credit_platform.portfolios.feature_group import Feature, FeatureGroup, Reduction
from credit_platform.portfolios.home_credit.features.declare import (
    RATIO_BITS,
    Measure,
    Rows,
    derived,
    exact,
    flag,
    mask_step,
    number,
    of,
    ratio,
    share,
    statistics,
    tallies,
    tally,
)

_SOURCE = "bureau_balance"
_LEVELS = 8
"""More than there are levels of delay: month * 8 + level orders by month, then level, without a window."""


def _level() -> nw.Expr:
    """Level of delay 0 to 5 of a month; null when unknown."""
    status = nw.col("STATUS")
    level: nw.Expr = nw.when(status.is_in(["C", "0"])).then(nw.lit(0.0))
    for number_of_level in range(1, 6):
        level = nw.when(status == str(number_of_level)).then(nw.lit(float(number_of_level))).otherwise(level)
    return level


_VALUES: Mapping[str, nw.Expr] = {
    "month": number("MONTHS_BALANCE"),
    "level": _level(),
    "closed_month": flag(nw.col("STATUS") == "C"),
}
_month, _level_of_month = nw.col("month"), nw.col("level")
_YEAR, _TWO_YEARS = -12, -24
_SERIOUS = 2
_CONDITIONS: Mapping[str, nw.Expr] = {
    "late": flag(_level_of_month > 0),
    "level_12": nw.when(_month >= _YEAR).then(_level_of_month),
    "level_24": nw.when(_month >= _TWO_YEARS).then(_level_of_month),
    "late_month": nw.when(_level_of_month > 0).then(_month),
    "code": _month * float(_LEVELS) + _level_of_month,
    "known_month": nw.when(~_level_of_month.is_null()).then(_month),
}
_REDUCTION = Reduction(
    key=("SK_ID_BUREAU",),
    aggregates={
        "months": nw.len().cast(nw.Float64),
        "months_known": _level_of_month.count().cast(nw.Float64),
        "months_closed": nw.col("closed_month").sum(),
        "months_late": nw.col("late").sum(),
        "months_late_12": flag(nw.col("level_12") > 0).sum(),
        "months_late_24": flag(nw.col("level_24") > 0).sum(),
        "months_serious": flag(_level_of_month >= _SERIOUS).sum(),
        "levels": _level_of_month.sum(),
        "level": _level_of_month.max(),
        "level_12": nw.col("level_12").max(),
        "level_24": nw.col("level_24").max(),
        "first": -_month.min(),
        "last": -_month.max(),
        "since_late": -nw.col("late_month").max(),
        "latest_level": nw.col("code").max() - float(_LEVELS) * nw.col("known_month").max(),
    },
    parent="bureau",
    parent_columns=("CREDIT_ACTIVE",),
)
_LOANS: Mapping[str, nw.Expr] = {
    "active": flag(nw.col("CREDIT_ACTIVE") == "Active"),
    "once_late": flag(nw.col("months_late") > 0),
    "late_12": flag(nw.col("months_late_12") > 0),
    "once_serious": flag(nw.col("months_serious") > 0),
    "late_now": flag(nw.col("latest_level") > 0),
    "late_share": exact(ratio(nw.col("months_late"), nw.col("months_known")), RATIO_BITS),
    "closed_share": exact(ratio(nw.col("months_closed"), nw.col("months")), RATIO_BITS),
    "unknown_share": exact(1.0 - ratio(nw.col("months_known"), nw.col("months")), RATIO_BITS),
}

_ALL = Rows(name="all", words="all credits with monthly reports")
_ACTIVE = Rows(name="active", words="credits still running")


def _months(name: str, words: str, reason: str, *, monotone: int = 0) -> Measure:
    return Measure(name=name, words=words, reason=reason, unit="months", minimum=0.0, monotone=monotone)


def _levels(name: str, words: str) -> Measure:
    return Measure(name=name, words=words, reason="bureau_delays", unit="level", minimum=0.0, maximum=5.0, monotone=1)


_REPORTED = _months("months", "Months reported", "bureau_history")
_CLOSED = _months("months_closed", "Months reported as closed", "bureau_history")
_FIRST = _months("first", "Months since the first report", "bureau_history")
_LAST = _months("last", "Months since the latest report", "bureau_history")
_LATE = _months("months_late", "Months past due", "bureau_delays", monotone=1)
_LATE_12 = _months("months_late_12", "Months past due of the last 12", "bureau_delays", monotone=1)
_LATE_24 = _months("months_late_24", "Months past due of the last 24", "bureau_delays", monotone=1)
_SERIOUSLY = _months("months_serious", "Months past due by more than 30 days", "bureau_delays", monotone=1)
_SINCE_LATE = _months("since_late", "Months since the credit was last past due", "bureau_delays")
_WORST = _levels("level", "Worst level of delay, 0 to 5")
_WORST_12 = _levels("level_12", "Worst level of delay of the last 12 months, 0 to 5")
_WORST_24 = _levels("level_24", "Worst level of delay of the last 24 months, 0 to 5")
_LATEST = _levels("latest_level", "Level of delay in the latest known month, 0 to 5")
_LATE_SHARE = share("late_share", "Share of known months past due", "bureau_delays", maximum=1.0, monotone=1)
_CLOSED_SHARE = share("closed_share", "Share of months reported as closed", "bureau_history", maximum=1.0)
_UNKNOWN_SHARE = share("unknown_share", "Share of months with unknown status", "bureau_history", maximum=1.0)
_LEVELS_SUM = Measure(
    name="levels",
    words="Sum of the monthly levels of delay",
    reason="bureau_delays",
    unit="level",
    minimum=0,
    monotone=1,
)

_PLAN = (
    (_REPORTED, _ALL, "sum mean max min"),
    (_REPORTED, _ACTIVE, "sum mean"),
    (_CLOSED, _ALL, "sum mean"),
    (_FIRST, _ALL, "max mean min std"),
    (_LAST, _ALL, "mean max"),
    (_LATE, _ALL, "sum max"),
    (_LATE, _ACTIVE, "sum max"),
    (_LATE_12, _ALL, "sum"),
    (_LATE_24, _ALL, "sum"),
    (_SERIOUSLY, _ALL, "sum"),
    (_SINCE_LATE, _ALL, "min mean"),
    (_WORST, _ALL, "max mean"),
    (_WORST, _ACTIVE, "max mean"),
    (_WORST_12, _ALL, "max mean"),
    (_WORST_24, _ALL, "max mean"),
    (_LATEST, _ALL, "max sum"),
    (_LEVELS_SUM, _ALL, "sum max"),
    (_LATE_SHARE, _ALL, "mean max"),
    (_LATE_SHARE, _ACTIVE, "mean"),
    (_CLOSED_SHARE, _ALL, "mean"),
    (_UNKNOWN_SHARE, _ALL, "mean max"),
)
_TALLIES = (
    tally("active", "reported monthly and still running", "bureau_activity", "count"),
    tally("once_late", "once past due", "bureau_delays", monotone=1, known_by="level"),
    tally("late_12", "past due within the last 12 months", "bureau_delays", monotone=1, known_by="level_12"),
    tally("once_serious", "once past due by more than 30 days", "bureau_delays", "share", monotone=1, known_by="level"),
    tally("late_now", "past due in their latest known month", "bureau_delays", "count", monotone=1),
)
_EXTRA = (
    Feature(
        name="bureau_balance__credits__all__count",
        expression=nw.len().cast(nw.Float64),
        description="Number of credits with monthly reports.",
        reason="bureau_history",
        unit="credits",
        minimum=1.0,
    ),
    Feature(
        name="bureau_balance__months__known__sum",
        expression=nw.col("months_known").sum(),
        description="Months reported with a known status, over all credits.",
        reason="bureau_history",
        unit="months",
        minimum=0.0,
    ),
)
_DERIVED = (
    derived(
        "bureau_balance__months__late__share",
        of("bureau_balance__months_late__all__sum", "bureau_balance__months__known__sum"),
        "Share of all known months that were past due.",
        "bureau_delays",
        minimum=0.0,
        maximum=1.0,
        monotone=1,
    ),
    derived(
        "bureau_balance__months__late_12_to_all__ratio",
        of("bureau_balance__months_late_12__all__sum", "bureau_balance__months_late__all__sum"),
        "Share of the months past due that lie in the last 12 months.",
        "bureau_delays",
        minimum=0.0,
        maximum=1.0,
    ),
    derived(
        "bureau_balance__levels__per_month__mean",
        of("bureau_balance__levels__all__sum", "bureau_balance__months__known__sum"),
        "Average level of delay over all known months.",
        "bureau_delays",
        "level",
        minimum=0.0,
        maximum=5.0,
        monotone=1,
    ),
)

BUREAU_BALANCE = FeatureGroup(
    name="bureau_balance",
    table="bureau_balance",
    description="Monthly statuses of credits with other lenders.",
    history=True,
    known_at=nw.col("MONTHS_BALANCE") <= 0,
    steps=(_VALUES, _CONDITIONS),
    reduction=_REDUCTION,
    reduced_steps=(_LOANS, mask_step(_PLAN)),
    features=(*_EXTRA, *tallies(_SOURCE, "credits", _TALLIES), *statistics(_SOURCE, _PLAN)),
    derived=_DERIVED,
)
