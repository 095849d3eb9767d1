"""The Spark engine: reads the Parquet files of Delta versions, writes Parquet files that the lakehouse commits.

What is here: `SparkEngine`: stored versions and CSV files as Spark frames, Polars expressions on Spark's rows, results.
What to add here: an operation that needs Spark itself. What Narwhals can express belongs to who wants it.
What must not be here: starting Spark (see `spark_session.py`); a Delta library: delta-rs reads and makes the commits,
so that no JVM package beyond PySpark is needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from credit_platform.errors import EngineError
from credit_platform.files import literal
from credit_platform.lakehouse.csv_files import RawFile
from credit_platform.lakehouse.engines.engine import Prepared
from credit_platform.lakehouse.engines.spark_session import start_session
from credit_platform.lakehouse.staging import StagedTable
from credit_platform.lakehouse.versions import StoredTable
from credit_platform.portfolios.portfolio import ColumnType

_FIRST_LINE = 2
"""Line of the first row: the header is line 1."""
_NO_TEXT = "\0"
"""What stands for null in a CSV file, besides nothing at all; inspected files hold no NUL byte."""

SPARK_TYPES: Mapping[ColumnType, str] = {
    ColumnType.INT8: "tinyint",
    ColumnType.INT16: "smallint",
    ColumnType.INT32: "int",
    ColumnType.INT64: "bigint",
    ColumnType.FLOAT32: "float",
    ColumnType.FLOAT64: "double",
    ColumnType.STRING: "string",
}

_SPECIAL = re.compile(r"[][{}*?\\]")
"""What Hadoop takes for part of a pattern."""

Steps = Sequence[Sequence[pl.Expr]]


class SparkEngine:
    """Spark data frames. The session starts at the first use and ends with `close`."""

    name = "spark"

    def __init__(self, master: str, options: Mapping[str, str] | None = None) -> None:
        """Take the master (`local[*]`, `spark://…`, `k8s://…`) and Spark properties that go before our own."""
        self._master = master
        self._options = dict(options or {})
        self._session: Any = None

    @property
    def session(self) -> Any:
        """The Spark session.

        Raises:
            EngineError: PySpark or Java is missing, or Spark does not start.
        """
        if self._session is None:
            self._session = start_session(self._master, self._options)
        return self._session

    def read(self, stored: StoredTable) -> Any:
        """Spark frame over the files of a stored version.

        Raises:
            EngineError: the lakehouse is an object store.
        """
        for file in stored.files:
            if "://" in file and not file.startswith("file://"):
                raise EngineError(
                    f"The engine spark cannot read {file}: it needs a lakehouse in a folder.",
                    "Mount the store where driver and executors see it under one path and name that path in "
                    "CREDIT_PLATFORM_LAKEHOUSE_URL, or use CREDIT_PLATFORM_ENGINE=polars.",
                )
        return self.read_files(list(stored.files))

    def read_files(self, files: Sequence[str]) -> Any:
        """Spark frame over Parquet files of one schema."""
        return self.session.read.parquet(*(_pattern(file) for file in files))

    def prepare(self, frame: Any, folder: Path, sort_by: Sequence[str] = ()) -> Prepared:
        """Compute `frame` into Parquet files in `folder`, which driver and executors must see under one path."""
        ordered = frame.sort(*sort_by) if sort_by else frame
        ordered.write.option("compression", "zstd").parquet(_hadoop_path(str(folder.resolve())))
        staged = StagedTable(folder)
        return Prepared(literal.scan_parquet(staged.files), staged)

    def read_csv_text(self, raw_file: RawFile, names: Mapping[str, str], line: str) -> Any:
        """Every column of an inspected CSV file as text, with the 1-based line on which each row begins.

        Args:
            raw_file: the file, whose structure is known to be sound.
            names: columns of the file to the names they are to have.
            line: name of the column with the line.
        """
        schema = ", ".join(f"`{names[name]}` string" for name in raw_file.header)
        text = self.session.read.csv(
            _pattern(str(raw_file.path.resolve())),
            schema=schema,
            header=True,
            quote='"',
            escape='"',
            nullValue=_NO_TEXT,
            multiLine=raw_file.multiline,
        )
        numbered = _with_line_breaks(text, line) if raw_file.multiline else _with_lines(text, line)
        return numbered.select(*names.values(), line)

    def compute(self, frame: Any, steps: Steps, schema: Mapping[str, str]) -> Any:
        """Run Polars expressions on the rows of a Spark frame, batch by batch, where the rows are.

        Executors need Polars and PyArrow and none of our modules. This is how a rule on single rows, declared once
        as a Polars expression, judges the same value in the same way on both engines.

        Args:
            frame: Spark frame.
            steps: expressions on single rows; each step adds its columns, the next one may read them.
            schema: columns of the result with their Spark types.
        """
        columns = ", ".join(f"`{name}` {kind}" for name, kind in schema.items())
        return frame.mapInArrow(_batch_function(steps, list(schema)), columns)

    def close(self) -> None:
        """Stop the session, if it was started."""
        if self._session is not None:
            self._session.stop()
            self._session = None


def _hadoop_path(path: str) -> str:
    """A local path as Hadoop reads it: after its scheme every character stands for itself, also `%`."""
    return path if "://" in path else f"file://{path}"


def _pattern(path: str) -> str:
    """The pattern that only this local path fits."""
    return path if "://" in path else _hadoop_path(_SPECIAL.sub(r"\\\g<0>", path))


def _with_lines(text: Any, line: str) -> Any:
    """Number the rows of a file that was split into blocks; blocks are counted first, when there are several."""
    from pyspark.sql import functions as spark

    placed = text.withColumns({"__block": spark.col("_metadata.file_block_start"), line: _row_id()})
    if placed.rdd.getNumPartitions() == 1:
        return placed.withColumn(line, spark.col(line) + _FIRST_LINE)
    blocks = placed.groupBy("__block").agg(spark.min(line).alias("first"), spark.count("*").alias("rows")).collect()
    shifts, rows_before = [], 0
    for block in sorted(blocks, key=lambda row: row["__block"]):
        shifts += [spark.lit(block["__block"]), spark.lit(rows_before + _FIRST_LINE - block["first"])]
        rows_before += block["rows"]
    return placed.withColumn(line, spark.col(line) + spark.create_map(*shifts)[spark.col("__block")])


def _with_line_breaks(text: Any, line: str) -> Any:
    """Number the rows of a file with quoted line breaks, which Spark reads as one block."""
    from pyspark.sql import Window
    from pyspark.sql import functions as spark

    breaks = spark.lit(0)
    for name in text.columns:
        column = spark.col(f"`{name}`")
        breaks = breaks + spark.coalesce(
            spark.length(column) - spark.length(spark.replace(column, spark.lit("\n"))), spark.lit(0)
        )
    before = Window.orderBy("__id").rowsBetween(Window.unboundedPreceding, -1)
    earlier = spark.coalesce(spark.sum("__breaks").over(before), spark.lit(0))
    placed = text.withColumns({"__id": _row_id(), "__breaks": breaks})
    return placed.withColumn(line, spark.col("__id") + _FIRST_LINE + earlier)


def _row_id() -> Any:
    from pyspark.sql import functions as spark

    return spark.monotonically_increasing_id()


def _batch_function(steps: Steps, names: list[str]) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """A function that Spark can send to its workers: it carries the expressions and imports what it needs there."""
    carried = [list(step) for step in steps]

    def compute(batches: Iterator[Any]) -> Iterator[Any]:
        import polars as pl  # noqa: PLC0415  # on the worker

        for batch in batches:
            frame = pl.DataFrame(pl.from_arrow(batch))
            for step in carried:
                frame = frame.with_columns(step)
            yield from frame.select(names).to_arrow(compat_level=pl.CompatLevel.oldest()).to_batches()

    return compute
