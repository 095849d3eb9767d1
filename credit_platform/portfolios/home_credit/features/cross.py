"""Features that cross sources: the application against histories, and histories against each other.

What is here: row expressions over finished features of several groups, computed last.
What to add here: burdens, comparisons and combinations that no single table can give.
What must not be here: anything that reads a raw column.
"""

from __future__ import annotations

import narwhals as nw

from credit_platform.portfolios.home_credit.features.declare import derived, flag, of, ratio

_col = nw.col
_INCOME = "application__income__amount"
_CREDIT = "application__credit__amount"
_ANNUITY = "application__annuity__amount"
_AGE = "application__age__years"
_SCORES = "application__external_score__all__mean"
_BUREAU_DEBT = "bureau__debt__active__sum"
_BUREAU_ANNUITY = "bureau__annuity__active__sum"
_OWN_ANNUITY = "previous__annuity__running__sum"
_LATE = "installments__late__all__share"
_YEAR = 365.25


def _or_zero(name: str) -> nw.Expr:
    return _col(name).fill_null(0.0)


_ALL_ANNUITIES = _col(_ANNUITY) + _or_zero(_BUREAU_ANNUITY) + _or_zero(_OWN_ANNUITY)
_ALL_DEBT = _col(_CREDIT) + _or_zero(_BUREAU_DEBT)

