from __future__ import annotations

from dataclasses import replace

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_platform.features import build_features, checks
from credit_platform.portfolios.reason import Reason
from credit_platform_tests.unit.features.toy import (
    APPLICATION,
    HISTORY,
    REASON,
    TOY,
    column,
    feature,
    lazy,
    make_tables,
)


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    return build_features(TOY, lazy(make_tables(100))).collect()


def named(findings: list[checks.FeatureFinding]) -> list[str]:
    return [finding.feature for finding in findings]


def test_constant(frame: pl.DataFrame) -> None:
    before = named(checks.constant(TOY, frame))
    changed = frame.with_columns(
        income=pl.lit(3.0), city=pl.lit(None, dtype=pl.String), worked=pl.Series([1.0] + [None] * (frame.height - 1))
    )
    assert set(named(checks.constant(TOY, changed))) - set(before) == {"income", "city"}


def test_duplicates_name_the_later_column(frame: pl.DataFrame) -> None:
    assert checks.duplicates(TOY, frame) == []
    (finding,) = checks.duplicates(TOY, frame.with_columns(worked=pl.col("income")))
    assert finding.feature == "worked"
    assert "worked equals income" in finding.message


def test_columns_with_the_same_values_in_another_order_are_no_duplicates(frame: pl.DataFrame) -> None:
    assert checks.duplicates(TOY, frame.with_columns(worked=pl.col("income").reverse())) == []


def test_equal_by_chance_among_few_warns_and_equal_by_construction_blocks(frame: pl.DataFrame) -> None:
    (finding,) = checks.duplicates(TOY, frame.with_columns(worked=pl.col("income")))
    assert not finding.blocks
    assert "among 100 applicants that may be chance" in finding.message
    assert not checks.refuses([finding])
    many = pl.concat([frame.with_columns(worked=pl.col("income"))] * 50)
    assert [f.blocks for f in checks.duplicates(TOY, many) if f.feature == "worked"] == [True]
    again = feature("again", column("income"))
    doubled = replace(TOY, feature_groups=(replace(APPLICATION, features=(*APPLICATION.features, again)), HISTORY))
    (finding,) = checks.duplicates(doubled, frame.with_columns(again=pl.col("income")))
    assert finding.blocks
    assert finding.message == "again equals income in every row; keep one."


def test_constant_among_few_warns_and_constant_by_construction_blocks(frame: pl.DataFrame) -> None:
    before = named(checks.constant(TOY, frame))
    (finding,) = [f for f in checks.constant(TOY, frame.with_columns(income=pl.lit(3.0))) if f.feature not in before]
    assert not finding.blocks
    assert "among 100 that may be chance" in finding.message
    many = pl.concat([frame.with_columns(income=pl.lit(3.0))] * 50)
    assert [f.blocks for f in checks.constant(TOY, many) if f.feature == "income"] == [True]
    one = feature("one", nw.lit(1.0))
    with_one = replace(TOY, feature_groups=(replace(APPLICATION, features=(*APPLICATION.features, one)), HISTORY))
    found = checks.constant(with_one, frame.with_columns(one=pl.lit(1.0)))
    assert [f.feature for f in found if f.blocks] == ["one"]


def test_more_nulls_than_declared_block() -> None:
    bounded = replace(
        TOY,
        feature_groups=(
            replace(APPLICATION, features=(feature("income", column("income"), max_null_share=0.3),), derived=()),
        ),
        cross_features=(),
    )

    def judged(share: float, rows: int) -> list[checks.FeatureFinding]:
        nulls = round(share * rows)
        return checks.null_shares(bounded, pl.DataFrame({"income": [None] * nulls + [1.0] * (rows - nulls)}))

    assert judged(0.33, 1000) == []
    (finding,) = judged(0.4, 1000)
    assert finding.blocks
    assert finding.message.startswith("income is null for 40.0% of the applicants, at most 30.0% are declared")
    assert judged(0.45, 100) == []
    assert judged(1.0, 30)
    assert checks.null_shares(TOY, pl.DataFrame({"income": [None]})) == []


def test_leaks_among_few_defaults_are_told_with_their_interval(frame: pl.DataFrame) -> None:
    target = [1, 1] + [0] * 98
    few = frame.with_columns(
        bad=pl.Series(target, dtype=pl.Int8), income=pl.Series([9.0, 8.0] + [float(n % 7) for n in range(98)])
    )
    (finding,) = [f for f in checks.leakage(TOY, few) if f.feature == "income"]
    assert not finding.blocks
    assert "with 2 defaults and 98 repaid loans that may be chance" in finding.message
    many = pl.concat([few] * 40)
    (finding,) = [f for f in checks.leakage(TOY, many) if f.feature == "income"]
    assert finding.blocks
    assert "does it know the outcome?" in finding.message


