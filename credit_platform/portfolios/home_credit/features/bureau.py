"""Features of credits with other lenders, as the credit bureau reports them: one row per credit.

What is here: amounts, debts, delays and dates of those credits, by status, type and recency.
What to add here: row steps and aggregates over the bureau table.
What must not be here: monthly statuses (`bureau_balance.py`), our own loans.

The planned end of a credit may lie after the application: it was agreed before. An actual end, or an update, dated
after the application was not known then and becomes null.
"""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from credit_platform.portfolios.feature_group import Feature, FeatureGroup
from credit_platform.portfolios.home_credit.features.declare import (
    RATIO_BITS,
    Measure,
    Rows,
    at_least_zero,
    currency,
    days,
    derived,
    exact,
    exact_ratio,
    flag,
    latest,
    mask_step,
    money,
    number,
    of,
    ratio,
    share,
    slope,
    statistics,
    tallies,
    tally,
    within_months,
)

_SOURCE = "bureau"
_FIRST_PLAUSIBLE_DAY = -40_000.0
"""Some days lie more than a century back: errors of the bureau."""


def _plausible(column: str, *, latest: float | None = None) -> nw.Expr:
    """Day of a column; null before the first plausible day and after the latest."""
    day = number(column)
    within = day > _FIRST_PLAUSIBLE_DAY
    return nw.when(within if latest is None else within & (day <= latest)).then(day)


_VALUES: Mapping[str, nw.Expr] = {
    "credit": money("AMT_CREDIT_SUM"),
    "debt": money("AMT_CREDIT_SUM_DEBT"),
    "limit": money("AMT_CREDIT_SUM_LIMIT"),
    "overdue": money("AMT_CREDIT_SUM_OVERDUE"),
    "worst_overdue": money("AMT_CREDIT_MAX_OVERDUE"),
    "annuity": money("AMT_ANNUITY"),
    "prolongations": number("CNT_CREDIT_PROLONG"),
    "days_overdue": number("CREDIT_DAY_OVERDUE"),
    "age": -number("DAYS_CREDIT"),
    "planned_end": _plausible("DAYS_CREDIT_ENDDATE"),
    "actual_end": _plausible("DAYS_ENDDATE_FACT", latest=0.0),
    "update_age": -_plausible("DAYS_CREDIT_UPDATE", latest=0.0),
    "active": flag(nw.col("CREDIT_ACTIVE") == "Active"),
    "closed": flag(nw.col("CREDIT_ACTIVE") == "Closed"),
    "sold": flag(nw.col("CREDIT_ACTIVE").is_in(["Sold", "Bad debt"])),
    "consumer": flag(nw.col("CREDIT_TYPE") == "Consumer credit"),
    "card": flag(nw.col("CREDIT_TYPE") == "Credit card"),
    "car": flag(nw.col("CREDIT_TYPE") == "Car loan"),
    "mortgage": flag(nw.col("CREDIT_TYPE") == "Mortgage"),
    "microloan": flag(nw.col("CREDIT_TYPE") == "Microloan"),
}
_age, _active = nw.col("age"), nw.col("active")
_CONDITIONS: Mapping[str, nw.Expr] = {
    "last_3_months": within_months("age", 3),
    "last_6_months": within_months("age", 6),
    "last_12_months": within_months("age", 12),
    "last_24_months": within_months("age", 24),
    "last_60_months": within_months("age", 60),
    "last_3": latest("age", "SK_ID_CURR", 3),
    "active_card": _active * nw.col("card"),
    "active_consumer": _active * nw.col("consumer"),
    "active_last_12_months": _active * within_months("age", 12),
    "once_overdue": flag(nw.col("worst_overdue") > 0),
    "now_overdue": flag((nw.col("days_overdue") > 0) | (nw.col("overdue") > 0)),
    "past_its_end": _active * flag(nw.col("planned_end") < 0),
    "indebted": flag(nw.col("debt") > 0),
    "prolonged": flag(nw.col("prolongations") > 0),
    "duration": nw.col("planned_end") + _age,
    "lifetime": nw.col("actual_end") + _age,
    "early_days": nw.col("planned_end") - nw.col("actual_end"),
    "days_left": at_least_zero(nw.col("planned_end")),
    "debt_share": exact_ratio("debt", "credit"),
    "limit_use": exact(ratio(nw.col("debt"), nw.col("debt") + nw.col("limit")), RATIO_BITS),
    "overdue_share": exact_ratio("worst_overdue", "credit"),
    "annuity_share": exact_ratio("annuity", "credit"),
}

_ALL = Rows(name="all", words="all credits known to the bureau")
_ACTIVE = Rows(name="active", words="credits still running")
_CLOSED = Rows(name="closed", words="credits that are closed")
_CONSUMER = Rows(name="consumer", words="consumer credits")
_CARD = Rows(name="card", words="credit cards")
_CAR = Rows(name="car", words="car loans")
_MORTGAGE = Rows(name="mortgage", words="mortgages")
_MICROLOAN = Rows(name="microloan", words="microloans")
_ACTIVE_CARD = Rows(name="active_card", words="credit cards still running")
_ACTIVE_CONSUMER = Rows(name="active_consumer", words="consumer credits still running")
_LAST_3 = Rows(name="last_3", words="the three latest credits (ties included)")
_LAST_12 = Rows(name="last_12_months", words="credits of the last 12 months")
_LAST_24 = Rows(name="last_24_months", words="credits of the last 24 months")
_LAST_60 = Rows(name="last_60_months", words="credits of the last 60 months")


