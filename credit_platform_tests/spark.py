"""A small, quick Spark for tests, and the reason why there is none."""

from __future__ import annotations

import pytest

from credit_platform.errors import EngineError
from credit_platform.lakehouse.engines import SparkEngine
from credit_platform.lakehouse.engines.spark_session import require_spark

QUICK = {
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "2",
    # Compiling code for a few hundred rows takes far longer than interpreting it.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
}


def require_spark_or_skip() -> None:
    """Skip the test, with the reason, where Spark cannot run."""
    try:
        require_spark()
    except EngineError as error:
        pytest.skip(str(error))


def quick_engine() -> SparkEngine:
    """A Spark engine on one core; the test is skipped, with the reason, where Spark cannot run."""
    require_spark_or_skip()
    return SparkEngine("local[1]", QUICK)
