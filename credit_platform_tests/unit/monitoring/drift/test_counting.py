"""Counting: nobody is lost, days add up, the batch may be anything."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
from polars.testing import assert_frame_equal

from credit_platform.monitoring.drift.counting import DAILY_COLUMNS, count_cells
from credit_platform.monitoring.drift.reference import Reference
from credit_platform_tests.unit.monitoring.drift.made_up import CATEGORY, DAY, MODEL, people

KEY = ["stratum", "feature", "cell"]


def summed(daily: pl.DataFrame) -> pl.DataFrame:
    return daily.group_by(KEY).agg(pl.col("count").sum()).sort(KEY)


def test_days_add_up(reference: Reference) -> None:
    parts = [people(137, seed, day=DAY - timedelta(days=seed)) for seed in range(4)]
    apart = pl.concat(count_cells(part, reference) for part in parts)
    together = count_cells(pl.concat(parts).sample(fraction=1.0, shuffle=True, seed=1), reference)
    assert_frame_equal(apart.sort("day", *KEY), together.sort("day", *KEY))
    one_day = count_cells(pl.concat(parts).with_columns(day=pl.lit(DAY)), reference)
    assert_frame_equal(summed(apart), summed(one_day))


def test_everybody_is_counted_once_in_each_feature(reference: Reference) -> None:
    batch = pl.concat([people(50, 1), people(30, 2, source="request"), people(20, 3, day=date(2026, 1, 1))])
    daily = count_cells(batch, reference)
    totals = daily.group_by("day", "stratum", "feature").agg(pl.col("count").sum())
    assert set(totals["count"].to_list()) == {50, 30, 20}
    assert totals.height == 3 * (len(reference.cells) - 1)  # the target is not known yet
    assert daily.schema == pl.Schema(DAILY_COLUMNS)
    assert daily["count"].min() == 1


def test_cells_are_those_of_single_values(reference: Reference) -> None:
    batch = people(300, 4)
    daily = count_cells(batch, reference)
    cells = reference.cells[reference.numbers["income"]]
    for value in batch["income"].head(20):
        (place,) = cells.counts_of_sorted(pl.Series([value]).to_numpy()).nonzero()[0].tolist()
        assert daily.filter((pl.col("feature") == "income") & (pl.col("cell") == place)).height == 1


def test_a_feature_that_is_not_there_is_missing_and_nothing_is_nothing(reference: Reference) -> None:
    daily = count_cells(people(40, 5).drop("income"), reference)
    assert daily.filter(feature="income").select("cell", "count", "single").rows() == [(0, 40, True)]
    assert count_cells(people(0, 5), reference).is_empty()


def test_decisions_of_other_models_are_left_out_and_a_column_of_them_is_not_needed(reference: Reference) -> None:
    batch = people(40, 6).with_columns(
        model_digest=pl.when(pl.int_range(40) < 15).then(pl.lit("another")).otherwise(pl.lit(MODEL))
    )
    assert count_cells(batch, reference).filter(feature="age")["count"].sum() == 25
    assert count_cells(batch.drop("model_digest", "histories"), reference).filter(feature="age")["count"].sum() == 40


def test_single_says_whether_all_values_of_a_cell_are_equal(reference: Reference) -> None:
    one = count_cells(people(60, 7, income=pl.Series([0.25] * 60)), reference).filter(feature="income")
    assert one["single"].to_list() == [True]
    beyond = count_cells(people(60, 7, income=pl.Series([1e6, *[2e6] * 59])), reference).filter(feature="income")
    assert beyond["single"].to_list() == [False]
    new = count_cells(people(60, 7).with_columns(pl.lit("other").alias(CATEGORY)), reference).filter(feature=CATEGORY)
    assert new["single"].to_list() == [False]
