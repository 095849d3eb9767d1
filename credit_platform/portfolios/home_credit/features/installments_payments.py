"""Features of payments of instalments of earlier loans with us: one row per payment or missed instalment.

What is here: how late, how early, how completely instalments were paid, over all loans, recent ones and recent days.
What to add here: aggregates over payments.
What must not be here: monthly balances.

An instalment that was paid in parts has a row for each part. A row counts when both the due day and the day of the
payment (if any) lie before the application. Rows are first reduced to loans, which gives the latest few loans.
"""

from __future__ import annotations

import narwhals as nw

from credit_platform.portfolios.feature_group import Feature, FeatureGroup
from credit_platform.portfolios.home_credit.features.declare import (
    Measure,
    Rows,
    at_least_zero,
    currency,
    days,
    derived,
    mask_step,
    of,
    share,
    statistics,
    tallies,
    tally,
)
from credit_platform.portfolios.home_credit.features.installments_rows import (
    CONDITIONS,
    IN_WINDOWS,
    LOANS,
    REDUCTION,
    VALUES,
)

_SOURCE = "installments"
_ALL = Rows(name="all", words="all loans")
_LAST_1 = Rows(name="last_1", words="the latest loan (ties included)")
_LAST_3 = Rows(name="last_3", words="the three latest loans (ties included)")


def _lines(name: str, words: str, reason: str = "instalment_delays", *, monotone: int = 1) -> Measure:
    return Measure(name=name, words=words, reason=reason, unit="payments", minimum=0.0, monotone=monotone)


_LINES = _lines("lines", "Payments", "previous_activity", monotone=0)
_LINES_6 = _lines("lines_6", "Payments due in the last 6 months", "previous_activity", monotone=0)
_LINES_12 = _lines("lines_12", "Payments due in the last 12 months", "previous_activity", monotone=0)
_LINES_24 = _lines("lines_24", "Payments due in the last 24 months", "previous_activity", monotone=0)
_LATE = _lines("lines_late", "Late payments")
_LATE_6 = _lines("lines_late_6", "Late payments of the last 6 months")
_LATE_12 = _lines("lines_late_12", "Late payments of the last 12 months")
_LATE_24 = _lines("lines_late_24", "Late payments of the last 24 months")
_LATE_WEEK = _lines("lines_late_week", "Payments late by more than a week")
_LATE_MONTH = _lines("lines_late_month", "Payments late by more than 30 days")
_UNDERPAID = _lines("lines_underpaid", "Payments below the instalment", "instalment_shortfall", monotone=0)
_UNDERPAID_12 = _lines(
    "lines_underpaid_12", "Payments below the instalment in the last 12 months", "instalment_shortfall", monotone=0
)
_UNPAID = _lines("lines_unpaid", "Instalments without a payment", "instalment_shortfall")
_LATE_DAYS = days("late_days", "Days of delay added over payments", "instalment_delays", monotone=1)
_LATE_DAYS_12 = days("late_days_12", "Days of delay added over 12 months", "instalment_delays", monotone=1)
_EARLY_DAYS = days("early_days", "Days paid ahead added over payments", "instalment_delays")
_EARLY_DAYS_12 = days("early_days_12", "Days paid ahead added over 12 months", "instalment_delays")
_WORST = days("worst_delay", "Longest delay of a payment", "instalment_delays", monotone=1)
_WORST_6 = days("worst_delay_6", "Longest delay in the last 6 months", "instalment_delays", monotone=1)
_WORST_12 = days("worst_delay_12", "Longest delay in the last 12 months", "instalment_delays", monotone=1)
_WORST_24 = days("worst_delay_24", "Longest delay in the last 24 months", "instalment_delays", monotone=1)
_EARLIEST = days("earliest", "Most days a payment came ahead", "instalment_delays")
_FIRST = days("first", "Days since the first instalment was due", "previous_activity")
_LAST = days("last", "Days since the latest instalment was due", "previous_activity")
_DUE = currency("due", "Instalments due", "previous_loans")
_DUE_12 = currency("due_12", "Instalments due in the last 12 months", "previous_loans")
_DUE_MAX = currency("due_max", "Highest instalment", "previous_loans")
_PAID = currency("paid", "Payments made", "previous_loans")
_PAID_12 = currency("paid_12", "Payments made for the last 12 months", "previous_loans")
_PAID_MAX = currency("paid_max", "Highest payment", "previous_loans")
_PAID_MIN = currency("paid_min", "Lowest payment", "previous_loans")
_SHORT = currency("short", "Missing part of instalments", "instalment_shortfall")
_SHORT_12 = currency("short_12", "Missing part of instalments of the last 12 months", "instalment_shortfall")
_SHORT_MAX = currency("short_max", "Largest missing part of an instalment", "instalment_shortfall")
_SHARE_MIN = share("paid_share_min", "Lowest payment against its instalment", "instalment_shortfall")
_SHARES = share("paid_share_sum", "Payments against instalments, added", "instalment_shortfall")
_VERSIONS = Measure(
    name="versions", words="Changes of the payment plan", reason="previous_activity", unit="changes", minimum=0.0
)
_NUMBER = Measure(
    name="number", words="Highest instalment number", reason="previous_activity", unit="instalments", minimum=0.0
)
_LATE_SHARE = share("late_share", "Share of payments that were late", "instalment_delays", maximum=1.0, monotone=1)
_MEAN_DELAY = days("late_days_mean", "Average delay of the payments of a loan", "instalment_delays", monotone=1)
_PAID_RATIO = share("paid_ratio", "Payments made against instalments due", "instalment_shortfall")