_CREDIT = currency("credit", "Amount of credit granted", "bureau_history")
_DEBT = currency("debt", "Debt still owed", "bureau_debt", minimum=None)
_LIMIT = currency("limit", "Limit left", "bureau_debt", minimum=None)
_OVERDUE = currency("overdue", "Amount overdue now", "bureau_delays", monotone=1)
_WORST = currency("worst_overdue", "Worst amount ever overdue", "bureau_delays", monotone=1)
_ANNUITY = currency("annuity", "Regular instalment", "bureau_debt")
_AGE = days("age", "Days since the credit was granted", "bureau_history")
_DURATION = days("duration", "Planned duration", "bureau_history", minimum=None)
_LIFETIME = days("lifetime", "Days from grant to closing", "bureau_history", minimum=None)
_EARLY = days("early_days", "Days between actual and planned closing", "bureau_history", minimum=None)
_LEFT = days("days_left", "Days left until the planned end", "bureau_debt")
_UPDATED = days("update_age", "Days since the bureau's last update", "bureau_history")
_LATE = days("days_overdue", "Days overdue now", "bureau_delays", monotone=1)
_PROLONGED = Measure(
    name="prolongations", words="Number of prolongations", reason="bureau_delays", unit="prolongations", minimum=0
)
_DEBT_SHARE = share("debt_share", "Share of the credit still owed", "bureau_debt", minimum=None)
_LIMIT_USE = share("limit_use", "Used share of the limit", "bureau_debt", minimum=None)
_OVERDUE_SHARE = share("overdue_share", "Worst overdue amount against the credit", "bureau_delays")
_ANNUITY_SHARE = share("annuity_share", "Instalment against the credit", "bureau_debt")

_PLAN = (
    (_CREDIT, _ALL, "sum mean max"),
    (_CREDIT, _ACTIVE, "sum mean max"),
    (_CREDIT, _CLOSED, "sum mean max"),
    (_CREDIT, _CONSUMER, "mean"),
    (_CREDIT, _CARD, "sum max"),
    (_CREDIT, _MORTGAGE, "sum"),
    (_CREDIT, _CAR, "sum"),
    (_CREDIT, _LAST_12, "sum"),
    (_CREDIT, _LAST_24, "sum"),
    (_CREDIT, _LAST_3, "mean"),
    (_DEBT, _ALL, "sum"),
    (_DEBT, _ACTIVE, "sum mean max"),
    (_DEBT, _ACTIVE_CONSUMER, "sum max"),
    (_DEBT, _ACTIVE_CARD, "sum max"),
    (_DEBT, _MORTGAGE, "sum"),
    (_DEBT, _LAST_12, "sum"),
    (_DEBT, _LAST_24, "sum"),
    (_LIMIT, _ALL, "sum max"),
    (_LIMIT, _ACTIVE_CARD, "sum mean"),
    (_OVERDUE, _ALL, "sum"),
    (_WORST, _ALL, "max mean sum"),
    (_WORST, _ACTIVE, "max"),
    (_WORST, _LAST_24, "max"),
    (_WORST, _CARD, "max"),
    (_ANNUITY, _ALL, "sum max"),
    (_ANNUITY, _ACTIVE, "sum mean"),
    (_AGE, _ALL, "mean min max std"),
    (_AGE, _ACTIVE, "mean min max"),
    (_AGE, _CLOSED, "mean min max"),
    (_AGE, _CONSUMER, "min"),
    (_AGE, _CARD, "min max"),
    (_AGE, _MORTGAGE, "min"),
    (_AGE, _CAR, "min"),
    (_DURATION, _ALL, "mean max"),
    (_DURATION, _ACTIVE, "mean"),
    (_DURATION, _CONSUMER, "mean"),
    (_LIFETIME, _CLOSED, "mean max"),
    (_EARLY, _CLOSED, "mean max"),
    (_LEFT, _ACTIVE, "mean max sum"),
    (_LEFT, _ACTIVE_CONSUMER, "max"),
    (_UPDATED, _ALL, "min mean"),
    (_UPDATED, _ACTIVE, "max mean"),
    (_LATE, _ALL, "max"),
    (_PROLONGED, _ALL, "sum"),
    (_DEBT_SHARE, _ALL, "mean"),
    (_DEBT_SHARE, _ACTIVE, "mean max min"),
    (_DEBT_SHARE, _LAST_12, "mean"),
    (_LIMIT_USE, _ACTIVE_CARD, "mean max"),
    (_OVERDUE_SHARE, _ALL, "mean max"),
    (_ANNUITY_SHARE, _ACTIVE, "mean max"),
)


