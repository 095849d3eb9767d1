from __future__ import annotations

from dataclasses import replace

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from credit_platform.errors import FeatureError
from credit_platform.features import build_audit, build_features, build_group
from credit_platform.features.checks import changed_by_rows
from credit_platform.features.compiling import compile_group
from credit_platform.portfolios.feature_group import Feature, FeatureKind
from credit_platform_tests.unit.features.toy import (
    APPLICATION,
    ASKED,
    HISTORY,
    LOANS,
    REPAYMENT,
    SCORED,
    TOY,
    feature,
    lazy,
    make_tables,
    raw_frame,
)


def asked(**values: object) -> dict[str, object]:
    row: dict[str, object] = {"person": 1, "income": 100.0, "days_worked": -10, "children": 2, "city": "A", "sex": "F"}
    return row | {"bad": 1} | values


def tables_of(*rows: dict[str, object], loans: list[dict[str, object]] | None = None) -> dict[str, pl.LazyFrame]:
    tables = {name: frame.clear() for name, frame in make_tables(3).items()}
    tables["asked"] = raw_frame(ASKED, list(rows))
    tables["loans"] = raw_frame(LOANS, loans or [])
    return lazy(tables)


def test_the_table_has_key_target_and_features_in_their_order() -> None:
    frame = build_features(TOY, lazy(make_tables())).collect()
    assert frame.columns == ["person", "bad", *(f.name for f in TOY.features)]
    assert frame.schema["bad"] == pl.Int8
    for f in TOY.features:
        assert frame.schema[f.name] == (pl.String if f.kind is FeatureKind.CATEGORICAL else pl.Float64), f.name


def test_a_group_is_compiled_once_and_a_changed_one_anew() -> None:
    once = compile_group(HISTORY, TOY)
    assert compile_group(HISTORY, TOY) is once
    assert compile_group(HISTORY, TOY, carried=("bad",)) is not once
    fewer = replace(HISTORY, features=HISTORY.features[1:])
    assert compile_group(fewer, TOY).group is fewer
    assert compile_group(HISTORY, replace(TOY, title="Another")) is not once


def test_training_and_scoring_applicants_appear_once_each() -> None:
    tables = make_tables()
    frame = build_features(TOY, lazy(tables)).collect().sort("person")
    assert frame["person"].to_list() == list(range(30))
    expected = tables["asked"]["bad"].to_list() + [None] * tables["scored"].height
    assert frame["bad"].to_list() == expected


def test_values_by_hand() -> None:
    loans: list[dict[str, object]] = [
        {"person": 1, "loan": 1, "day": -10, "debt": 5.0, "kind": "car"},
        {"person": 1, "loan": 2, "day": -200, "debt": 20.0, "kind": "cash"},
        {"person": 1, "loan": 3, "day": 4, "debt": 1000.0, "kind": "cash"},
        {"person": 1, "loan": 4, "day": None, "debt": 1000.0, "kind": "cash"},
    ]
    row = build_features(TOY, tables_of(asked(), loans=loans)).collect().row(0, named=True)
    assert row["loans__count"] == 2.0
    assert row["loans__debt__sum"] == 25.0
    assert row["loans__recent__debt__max"] == 5.0
    assert row["loans__rate__mean"] == pytest.approx((-0.5 - 0.1) / 2)
    assert row["loans__debt__share"] == pytest.approx(0.5)
    assert row["debt_to_income"] == 0.25
    assert row["income_per_day"] == -10.0
    assert row["is_a"] == 1.0


def test_division_by_zero_and_the_logarithm_of_zero_are_null() -> None:
    loans: list[dict[str, object]] = [
        {"person": 1, "loan": 1, "day": 0, "debt": 5.0, "kind": "car"},
        {"person": 1, "loan": 2, "day": -2, "debt": 8.0, "kind": "car"},
    ]
    row = build_features(TOY, tables_of(asked(children=0, income=0.0), loans=loans)).collect().row(0, named=True)
    assert row["per_child"] is None, "0/0"
    assert row["log_children"] is None, "log 0"
    assert row["debt_to_income"] is None, "13/0"
    assert row["loans__rate__mean"] == -4.0, "the infinite row of a step does not spoil the mean of the others"


