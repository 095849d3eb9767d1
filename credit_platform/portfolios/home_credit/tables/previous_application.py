"""Contract of `previous_application.csv`: what the applicants asked of this lender before.

What is here: one row per earlier application, granted or not.
What to add here: a column when the lender starts to record one.
What must not be here: how granted loans were paid back (see `balances`).
"""

from __future__ import annotations

from credit_platform.portfolios.home_credit.tables import vocabulary as words
from credit_platform.portfolios.home_credit.tables.bureau import applicant_key
from credit_platform.portfolios.home_credit.tables.column_kinds import (
    UNKNOWN_DAY,
    amount,
    category,
    count,
    day,
    flag,
    float_count,
    float_day,
    identifier,
    share,
)
from credit_platform.portfolios.home_credit.tables.described import DESCRIPTION
from credit_platform.portfolios.home_credit.tables.usual import usual
from credit_platform.portfolios.source_table import Column, ColumnType, SourceTable


def _loan_day(name: str, description: str) -> Column:
    return float_day(name, description, minimum=-20_000, maximum=20_000, sentinel=UNKNOWN_DAY)


PREVIOUS_APPLICATION = SourceTable(
    name="previous_application",
    file_name="previous_application.csv",
    described_in=DESCRIPTION,
    description="Earlier applications of the applicants to this lender; one row per application.",
    columns=usual(
        "previous_application",
        (
            identifier("SK_ID_PREV", "Identifies the earlier application and the loan it led to."),
            identifier("SK_ID_CURR", "The applicant."),
            category(
                "NAME_CONTRACT_TYPE",
                "Kind of contract asked for.",
                ("Cash loans", "Consumer loans", "Revolving loans", "XNA"),
            ),
            amount("AMT_ANNUITY", "Amount to pay back each period.", nullable=True, typical=(3e3, 4e4)),
            amount("AMT_APPLICATION", "Amount asked for.", typical=(2e4, 3e5)),
            amount(
                "AMT_CREDIT",
                "Amount granted, which may differ from what was asked for.",
                nullable=True,
                typical=(2e4, 3e5),
            ),
            amount(
                "AMT_DOWN_PAYMENT", "Down payment made; the files hold a few just below 0.", nullable=True, minimum=-10
            ),
            amount("AMT_GOODS_PRICE", "Price of the goods that the loan paid for.", nullable=True),
            category("WEEKDAY_APPR_PROCESS_START", "Weekday on which the application was made.", words.WEEKDAYS),
            count(
                "HOUR_APPR_PROCESS_START", "Hour of the application.", maximum=23, unit="hour", storage=ColumnType.INT8
            ),
            category(
                "FLAG_LAST_APPL_PER_CONTRACT", "Whether the last application of the contract.", words.YES_NO_LETTERS
            ),
            flag("NFLAG_LAST_APPL_IN_DAY", "Whether the last application of that day."),
            share("RATE_DOWN_PAYMENT", "Down payment as a share of the price.", minimum=-0.01, maximum=1.01),
            share("RATE_INTEREST_PRIMARY", "Interest rate, scaled to 0..1."),
            share("RATE_INTEREST_PRIVILEGED", "Interest rate with privileges, scaled to 0..1."),
            category("NAME_CASH_LOAN_PURPOSE", "What the cash loan was for.", words.CASH_PURPOSES),
            category("NAME_CONTRACT_STATUS", "What became of it.", ("Approved", "Canceled", "Refused", "Unused offer")),
            day("DAYS_DECISION", "Day on which it was decided.", minimum=-20_000, typical=(-1_500, -150)),
            category(
                "NAME_PAYMENT_TYPE",
                "How the applicant chose to pay.",
                (
                    "Cash through the bank",
                    "XNA",
                    "Non-cash from your account",
                    "Cashless from the account of the employer",
                ),
            ),
            category(
                "CODE_REJECT_REASON",
                "Why it was refused; XAP when it was not.",
                ("XAP", "HC", "LIMIT", "SCO", "CLIENT", "SCOFR", "XNA", "VERIF", "SYSTEM"),
            ),
            category("NAME_TYPE_SUITE", "Who came along.", words.COMPANY, nullable=True),
            category("NAME_CLIENT_TYPE", "New or known to the lender then.", ("Repeater", "New", "Refreshed", "XNA")),
            category("NAME_GOODS_CATEGORY", "Kind of goods paid for.", words.GOODS),
            category("NAME_PORTFOLIO", "Product family.", ("POS", "Cash", "XNA", "Cards", "Cars")),
            category(
                "NAME_PRODUCT_TYPE", "Whether offered to a known customer or asked for.", ("XNA", "x-sell", "walk-in")
            ),
            category("CHANNEL_TYPE", "Through which channel the applicant came.", words.CHANNELS),
            Column(
                name="SELLERPLACE_AREA",
                type=ColumnType.INT32,
                description="Selling area of the shop, -1 unknown.",
                minimum=0,
                maximum=1e8,
                sentinel=-1,
            ),
            category("NAME_SELLER_INDUSTRY", "Industry of the shop.", words.SELLER_INDUSTRIES),
            float_count("CNT_PAYMENT", "Term asked for.", maximum=1_000, unit="months"),
            category("NAME_YIELD_GROUP", "Class of interest.", ("XNA", "middle", "high", "low_normal", "low_action")),
            category("PRODUCT_COMBINATION", "Product in detail.", words.PRODUCT_COMBINATIONS, nullable=True),
            _loan_day("DAYS_FIRST_DRAWING", "Day of the first disbursement."),
            _loan_day("DAYS_FIRST_DUE", "Day on which the first instalment was due."),
            _loan_day("DAYS_LAST_DUE_1ST_VERSION", "Day on which the last instalment was due by the first plan."),
            _loan_day("DAYS_LAST_DUE", "Day on which the last instalment was due."),
            _loan_day("DAYS_TERMINATION", "Day on which the loan is expected to end."),
            float_count("NFLAG_INSURED_ON_APPROVAL", "Whether insurance was taken (1) or not (0).", maximum=1),
        ),
    ),
    primary_key=("SK_ID_PREV",),
    foreign_keys=(applicant_key(0.97, "earlier applications"),),
    sort_by=("SK_ID_CURR", "SK_ID_PREV"),
)
