"""Features of earlier applications with us: one row per application, granted or not.

What is here: amounts asked for and granted, outcomes, terms and dates of earlier applications, and the latest few.
What to add here: row steps and aggregates over the table of previous applications.
What must not be here: how those loans were repaid (`installments_payments.py`, the balance tables).

Planned dates of due payments may lie after the application: the plan was known. An actual last payment or a
termination dated after the application was not, and becomes null.
"""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from credit_platform.portfolios.feature_group import Feature, FeatureGroup
from credit_platform.portfolios.home_credit.features.declare import (
    RATIO_BITS,
    Measure,
    Rows,
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

_SOURCE = "previous"


def _past(column: str) -> nw.Expr:
    """Day of a column; null when it lies after the application."""
    return nw.when(number(column) <= 0).then(number(column))


def _is(column: str, value: str) -> nw.Expr:
    return flag(nw.col(column) == value)


_VALUES: Mapping[str, nw.Expr] = {
    "asked": money("AMT_APPLICATION"),
    "credit": money("AMT_CREDIT"),
    "annuity": money("AMT_ANNUITY"),
    "down_payment": money("AMT_DOWN_PAYMENT"),
    "goods": money("AMT_GOODS_PRICE"),
    "down_share": exact(number("RATE_DOWN_PAYMENT"), RATIO_BITS),
    "term": number("CNT_PAYMENT"),
    "age": -number("DAYS_DECISION"),
    "hour": number("HOUR_APPR_PROCESS_START"),
    "first_due": number("DAYS_FIRST_DUE"),
    "planned_end": number("DAYS_LAST_DUE_1ST_VERSION"),
    "actual_end": _past("DAYS_LAST_DUE"),
    "terminated": _past("DAYS_TERMINATION"),
    "insured": exact(number("NFLAG_INSURED_ON_APPROVAL"), RATIO_BITS),
    "approved": _is("NAME_CONTRACT_STATUS", "Approved"),
    "refused": _is("NAME_CONTRACT_STATUS", "Refused"),
    "canceled": _is("NAME_CONTRACT_STATUS", "Canceled"),
    "unused": _is("NAME_CONTRACT_STATUS", "Unused offer"),
    "cash": _is("NAME_CONTRACT_TYPE", "Cash loans"),
    "consumer": _is("NAME_CONTRACT_TYPE", "Consumer loans"),
    "revolving": _is("NAME_CONTRACT_TYPE", "Revolving loans"),
    "new_client": _is("NAME_CLIENT_TYPE", "New"),
    "walk_in": _is("NAME_PRODUCT_TYPE", "walk-in"),
    "cross_sale": _is("NAME_PRODUCT_TYPE", "x-sell"),
    "high_yield": _is("NAME_YIELD_GROUP", "high"),
    "low_yield": flag(nw.col("NAME_YIELD_GROUP").is_in(["low_normal", "low_action"])),
    "policy_reject": _is("CODE_REJECT_REASON", "HC"),
    "limit_reject": _is("CODE_REJECT_REASON", "LIMIT"),
    "score_reject": flag(nw.col("CODE_REJECT_REASON").is_in(["SCO", "SCOFR"])),
    "at_office": _is("CHANNEL_TYPE", "Credit and cash offices"),
    "by_phone": _is("CHANNEL_TYPE", "Contact center"),
    "country_wide": _is("CHANNEL_TYPE", "Country-wide"),
    "mobile_phone": _is("NAME_GOODS_CATEGORY", "Mobile"),
}
_approved, _refused, _cash = nw.col("approved"), nw.col("refused"), nw.col("cash")
_CONDITIONS: Mapping[str, nw.Expr] = {
    "last_6_months": within_months("age", 6),
    "last_12_months": within_months("age", 12),
    "last_24_months": within_months("age", 24),
    "last_60_months": within_months("age", 60),
    "last_1": latest("age", "SK_ID_CURR", 1),
    "last_3": latest("age", "SK_ID_CURR", 3),
    "last_5": latest("age", "SK_ID_CURR", 5),
    "refused_last_12_months": _refused * within_months("age", 12),
    "refused_last_24_months": _refused * within_months("age", 24),
    "approved_last_12_months": _approved * within_months("age", 12),
    "approved_cash": _approved * _cash,
    "approved_consumer": _approved * nw.col("consumer"),
    "refused_cash": _refused * _cash,
    "running": _approved * flag(nw.col("terminated").is_null() & ~nw.col("first_due").is_null()),
    "granted_share": exact_ratio("credit", "asked"),
    "shortfall": nw.col("asked") - nw.col("credit"),
    "annuity_share": exact_ratio("annuity", "credit"),
    "goods_share": exact_ratio("goods", "credit"),
    "cost": exact(ratio(nw.col("annuity") * nw.col("term"), nw.col("credit")) - 1.0, RATIO_BITS),
    "early_days": nw.col("planned_end") - nw.col("actual_end"),
    "first_due_wait": nw.col("first_due") + nw.col("age"),
}
_ALL = Rows(name="all", words="all earlier applications")
_APPROVED = Rows(name="approved", words="approved applications")
_REFUSED = Rows(name="refused", words="refused applications")
_CANCELED = Rows(name="canceled", words="applications that were canceled")
_CASH = Rows(name="cash", words="applications for cash loans")
_CONSUMER = Rows(name="consumer", words="applications for consumer loans")
_REVOLVING = Rows(name="revolving", words="applications for revolving loans")
_APPROVED_CASH = Rows(name="approved_cash", words="approved cash loans")
_APPROVED_CONSUMER = Rows(name="approved_consumer", words="approved consumer loans")
_RUNNING = Rows(name="running", words="approved loans that have not ended")
_LAST_1 = Rows(name="last_1", words="the latest application (ties included)")
_LAST_3 = Rows(name="last_3", words="the three latest applications (ties included)")
_LAST_5 = Rows(name="last_5", words="the five latest applications (ties included)")
_LAST_12 = Rows(name="last_12_months", words="applications of the last 12 months")
_LAST_24 = Rows(name="last_24_months", words="applications of the last 24 months")
_APPROVED_12 = Rows(name="approved_last_12_months", words="applications approved in the last 12 months")

_ASKED = currency("asked", "Amount asked for", "previous_loans")
_CREDIT = currency("credit", "Amount of credit", "previous_loans")
_ANNUITY = currency("annuity", "Instalment", "previous_loans")
_DOWN = currency("down_payment", "Down payment", "previous_loans", minimum=None)
_GOODS = currency("goods", "Price of the goods", "previous_loans")
_SHORTFALL = currency("shortfall", "Amount asked for less credit", "previous_loans", minimum=None)
_AGE = days("age", "Days since the decision", "previous_activity")
_EARLY = days("early_days", "Days between actual and planned last payment", "previous_loans", minimum=None)
_WAIT = days("first_due_wait", "Days from decision to first due payment", "previous_loans", minimum=None)
_FIRST_DUE = days("first_due", "Day of the first due payment", "previous_activity", minimum=None)
_PLANNED_END = days("planned_end", "Day of the planned last payment", "previous_loans", minimum=None)
_ACTUAL_END = days("actual_end", "Day of the actual last payment", "previous_activity", minimum=None)
_TERM = Measure(name="term", words="Number of instalments", reason="previous_loans", unit="instalments", minimum=0)
_DOWN_SHARE = share("down_share", "Down payment against price", "previous_loans", minimum=None)
_GRANTED = share("granted_share", "Credit against the amount asked for", "previous_loans")
_ANNUITY_SHARE = share("annuity_share", "Instalment against credit", "previous_loans")
_GOODS_SHARE = share("goods_share", "Price of the goods against credit", "previous_loans")
_COST = share("cost", "Interest and fees against credit", "previous_loans", minimum=-1.0)
_HOUR = Measure(
    name="hour", words="Hour of the application", reason="application_moment", unit="hours", minimum=0, maximum=23
)
_INSURED = share("insured", "Insurance was taken (1) or not (0)", "previous_loans", maximum=1.0)
_REJECTED = share("refused", "Application was refused (1) or not (0)", "previous_refusals", maximum=1.0, monotone=1)

_PLAN = (
    (_ASKED, _ALL, "sum mean max min"),
    (_ASKED, _REFUSED, "mean max"),
    (_ASKED, _CANCELED, "mean"),
    (_ASKED, _LAST_3, "mean"),
    (_CREDIT, _ALL, "mean max"),
    (_CREDIT, _APPROVED, "sum mean max"),
    (_CREDIT, _APPROVED_CASH, "max"),
    (_CREDIT, _APPROVED_CONSUMER, "max"),
    (_CREDIT, _REVOLVING, "max"),
    (_CREDIT, _RUNNING, "sum"),
    (_CREDIT, _APPROVED_12, "sum"),
    (_CREDIT, _LAST_1, "max"),
    (_CREDIT, _LAST_5, "mean"),
    (_ANNUITY, _ALL, "mean max"),
    (_ANNUITY, _APPROVED, "mean max"),
    (_ANNUITY, _RUNNING, "sum max"),
    (_ANNUITY, _LAST_3, "mean"),
    (_DOWN, _APPROVED, "mean max"),
    (_GOODS, _APPROVED, "mean"),
    (_SHORTFALL, _ALL, "mean max min"),
    (_AGE, _ALL, "mean min max std"),
    (_AGE, _APPROVED, "mean min max"),
    (_AGE, _REFUSED, "mean min max"),
    (_AGE, _CASH, "min"),
    (_AGE, _CONSUMER, "min"),
    (_AGE, _LAST_5, "mean"),
    (_TERM, _ALL, "mean max"),
    (_TERM, _APPROVED, "mean max sum"),
    (_TERM, _RUNNING, "max"),
    (_TERM, _LAST_5, "mean"),
    (_DOWN_SHARE, _APPROVED, "mean max"),
    (_DOWN_SHARE, _ALL, "min"),
    (_GRANTED, _ALL, "mean max min std"),
    (_GRANTED, _APPROVED, "mean max"),
    (_GRANTED, _LAST_3, "mean"),
    (_ANNUITY_SHARE, _ALL, "mean"),
    (_ANNUITY_SHARE, _APPROVED, "mean max"),
    (_GOODS_SHARE, _APPROVED, "mean"),
    (_COST, _ALL, "mean"),
    (_COST, _APPROVED, "mean max min"),
    (_COST, _LAST_3, "mean"),
    (_EARLY, _APPROVED, "mean max min"),
    (_WAIT, _APPROVED, "mean"),
    (_FIRST_DUE, _APPROVED, "max min"),
    (_PLANNED_END, _APPROVED, "max"),
    (_ACTUAL_END, _APPROVED, "max"),
    (_HOUR, _ALL, "mean"),
    (_INSURED, _ALL, "mean"),
    (_INSURED, _LAST_3, "mean"),
    (_REJECTED, _LAST_12, "mean"),
    (_REJECTED, _LAST_24, "mean"),
    (_REJECTED, _LAST_3, "mean"),
    (_REJECTED, _LAST_5, "mean"),
    (_REJECTED, _CASH, "mean"),
)
_TALLIES = (
    tally("approved", "that were approved", "previous_refusals"),
    tally("refused", "that were refused", "previous_refusals", monotone=1),
    tally("canceled", "that were canceled", "previous_activity"),
    tally("unused", "whose offer was not used", "previous_activity", "count"),
    tally("refused_last_12_months", "refused in the last 12 months", "previous_refusals", "count", monotone=1),
    tally("refused_last_24_months", "refused in the last 24 months", "previous_refusals", "count", monotone=1),
    tally("refused_cash", "for cash that were refused", "previous_refusals", "count", monotone=1),
    tally("approved_last_12_months", "approved in the last 12 months", "previous_activity", "count"),
    tally("last_6_months", "of the last 6 months", "previous_activity", "count"),
    tally("last_12_months", "of the last 12 months", "previous_activity"),
    tally("last_24_months", "of the last 24 months", "previous_activity", "count"),
    tally("last_60_months", "of the last 60 months", "previous_activity", "share"),
    tally("running", "approved and not ended", "previous_activity", "count"),
    tally("cash", "for cash loans", "previous_loans", "share"),
    tally("consumer", "for consumer loans", "previous_loans", "share"),
    tally("revolving", "for revolving loans", "previous_loans", "share"),
    tally("new_client", "made as a new client", "previous_activity", "share"),
    tally("walk_in", "for products offered on the spot", "previous_loans", "share"),
    tally("cross_sale", "for products offered to clients", "previous_loans", "share"),
    tally("high_yield", "in the highest group of interest", "previous_loans"),
    tally("low_yield", "in the lowest groups of interest", "previous_loans", "share"),
    tally("policy_reject", "refused by the lender's policy", "previous_refusals", monotone=1),
    tally("limit_reject", "refused for their amount", "previous_refusals", "count", monotone=1),
    tally("score_reject", "refused by scoring", "previous_refusals", "count", monotone=1),
    tally("at_office", "made at a credit office", "previous_loans", "share"),
    tally("by_phone", "made by phone", "previous_loans", "share"),
    tally("country_wide", "made through shops of a country-wide chain", "previous_loans", "share"),
    tally("mobile_phone", "to finance a mobile phone", "previous_loans", "share"),
)

_EXTRA = (
    Feature(
        name="previous__applications__all__count",
        expression=nw.len().cast(nw.Float64),
        description="Number of earlier applications.",
        reason="previous_activity",
        unit="applications",
        minimum=1.0,
    ),
    Feature(
        name="previous__asked__all__slope",
        expression=-slope("asked", "age"),
        description="How much the amount asked for grows per day, by least squares.",
        reason="previous_loans",
        unit="currency per day",
    ),
)
_DERIVED = (
    derived(
        "previous__credit__approved_to_asked__ratio",
        of("previous__credit__approved__sum", "previous__asked__all__sum"),
        "Credit approved against all amounts asked for.",
        "previous_refusals",
        minimum=0.0,
    ),
    derived(
        "previous__refused_to_approved__ratio",
        of("previous__applications__refused__count", "previous__applications__approved__count"),
        "Refused applications for each approved one.",
        "previous_refusals",
        minimum=0.0,
        monotone=1,
    ),
    derived(
        "previous__asked__last_3_to_all__ratio",
        of("previous__asked__last_3__mean", "previous__asked__all__mean"),
        "Average of the three latest amounts asked for against the average of all.",
        "previous_loans",
        minimum=0.0,
    ),
    derived(
        "previous__annuity__last_3_to_all__ratio",
        of("previous__annuity__last_3__mean", "previous__annuity__all__mean"),
        "Average instalment of the three latest applications against the average of all.",
        "previous_loans",
        minimum=0.0,
    ),
    derived(
        "previous__age__between_applications__mean",
        ratio(
            nw.col("previous__age__all__max") - nw.col("previous__age__all__min"),
            nw.col("previous__applications__all__count") - 1.0,
        ),
        "Average days from one application to the next.",
        "previous_activity",
        "days",
        minimum=0.0,
    ),
    derived(
        "previous__annuity__running_to_approved__ratio",
        of("previous__annuity__running__sum", "previous__credit__approved__sum"),
        "Instalments of loans that have not ended against all credit approved.",
        "previous_loans",
        minimum=0.0,
    ),
)

PREVIOUS_APPLICATION = FeatureGroup(
    name="previous_application",
    table="previous_application",
    description="Earlier applications with us, by outcome, kind and recency.",
    history=True,
    known_at=nw.col("DAYS_DECISION") <= 0,
    steps=(_VALUES, _CONDITIONS, mask_step(_PLAN)),
    features=(*_EXTRA, *tallies(_SOURCE, "applications", _TALLIES), *statistics(_SOURCE, _PLAN)),
    derived=_DERIVED,
)