def test_a_rare_category_does_not_rank_its_own_outcome() -> None:
    draw = np.random.default_rng(3)
    values = pl.Series([f"v{n}" for n in draw.integers(0, 60, 200)])
    target = draw.random(200) < 0.1
    assert checks._auc(checks._codes(values, target), target) < 0.68
    copied = pl.Series(np.where(target, "bad", "good"))
    assert checks._auc(checks._codes(copied, target), target) == 1.0


@pytest.mark.parametrize(("defaults", "repaid"), [(3, 175), (30, 270), (300, 700)])
def test_an_auc_by_chance_is_within_its_interval(defaults: int, repaid: int) -> None:
    draw = np.random.default_rng(5)
    target = np.arange(defaults + repaid) < defaults
    aucs = [checks._auc(draw.permutation(target.size), target) for _ in range(200)]
    low, high = checks.auc_interval(max(aucs), defaults, repaid, among=400)
    assert low < 0.5 < high
    assert checks.auc_interval(0.7, 0, 10) == (0.0, 1.0)


def test_leakage_finds_a_feature_that_knows_the_outcome(frame: pl.DataFrame) -> None:
    target = pl.col("bad").cast(pl.Float64)
    leaky = frame.with_columns(income=-target, city=pl.when(target == 1).then(pl.lit("x")).otherwise(pl.lit("y")))
    assert named(checks.leakage(TOY, leaky)) == ["income", "city"]
    assert checks.leakage(TOY, leaky, bound=1.0) == []


def test_one_class_says_nothing(frame: pl.DataFrame) -> None:
    scored = frame.with_columns(bad=pl.lit(0, dtype=pl.Int8))
    assert set(checks.single_feature_auc(TOY, scored).values()) == {0.5}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([None, -1.5, 0.0, 2.0, 7.0]), st.booleans()), min_size=2, max_size=40).filter(
        lambda rows: len({target for _, target in rows}) == 2
    )
)
def test_auc_equals_the_share_of_pairs_in_order(rows: list[tuple[float | None, bool]]) -> None:
    values = [-99.0 if value is None else value for value, _ in rows]
    target = np.array([target for _, target in rows])
    bad = [v for v, t in zip(values, target, strict=True) if t]
    good = [v for v, t in zip(values, target, strict=True) if not t]
    pairs = np.mean([1.0 if b > g else 0.5 if b == g else 0.0 for b in bad for g in good])
    codes = checks._codes(pl.Series([value for value, _ in rows], dtype=pl.Float64), target)
    assert checks._auc(codes, target) == pytest.approx(max(pairs, 1 - pairs))


def test_out_of_range(frame: pl.DataFrame) -> None:
    assert checks.out_of_range(TOY, frame) == []
    (finding,) = checks.out_of_range(TOY, frame.with_columns(income=pl.Series([-1.0, 2e6, None] + [5.0] * 97)))
    assert (finding.feature, finding.value) == ("income", 2)


def test_features_without_range_are_not_checked(frame: pl.DataFrame) -> None:
    assert checks.out_of_range(replace(TOY, feature_groups=(HISTORY,), cross_features=()), frame) == []


def test_key(frame: pl.DataFrame) -> None:
    assert checks.key(TOY, frame) == []
    people = pl.Series([None, 1, 1, 1, *range(2, 98)], dtype=pl.Int32)
    findings = checks.key(TOY, frame.with_columns(person=people))
    assert [(f.check, f.value) for f in findings] == [("key_null", 1), ("key_unique", 2)]


def test_reasons() -> None:
    assert checks.reasons(TOY) == []
    unused = Reason(code="unused", adverse_fr=" ", adverse_en="b", favourable_fr="c", favourable_en="d")
    assert named(checks.reasons(replace(TOY, reasons=(REASON, unused)))) == ["unused", "unused"]
    assert named(checks.reasons(replace(TOY, reasons=()))) == [feature.name for feature in TOY.features]


def test_rows_after_the_application_are_counted() -> None:
    tables = make_tables(40)
    findings = checks.not_known_at_application(TOY, lazy(tables))
    after = {name: (~(tables[name]["day"] <= 0).fill_null(value=False)).sum() for name in ("loans", "payments")}
    assert {finding.feature: finding.value for finding in findings} == after
    assert min(after.values()) > 0


def test_a_history_without_rule_is_named_and_absent_tables_are_not() -> None:
    portfolio = replace(TOY, feature_groups=(APPLICATION, replace(HISTORY, known_at=None)))
    (finding,) = checks.not_known_at_application(portfolio, lazy(make_tables()))
    assert "does not say which rows are known" in finding.message
    assert checks.not_known_at_application(portfolio, {}) == []
    past = {"loans": make_tables()["loans"].filter(pl.col("day") <= 0).lazy()}
    assert checks.not_known_at_application(TOY, past) == []
