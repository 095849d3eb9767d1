from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from credit_platform.errors import FeatureError, RequestError
from credit_platform.features import ApplicantFeatures, build_features
from credit_platform.portfolios.feature_group import FeatureGroup, FeatureKind
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform_tests.unit.features.toy import APPLICATION, HISTORY, LOANS, TOY, feature, lazy, make_tables

CATEGORICAL = FeatureKind.CATEGORICAL
BUILDER = ApplicantFeatures(TOY)
VALID: dict[str, object] = {"income": 100.0, "days_worked": -10, "children": 2, "city": "A"}


def request_of(tables: dict[str, pl.DataFrame], person: int) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """The request that applicant `person` would send."""
    rows = [*tables["asked"].drop("bad").to_dicts(), *tables["scored"].to_dicts()]
    (application,) = [row for row in rows if row.pop("person") == person]
    loans = tables["loans"].filter(person=person)
    payments = tables["payments"].join(loans.select("loan"), on="loan", how="semi")
    histories = {"loans": loans.drop("person").to_dicts(), "payments": payments.to_dicts()}
    return application, histories


def assert_equal_to_batch(builder: ApplicantFeatures, portfolio: Portfolio, seed: int) -> None:
    tables = make_tables(12, seed)
    batch = build_features(portfolio, lazy(tables)).collect()
    for person in range(12):
        single = builder.build(*request_of(tables, person))
        expected = batch.filter(person=person).drop("person", "bad")
        assert_frame_equal(single, expected, check_exact=False, rel_tol=1e-9)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_one_row_equals_the_batch_row(seed: int) -> None:
    assert_equal_to_batch(BUILDER, TOY, seed)


def group_with(base: FeatureGroup, **changes: Any) -> Portfolio:
    return replace(TOY, feature_groups=(replace(base, **changes),), cross_features=())


def test_windows_over_the_applicant_equal_the_batch() -> None:
    portfolio = group_with(
        HISTORY,
        steps=({"largest": nw.col("debt").max().over("person")},),
        features=(feature("at_largest", (nw.col("debt") == nw.col("largest")).cast(nw.Int8).sum()),),
        derived=(),
    )
    assert_equal_to_batch(ApplicantFeatures(portfolio), portfolio, seed=3)


def test_a_table_with_one_row_per_applicant_needs_no_aggregate() -> None:
    features = (feature("first_debt", nw.col("debt")), feature("first_kind", nw.col("kind"), kind=CATEGORICAL))
    portfolio = group_with(HISTORY, history=False, steps=(), features=features, derived=())
    tables = make_tables(12, 4)
    tables["loans"] = tables["loans"].unique("person", keep="first", maintain_order=True)
    builder = ApplicantFeatures(portfolio)
    batch = build_features(portfolio, lazy(tables)).collect()
    for person in range(12):
        expected = batch.filter(person=person).drop("person", "bad")
        assert_frame_equal(builder.build(*request_of(tables, person)), expected)
    with pytest.raises(RequestError, match=r"histories\.loans has 2 rows"):
        builder.build(VALID, {"loans": [LOAN, LOAN]})


def test_no_histories_and_empty_histories_are_the_same() -> None:
    absent = BUILDER.build(VALID)
    assert_frame_equal(absent, BUILDER.build(VALID, {"loans": [], "payments": []}))
    assert absent["loans__count"].item() is None
    assert absent["income"].item() == 100.0


def test_rows_without_their_parent_count_for_nobody() -> None:
    payment = {"loan": 1, "day": -3, "due": 5.0, "paid": 5.0}
    row = BUILDER.build(VALID, {"payments": [payment]})
    assert row["payments__last__max"].item() is None


def test_rows_after_the_application_are_no_history() -> None:
    assert_frame_equal(BUILDER.build(VALID, {"loans": [{"loan": 1, "day": 5, "debt": 9.0}]}), BUILDER.build(VALID))


def test_the_applicant_key_in_a_history_is_not_used() -> None:
    loan: dict[str, object] = {"loan": 1, "day": -5, "debt": 9.0}
    assert_frame_equal(BUILDER.build(VALID, {"loans": [loan | {"person": 7}]}), BUILDER.build(VALID, {"loans": [loan]}))


