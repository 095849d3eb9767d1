from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_platform.features import build_features, checks
from credit_platform.portfolios.portfolio import Reason
from credit_platform_tests.unit.features.toy import APPLICATION, HISTORY, REASON, TOY, lazy, make_tables


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