_PLAN = (
    (_LINES, _ALL, "sum max"),
    (_LINES_6, _ALL, "sum"),
    (_LINES_12, _ALL, "sum"),
    (_LINES_24, _ALL, "sum"),
    (_LATE, _ALL, "sum max"),
    (_LATE_6, _ALL, "sum"),
    (_LATE_12, _ALL, "sum"),
    (_LATE_24, _ALL, "sum"),
    (_LATE_WEEK, _ALL, "sum"),
    (_LATE_MONTH, _ALL, "sum"),
    (_UNDERPAID, _ALL, "sum"),
    (_UNDERPAID_12, _ALL, "sum"),
    (_UNPAID, _ALL, "sum"),
    (_LATE_DAYS, _ALL, "sum"),
    (_LATE_DAYS_12, _ALL, "sum"),
    (_EARLY_DAYS, _ALL, "sum"),
    (_EARLY_DAYS_12, _ALL, "sum"),
    (_WORST, _ALL, "max mean"),
    (_WORST, _LAST_3, "max mean"),
    (_WORST, _LAST_1, "max"),
    (_WORST_6, _ALL, "max"),
    (_WORST_12, _ALL, "max"),
    (_WORST_24, _ALL, "max"),
    (_EARLIEST, _ALL, "max mean"),
    (_FIRST, _ALL, "max min mean"),
    (_LAST, _ALL, "min mean"),
    (_DUE, _ALL, "sum max"),
    (_DUE_12, _ALL, "sum"),
    (_DUE_MAX, _ALL, "max mean"),
    (_DUE_MAX, _LAST_1, "max"),
    (_PAID, _ALL, "sum"),
    (_PAID, _LAST_3, "sum"),
    (_PAID_12, _ALL, "sum"),
    (_PAID_MAX, _ALL, "max"),
    (_PAID_MIN, _ALL, "min"),
    (_SHORT, _ALL, "sum"),
    (_SHORT_12, _ALL, "sum"),
    (_SHORT_MAX, _ALL, "max"),
    (_SHARES, _ALL, "sum"),
    (_SHARE_MIN, _ALL, "min"),
    (_VERSIONS, _ALL, "sum max"),
    (_NUMBER, _ALL, "max mean"),
    (_LATE_SHARE, _ALL, "mean max std"),
    (_LATE_SHARE, _LAST_3, "mean"),
    (_LATE_SHARE, _LAST_1, "max"),
    (_MEAN_DELAY, _ALL, "max"),
    (_MEAN_DELAY, _LAST_3, "mean"),
    (_PAID_RATIO, _ALL, "mean min max"),
    (_PAID_RATIO, _LAST_1, "min"),
)
_TALLIES = (
    tally("once_late", "with a late payment", "instalment_delays", monotone=1),
    tally("once_late_month", "with a payment late by more than 30 days", "instalment_delays", "share", monotone=1),
    tally(
        "late_12",
        "with a late payment in the last 12 months",
        "instalment_delays",
        "share",
        monotone=1,
        known_by="worst_delay_12",
    ),
)
_delays, _ages, _count = nw.col("late_days").sum(), nw.col("ages").sum(), nw.col("lines").sum()
_spread = _count * nw.col("age_squares").sum() - _ages * _ages
_variance = at_least_zero((nw.col("delay_squares").sum() - _delays * _delays / _count) / (_count - 1.0))
_EXTRA = (
    Feature(
        name="installments__loans__all__count",
        expression=nw.len().cast(nw.Float64),
        description="Number of loans with payments.",
        reason="previous_activity",
        unit="loans",
        minimum=1.0,
    ),
    Feature(
        name="installments__late_days__per_payment__slope",
        expression=nw.when(_spread > 0).then((_delays * _ages - _count * nw.col("delay_by_age").sum()) / _spread),
        description="How much delays grow per day that passes, by least squares over all payments.",
        reason="instalment_delays",
        unit="days per day",
    ),
    Feature(
        name="installments__late_days__per_payment__std",
        expression=nw.when(_count > 1).then(_variance.sqrt()),
        description="Standard deviation of the delays of all payments.",
        reason="instalment_delays",
        unit="days",
        minimum=0.0,
    ),
)


