"""What computes tables: Polars on one machine, or Spark on many. The choice is made here and nowhere else.

What is here: `open_engine`, the `Engine` protocol (`engine.py`), and one module per engine: `polars.py`, and `spark.py`
with `spark_session.py`, which starts a session and says what is missing. PySpark is imported there only, and only when
it is first used.
What to add here: an engine; give it the methods of `Engine` and a line in `open_engine`.
What must not be here: what is computed (feature definitions, rules): that is the same on every engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from credit_platform.lakehouse.engines.engine import Engine, Prepared
from credit_platform.lakehouse.engines.polars import PolarsEngine
from credit_platform.lakehouse.engines.spark import SparkEngine

__all__ = ["Engine", "EngineName", "PolarsEngine", "Prepared", "SparkEngine", "open_engine"]

EngineName = Literal["polars", "spark"]


def open_engine(name: EngineName, *, spark_master: str, spark_options: Mapping[str, str]) -> Engine:
    """Return the engine called `name`; Spark starts at its first use, so opening costs nothing."""
    return PolarsEngine() if name == "polars" else SparkEngine(spark_master, spark_options)
