"""The list of columns that the competition publishes beside the files.

What is here: how `HomeCredit_columns_description.csv` calls the files, and where it is known to err.
What to add here: a slip of a later edition of that list.
What must not be here: the columns themselves.
"""

from credit_platform.portfolios.source_table import DescriptionFile

_BOTH_APPLICATION_FILES = ("application_{train|test}.csv",)

DESCRIPTION = DescriptionFile(
    file_name="HomeCredit_columns_description.csv",
    table_column="Table",
    name_column="Row",
    tables={
        "application_train": _BOTH_APPLICATION_FILES,
        "application_test": _BOTH_APPLICATION_FILES,
        "bureau": ("bureau.csv",),
        "bureau_balance": ("bureau_balance.csv",),
        "previous_application": ("previous_application.csv",),
        "pos_cash_balance": ("POS_CASH_balance.csv",),
        "credit_card_balance": ("credit_card_balance.csv",),
        "installments_payments": ("installments_payments.csv",),
    },
    slips={"SK_BUREAU_ID": "SK_ID_BUREAU"},
    # The outcome is described for both application files and stands in one; the flag of micro loans is in no file.
    left_out=("TARGET", "NFLAG_MICRO_CASH"),
)
