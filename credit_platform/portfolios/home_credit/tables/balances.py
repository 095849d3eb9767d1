"""Contracts of the files about how earlier loans of this lender are paid back.

What is here: monthly balances of point-of-sale and cash loans, of credit cards, and the payments of instalments.
What to add here: a column when the lender starts to record one.
What must not be here: loans with other lenders (see `bureau`).
"""

from __future__ import annotations

from credit_platform.portfolios.home_credit.tables.bureau import applicant_key
from credit_platform.portfolios.home_credit.tables.column_kinds import (
    LARGEST_AMOUNT,
    amount,
    category,
    count,
    day,
    float_count,
    float_day,
    identifier,
)
from credit_platform.portfolios.home_credit.tables.described import DESCRIPTION
from credit_platform.portfolios.home_credit.tables.usual import usual
from credit_platform.portfolios.source_table import Column, ColumnType, ForeignKey, SourceTable


def _keys(orphans: float, applicants: float, rows: str) -> tuple[ForeignKey, ...]:
    """Loan and applicant of a row, with the usual share of rows without loan and of applicants with such rows."""
    loan = ForeignKey(
        column="SK_ID_PREV",
        parent="previous_application",
        parent_column="SK_ID_PREV",
        usual_orphan_share=orphans,
    )
    return (loan, applicant_key(applicants, rows))


STATUSES = (
    "Active",
    "Completed",
    "Signed",
    "Demand",
    "Returned to the store",
    "Approved",
    "Amortized debt",
    "Canceled",
    "Sent proposal",
    "Refused",
    "XNA",
)
"""Both monthly files use one list; each real file holds most of it."""

_LOAN_ID = identifier("SK_ID_PREV", "The earlier loan with this lender.")
_APPLICANT_ID = identifier("SK_ID_CURR", "The applicant.")
_MONTH = day("MONTHS_BALANCE", "Month counted from the application (-1 = last).", minimum=-127, storage=ColumnType.INT8)
_DPD = count("SK_DPD", "Days past due in the month.", maximum=30_000, unit="days")
_DPD_DEF = count("SK_DPD_DEF", "Days past due in the month, small amounts forgiven.", maximum=30_000, unit="days")

POS_CASH_BALANCE = SourceTable(
    name="pos_cash_balance",
    file_name="POS_CASH_balance.csv",
    described_in=DESCRIPTION,
    description="Monthly state of earlier point-of-sale and cash loans; one row per loan and month.",
    columns=usual(
        "pos_cash_balance",
        (
            _LOAN_ID,
            _APPLICANT_ID,
            _MONTH,
            float_count("CNT_INSTALMENT", "Term of the loan, which may change.", maximum=1_000, unit="months"),
            float_count("CNT_INSTALMENT_FUTURE", "Instalments still to pay.", maximum=1_000, unit="months"),
            category("NAME_CONTRACT_STATUS", "State of the loan in the month.", STATUSES),
            _DPD,
            _DPD_DEF,
        ),
    ),
    primary_key=("SK_ID_PREV", "MONTHS_BALANCE"),
    foreign_keys=_keys(0.03, 0.97, "months of point-of-sale or cash loans"),
    sort_by=("SK_ID_CURR", "SK_ID_PREV", "MONTHS_BALANCE"),
)


def _drawings() -> tuple[Column, ...]:
    return (
        amount(
            "AMT_DRAWINGS_ATM_CURRENT", "Drawn at cash machines in the month.", nullable=True, minimum=-LARGEST_AMOUNT
        ),
        amount("AMT_DRAWINGS_CURRENT", "Drawn in the month; corrections may be negative.", minimum=-LARGEST_AMOUNT),
        amount(
            "AMT_DRAWINGS_OTHER_CURRENT", "Drawn in other ways in the month.", nullable=True, minimum=-LARGEST_AMOUNT
        ),
        amount("AMT_DRAWINGS_POS_CURRENT", "Spent in shops in the month.", nullable=True, minimum=-LARGEST_AMOUNT),
    )


