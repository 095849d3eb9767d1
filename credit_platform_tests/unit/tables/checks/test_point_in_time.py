"""The check that no feature looks beyond the day of the application."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import narwhals as nw
import polars as pl

from credit_platform.lakehouse import Lakehouse
from credit_platform.tables.checks.point_in_time import point_in_time_check
from credit_platform.tables.judging import Submission
from credit_platform_tests.unit.features.toy import HISTORY, TOY, make_tables

NOTHING = Submission(key="toy/aggregates/loans", frame=pl.LazyFrame())


def test_a_history_that_counts_later_rows_is_refused_by_name(tmp_path: Path) -> None:
    lakehouse = Lakehouse(str(tmp_path))
    lakehouse.write("toy/raw/loans", make_tables()["loans"])
    passed = point_in_time_check(TOY, HISTORY).judge(NOTHING, lakehouse)
    assert passed.passed, passed.message
    assert int(passed.numbers["added"]) > 0
    careless = replace(HISTORY, known_at=nw.col("day") <= nw.lit(100_000))
    found = point_in_time_check(replace(TOY, feature_groups=(careless,)), careless).judge(NOTHING, lakehouse)
    assert not found.passed
    assert {row["changed"] for row in found.listed} <= {feature.name for feature in HISTORY.all_features}
