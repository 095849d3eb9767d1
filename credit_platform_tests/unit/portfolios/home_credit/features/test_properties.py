"""Properties over random tables: order of rows, rows after the application, one applicant against all, ranges."""

from __future__ import annotations

import random
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from credit_platform.features import ApplicantFeatures, build_features
from credit_platform_tests.unit.portfolios.home_credit.features.small_tables import (
    HISTORIES,
    Row,
    frames,
    home_credit,
    random_tables,
)

APPLICANTS = 40
Rows = dict[str, list[dict[str, Any]]]
EVENTS = {
    "bureau": ("DAYS_CREDIT",),
    "bureau_balance": ("MONTHS_BALANCE",),
    "previous_application": ("DAYS_DECISION",),
    "pos_cash_balance": ("MONTHS_BALANCE",),
    "credit_card_balance": ("MONTHS_BALANCE",),
    "installments_payments": ("DAYS_INSTALMENT", "DAYS_ENTRY_PAYMENT"),
}


def _built(tables: Rows) -> pl.DataFrame:
    return build_features(home_credit(), frames(tables)).collect(engine="streaming").sort("SK_ID_CURR")


@pytest.fixture(scope="module")
def tables() -> Rows:
    return random_tables(APPLICANTS, seed=11)


@pytest.fixture(scope="module")
def built(tables: Rows) -> pl.DataFrame:
    return _built(tables)


def test_one_row_per_applicant_also_without_history(built: pl.DataFrame) -> None:
    assert built["SK_ID_CURR"].to_list() == list(range(1, APPLICANTS + 1))
    alone = built.filter(pl.col("SK_ID_CURR") == 5)
    assert alone["bureau__credits__all__count"].item() is None
    assert alone["cross__sources_with_history__count"].item() == 0.0


def test_the_order_of_rows_changes_no_bit(tables: Rows, built: pl.DataFrame) -> None:
    shuffler = random.Random(3)
    mixed = {name: shuffler.sample(rows, len(rows)) for name, rows in tables.items()}
    assert_frame_equal(_built(mixed), built, check_exact=True)


def test_rows_dated_after_the_application_change_nothing(tables: Rows, built: pl.DataFrame) -> None:
    more = {
        name: [*rows, *(_after(name, row, number) for number, row in enumerate(rows))] if name in EVENTS else rows
        for name, rows in tables.items()
    }
    assert_frame_equal(_built(more), built, check_exact=True)


def _after(name: str, row: Row, number: int) -> dict[str, Any]:
    """Copy of a row, each of its event days moved behind the application."""
    moved = dict.fromkeys(EVENTS[name], 1 + number % 90)
    keys = {"SK_ID_BUREAU": 10**6 + number} if name == "bureau" else {}
    return {**row, **moved, **keys}


def test_either_day_of_a_payment_can_lie_after_the_application(tables: Rows, built: pl.DataFrame) -> None:
    rows = tables["installments_payments"]
    later = [{**row, column: 3} for row in rows[:20] for column in EVENTS["installments_payments"]]
    assert_frame_equal(_built({**tables, "installments_payments": [*rows, *later]}), built, check_exact=True)


def test_one_applicant_gets_what_all_get(tables: Rows, built: pl.DataFrame) -> None:
    one_applicant = ApplicantFeatures(home_credit())
    applications = {
        row["SK_ID_CURR"]: row for name in ("application_train", "application_test") for row in tables[name]
    }
    protected = {"SK_ID_CURR", "TARGET"}
    found = pl.concat(
        one_applicant.build(
            {name: value for name, value in applications[key].items() if name not in protected},
            _histories(tables, key),
        )
        for key in sorted(applications)
    )
    assert_frame_equal(found, built.drop("SK_ID_CURR", "TARGET"), rel_tol=1e-12, abs_tol=0.0)


def _histories(tables: Rows, key: int) -> dict[str, list[dict[str, Any]]]:
    owned = {row["SK_ID_BUREAU"] for row in tables["bureau"] if row["SK_ID_CURR"] == key}
    own = {
        name: [row for row in tables[name] if row.get("SK_ID_CURR", key) == key]
        for name in HISTORIES
        if name != "bureau_balance"
    }
    own["bureau_balance"] = [row for row in tables["bureau_balance"] if row["SK_ID_BUREAU"] in owned]
    return {name: rows for name, rows in own.items() if rows}


def test_no_applicant_at_all(built: pl.DataFrame) -> None:
    empty = _built({name: [] for name in (*HISTORIES, "application_train", "application_test")})
    assert empty.height == 0
    assert empty.schema == built.schema


def test_values_are_finite_and_typed(built: pl.DataFrame) -> None:
    numbers = built.select(pl.selectors.float())
    assert numbers.select(pl.all().is_nan().any()).row(0) == (False,) * numbers.width
    assert numbers.select(pl.all().is_infinite().any()).row(0) == (False,) * numbers.width
    assert {str(dtype) for dtype in built.drop("SK_ID_CURR", "TARGET").dtypes} == {"Float64", "String"}


def test_histories_stay_in_their_ranges(built: pl.DataFrame) -> None:
    for feature in home_credit().features:
        if feature.name.startswith(("application__", "cross__")):
            continue  # random applications are not plausible ones
        column = built[feature.name].drop_nulls()
        if feature.minimum is not None:
            assert (column >= feature.minimum - 1e-9).all(), feature.name
        if feature.maximum is not None:
            assert (column <= feature.maximum + 1e-9).all(), feature.name