CROSS_FEATURES = (
    derived(
        "cross__debt_with_others__to_income__ratio",
        of(_BUREAU_DEBT, _INCOME),
        "Debt still owed to other lenders against income.",
        "bureau_debt",
    ),
    derived(
        "cross__debt_with_others__to_credit__ratio",
        of(_BUREAU_DEBT, _CREDIT),
        "Debt still owed to other lenders against the loan asked for.",
        "bureau_debt",
    ),
    derived(
        "cross__credit_with_others__to_income__ratio",
        of("bureau__credit__active__sum", _INCOME),
        "Running credits of other lenders against income.",
        "bureau_debt",
        minimum=0.0,
    ),
    derived(
        "cross__largest_credit_with_others__to_credit__ratio",
        of("bureau__credit__all__max", _CREDIT),
        "Largest credit ever with another lender against the loan asked for.",
        "bureau_history",
        minimum=0.0,
    ),
    derived(
        "cross__annuity_with_others__to_income__ratio",
        of(_BUREAU_ANNUITY, _INCOME),
        "Instalments of credits with other lenders against income.",
        "bureau_debt",
        minimum=0.0,
    ),
    derived(
        "cross__all_annuities__to_income__ratio",
        ratio(_ALL_ANNUITIES, _col(_INCOME)),
        "All known instalments, that of this loan included, against income.",
        "affordability",
        minimum=0.0,
    ),
    derived(
        "cross__all_debt__to_income__ratio",
        ratio(_ALL_DEBT, _col(_INCOME)),
        "The loan asked for and the debt with other lenders, against income.",
        "affordability",
    ),
    derived(
        "cross__income__left_after_annuities__difference",
        _col(_INCOME) - _ALL_ANNUITIES,
        "Income left after all known instalments.",
        "affordability",
        "currency",
    ),
    derived(
        "cross__overdue_with_others__to_income__ratio",
        of("bureau__worst_overdue__all__max", _INCOME),
        "Worst amount ever overdue with other lenders against income.",
        "bureau_delays",
        minimum=0.0,
        monotone=1,
    ),
    derived(
        "cross__credit__to_largest_approved__ratio",
        of(_CREDIT, "previous__credit__approved__max"),
        "The loan asked for against the largest one we approved before.",
        "previous_loans",
        minimum=0.0,
    ),
    derived(
        "cross__credit__to_average_asked__ratio",
        of(_CREDIT, "previous__asked__all__mean"),
        "The loan asked for against the average of earlier applications.",
        "previous_loans",
        minimum=0.0,
    ),
    derived(
        "cross__annuity__to_average_approved__ratio",
        of(_ANNUITY, "previous__annuity__approved__mean"),
        "The instalment of this loan against the average of approved ones.",
        "previous_loans",
        minimum=0.0,
    ),
    derived(
        "cross__annuity__to_average_paid__ratio",
        of(_ANNUITY, "installments__due__per_payment__mean"),
        "The instalment of this loan against the average instalment due before.",
        "affordability",
        minimum=0.0,
    ),
    derived(
        "cross__annuity__to_recent_paid__ratio",
        of(_ANNUITY, "installments__due__last_12_months__mean"),
        "The instalment of this loan against those due in the last 12 months.",
        "affordability",
        minimum=0.0,
    ),
    derived(
        "cross__term__to_average_approved__ratio",
        of("application__credit__to_annuity__ratio", "previous__term__approved__mean"),
        "The term of this loan against the average of approved ones.",
        "loan_terms",
        minimum=0.0,
    ),
    derived(
        "cross__goods_price__to_earlier__ratio",
        of("application__goods_price__amount", "previous__goods__approved__mean"),
        "Price of the goods against those financed before.",
        "previous_loans",
        minimum=0.0,
    ),
    derived(
        "cross__card_balance__to_income__ratio",
        of("credit_card__balance__last_3_months__mean", _INCOME),
        "Recent balance of the credit card against income.",
        "card_use",
    ),
    derived(
        "cross__card_limit__to_income__ratio",
        of("credit_card__limit__all__max", _INCOME),
        "Highest limit of the credit card against income.",
        "card_use",
        minimum=0.0,
    ),
    derived(
        "cross__card_drawings__to_income__ratio",
        of("credit_card__drawn__last_12_months__mean", _INCOME),
        "Monthly drawings with the credit card against income.",
        "card_use",
    ),
    derived(
        "cross__paid_last_12_months__to_income__ratio",
        of("installments__paid_12__all__sum", _INCOME),
        "Payments of the last 12 months against income.",
        "affordability",
        minimum=0.0,
    ),
    derived(
        "cross__credit_experience__to_age__ratio",
        ratio(_col("bureau__age__all__max") / _YEAR, _col(_AGE)),
        "Time since the first known credit against age.",
        "bureau_history",
        minimum=0.0,
    ),
    derived(
        "cross__age_at_first_credit__years",
        _col(_AGE) - _col("bureau__age__all__max") / _YEAR,
        "Age at the first known credit.",
        "bureau_history",
        "years",
    ),
    derived(
        "cross__age_at_first_application__years",
        _col(_AGE) - _col("previous__age__all__max") / _YEAR,
        "Age at the first application with us.",
        "previous_activity",
        "years",
    ),
    derived(
        "cross__newest_credit_anywhere__days",
        nw.min_horizontal("bureau__age__all__min", "previous__age__approved__min"),
        "Days since the newest credit with any lender.",
        "bureau_activity",
        "days",
        minimum=0.0,
    ),
    derived(
        "cross__worst_delay_anywhere__days",
        nw.max_horizontal(
            "pos_cash__dpd_def__all__max", "credit_card__dpd_def__all__max", "installments__worst_delay__all__max"
        ),
        "Longest delay on any loan with us.",
        "instalment_delays",
        "days",
        minimum=0.0,
        monotone=1,
    ),
    derived(
        "cross__sources_with_history__count",
        sum(
            (
                flag(~_col(name).is_null())
                for name in (
                    "previous__applications__all__count",
                    "pos_cash__loans__all__count",
                    "credit_card__months__all__count",
                    "installments__loans__all__count",
                    "bureau_balance__credits__all__count",
                )
            ),
            start=flag(~_col("bureau__credits__all__count").is_null()),
        ),
        "Number of sources, of six, that know the applicant.",
        "bureau_history",
        "sources",
        minimum=0.0,
        maximum=6.0,
    ),
    derived(
        "cross__external_score__by_late_share__product",
        _col(_SCORES) * (1.0 - _col(_LATE)),
        "Average external score times the share of payments in time.",
        "external_scores",
        "score",
        minimum=0.0,
        maximum=1.0,
        monotone=-1,
    ),
    derived(
        "cross__external_score__by_refused_share__product",
        _col(_SCORES) * (1.0 - _col("previous__applications__refused__share")),
        "Average external score times the share of applications not refused.",
        "external_scores",
        "score",
        minimum=0.0,
        maximum=1.0,
        monotone=-1,
    ),
    derived(
        "cross__external_score__by_debt_share__product",
        _col(_SCORES) * _col("bureau__debt__to_credit__ratio"),
        "Average external score times the share of credits with other lenders still owed.",
        "external_scores",
        "score",
    ),
    derived(
        "cross__enquiries__per_credit__ratio",
        ratio(_col("application__enquiries__all__count"), _col("bureau__credits__all__count")),
        "Enquiries within a year for each credit known to the bureau.",
        "enquiries",
        minimum=0.0,
    ),
)
