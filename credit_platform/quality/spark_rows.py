"""Dividing the rows of a raw file on Spark, with the rules, types and lines of the careful path on Polars.

What is here: `split_rows_on_spark`.
What to add here: whatever `quarantine.py` learns that needs more than one row.
What must not be here: rules of its own; each row is judged by the very expressions that Polars runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from credit_platform.lakehouse import StagedTable
from credit_platform.lakehouse.csv_files import RawFile
from credit_platform.lakehouse.engines.spark import SPARK_TYPES, SparkEngine
from credit_platform.portfolios.source_table import SourceTable
from credit_platform.quality.quarantine import LINE, RULE, TEXT, count_by_rule, judging_steps, nothing_rejected
from credit_platform.quality.rules import DUPLICATE_KEY

_RULE = "__rule__"
_LINE = "__line__"
_FIRST = "__first__"

Split = tuple[pl.LazyFrame, pl.LazyFrame, dict[str, int], StagedTable | None]


def split_rows_on_spark(table: SourceTable, raw_file: RawFile, engine: SparkEngine, staging: Path | None) -> Split:
    """Read the file as text, judge its rows where they are, and divide them.

    Args:
        table: the contract.
        raw_file: the inspected file; executors must see it under the same path.
        engine: Spark.
        staging: a folder that driver and executors see under the same path.

    Returns:
        Rows kept (in the order of the contract, then of the file), rows rejected (text, rule, line), rejected rows by
        rule, and the files with the rows kept.

    Raises:
        ValueError: there is no `staging`.
        EngineError: Spark cannot be used.
    """
    if staging is None:
        raise ValueError("Spark needs a folder to write its results to.")
    judged, all_right = _judge(table, raw_file, engine, staging)
    kept = judged.where(f"{_RULE} = ''").sort(*table.sort_by, _LINE).select(*table.column_names)
    prepared = engine.prepare(kept, staging / table.name)
    if all_right:
        return prepared.frame, nothing_rejected(table).lazy(), {}, prepared.staged
    wrong = judged.where(f"{_RULE} <> ''").selectExpr(_LINE, f"{_RULE} AS {RULE}")
    text = engine.read_csv_text(raw_file, {name: name for name in table.column_names}, _LINE)
    rejected = text.join(wrong, on=_LINE).sort(_LINE).withColumnRenamed(_LINE, LINE)
    found = engine.prepare(rejected.select(*table.column_names, RULE, LINE), staging / f"{table.name}__rejected").frame
    return prepared.frame, found, count_by_rule(found), prepared.staged


def _judge(table: SourceTable, raw_file: RawFile, engine: SparkEngine, staging: Path) -> tuple[Any, bool]:
    """Typed rows with the names of the rules they break ("" for none) and their line; whether all are right."""
    text = engine.read_csv_text(raw_file, {name: TEXT + name for name in table.column_names}, _LINE)
    types = {column.name: SPARK_TYPES[column.type] for column in table.columns}
    computed = engine.compute(text, judging_steps(table, _RULE), {**types, _RULE: "string", _LINE: "bigint"})
    stored = engine.prepare(computed, staging / f"{table.name}__judged")
    assert stored.staged is not None  # noqa: S101  # Spark always writes files
    judged = engine.read_files([str(file) for file in stored.staged.files])
    broken = stored.frame.select((pl.col(_RULE) != "").any()).collect(engine="streaming").item()
    repeated = _first_lines_of_repeated_keys(table, judged)
    if repeated is None:
        return judged, not broken
    joined = judged.join(repeated, on=list(table.primary_key), how="left")
    later = f"CASE WHEN {_RULE} = '' AND {_LINE} > {_FIRST} THEN '{DUPLICATE_KEY}' ELSE {_RULE} END AS {_RULE}"
    return joined.selectExpr(*(f"`{name}`" for name in table.column_names), later, _LINE), False


def _first_lines_of_repeated_keys(table: SourceTable, judged: Any) -> Any | None:
    """Keys that several right rows have, with the line of the first; None when there are none."""
    if not table.primary_key:
        return None
    from pyspark.sql import functions as spark

    groups = judged.where(f"{_RULE} = ''").groupBy(*table.primary_key)
    counted = groups.agg(spark.count("*").alias("__rows"), spark.min(_LINE).alias(_FIRST))
    repeated = counted.where("__rows > 1").drop("__rows")
    return None if repeated.isEmpty() else repeated