_TALLIES = (
    tally("active", "still running", "bureau_activity"),
    tally("closed", "that are closed", "bureau_history", "count"),
    tally("sold", "sold to a collector or written off", "bureau_delays", monotone=1),
    tally("consumer", "that are consumer credits", "bureau_history"),
    tally("card", "that are credit cards", "bureau_history"),
    tally("car", "that are car loans", "bureau_history", "count"),
    tally("mortgage", "that are mortgages", "bureau_history", "count"),
    tally("microloan", "that are microloans", "bureau_history", monotone=1),
    tally("active_card", "that are cards still running", "bureau_activity", "count"),
    tally("active_consumer", "that are consumer credits still running", "bureau_activity", "count"),
    tally("active_last_12_months", "of the last 12 months still running", "bureau_activity", "count"),
    tally("last_3_months", "granted in the last 3 months", "bureau_activity", "count"),
    tally("last_6_months", "granted in the last 6 months", "bureau_activity", "count"),
    tally("last_12_months", "granted in the last 12 months", "bureau_activity"),
    tally("last_24_months", "granted in the last 24 months", "bureau_activity"),
    tally("last_60_months", "granted in the last 60 months", "bureau_activity", "count"),
    tally("once_overdue", "that were overdue at some time", "bureau_delays", monotone=1, known_by="worst_overdue"),
    tally("now_overdue", "overdue now", "bureau_delays", "count", monotone=1),
    tally("past_its_end", "still running after their planned end", "bureau_delays", known_by="planned_end"),
    tally("indebted", "on which debt is still owed", "bureau_debt", known_by="debt"),
    tally("prolonged", "that were prolonged", "bureau_delays", "share"),
)

_COUNT = Feature(
    name="bureau__credits__all__count",
    expression=nw.len().cast(nw.Float64),
    description="Number of credits known to the bureau.",
    reason="bureau_history",
    unit="credits",
    minimum=1.0,
)
_TREND = Feature(
    name="bureau__credit__all__slope",
    expression=-slope("credit", "age"),
    description="How much the amount of a new credit grows per day, by least squares.",
    reason="bureau_history",
    unit="currency per day",
)


_DERIVED = (
    derived(
        "bureau__debt__to_credit__ratio",
        of("bureau__debt__all__sum", "bureau__credit__all__sum"),
        "Debt still owed against all credit granted.",
        "bureau_debt",
    ),
    derived(
        "bureau__debt__active_to_credit__ratio",
        of("bureau__debt__active__sum", "bureau__credit__active__sum"),
        "Debt still owed on running credits against their amount.",
        "bureau_debt",
    ),
    derived(
        "bureau__overdue__to_debt__ratio",
        of("bureau__overdue__all__sum", "bureau__debt__active__sum"),
        "Amount overdue now against the debt still owed on running credits.",
        "bureau_delays",
    ),
    derived(
        "bureau__credit__active_share__ratio",
        of("bureau__credit__active__sum", "bureau__credit__all__sum"),
        "Share of all credit granted that is still running.",
        "bureau_activity",
    ),
    derived(
        "bureau__credit__last_24_months_share__ratio",
        of("bureau__credit__last_24_months__sum", "bureau__credit__all__sum"),
        "Share of all credit granted that was granted in the last 24 months.",
        "bureau_activity",
    ),
    derived(
        "bureau__credit__last_3_to_all__ratio",
        of("bureau__credit__last_3__mean", "bureau__credit__all__mean"),
        "Average of the three latest credits against the average of all.",
        "bureau_history",
    ),
    derived(
        "bureau__annuity__to_debt__ratio",
        of("bureau__annuity__active__sum", "bureau__debt__active__sum"),
        "Instalments of running credits against their debt.",
        "bureau_debt",
    ),
    derived(
        "bureau__age__between_credits__mean",
        ratio(
            nw.col("bureau__age__all__max") - nw.col("bureau__age__all__min"),
            nw.col("bureau__credits__all__count") - 1.0,
        ),
        "Average days from one credit to the next.",
        "bureau_activity",
        "days",
    ),
    derived(
        "bureau__credits__pace_12_to_60_months__ratio",
        of("bureau__credits__last_12_months__count", "bureau__credits__last_60_months__count"),
        "Credits of the last 12 months against those of the last 60.",
        "bureau_activity",
    ),
    derived(
        "bureau__credits__types__count",
        flag(nw.col("bureau__credits__consumer__count") > 0)
        + flag(nw.col("bureau__credits__card__count") > 0)
        + flag(nw.col("bureau__credits__car__count") > 0)
        + flag(nw.col("bureau__credits__mortgage__count") > 0)
        + flag(nw.col("bureau__credits__microloan__count") > 0),
        "Number of different types of credit, of five.",
        "bureau_history",
        "types",
    ),
)

BUREAU = FeatureGroup(
    name="bureau",
    table="bureau",
    description="Credits with other lenders, by status, type and recency.",
    history=True,
    known_at=nw.col("DAYS_CREDIT") <= 0,
    steps=(_VALUES, _CONDITIONS, mask_step(_PLAN)),
    features=(_COUNT, *tallies(_SOURCE, "credits", _TALLIES), *statistics(_SOURCE, _PLAN), _TREND),
    derived=_DERIVED,
)
