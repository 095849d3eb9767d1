"""Rows that a contract admits and nobody would send: least, greatest, unknown and almost zero, mixed."""

from __future__ import annotations

import numpy as np
import polars as pl

from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import Column, ColumnType, SourceTable
from credit_platform.values import POLARS_TYPES

APPLICANTS = 4_000
ROWS_PER_APPLICANT = 3
_WIDTH = {ColumnType.INT8: 8, ColumnType.INT16: 16, ColumnType.INT32: 32, ColumnType.INT64: 64}


def corner_tables(portfolio: Portfolio, seed: int) -> dict[str, pl.LazyFrame]:
    """All tables of a portfolio, filled with corner values; keys are unique and point at rows that are there."""
    rng = np.random.default_rng(seed)
    keys: dict[str, np.ndarray] = {}
    return {table.name: _table(portfolio, table, keys, rng).lazy() for table in portfolio.tables}


def corners(column: Column) -> list[object]:
    """The values of a column at which something can break."""
    if column.allowed is not None:
        values: list[object] = list(column.allowed)
    elif column.type is ColumnType.STRING:
        values = ["", "any text"]
    else:
        values = _numbers(column)
    values += [] if column.sentinel is None else [column.sentinel]
    return [*values, None] if column.nullable else values


def _numbers(column: Column) -> list[object]:
    bits = _WIDTH.get(column.type)
    most = 1e300 if bits is None else float(2 ** (bits - 1) - 1)
    low = max(-most if column.minimum is None else column.minimum, -most)
    high = min(most if column.maximum is None else column.maximum, most)
    tried = [low, high, 0.0, 1.0, -1.0, low / 2 + high / 2, low + 1, high - 1]
    if column.type.is_integer:
        return [int(value) for value in tried if low <= value <= high]
    tried += [1e-9, -1e-9, 1e-300, 0.5, np.nextafter(low, high), np.nextafter(high, low)]
    return [float(value) for value in tried if low <= value <= high]


def _table(
    portfolio: Portfolio, table: SourceTable, keys: dict[str, np.ndarray], rng: np.random.Generator
) -> pl.DataFrame:
    history = table.name not in (portfolio.training_table, portfolio.scoring_table)
    rows = APPLICANTS * ROWS_PER_APPLICANT if history else APPLICANTS
    frame = pl.DataFrame({column.name: _drawn(column, rows, rng) for column in table.columns})
    if table.name == portfolio.scoring_table:
        frame = frame.with_columns(pl.int_range(APPLICANTS, pl.len() + APPLICANTS).alias(portfolio.applicant_key) + 1)
    elif len(table.primary_key) == 1:
        frame = frame.with_columns((pl.int_range(pl.len()) + 1).alias(table.primary_key[0]))
    for key in table.foreign_keys:
        parents = keys[key.parent] if key.parent in keys else np.arange(1, APPLICANTS + 1)
        frame = frame.with_columns(pl.Series(key.column, rng.choice(parents, rows)))
    frame = frame.select(pl.col(c.name).cast(POLARS_TYPES[c.type]) for c in table.columns)
    if table.primary_key:
        frame = frame.unique(table.primary_key, maintain_order=True)
        keys[table.name] = frame[table.primary_key[0]].to_numpy()
    return frame


def _drawn(column: Column, rows: int, rng: np.random.Generator) -> pl.Series:
    values = corners(column)
    picked = [values[n] for n in rng.integers(0, len(values), rows)]
    return pl.Series(column.name, picked, dtype=POLARS_TYPES[column.type])
