"""Figures of profiles are right, and sentinels and nulls stay out of them."""

from __future__ import annotations

import polars as pl
import pytest

from credit_platform.portfolios.source_table import Column
from credit_platform.quality import TableProfile, profile_table
from credit_platform.quality import profile as profile_module
from credit_platform.quality.profile import ColumnProfile
from credit_platform_tests.unit.quality.tables import EVENTS, LOANS, ROWS, frame

FIGURES = profile_module._figures


def column(profile: TableProfile, name: str) -> ColumnProfile:
    return next(column for column in profile.columns if column.name == name)


def events(values: list[float | None], kind: str = "a") -> pl.LazyFrame:
    return pl.LazyFrame(
        {"value": values, "kind": [kind] * len(values)}, schema={"value": pl.Float64, "kind": pl.String}
    )


def test_figures_of_a_small_table() -> None:
    profile = profile_table(LOANS, frame(*ROWS).lazy())
    assert (profile.rows, profile.sampled_rows, profile.duplicated_rows, profile.previous_rows) == (3, 3, None, None)
    amount = column(profile, "amount")
    assert (amount.nulls, amount.distinct) == (1, 2)
    assert amount.null_share == pytest.approx(1 / 3)
    assert (amount.minimum, amount.maximum, amount.mean, amount.median) == (2.5, 7.0, 4.75, 4.75)
    assert amount.std == pytest.approx(3.181980515)
    assert amount.unit == "DM"
    purpose = column(profile, "purpose")
    assert [label for label, _ in purpose.bins] == ["car", "tv"]
    assert [share for _, share in purpose.bins] == pytest.approx([2 / 3, 1 / 3])
    assert (purpose.mean, purpose.iqr_outliers) == (None, None)


def test_sentinel_is_counted_and_left_out() -> None:
    days = column(profile_table(LOANS, frame(*ROWS).lazy()), "days")
    assert (days.sentinels, days.sentinel, days.maximum, days.minimum) == (1, "365243", 0, -3)


def test_outliers_are_counted_by_both_rules_and_not_for_keys() -> None:
    profile = profile_table(EVENTS, events([*[float(i % 10) for i in range(200)], 1000.0, -1000.0, 20.0]))
    value = column(profile, "value")
    assert (value.iqr_outliers, value.zscore_outliers) == (3, 2)
    assert column(profile_table(LOANS, frame(*ROWS).lazy()), "id").iqr_outliers is None


def test_repeated_rows_are_counted_where_no_key_forbids_them() -> None:
    assert profile_table(EVENTS, events([1.0, 1.0, 2.0, 1.0])).duplicated_rows == 2


def test_table_without_rows_has_a_profile() -> None:
    profile = profile_table(EVENTS, events([]))
    assert (profile.rows, profile.duplicated_rows) == (0, 0)
    assert column(profile, "value").bins == ()


def test_large_table_is_sampled_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile_module, "SAMPLE_ROWS", 100)
    profile = profile_table(EVENTS, events([float(i) for i in range(1000)]))
    value = column(profile, "value")
    assert profile.sampled_rows == 100
    assert (value.minimum, value.maximum) == (0, 999)
    assert value.median == pytest.approx(499.5, abs=10)
    assert value.distinct == pytest.approx(1000, rel=0.1), "an estimate"


def test_there_are_never_more_distinct_values_than_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile_module, "SAMPLE_ROWS", 100)
    monkeypatch.setattr(profile_module, "_figures", too_many_distinct)
    loans = frame(*((n, n, None if n % 5 == 0 else float(n), "car", -n) for n in range(1000))).lazy()
    profile = profile_table(LOANS, loans)
    assert column(profile, "id").distinct == 1000, "a primary key differs in every row"
    assert column(profile, "amount").distinct == 800


def too_many_distinct(declared: Column) -> list[pl.Expr]:
    """What an estimate may give: more values than there are rows."""
    figures = FIGURES(declared)
    return [pl.lit(1100).alias(f.meta.output_name()) if "|distinct" in f.meta.output_name() else f for f in figures]


def test_shift_is_measured_against_the_previous_version() -> None:
    before = events([float(i % 50) for i in range(500)])
    same = profile_table(EVENTS, before, before)
    moved = profile_table(EVENTS, events([float(i % 50) + 40 for i in range(600)]), before)
    assert column(same, "value").psi == 0
    assert (column(moved, "value").psi or 0) > 1
    assert moved.previous_rows == 500


def test_new_column_has_nothing_to_compare_with() -> None:
    before = events([1.0] * 200).drop("kind")
    assert column(profile_table(EVENTS, events([1.0] * 200), before), "kind").psi is None
