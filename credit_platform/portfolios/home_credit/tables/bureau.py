"""Contracts of the credit bureau's files: the applicant's loans with other lenders and their monthly status.

What is here: `bureau.csv` (one row per loan) and `bureau_balance.csv` (one row per loan and month).
What to add here: a column when the bureau delivers one.
What must not be here: loans with the lender itself (see `previous_application`, `balances`).
"""

from __future__ import annotations

from credit_platform.portfolios.home_credit.tables import vocabulary as words
from credit_platform.portfolios.home_credit.tables.column_kinds import (
    LARGEST_AMOUNT,
    amount,
    category,
    count,
    day,
    float_day,
    identifier,
)
from credit_platform.portfolios.home_credit.tables.described import DESCRIPTION
from credit_platform.portfolios.home_credit.tables.usual import usual
from credit_platform.portfolios.source_table import ColumnType, Coverage, ForeignKey, SourceTable

INT32 = ColumnType.INT32


def applicant_key(share: float, rows: str) -> ForeignKey:
    """The applicant of a row; `share` of all applicants usually have such rows."""
    return ForeignKey(
        column="SK_ID_CURR",
        parent="application_train",
        parent_column="SK_ID_CURR",
        also=("application_test",),
        usual_coverage=Coverage(share=share, parents="applicants", rows=rows),
    )


BUREAU = SourceTable(
    name="bureau",
    file_name="bureau.csv",
    described_in=DESCRIPTION,
    description="Loans of the applicants with other lenders, as reported to the credit bureau; one row per loan.",
    columns=usual(
        "bureau",
        (
            identifier("SK_ID_CURR", "The applicant whose loan this is."),
            identifier("SK_ID_BUREAU", "Identifies the loan at the bureau."),
            category(
                "CREDIT_ACTIVE", "State of the loan on the day reported.", ("Closed", "Active", "Sold", "Bad debt")
            ),
            category("CREDIT_CURRENCY", "Currency of the loan, recoded.", tuple(f"currency {n}" for n in range(1, 5))),
            day(
                "DAYS_CREDIT", "Day on which the applicant asked for the loan.", minimum=-20_000, typical=(-2_500, -300)
            ),
            count("CREDIT_DAY_OVERDUE", "Days that a payment is overdue now.", maximum=30_000, unit="days"),
            float_day(
                "DAYS_CREDIT_ENDDATE", "Day on which the loan ends by contract.", minimum=-50_000, maximum=50_000
            ),
            float_day("DAYS_ENDDATE_FACT", "Day on which the loan really ended.", minimum=-50_000),
            amount("AMT_CREDIT_MAX_OVERDUE", "Most that was ever overdue.", nullable=True),
            count(
                "CNT_CREDIT_PROLONG",
                "Times the loan was prolonged.",
                maximum=100,
                unit="times",
                storage=ColumnType.INT8,
            ),
            amount("AMT_CREDIT_SUM", "Amount of the loan.", nullable=True, typical=(3e4, 6e5)),
            amount(
                "AMT_CREDIT_SUM_DEBT",
                "Amount still owed; negative when overpaid.",
                nullable=True,
                minimum=-LARGEST_AMOUNT,
            ),
            amount(
                "AMT_CREDIT_SUM_LIMIT",
                "Limit of the card; negative when overdrawn.",
                nullable=True,
                minimum=-LARGEST_AMOUNT,
            ),
            amount("AMT_CREDIT_SUM_OVERDUE", "Amount overdue now."),
            category("CREDIT_TYPE", "Kind of loan.", words.CREDIT_TYPES),
            day(
                "DAYS_CREDIT_UPDATE", "Day of the bureau's last report.", minimum=-50_000, maximum=1_000, storage=INT32
            ),
            amount("AMT_ANNUITY", "Amount to pay back each period.", nullable=True),
        ),
    ),
    primary_key=("SK_ID_BUREAU",),
    foreign_keys=(applicant_key(0.86, "loans known to the bureau"),),
    sort_by=("SK_ID_CURR", "SK_ID_BUREAU"),
)

BUREAU_BALANCE = SourceTable(
    name="bureau_balance",
    file_name="bureau_balance.csv",
    described_in=DESCRIPTION,
    description="Status of each bureau loan month by month; one row per loan and month reported.",
    columns=(
        identifier("SK_ID_BUREAU", "The loan at the bureau."),
        day("MONTHS_BALANCE", "Month counted from the application (-1 = last).", minimum=-127, storage=ColumnType.INT8),
        category(
            "STATUS",
            "0 nothing due, 1 to 5 classes of days past due (5 over 120 days or written off), C closed, X unknown.",
            ("C", "0", "X", "1", "2", "3", "4", "5"),
        ),
    ),
    primary_key=("SK_ID_BUREAU", "MONTHS_BALANCE"),
    foreign_keys=(
        ForeignKey(
            column="SK_ID_BUREAU",
            parent="bureau",
            parent_column="SK_ID_BUREAU",
            usual_orphan_share=0.11,
            # Of the published files 45 %, of the public sample 70 %: the lower one, as half of it is the alarm.
            usual_coverage=Coverage(share=0.45, parents="loans known to the bureau", rows="monthly reports"),
        ),
    ),
    sort_by=("SK_ID_BUREAU", "MONTHS_BALANCE"),
)
