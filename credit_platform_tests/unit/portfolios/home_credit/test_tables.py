"""The contracts have the published header and let through what is normal in the real files."""

from __future__ import annotations

import pytest

from credit_platform.portfolios.home_credit import tables
from credit_platform.portfolios.home_credit.tables import TABLES
from credit_platform.portfolios.home_credit.tables.column_kinds import UNKNOWN_DAY
from credit_platform.portfolios.source_table import Column, ColumnType, SourceTable

BY_NAME = {table.name: table for table in TABLES}
COLUMNS = [(table, column) for table in TABLES for column in table.columns]


def test_widths_are_those_of_the_published_files() -> None:
    assert {name: len(table.columns) for name, table in BY_NAME.items()} == {
        "application_train": 122,
        "application_test": 121,
        "bureau": 17,
        "bureau_balance": 3,
        "previous_application": 37,
        "pos_cash_balance": 8,
        "credit_card_balance": 23,
        "installments_payments": 8,
    }


def test_file_names_keep_the_published_spelling() -> None:
    assert tables.POS_CASH_BALANCE.file_name == "POS_CASH_balance.csv"
    assert all(t.file_name == f"{t.name}.csv" for t in TABLES if t is not tables.POS_CASH_BALANCE)


def test_headers_start_and_end_as_published() -> None:
    assert tables.APPLICATION_TRAIN.column_names[:4] == ("SK_ID_CURR", "TARGET", "NAME_CONTRACT_TYPE", "CODE_GENDER")
    assert tables.APPLICATION_TRAIN.column_names[44:47] == (
        "APARTMENTS_AVG",
        "BASEMENTAREA_AVG",
        "YEARS_BEGINEXPLUATATION_AVG",
    )
    assert tables.APPLICATION_TRAIN.column_names[-1] == "AMT_REQ_CREDIT_BUREAU_YEAR"
    assert tables.PREVIOUS_APPLICATION.column_names[-1] == "NFLAG_INSURED_ON_APPROVAL"
    assert tables.CREDIT_CARD_BALANCE.column_names[13] == "AMT_RECIVABLE"


def test_both_application_files_share_all_but_the_outcome() -> None:
    train = [name for name in tables.APPLICATION_TRAIN.column_names if name != "TARGET"]
    assert tuple(train) == tables.APPLICATION_TEST.column_names


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_keys_are_columns_and_never_null(table: SourceTable) -> None:
    names = set(table.column_names)
    assert len(names) == len(table.columns)
    for name in (*table.primary_key, *table.sort_by, *(key.column for key in table.foreign_keys)):
        assert name in names
        assert not table.column(name).nullable


def test_foreign_keys_point_at_primary_keys_of_tables_before() -> None:
    for position, table in enumerate(TABLES):
        earlier = {parent.name: parent for parent in TABLES[:position]}
        for key in table.foreign_keys:
            for parent in (key.parent, *key.also):
                assert earlier[parent].primary_key == (key.parent_column,)


def test_applicants_of_both_files_are_parents() -> None:
    key = next(k for k in tables.BUREAU.foreign_keys if k.column == "SK_ID_CURR")
    assert (key.parent, *key.also) == ("application_train", "application_test")


def test_instalments_have_no_key() -> None:
    assert tables.INSTALLMENTS_PAYMENTS.primary_key == ()


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda item: getattr(item, "name", ""))
def test_columns_are_described_and_consistent(table: SourceTable, column: Column) -> None:
    assert column.description.endswith(".")
    assert (column.allowed is None) or (column.minimum is None and column.maximum is None)
    if column.minimum is not None and column.maximum is not None:
        assert column.minimum < column.maximum
    if column.type.is_integer and column.type is not ColumnType.INT64 and column.maximum is not None:
        limit = 2 ** (int(column.type.value[3:]) - 1)
        assert column.maximum < limit or column.maximum == 1e8
    assert column.type is not ColumnType.STRING or column.allowed is not None