def test_sentinels_become_null() -> None:
    tables = tables_of(asked(days_worked=365243, city="XNA"), asked(person=2))
    frame = build_features(TOY, tables).collect().sort("person")
    assert frame["worked"].to_list() == [None, -10.0]
    assert frame["city"].to_list() == [None, "A"]


def test_applicants_without_history_have_null_in_its_features() -> None:
    row = build_features(TOY, tables_of(asked())).collect().row(0, named=True)
    assert all(row[f.name] is None for group in (HISTORY, REPAYMENT) for f in group.all_features)


def test_narrow_integers_do_not_overflow() -> None:
    product = replace(APPLICATION, features=(feature("product", nw.col("children") * 100),), derived=(), steps=())
    portfolio = replace(TOY, feature_groups=(product,), cross_features=())
    assert build_features(portfolio, tables_of(asked(children=20))).collect()["product"].item() == 2000.0


def test_payments_are_reduced_by_loan_and_joined_with_the_loan() -> None:
    tables = tables_of(asked(), loans=[{"person": 1, "loan": 7, "day": -9, "debt": 50.0, "kind": None}])
    payments = {"loan": [7, 7, 99], "day": [-5, -1, -1], "due": [10.0, 10.0, 10.0], "paid": [10.0, 5.0, 0.0]}
    tables["payments"] = pl.LazyFrame(payments, schema=make_tables(3)["payments"].schema)
    frame = build_group(REPAYMENT, tables, TOY).collect()
    assert frame.rows() == [(1, 0.25, 50.0, -1.0)], "loan 99 has no parent and belongs to nobody"


def test_given_aggregates_are_joined_and_not_computed_again() -> None:
    tables = lazy(make_tables())
    aggregates = {group.name: build_group(group, tables, TOY) for group in (HISTORY, REPAYMENT)}
    few = {"asked": tables["asked"], "scored": tables["scored"]}
    assert_frame_equal(
        build_features(TOY, few, aggregates).collect(), build_features(TOY, tables).collect(), check_row_order=False
    )


def test_application_groups_can_be_given_too() -> None:
    tables = lazy(make_tables())
    aggregates = {group.name: build_group(group, tables, TOY) for group in TOY.feature_groups}
    assert_frame_equal(
        build_features(TOY, tables, aggregates).collect(), build_features(TOY, tables).collect(), check_row_order=False
    )


def test_the_audit_table_has_the_protected_columns() -> None:
    tables = make_tables()
    audit = build_audit(TOY, lazy(tables)).collect().sort("person")
    assert audit.columns == ["person", "sex", "is_female"]
    sexes = pl.concat([tables["asked"]["sex"], tables["scored"]["sex"]])
    assert audit["sex"].to_list() == sexes.to_list()
    assert audit["is_female"].to_list() == [1.0 if sex == "F" else 0.0 for sex in sexes]


@pytest.mark.parametrize("hidden", ["sex", "bad", "no_such_column"])
def test_features_cannot_read_protected_columns_or_the_target(hidden: str) -> None:
    group = replace(APPLICATION, features=(*APPLICATION.features, feature("sly", nw.col(hidden))))
    with pytest.raises(FeatureError, match="toy/application: sly cannot be computed"):
        build_group(group, lazy(make_tables()), TOY)


def test_a_wrong_rule_or_aggregate_is_named() -> None:
    tables = lazy(make_tables())
    with pytest.raises(FeatureError, match="known_at"):
        build_group(replace(HISTORY, known_at=nw.col("dya") <= 0), tables, TOY)
    with pytest.raises(FeatureError, match="oops cannot be computed"):
        build_group(replace(HISTORY, features=(*HISTORY.features, feature("oops", nw.col("debtt").sum()))), tables, TOY)
    reduction = REPAYMENT.reduction
    assert reduction is not None
    with pytest.raises(FeatureError, match="has no readable column debtt"):
        build_group(replace(REPAYMENT, reduction=replace(reduction, parent_columns=("debtt",))), tables, TOY)


