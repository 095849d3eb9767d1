"""How columns of raw tables are read by features: which ones, in which type, sentinels made null.

* Numbers are widened to float64 (keys excepted), so that no sum overflows and a feature does not depend on how narrowly
  its column is stored.
* Sentinels become null here, and nowhere else.
* Protected columns and the target are not readable by any feature; the audit may read the protected ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import polars as pl

from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import Column, ColumnType, SourceTable
from credit_platform.values import POLARS_TYPES

DTYPES: Mapping[ColumnType, Any] = {kind: getattr(nw, dtype.__name__) for kind, dtype in POLARS_TYPES.items()}
"""Type of a column's values, as Narwhals names it."""

Schema = dict[str, pl.DataType]


def key_columns(table: SourceTable, portfolio: Portfolio) -> frozenset[str]:
    """Columns that identify or connect rows; they keep their type."""
    foreign = {key.column for key in table.foreign_keys}
    pointed_at = {k.parent_column for t in portfolio.tables for k in t.foreign_keys if k.parent == table.name}
    return frozenset({portfolio.applicant_key, *table.primary_key} | foreign | pointed_at)


def readable_columns(table: SourceTable, portfolio: Portfolio, *, protected: bool = False) -> tuple[Column, ...]:
    """Columns that features may read: all but the target and, unless `protected` is asked for, the protected ones."""
    return tuple(c for c in table.columns if (protected or c.protected is None) and c.name != portfolio.target)


def widened(column: Column, keys: frozenset[str]) -> bool:
    """Whether the column is read as float64."""
    return column.type.is_numeric and column.name not in keys


def clean_expressions(table: SourceTable, portfolio: Portfolio, *, protected: bool = False) -> tuple[nw.Expr, ...]:
    """Expressions that read the columns of `table`: sentinels become null, numbers float64."""
    keys = key_columns(table, portfolio)
    return tuple(_clean(column, keys) for column in readable_columns(table, portfolio, protected=protected))


def _clean(column: Column, keys: frozenset[str]) -> nw.Expr:
    value = nw.col(column.name)
    if column.sentinel is not None:
        value = nw.when(value != column.sentinel).then(value).otherwise(None)
    if widened(column, keys):
        value = value.cast(nw.Float64)
    return value.alias(column.name)


def clean_schema(table: SourceTable, portfolio: Portfolio, *, protected: bool = False) -> Schema:
    """Column types of `table` after cleaning."""
    keys = key_columns(table, portfolio)
    return {
        column.name: pl.Float64() if widened(column, keys) else POLARS_TYPES[column.type]()
        for column in readable_columns(table, portfolio, protected=protected)
    }
