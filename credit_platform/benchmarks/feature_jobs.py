"""Jobs of the feature benchmark: Delta tables to features, the least it could take, and what a peer can be held to.

What is here: functions that `processes.measure` runs, and the plain aggregates that platform and peer both compute.
What to add here: another way to the same features.
What must not be here: pandas (see `pandas_jobs.py`), comparing, printing, the name of a column.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from credit_platform import features
from credit_platform.features.reading import key_columns, readable_columns
from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.orchestration.policies import asset_key, table_key
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.feature_group import Feature, FeatureGroup
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import Column, SourceTable

Answer = Mapping[str, Any]
STATISTICS = ("count", "sum", "mean", "min", "max")
"""Plain aggregates of each numeric column, which any library has."""


def build_all(portfolio: str, lakehouse: str) -> Answer:
    """Aggregates of each history, then the feature table, each one Delta version, as the assets do it."""
    declared, store = get_portfolio(portfolio), Lakehouse(lakehouse)
    raw = raw_tables(declared, store)
    parts: dict[str, float] = {}
    aggregates: dict[str, pl.LazyFrame] = {}
    for group in declared.feature_groups:
        if group.history:
            key = table_key(asset_key(portfolio, "aggregates", group.name))
            parts[group.name] = _stored(store, key, features.build_group(group, raw, declared))
            aggregates[group.name] = store.scan(key)
    key = table_key(asset_key(portfolio, "features", "applicants"))
    parts["applicants"] = _stored(store, key, features.build_features(declared, raw, aggregates))
    version = store.read(key).version
    return {"parts": parts, "features": len(declared.features), "rows": version.rows, "stored_bytes": version.bytes}


def one_pass(portfolio: str, lakehouse: str) -> Answer:
    """The floor: every column that features may read is read, and each history grouped once, to a count per key."""
    declared, store = get_portfolio(portfolio), Lakehouse(lakehouse)
    raw, parts = raw_tables(declared, store), {}
    for table in declared.tables:
        started = time.perf_counter()
        columns = [column.name for column in readable_columns(table, declared)]
        key = declared.applicant_key if declared.applicant_key in columns else table.primary_key[0]
        others = [pl.col(name).null_count() for name in columns if name != key]
        grouped = raw[table.name].select(columns).group_by(key).agg(pl.len().alias("__rows__"), *others)
        grouped.collect(engine="streaming")
        parts[table.name] = round(time.perf_counter() - started, 3)
    return {"parts": parts}


def plain_aggregates(portfolio: str, lakehouse: str, out: str) -> Answer:
    """The plain aggregates of each history, declared as features and built by this platform, to Parquet files."""
    declared, store = get_portfolio(portfolio), Lakehouse(lakehouse)
    raw, parts = raw_tables(declared, store), {}
    for table, columns in plain_tables(declared):
        started = time.perf_counter()
        built = features.build_group(_plain_group(table, columns), raw, declared)
        built.sink_parquet(Path(out) / f"{table.name}.parquet", mkdir=True, engine="streaming")
        parts[table.name] = round(time.perf_counter() - started, 3)
    return {"parts": parts}


def raw_tables(portfolio: Portfolio, store: Lakehouse) -> dict[str, pl.LazyFrame]:
    """The stored raw tables by name."""
    names = [table.name for table in portfolio.tables]
    return {name: store.scan(table_key(asset_key(portfolio.name, "raw", name))) for name in names}


def plain_tables(portfolio: Portfolio) -> Iterator[tuple[SourceTable, list[Column]]]:
    """Histories that carry the applicant key, each with its numeric columns that are no keys."""
    applications = {portfolio.training_table, portfolio.scoring_table}
    for table in portfolio.tables:
        columns = readable_columns(table, portfolio)
        if table.name in applications or portfolio.applicant_key not in {column.name for column in columns}:
            continue
        keys = key_columns(table, portfolio)
        yield table, [column for column in columns if column.type.is_numeric and column.name not in keys]


def plain_name(column: Column, statistic: str) -> str:
    """Name of a plain aggregate."""
    return f"{column.name}__{statistic}"


def _plain_group(table: SourceTable, columns: list[Column]) -> FeatureGroup:
    declared = tuple(
        Feature(
            name=plain_name(column, statistic),
            expression=getattr(nw.col(column.name), statistic)(),
            description=f"{statistic} of {column.name}",
            reason="benchmark",
        )
        for column in columns
        for statistic in STATISTICS
    )
    return FeatureGroup(name=table.name, table=table.name, description="", features=declared, history=True)


def _stored(store: Lakehouse, key: str, frame: pl.LazyFrame) -> float:
    started = time.perf_counter()
    store.write(key, frame, info=CommitInfo(portfolio=key.partition("/")[0]))
    return round(time.perf_counter() - started, 3)