def test_protected_and_nullable_columns_may_be_left_out() -> None:
    row = BUILDER.build({"children": 1, "city": "B"}).row(0, named=True)
    assert row["income"] is None
    assert row["city"] == "B"
    assert_frame_equal(BUILDER.build(VALID | {"sex": "F"}), BUILDER.build(VALID))


def test_sentinels_of_a_request_become_null() -> None:
    row = BUILDER.build(VALID | {"days_worked": 365243, "city": "XNA"}).row(0, named=True)
    assert (row["worked"], row["city"], row["is_a"]) == (None, None, None)


def test_a_whole_float_is_an_integer() -> None:
    assert BUILDER.build(VALID | {"children": 2.0})["per_child"].item() == 50.0


Bad = tuple[dict[str, object], dict[str, Sequence[dict[str, object]]], str, str]
LOAN: dict[str, object] = {"loan": 1, "day": -5}
BAD_REQUESTS: list[Bad] = [
    (VALID | {"colour": "red"}, {}, "application.colour", "not a column of asked. Columns: income"),
    (VALID | {"person": 4}, {}, "application.person", "not a column"),
    (VALID | {"bad": 1}, {}, "application.bad", "not a column"),
    ({"city": "A"}, {}, "application.children", "is missing. Give it: Children."),
    (VALID | {"children": None}, {}, "application.children", "is missing"),
    (VALID | {"children": "2"}, {}, "application.children", "is '2', not a number"),
    (VALID | {"children": True}, {}, "application.children", "is True, not a number"),
    (VALID | {"children": 1.5}, {}, "application.children", "not a whole number"),
    (VALID | {"children": 21}, {}, "application.children", "out of range. It lies between 0 and 20"),
    (VALID | {"income": float("nan")}, {}, "application.income", "not a number"),
    (VALID | {"income": float("inf")}, {}, "application.income", "not a number"),
    (VALID | {"income": -1}, {}, "application.income", "out of range. It is at least 0."),
    (VALID | {"days_worked": -(2**40)}, {}, "application.days_worked", "out of range"),
    (VALID | {"city": 3}, {}, "application.city", "is of type int, not text"),
    (VALID | {"city": "C"}, {}, "application.city", "Use one of: 'A', 'B'."),
    (VALID | {"sex": "X"}, {}, "application.sex", "no value it can have"),
    (VALID, {"loan": []}, "histories.loan", "not a table of toy. Histories it takes: loans, payments."),
    (VALID, {"asked": []}, "histories.asked", "not a table of toy"),
    (VALID, {"loans": [LOAN, LOAN | {"debt": "9"}]}, "histories.loans[1].debt", "not a number"),
    (VALID, {"loans": [{"day": -5}]}, "histories.loans[0].loan", "is missing"),
]


@pytest.mark.parametrize(("application", "histories", "field", "message"), BAD_REQUESTS)
def test_what_is_wrong_is_refused_by_name(
    application: dict[str, object], histories: dict[str, Sequence[dict[str, object]]], field: str, message: str
) -> None:
    with pytest.raises(RequestError, match=None) as error:
        BUILDER.build(application, histories)
    assert error.value.field == field
    assert str(error.value).startswith(field)
    assert message in str(error.value)


def test_a_portfolio_without_histories_names_none() -> None:
    portfolio = replace(TOY, tables=TOY.tables[:2], feature_groups=(APPLICATION,), cross_features=())
    with pytest.raises(RequestError, match="Histories it takes: none"):
        ApplicantFeatures(portfolio).build(VALID, {LOANS.name: []})


def test_histories_that_no_feature_reads_are_checked_all_the_same() -> None:
    builder = ApplicantFeatures(replace(TOY, feature_groups=(APPLICATION,), cross_features=()))
    assert_frame_equal(builder.build(VALID, {"loans": [LOAN]}), builder.build(VALID))
    with pytest.raises(RequestError, match="day is 'x', not a number"):
        builder.build(VALID, {"loans": [LOAN | {"day": "x"}]})


def test_a_wrong_definition_is_found_at_construction() -> None:
    with pytest.raises(FeatureError, match="wrong cannot be computed"):
        ApplicantFeatures(replace(TOY, cross_features=(feature("wrong", nw.col("nowhere")),)))
    with pytest.raises(FeatureError, match="names twice: income"):
        ApplicantFeatures(replace(TOY, cross_features=(feature("income", nw.col("worked")),)))
