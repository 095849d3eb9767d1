"""The peer: the same reads and the same plain aggregates with pandas, as its users write them.

What is here: functions that `processes.measure` runs.
What to add here: what a benchmark wants to compare with pandas; written well, it is a peer and no straw man.
What must not be here: Polars, and anything that the platform itself uses.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from deltalake import DeltaTable

from credit_platform.benchmarks.feature_jobs import STATISTICS, plain_name, plain_tables
from credit_platform.orchestration.policies import asset_key, table_key
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import Column, ColumnType, SourceTable

Answer = Mapping[str, Any]


def csv_to_parquet(portfolio: str, raw: str, out: str, engine: str) -> Answer:
    """Each CSV file through a data frame to a Parquet file, types known; `engine` reads it: "c" or "pyarrow"."""
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    parts, reading = {}, 0.0
    for table in get_portfolio(portfolio).tables:
        started = time.perf_counter()
        frame = _read(Path(raw) / table.file_name, table, engine)
        reading += time.perf_counter() - started
        frame.to_parquet(folder / f"{table.name}.parquet", compression="zstd", index=False)
        parts[table.name] = round(time.perf_counter() - started, 3)
    return {"parts": parts, "reading_seconds": round(reading, 3)}


def plain_aggregates(portfolio: str, lakehouse: str, out: str) -> Answer:
    """The plain aggregates of each history, from the same Delta tables, to Parquet files."""
    declared, folder = get_portfolio(portfolio), Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    parts = {}
    for table, columns in plain_tables(declared):
        started = time.perf_counter()
        frame = _numbers(Path(lakehouse), declared, table, columns)
        grouped = frame.groupby(declared.applicant_key, sort=False).agg(list(STATISTICS))
        grouped.columns = [f"{column}__{statistic}" for column, statistic in grouped.columns]
        order = [plain_name(column, statistic) for column in columns for statistic in STATISTICS]
        grouped[order].reset_index().to_parquet(folder / f"{table.name}.parquet", index=False)
        parts[table.name] = round(time.perf_counter() - started, 3)
    return {"parts": parts}


def _read(path: Path, table: SourceTable, engine: str) -> pd.DataFrame:
    types = {column.name: _type(column) for column in table.columns}
    # An empty field alone is null: words such as "NA" are words.
    return pd.read_csv(path, dtype=types, engine=engine, keep_default_na=False, na_values=[""])


def _type(column: Column) -> str:
    """Narrowest type of pandas that holds the column; its plain integers have no null."""
    if column.type is ColumnType.STRING:
        return "category"
    return "float64" if column.type.is_integer and column.nullable else column.type.value


def _numbers(lakehouse: Path, portfolio: Portfolio, table: SourceTable, columns: list[Column]) -> pd.DataFrame:
    """Key and numeric columns of a stored table as float64, sentinels made null."""
    address = lakehouse / table_key(asset_key(portfolio.name, "raw", table.name))
    names = [portfolio.applicant_key, *(column.name for column in columns)]
    frame = DeltaTable(address).to_pyarrow_table(columns=names).to_pandas()
    for column in columns:
        values = frame[column.name].astype("float64")
        frame[column.name] = values if column.sentinel is None else values.mask(values == column.sentinel)
    return frame