_DELAYS, _SHORTFALL, _AMOUNTS = "instalment_delays", "instalment_shortfall", "previous_loans"
_QUOTIENTS = (
    ("late__all__share", "lines_late", "lines", "Share of payments that were late", _DELAYS),
    ("late__last_6_months__share", "lines_late_6", "lines_6", "Share of payments late in the last 6 months", _DELAYS),
    ("late__last_12_months__share", "lines_late_12", "lines_12", "Share of payments late in 12 months", _DELAYS),
    ("late__last_24_months__share", "lines_late_24", "lines_24", "Share of payments late in 24 months", _DELAYS),
    ("late_week__all__share", "lines_late_week", "lines", "Share of payments late by more than a week", _DELAYS),
    ("late_days__per_payment__mean", "late_days", "lines", "Average days of delay of all payments", _DELAYS),
    ("late_days__last_12_months__mean", "late_days_12", "lines_12", "Average days of delay in 12 months", _DELAYS),
    ("early_days__per_payment__mean", "early_days", "lines", "Average days paid ahead", _DELAYS),
    ("early_days__last_12_months__mean", "early_days_12", "lines_12", "Average days paid ahead in 12 months", _DELAYS),
    ("underpaid__all__share", "lines_underpaid", "lines", "Share of payments below the instalment", _SHORTFALL),
    ("underpaid__last_12_months__share", "lines_underpaid_12", "lines_12", "Share underpaid in 12 months", _SHORTFALL),
    ("paid_to_due__all__ratio", "paid", "due", "All payments against all instalments", _SHORTFALL),
    (
        "paid_to_due__last_12_months__ratio",
        "paid_12",
        "due_12",
        "Payments against instalments in 12 months",
        _SHORTFALL,
    ),
    ("paid_share__per_payment__mean", "paid_share_sum", "lines", "Average payment against instalment", _SHORTFALL),
    ("short_to_due__all__ratio", "short", "due", "Missing part of all instalments", _SHORTFALL),
    ("due__per_payment__mean", "due", "lines", "Average instalment", _AMOUNTS),
    ("due__last_12_months__mean", "due_12", "lines_12", "Average instalment in 12 months", _AMOUNTS),
)
_DERIVED = (
    *(
        derived(
            f"installments__{name}",
            of(f"installments__{first}__all__sum", f"installments__{second}__all__sum"),
            f"{words}.",
            reason,
            {_AMOUNTS: "currency"}.get(reason, "days" if "days" in name else "ratio"),
            minimum=0.0,
            monotone=1 if name.startswith("late") else 0,
        )
        for name, first, second, words, reason in _QUOTIENTS
    ),
    derived(
        "installments__late__last_12_months_less_all__difference",
        of("installments__lines_late_12__all__sum", "installments__lines_12__all__sum")
        - of("installments__lines_late__all__sum", "installments__lines__all__sum"),
        "Share of late payments in the last 12 months less that of all payments.",
        "instalment_delays",
        "share",
        minimum=-1.0,
        maximum=1.0,
    ),
)

INSTALLMENTS_PAYMENTS = FeatureGroup(
    name="installments_payments",
    table="installments_payments",
    description="Payments of instalments of earlier loans against what was due.",
    history=True,
    known_at=(nw.col("DAYS_INSTALMENT") <= 0)
    & (nw.col("DAYS_ENTRY_PAYMENT").is_null() | (nw.col("DAYS_ENTRY_PAYMENT") <= 0)),
    steps=(VALUES, CONDITIONS, IN_WINDOWS),
    reduction=REDUCTION,
    reduced_steps=(LOANS, mask_step(_PLAN)),
    features=(*_EXTRA, *tallies(_SOURCE, "loans", _TALLIES), *statistics(_SOURCE, _PLAN)),
    derived=_DERIVED,
)
