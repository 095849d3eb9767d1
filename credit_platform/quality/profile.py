"""The profile of a table: what a person wants to know of each column at a glance.

What is here: `TableProfile`, `ColumnProfile` and `profile_table`, in two streaming passes over the table.
What to add here: a figure that one of those passes can take along.
What must not be here: judging (see `findings.py`) and drawing (see `report.py`).

Exact: rows, nulls, sentinels, minimum, maximum, mean, standard deviation, numbers of outliers, repeated rows. From a
regular sample of at most 50,000 rows: quartiles, histograms, commonest values, PSI. Number of distinct values:
exact for a primary key and when the sample is the table, else approximate (HyperLogLog).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from credit_platform.lakehouse.content_hash import row_hash
from credit_platform.portfolios.source_table import Column, SourceTable
from credit_platform.quality.distributions import exchanged, histogram, population_stability, top_values, unit_factor
from credit_platform.quality.keys import repeats

SAMPLE_ROWS = 50_000
PSI_JUMP = 0.2
"""Population stability index from which a shift is reported; 0.1 to 0.2 is commonly called moderate.

Source: N. Siddiqi, Credit Risk Scorecards (2006), chapter 8.
"""
Z_LIMIT = 3.0
IQR_FACTOR = 1.5


@dataclass(frozen=True, kw_only=True)
class ColumnProfile:
    """Figures of one column. Moments, quartiles and outliers leave nulls and the sentinel out."""

    name: str
    type: str
    description: str
    unit: str | None
    nulls: int
    null_share: float
    distinct: int
    sentinel: str | None = None
    sentinels: int = 0
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    std: float | None = None
    lower_quartile: float | None = None
    median: float | None = None
    upper_quartile: float | None = None
    iqr_outliers: int | None = None
    """Values beyond 1.5 interquartile ranges; None where that says nothing (text, keys, lists of allowed values)."""
    zscore_outliers: int | None = None
    """Values more than 3 standard deviations from the mean."""
    bins: tuple[tuple[str, float], ...] = ()
    """Label and share of each bin of a histogram (numbers) or of the commonest values (text)."""
    psi: float | None = None
    """Population stability index against the previous version."""
    unit_factor: float | None = None
    """Power of ten by which the values of the previous version became these, when that explains the shift."""


@dataclass(frozen=True, kw_only=True)
class TableProfile:
    """Figures of one table."""

    table: str
    rows: int
    columns: tuple[ColumnProfile, ...]
    sampled_rows: int
    duplicated_rows: int | None
    """Rows equal to an earlier one; None when a primary key rules them out."""
    previous_rows: int | None = None
    exchanged: tuple[tuple[str, str], ...] = ()
    """Pairs of columns that hold each other's values of the previous version."""


def profile_table(table: SourceTable, frame: pl.LazyFrame, previous: pl.LazyFrame | None = None) -> TableProfile:
    """Profile `frame`, a table that satisfies the contract of `table`; compare with `previous` where given."""
    lazy = frame.select(table.column_names)
    rows = int(lazy.select(pl.len()).collect(engine="streaming").item())
    figures, sample = _first_pass(table, lazy, rows)
    quartiles = {column.name: _quartiles(sample, column) for column in table.columns if column.type.is_numeric}
    outliers = _second_pass(table, lazy, figures, quartiles)
    shifts = _compare(table, sample, previous)
    columns = []
    for column in table.columns:
        own: dict[str, Any] = {
            key: figures[f"{column.name}|{key}"] for key in _FIGURES if f"{column.name}|{key}" in figures
        }
        own |= quartiles.get(column.name, {}) | outliers.get(column.name, {})
        if table.primary_key == (column.name,):
            own["distinct"] = rows
        elif sample.height == rows:
            own["distinct"] = sample[column.name].drop_nulls().n_unique()
        else:  # an estimate may be too large
            own["distinct"] = min(own["distinct"], rows - own["nulls"])
        columns.append(
            ColumnProfile(
                name=column.name,
                type=column.type.value,
                description=column.description,
                unit=column.unit,
                null_share=own["nulls"] / rows if rows else 0.0,
                sentinel=None if column.sentinel is None else str(column.sentinel),
                bins=() if table.primary_key == (column.name,) else _bins(sample, column),
                psi=shifts.psi.get(column.name),
                unit_factor=shifts.unit_factors.get(column.name),
                **own,
            )
        )
    repeated = None if table.primary_key else repeats(lazy, row_hash(lazy.collect_schema()))
    return TableProfile(
        table=table.name,
        rows=rows,
        columns=tuple(columns),
        sampled_rows=sample.height,
        duplicated_rows=repeated,
        previous_rows=shifts.rows,
        exchanged=shifts.exchanged,
    )


_FIGURES = ("nulls", "distinct", "sentinels", "minimum", "maximum", "mean", "std")


