"""The same definitions on Spark give the same features."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from credit_platform.features import build_audit, build_features
from credit_platform_tests.unit.features.toy import TOY, lazy, make_tables

SPARK_TYPES = {
    "Int8": "tinyint",
    "Int16": "smallint",
    "Int32": "int",
    "Int64": "bigint",
    "Float32": "float",
    "Float64": "double",
    "String": "string",
}

pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not installed here")
    sql = pytest.importorskip("pyspark.sql", reason="the `spark` extra is not installed")
    options = {"spark.ui.enabled": "false", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.memory": "1g"}
    # Compiling code for 30 rows takes longer than interpreting it.
    options |= {"spark.sql.shuffle.partitions": "1", "spark.sql.codegen.wholeStage": "false"}
    options |= {"spark.sql.codegen.factoryMode": "NO_CODEGEN", "spark.sql.adaptive.enabled": "false"}
    builder = sql.SparkSession.builder.master("local[1]").config(map=options)
    session = builder.getOrCreate()
    yield session
    session.stop()


def to_spark(session: Any, tables: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    return {
        name: session.createDataFrame(
            frame.rows(), ", ".join(f"`{column}` {SPARK_TYPES[str(dtype)]}" for column, dtype in frame.schema.items())
        )
        for name, frame in tables.items()
    }


def test_spark_equals_polars(spark: Any) -> None:
    tables = make_tables(30)
    on_spark = to_spark(spark, tables)
    for build in (build_features, build_audit):
        expected = build(TOY, lazy(tables)).collect()
        rows = [tuple(row) for row in build(TOY, on_spark).collect()]
        frame = pl.DataFrame(rows, schema=expected.schema, orient="row")
        assert_frame_equal(frame.sort("person"), expected.sort("person"), check_exact=False, rel_tol=1e-9)