@pytest.mark.parametrize(
    ("table", "name", "value"),
    [
        ("application_train", "AMT_INCOME_TOTAL", 117_000_000),
        ("application_train", "AMT_INCOME_TOTAL", 25_650),
        ("application_train", "DAYS_EMPLOYED", 365_243),
        ("application_train", "OBS_30_CNT_SOCIAL_CIRCLE", 348),
        ("application_train", "AMT_REQ_CREDIT_BUREAU_QRT", 261),
        ("application_test", "CNT_CHILDREN", 20),
        ("bureau", "AMT_CREDIT_SUM_DEBT", -4_705_600.32),
        ("bureau", "DAYS_CREDIT_UPDATE", 372),
        ("bureau", "DAYS_CREDIT_ENDDATE", -42_060),
        ("bureau", "AMT_CREDIT_SUM", 585_000_000),
        ("previous_application", "AMT_DOWN_PAYMENT", -0.9),
        ("previous_application", "RATE_DOWN_PAYMENT", -0.0000149),
        ("previous_application", "SELLERPLACE_AREA", 4_000_000),
        ("previous_application", "DAYS_TERMINATION", 365_243),
        ("credit_card_balance", "AMT_BALANCE", -420_250.185),
        ("credit_card_balance", "AMT_DRAWINGS_ATM_CURRENT", -6_827.31),
        ("installments_payments", "DAYS_ENTRY_PAYMENT", -4_921),
    ],
)
def test_extremes_of_the_real_files_are_in_range(table: str, name: str, value: float) -> None:
    assert _admits(BY_NAME[table].column(name), value)


def _admits(column: Column, value: float) -> bool:
    within = (column.minimum is None or column.minimum <= value) and (column.maximum is None or value <= column.maximum)
    return value == column.sentinel or within


@pytest.mark.parametrize(
    ("table", "name", "value"),
    [
        ("application_train", "DAYS_EMPLOYED", 1),
        ("application_train", "DAYS_EMPLOYED", 36_500),
        ("application_train", "DAYS_EMPLOYED", 365_242),
        ("application_train", "DAYS_EMPLOYED", 365_244),
        *(
            ("previous_application", column.name, 300_000)
            for column in tables.PREVIOUS_APPLICATION.columns
            if column.sentinel == UNKNOWN_DAY
        ),
    ],
)
def test_a_sentinel_makes_nothing_else_valid(table: str, name: str, value: float) -> None:
    assert not _admits(BY_NAME[table].column(name), value)


@pytest.mark.parametrize(
    ("table", "name", "value"),
    [
        ("application_train", "CODE_GENDER", "XNA"),
        ("application_train", "NAME_INCOME_TYPE", "Maternity leave"),
        ("application_train", "NAME_FAMILY_STATUS", "Unknown"),
        ("application_test", "REGION_RATING_CLIENT_W_CITY", -1),
        ("bureau", "CREDIT_ACTIVE", "Bad debt"),
        ("bureau", "CREDIT_CURRENCY", "currency 4"),
        ("bureau", "CREDIT_TYPE", "Interbank credit"),
        ("previous_application", "NAME_CASH_LOAN_PURPOSE", "Refusal to name the goal"),
        ("previous_application", "NAME_GOODS_CATEGORY", "House Construction"),
        ("pos_cash_balance", "NAME_CONTRACT_STATUS", "Amortized debt"),
        ("pos_cash_balance", "NAME_CONTRACT_STATUS", "XNA"),
    ],
)
def test_rare_words_of_the_real_files_are_allowed(table: str, name: str, value: str | int) -> None:
    column = BY_NAME[table].column(name)
    assert column.allowed is not None
    assert value in (*column.allowed, column.sentinel)


def test_incomes_in_thousands_are_out_of_range() -> None:
    column = tables.APPLICATION_TRAIN.column("AMT_INCOME_TOTAL")
    assert column.minimum is not None
    assert column.minimum > 2_250


def test_protected_and_influenceable_columns() -> None:
    columns = tables.APPLICATION_TRAIN.columns
    assert {c.name for c in columns if c.protected} == {"CODE_GENDER", "NAME_FAMILY_STATUS"}
    assert {c.name for c in columns if c.influenceable} == {
        "NAME_CONTRACT_TYPE",
        "AMT_CREDIT",
        "AMT_ANNUITY",
        "AMT_GOODS_PRICE",
    }