def test_applications_are_known_by_definition() -> None:
    group = replace(APPLICATION, known_at=nw.col("children") < 3)
    with pytest.raises(FeatureError, match="would drop applicants"):
        build_group(group, lazy(make_tables()), TOY)


@pytest.mark.parametrize(
    ("wrong", "gives"),
    [
        (feature("text_as_number", nw.col("city")), "String"),
        (feature("number_as_text", nw.col("income"), kind=FeatureKind.CATEGORICAL), "Float64"),
    ],
)
def test_the_kind_must_be_what_the_expression_gives(wrong: Feature, gives: str) -> None:
    group = replace(APPLICATION, features=(wrong,), derived=())
    with pytest.raises(FeatureError, match=f"{wrong.name} is declared .* but its expression gives {gives}"):
        build_group(group, lazy(make_tables()), TOY)
    with pytest.raises(FeatureError, match="declared"):
        build_audit(replace(TOY, audit_features=(wrong,)), lazy(make_tables()))


def test_two_columns_of_one_name_are_refused() -> None:
    same = (feature("twice", nw.col("income")), feature("twice", nw.col("children")))
    with pytest.raises(FeatureError, match="one name twice"):
        build_group(replace(APPLICATION, features=same, derived=()), lazy(make_tables()), TOY)
    portfolio = replace(TOY, cross_features=(feature("income", nw.col("worked")), feature("bad", nw.col("worked"))))
    with pytest.raises(FeatureError, match="names twice: bad, income"):
        build_features(portfolio, lazy(make_tables()))


def test_a_missing_table_is_named() -> None:
    tables = lazy(make_tables())
    del tables["loans"]
    with pytest.raises(FeatureError, match=r"toy/raw/loans was not given. Given were: asked, payments, scored"):
        build_features(TOY, tables)


def test_a_portfolio_without_scoring_table_needs_none() -> None:
    portfolio = replace(TOY, scoring_table=None, tables=tuple(t for t in TOY.tables if t is not SCORED))
    assert build_features(portfolio, lazy(make_tables())).collect().height == 20


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), shuffle=st.integers(0, 1000))
def test_features_do_not_depend_on_the_order_of_rows(seed: int, shuffle: int) -> None:
    tables = make_tables(12, seed)
    shuffled = {name: frame.sample(fraction=1.0, shuffle=True, seed=shuffle) for name, frame in tables.items()}
    assert_frame_equal(
        build_features(TOY, lazy(tables)).collect().sort("person"),
        build_features(TOY, lazy(shuffled)).collect().sort("person"),
        rel_tol=1e-9,
    )


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), day=st.integers(1, 30_000), debt=st.floats(-1e6, 1e6))
def test_rows_dated_after_the_application_change_nothing(seed: int, day: int, debt: float) -> None:
    tables = make_tables(12, seed)
    people = range(12)
    future = raw_frame(LOANS, [{"person": p, "loan": 500 + p, "day": day, "debt": debt, "kind": "car"} for p in people])
    assert changed_by_rows(HISTORY, TOY, lazy(tables), future.lazy()) == []


def test_rows_dated_before_the_application_do_change_features() -> None:
    tables = tables_of(asked(), loans=[{"person": 1, "loan": 1, "day": -10, "debt": 5.0, "kind": "car"}])
    row: dict[str, object] = {"person": 1, "loan": 2, "day": -3, "debt": 2.0, "kind": "car"}
    past = raw_frame(LOANS, [row]).lazy()
    changed = changed_by_rows(HISTORY, TOY, tables, past)
    assert "loans__count" in changed
    assert "loans__kinds" not in changed
    stranger = raw_frame(LOANS, [row | {"person": 2}]).lazy()
    assert changed_by_rows(HISTORY, TOY, tables, stranger) == [f.name for f in HISTORY.all_features]
