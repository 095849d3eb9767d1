"""Every feature of Home Credit on PySpark against Polars: no value apart at a relative 1e-9, the same nulls."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from credit_platform.features import build_audit, build_features, build_group
from credit_platform.portfolios.feature_group import FeatureGroup
from credit_platform.portfolios.home_credit.features import CROSS_FEATURES, FEATURE_GROUPS
from credit_platform_tests.unit.portfolios.home_credit.features.small_tables import frames, home_credit, random_tables

KEY = "SK_ID_CURR"
APPLICANTS = 25
Tables = dict[str, Any]

pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java (17 or later), which is not installed here")
    sql = pytest.importorskip("pyspark.sql", reason="the `spark` extra is not installed")
    options = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        # Compiling code for a few hundred rows takes far longer than interpreting it.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    }
    session = sql.SparkSession.builder.master("local[1]").config(map=options).getOrCreate()
    yield session
    session.stop()


@pytest.fixture(scope="module")
def on_polars() -> Tables:
    return dict(frames(random_tables(APPLICANTS, seed=5)))


@pytest.fixture(scope="module")
def on_spark(spark: Any, on_polars: Tables, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    folder: Path = tmp_path_factory.mktemp("tables")
    for name, frame in on_polars.items():
        frame.collect().write_parquet(folder / f"{name}.parquet")
    return {name: spark.read.parquet(str(folder / f"{name}.parquet")) for name in on_polars}


def collected(frame: Any) -> pl.DataFrame:
    """A Spark frame as a Polars frame."""
    return pl.DataFrame(pl.from_arrow(frame.toArrow()))


def compare(expected: pl.DataFrame, found: pl.DataFrame) -> None:
    """Equal columns, rows, nulls, and numbers at a relative 1e-9."""
    assert found.columns == expected.columns
    assert found.schema == expected.schema
    expected, found = expected.sort(KEY), found.sort(KEY)
    apart = []
    for name in expected.columns:
        left, right = expected[name], found[name]
        same = left.eq_missing(right)
        if left.dtype.is_float():
            same |= ((left - right).abs() <= 1e-9 * left.abs()).fill_null(value=False)
        if not same.all():
            row = same.arg_min()
            assert row is not None
            apart.append((name, left[row], right[row]))
    assert apart == []


@pytest.mark.parametrize("group", FEATURE_GROUPS, ids=lambda group: group.name)
def test_a_group_has_the_same_features_on_spark(group: FeatureGroup, on_polars: Tables, on_spark: Tables) -> None:
    expected = build_group(group, on_polars, home_credit()).collect(engine="streaming")
    assert expected.height > APPLICANTS / 4
    compare(expected, collected(build_group(group, on_spark, home_credit())))


def test_the_joined_table_has_the_same_cross_features_on_spark(spark: Any, on_polars: Tables, on_spark: Tables) -> None:
    """The groups are handed over as they are stored, so only the joins and the features across groups are computed."""
    groups = {
        group.name: build_group(group, on_polars, home_credit()).collect(engine="streaming") for group in FEATURE_GROUPS
    }
    stored = {name: spark.createDataFrame(frame.to_arrow()) for name, frame in groups.items()}
    expected = build_features(home_credit(), on_polars, {name: frame.lazy() for name, frame in groups.items()})
    found = build_features(home_credit(), on_spark, stored)
    names = [KEY, "TARGET", *(feature.name for feature in CROSS_FEATURES)]
    compare(expected.select(names).collect(), collected(found.select(*names)))


def test_the_audit_table_is_the_same_on_spark(on_polars: Tables, on_spark: Tables) -> None:
    expected = build_audit(home_credit(), on_polars).collect()
    compare(expected, collected(build_audit(home_credit(), on_spark)))