CREDIT_CARD_BALANCE = SourceTable(
    name="credit_card_balance",
    file_name="credit_card_balance.csv",
    described_in=DESCRIPTION,
    description="Monthly state of earlier credit cards; one row per card and month.",
    columns=usual(
        "credit_card_balance",
        (
            _LOAN_ID,
            _APPLICANT_ID,
            _MONTH,
            amount("AMT_BALANCE", "Owed on the card; negative when overpaid.", minimum=-LARGEST_AMOUNT),
            Column(
                name="AMT_CREDIT_LIMIT_ACTUAL",
                type=ColumnType.INT32,
                description="Limit of the card in the month.",
                unit="currency units",
                minimum=0,
            ),
            *_drawings(),
            amount("AMT_INST_MIN_REGULARITY", "Least to be paid in the month.", nullable=True),
            amount("AMT_PAYMENT_CURRENT", "Paid in the month.", nullable=True),
            amount("AMT_PAYMENT_TOTAL_CURRENT", "Paid in the month in all."),
            amount("AMT_RECEIVABLE_PRINCIPAL", "Principal owed.", minimum=-LARGEST_AMOUNT),
            amount("AMT_RECIVABLE", "Owed with interest.", minimum=-LARGEST_AMOUNT),
            amount("AMT_TOTAL_RECEIVABLE", "Owed with interest and fees.", minimum=-LARGEST_AMOUNT),
            float_count("CNT_DRAWINGS_ATM_CURRENT", "Drawings at cash machines in the month.", maximum=10_000),
            count("CNT_DRAWINGS_CURRENT", "Drawings in the month.", maximum=10_000),
            float_count("CNT_DRAWINGS_OTHER_CURRENT", "Other drawings in the month.", maximum=10_000),
            float_count("CNT_DRAWINGS_POS_CURRENT", "Purchases in shops in the month.", maximum=10_000),
            float_count("CNT_INSTALMENT_MATURE_CUM", "Instalments paid so far.", maximum=1_000, unit="instalments"),
            category("NAME_CONTRACT_STATUS", "State of the card in the month.", STATUSES),
            _DPD,
            _DPD_DEF,
        ),
    ),
    primary_key=("SK_ID_PREV", "MONTHS_BALANCE"),
    foreign_keys=_keys(0.28, 0.31, "months of a credit card"),
    sort_by=("SK_ID_CURR", "SK_ID_PREV", "MONTHS_BALANCE"),
)

INSTALLMENTS_PAYMENTS = SourceTable(
    name="installments_payments",
    file_name="installments_payments.csv",
    described_in=DESCRIPTION,
    description="Instalments of earlier loans and their payments; one row per payment or missed instalment, no key.",
    columns=usual(
        "installments_payments",
        (
            _LOAN_ID,
            _APPLICANT_ID,
            Column(
                name="NUM_INSTALMENT_VERSION",
                type=ColumnType.FLOAT64,
                description="Version of the plan; it rises when the plan changes; 0 for credit cards.",
                minimum=0,
                maximum=10_000,
            ),
            count("NUM_INSTALMENT_NUMBER", "Number of the instalment in the plan.", maximum=10_000),
            float_day("DAYS_INSTALMENT", "Day on which the instalment was due.", minimum=-20_000, nullable=False),
            float_day("DAYS_ENTRY_PAYMENT", "Day of the payment; empty when none came.", minimum=-20_000),
            amount("AMT_INSTALMENT", "Amount due.", typical=(2e3, 4e4)),
            amount("AMT_PAYMENT", "Amount paid; empty when none was.", nullable=True, typical=(2e3, 4e4)),
        ),
    ),
    foreign_keys=_keys(0.09, 0.95, "instalments"),
    sort_by=("SK_ID_CURR", "SK_ID_PREV", "NUM_INSTALMENT_NUMBER"),
)
