"""Facts of applicants from the raw tables, for the claims: plain Polars over raw columns.

What is here: one row per applicant: the columns of the application, and counts and extremes over the other files.
What to add here: a fact that a new claim needs.
What must not be here: anything of `features/`: a fact must be able to show that a feature is wrong.

As everywhere, what is dated after the application counts for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

KEY = "SK_ID_CURR"
DAYS_A_YEAR = 365.25
_APPLICATION = (
    "AMT_INCOME_TOTAL",
    "AMT_CREDIT",
    "AMT_ANNUITY",
    "AMT_GOODS_PRICE",
    "DAYS_EMPLOYED",
    "FLAG_OWN_CAR",
    "FLAG_OWN_REALTY",
    "DAYS_LAST_PHONE_CHANGE",
    "DAYS_ID_PUBLISH",
    "EXT_SOURCE_1",
    "EXT_SOURCE_2",
    "EXT_SOURCE_3",
    "OBS_30_CNT_SOCIAL_CIRCLE",
    "DEF_30_CNT_SOCIAL_CIRCLE",
    "OBS_60_CNT_SOCIAL_CIRCLE",
    "DEF_60_CNT_SOCIAL_CIRCLE",
)
_GROUPS = ("^AMT_REQ_CREDIT_BUREAU_.*$", "^(REG|LIVE)_(REGION|CITY)_NOT_.*$", "^.*_AVG$")
_LATE_STATUS = ("1", "2", "3", "4", "5")
Tables = Mapping[str, pl.LazyFrame]


def facts(tables: Tables, applicants: pl.LazyFrame) -> pl.LazyFrame:
    """One row for each applicant who has an application; counts are 0 for whom a file has no row."""
    row = pl.concat(
        [
            tables[name].join(applicants, on=KEY, how="semi").select(KEY, *_APPLICATION, *_GROUPS)
            for name in ("application_train", "application_test")
        ]
    )
    for part in (
        _bureau(tables, applicants),
        _monthly_reports(tables, applicants),
        _previous(tables, applicants),
        _instalments(tables, applicants),
        _balances(tables, applicants, "pos_cash_balance", "pos", []),
        _balances(
            tables, applicants, "credit_card_balance", "card", [pl.col("AMT_BALANCE").max().alias("card_balance")]
        ),
    ):
        row = row.join(part, on=KEY, how="left")
    counts = pl.col("^(bureau|reports|previous|instalments|pos|card)_(rows|late|[a-z_]*count)$")
    return row.with_columns(counts.fill_null(0))


def _bureau(tables: Tables, applicants: pl.LazyFrame) -> pl.LazyFrame:
    late = (
        (pl.col("CREDIT_DAY_OVERDUE").fill_null(0) > 0)
        | (pl.col("AMT_CREDIT_MAX_OVERDUE").fill_null(0) > 0)
        | (pl.col("AMT_CREDIT_SUM_OVERDUE").fill_null(0) > 0)
    )
    return (
        tables["bureau"]
        .join(applicants, on=KEY, how="semi")
        .filter(pl.col("DAYS_CREDIT") <= 0)
        .group_by(KEY)
        .agg(
            bureau_rows=pl.len(),
            bureau_late=late.sum(),
            bureau_owed_count=(pl.col("AMT_CREDIT_SUM_DEBT") > 0).sum(),
            bureau_closed_count=(pl.col("CREDIT_ACTIVE") == "Closed").sum(),
            bureau_active_count=(pl.col("CREDIT_ACTIVE") == "Active").sum(),
            bureau_year_count=(pl.col("DAYS_CREDIT") >= -DAYS_A_YEAR).sum(),
            bureau_oldest=pl.col("DAYS_CREDIT").min(),
        )
    )


def _monthly_reports(tables: Tables, applicants: pl.LazyFrame) -> pl.LazyFrame:
    owners = tables["bureau"].join(applicants, on=KEY, how="semi").select("SK_ID_BUREAU", KEY)
    return (
        tables["bureau_balance"]
        .filter(pl.col("MONTHS_BALANCE") <= 0)
        .join(owners, on="SK_ID_BUREAU", how="inner")
        .group_by(KEY)
        .agg(reports_rows=pl.len(), reports_late=pl.col("STATUS").is_in(_LATE_STATUS).sum())
    )


def _previous(tables: Tables, applicants: pl.LazyFrame) -> pl.LazyFrame:
    status = pl.col("NAME_CONTRACT_STATUS")
    return (
        tables["previous_application"]
        .join(applicants, on=KEY, how="semi")
        .filter(pl.col("DAYS_DECISION") <= 0)
        .group_by(KEY)
        .agg(
            previous_rows=pl.len(),
            previous_refused_count=(status == "Refused").sum(),
            previous_approved_count=(status == "Approved").sum(),
            previous_year_count=(pl.col("DAYS_DECISION") >= -DAYS_A_YEAR).sum(),
        )
    )


def _instalments(tables: Tables, applicants: pl.LazyFrame) -> pl.LazyFrame:
    due, paid = pl.col("DAYS_INSTALMENT"), pl.col("DAYS_ENTRY_PAYMENT")
    return (
        tables["installments_payments"]
        .join(applicants, on=KEY, how="semi")
        .filter(due <= 0, paid.is_null() | (paid <= 0))
        .group_by(KEY)
        .agg(
            instalments_rows=pl.len(),
            instalments_late=(paid > due).sum(),
            instalments_missed_count=pl.col("AMT_PAYMENT").is_null().sum(),
            instalments_short_count=(pl.col("AMT_PAYMENT") < pl.col("AMT_INSTALMENT")).sum(),
        )
    )


def _balances(tables: Tables, applicants: pl.LazyFrame, table: str, prefix: str, more: list[pl.Expr]) -> pl.LazyFrame:
    return (
        tables[table]
        .join(applicants, on=KEY, how="semi")
        .filter(pl.col("MONTHS_BALANCE") <= 0)
        .group_by(KEY)
        .agg(pl.len().alias(f"{prefix}_rows"), (pl.col("SK_DPD").fill_null(0) > 0).sum().alias(f"{prefix}_late"), *more)
    )