def clean(column: Column) -> pl.Expr:
    """The column with its sentinel as null."""
    value = pl.col(column.name)
    return value if column.sentinel is None else pl.when(value != column.sentinel).then(value)


def _first_pass(table: SourceTable, lazy: pl.LazyFrame, rows: int) -> tuple[dict[str, Any], pl.DataFrame]:
    """Moments and counts of every column, and a sample, in one scan."""
    step = max(-(-rows // SAMPLE_ROWS), 1)
    position = "__position__"
    sampled = lazy.with_row_index(position).filter(pl.col(position) % step == 0).drop(position)
    figures = lazy.select(expression for column in table.columns for expression in _figures(column))
    collected = pl.collect_all([figures, sampled], engine="streaming")
    return collected[0].row(0, named=True), collected[1]


def _figures(column: Column) -> list[pl.Expr]:
    value, name = pl.col(column.name), column.name
    wanted = {"nulls": value.null_count(), "distinct": value.approx_n_unique()}
    if column.sentinel is not None:
        wanted["sentinels"] = (value == column.sentinel).sum()
    if column.type.is_numeric:
        number = clean(column).cast(pl.Float64)
        wanted |= {"minimum": number.min(), "maximum": number.max(), "mean": number.mean(), "std": number.std()}
    return [expression.alias(f"{name}|{figure}") for figure, expression in wanted.items()]


def _quartiles(sample: pl.DataFrame, column: Column) -> dict[str, Any]:
    values = sample.select(clean(column).cast(pl.Float64)).to_series()
    return {
        "lower_quartile": values.quantile(0.25, "linear"),
        "median": values.median(),
        "upper_quartile": values.quantile(0.75, "linear"),
    }


def _second_pass(
    table: SourceTable, lazy: pl.LazyFrame, figures: Mapping[str, Any], quartiles: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Count outliers exactly, now that the fences are known."""
    keys = {*table.primary_key, *(key.column for key in table.foreign_keys)}
    counts: list[pl.Expr] = []
    for column in table.columns:
        if not column.type.is_numeric or column.allowed is not None or column.name in keys:
            continue
        value = clean(column).cast(pl.Float64)
        low, high = quartiles[column.name]["lower_quartile"], quartiles[column.name]["upper_quartile"]
        if low is not None and high is not None and high > low:
            reach = IQR_FACTOR * (high - low)
            beyond = (value < low - reach) | (value > high + reach)
            counts.append(beyond.sum().alias(f"{column.name}|iqr_outliers"))
        mean, std = figures[f"{column.name}|mean"], figures[f"{column.name}|std"]
        if std:
            counts.append(((value - mean).abs() > Z_LIMIT * std).sum().alias(f"{column.name}|zscore_outliers"))
    found: dict[str, dict[str, Any]] = {}
    if counts:
        for label, count in lazy.select(counts).collect(engine="streaming").row(0, named=True).items():
            name, figure = label.rsplit("|", 1)
            found.setdefault(name, {})[figure] = count
    return found


def _bins(sample: pl.DataFrame, column: Column) -> tuple[tuple[str, float], ...]:
    values = sample.select(clean(column)).to_series().drop_nulls()
    if column.type.is_numeric and column.allowed is None:
        return histogram(values)
    return top_values(values)


@dataclass(frozen=True, kw_only=True)
class _Shifts:
    """What moved against the previous version."""

    rows: int | None = None
    psi: Mapping[str, float] = field(default_factory=dict)
    unit_factors: Mapping[str, float] = field(default_factory=dict)
    exchanged: tuple[tuple[str, str], ...] = ()


def _compare(table: SourceTable, sample: pl.DataFrame, previous: pl.LazyFrame | None) -> _Shifts:
    """PSI of each column of both versions, keys aside; for those that moved, whether a simple slip explains it."""
    if previous is None:
        return _Shifts()
    names = previous.collect_schema().names()
    rows = int(previous.select(pl.len()).collect(engine="streaming").item())
    step = max(-(-rows // SAMPLE_ROWS), 1)
    regular = previous.with_row_index("__position__").filter(pl.col("__position__") % step == 0)
    keys = {*table.primary_key, *(key.column for key in table.foreign_keys)}
    columns = [clean(column).alias(column.name) for column in table.columns if column.name in {*names} - keys]
    before, after = regular.select(columns).collect(engine="streaming"), sample.select(columns)
    psi = {
        name: value for name in before.columns if (value := population_stability(before[name], after[name])) is not None
    }
    moved = [name for name, value in psi.items() if value >= PSI_JUMP]
    factors = {name: unit_factor(before[name], after[name]) for name in moved if before[name].dtype.is_numeric()}
    return _Shifts(
        rows=rows,
        psi=psi,
        unit_factors={name: factor for name, factor in factors.items() if factor is not None},
        exchanged=exchanged({name: before[name] for name in moved}, {name: after[name] for name in moved}),
    )
