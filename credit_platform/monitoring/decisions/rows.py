"""Decisions of a log as rows of the table.

What is here: `frame_of`: a column for each feature out of the JSON text that the log keeps, and what does not fit.
What to add here: how another column is read out of the log.
What must not be here: SQL (`logs.py`), which rows are wanted (`passes.py`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import polars as pl
from sqlalchemy import Row

from credit_platform.monitoring.decisions.schema import DAY, FIXED, KEY, SOURCES, day_of, feature_column, feature_types
from credit_platform.portfolios.portfolio import Portfolio

_SAME = (
    "model_digest",
    "model_version",
    "feature_version",
    "probability",
    "decision",
    "threshold",
    "points",
    "language",
)


@dataclass
class Features:
    """Features that were met, with the types of their columns; and values that do not fit these."""

    types: dict[str, pl.DataType] = field(default_factory=dict)
    unfit: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, portfolio: Portfolio, columns: Mapping[str, pl.DataType]) -> Features:
        """Those that a table has already; a feature that `portfolio` declares has the type that it has there."""
        declared = feature_types(portfolio)
        return cls(types={name: declared.get(name, dtype) for name, dtype in columns.items()})

    def meet(self, declared: Mapping[str, pl.DataType], values: Sequence[Mapping[str, Any]]) -> None:
        """Take in the features of some decisions: one that the portfolio no longer declares is as its value is."""
        for row in values:
            for name in row.keys() - self.types.keys():
                of_text = isinstance(row[name], str)
                self.types[name] = declared.get(name) or (pl.String() if of_text else pl.Float64())

    def column(self, name: str, values: Sequence[Mapping[str, Any]]) -> pl.Series:
        """Values of one feature; what is absent, not a number, or of another type is null, the last is counted."""
        dtype = self.types[name]
        given = [row.get(name) for row in values]
        kinds: tuple[type[Any], ...] = (str,) if dtype == pl.String() else (int, float)
        fitting: list[Any] = [value if isinstance(value, kinds) else None for value in given]
        if unfit := fitting.count(None) - given.count(None):
            self.unfit[name] += unfit
        if dtype == pl.String():
            return pl.Series(feature_column(name), fitting, dtype=dtype)
        numbers = [None if value is None else float(value) for value in fitting]
        # What a model is given where it has no number: for monitoring there is none.
        return pl.Series(feature_column(name), numbers, dtype=pl.Float64()).fill_nan(None)


def frame_of(log: str, pages: Iterable[Sequence[Row[Any]]], portfolio: Portfolio, features: Features) -> pl.DataFrame:
    """Rows of one log, sorted as in the table, with the columns of `features`, which learns those that it did not know.

    Args:
        log: name of the log.
        pages: rows of the log.
        portfolio: whose decisions they are.
        features: columns that the table has.
    """
    declared, timezone = feature_types(portfolio), portfolio.monitoring.timezone
    pieces = [pl.DataFrame(schema=FIXED)]
    pieces += [_piece(log, page, declared, timezone, features) for page in pages if page]
    return pl.concat(pieces, how="diagonal").sort(*KEY)


def _piece(
    log: str, page: Sequence[Row[Any]], declared: Mapping[str, pl.DataType], timezone: str, features: Features
) -> pl.DataFrame:
    values = [_parsed(row.features) for row in page]
    features.meet(declared, values)
    fixed = {
        "log": [log] * len(page),
        "row": [row.id for row in page],
        "decided_at": [row.decided_at for row in page],
        **{name: [getattr(row, name) for row in page] for name in _SAME},
        "histories": [_histories(row.answer) for row in page],
    }
    schema = {name: dtype for name, dtype in FIXED.items() if name != DAY}
    frame = pl.DataFrame(fixed, schema=schema).with_columns(day_of(pl.col("decided_at"), timezone).alias(DAY))
    return frame.select([*FIXED]).hstack([features.column(name, values) for name in features.types])


def _parsed(text: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = orjson.loads(text)
    except orjson.JSONDecodeError:  # NaN and Infinity by name
        found = json.loads(text)
    return found


def _histories(answer: str) -> str:
    """Where the histories came from, as the answer says; answers of portfolios and versions without it had none."""
    source = orjson.loads(answer).get("histories")
    return source if source in SOURCES else "none"
