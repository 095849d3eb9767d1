"""The columns of `monitoring/decisions`, and what is recorded beside its rows.

What is here: `FIXED` (columns that every portfolio has), `feature_column` (that of a feature), `decisions_schema`,
`DecisionsRecord`, `day_of`.
What to add here: a column, with where in the decision log it comes from.
What must not be here: reading logs (`logs.py`), building rows (`rows.py`).

A row is a decision of a log: `log` and `row` are its key. Who it was about, which request asked and which client sent
it are not here, and must not be: outcomes are matched through the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from credit_platform.lakehouse.records import Record
from credit_platform.portfolios.feature_group import FeatureKind
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.portfolios.portfolio import Portfolio

NAME: Final = "decisions"
DAY: Final = "day"
"""The column by which the table is partitioned: day of the decision in the portfolio's timezone."""
KEY: Final = ("log", "row")
"""Columns that identify a row, and by which it is sorted within its day."""
SOURCES: Final = ("request", "stored", "none")
"""Values of `histories`: the request brought them, the service had them stored, nobody had any."""

FIXED: Final[Mapping[str, pl.DataType]] = {
    "log": pl.String(),
    "row": pl.Int64(),
    "decided_at": pl.Datetime("us", "UTC"),
    DAY: pl.Date(),
    "model_digest": pl.String(),
    "model_version": pl.String(),
    "feature_version": pl.String(),
    "probability": pl.Float64(),
    "decision": pl.String(),
    "threshold": pl.Float64(),
    "points": pl.Int64(),
    "language": pl.String(),
    "histories": pl.String(),
}
"""Columns of every portfolio, before those of the features. None of them is ever null."""
_TAKEN = "__feature"


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionsRecord(Record):
    """Of monitoring/decisions: what the logs held when the rows were read."""

    message: str
    """What the table holds, as a sentence, also where it holds nothing."""
    timezone: str
    """In which `day` is counted."""
    logs: dict[str, int]
    """Decisions of the portfolio by log, as counted there."""
    days: dict[str, dict[str, int]]
    """The same by day (ISO 8601), then by log."""
    rebuilt: tuple[str, ...]
    """Days (ISO 8601) whose rows this version replaced."""
    unfit: dict[str, int]
    """Values by feature that are not of the type of its column and are null here, in the days that were replaced."""


def decisions_key(portfolio: str) -> str:
    """Key of the table."""
    return monitoring_key(portfolio, NAME)


def feature_column(feature: str) -> str:
    """Column of a feature: its own name, unless a column of every portfolio is called so."""
    return f"{feature}{_TAKEN}" if feature in FIXED else feature


def feature_of(column: str) -> str | None:
    """The feature that a column holds; None for a column of every portfolio."""
    if column in FIXED:
        return None
    bare = column.removesuffix(_TAKEN)
    return bare if bare in FIXED else column


def feature_columns(columns: Iterable[str]) -> list[str]:
    """Those of `columns` that hold a feature, in their order."""
    return [name for name in columns if name not in FIXED]


def feature_types(portfolio: Portfolio) -> dict[str, pl.DataType]:
    """Type of the column of each feature that `portfolio` declares, by feature, in the order of their declaration."""
    return {
        feature.name: pl.String() if feature.kind is FeatureKind.CATEGORICAL else pl.Float64()
        for feature in portfolio.features
    }


def decisions_schema(portfolio: Portfolio, features: Mapping[str, pl.DataType]) -> pl.Schema:
    """Columns and types of the table where decisions hold `features`.

    Args:
        portfolio: whose declared features come first, in their order, with the types that they have there.
        features: by name; those that the portfolio does not declare any more follow by name, as they are given.
    """
    declared = feature_types(portfolio)
    known = {name: dtype for name, dtype in declared.items() if name in features}
    older = {name: features[name] for name in sorted(set(features) - set(declared))}
    return pl.Schema({**FIXED, **{feature_column(name): dtype for name, dtype in {**known, **older}.items()}})


def day_of(moment: pl.Expr, timezone: str) -> pl.Expr:
    """The day of a moment in UTC, as people in `timezone` count it."""
    return moment.dt.convert_time_zone(ZoneInfo(timezone).key).dt.date()
