"""Drift of the newest day that was judged, the days before it, and one feature in the bins of its PSI.

What is here: `DriftOverview` with `drift_overview`, and `feature_bins`.
What to add here: another figure of `monitoring/drift` that a page shows.
What must not be here: judging (`monitoring/drift`), drawing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import numpy as np
import polars as pl

from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.monitoring.drift.cells import MISSING_CELL, Cells, Counts, Floats, Kind, Role
from credit_platform.monitoring.drift.days import COUNTS
from credit_platform.monitoring.drift.drift import measure_drift
from credit_platform.monitoring.drift.freezing import read_references
from credit_platform.monitoring.drift.records import DRIFT, CountsRecord, DayOfDrift, DriftRecord
from credit_platform.monitoring.drift.windows import earlier
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.portfolios.portfolio import Portfolio

FEATURE_COLUMNS = (
    "feature",
    "verdict",
    "drifted",
    "incident",
    "importance",
    "psi",
    "p_adjusted",
    "days",
    "decisions",
    "missing_before",
    "missing_now",
)


class NoDrift(StrEnum):
    """Why no day was judged."""

    NEVER_RUN = "never_run"
    """The table was never made."""
    NOT_COUNTED = "not_counted"
    """There are decisions, and of none of their models is anything frozen to compare with."""
    NOBODY = "nobody"
    """When the table was made, there was no decision."""


@dataclass(frozen=True, kw_only=True)
class DriftOverview:
    """What the newest day says, and the days before."""

    day: date
    newest: DayOfDrift
    """Of the model that decided most on that day."""
    made_at: datetime
    days: pl.DataFrame
    """day, level, score (share of importance that drifted), drifted (features), decisions (of that day); the oldest
    first, of the model that decided most on each."""
    features: pl.DataFrame
    """Columns `FEATURE_COLUMNS` of the newest day: what broke or drifted first, then by importance."""


def drift_version(lakehouse: Lakehouse, portfolio: Portfolio) -> int | None:
    """Which version of the table is in force; None where there is none."""
    newest = lakehouse.latest(monitoring_key(portfolio.name, DRIFT))
    return None if newest is None else newest.version


def drift_overview(lakehouse: Lakehouse, portfolio: Portfolio) -> DriftOverview | NoDrift:
    """What is known of drift, or why nothing is.

    Raises:
        RecordError: a record does not fit.
    """
    key = monitoring_key(portfolio.name, DRIFT)
    if lakehouse.latest(key) is None:
        return NoDrift.NEVER_RUN
    stored = lakehouse.read(key)
    record = DriftRecord.of(stored)
    newest = record.newest
    if newest is None:
        return _why(lakehouse, portfolio)
    day = date.fromisoformat(max(record.days))
    return DriftOverview(
        day=day,
        newest=newest,
        made_at=stored.version.timestamp,
        days=_days(record),
        features=_features(stored, day, newest.model),
    )


def _why(lakehouse: Lakehouse, portfolio: Portfolio) -> NoDrift:
    key = monitoring_key(portfolio.name, COUNTS)
    if lakehouse.latest(key) is None:
        return NoDrift.NEVER_RUN
    return NoDrift.NOT_COUNTED if CountsRecord.of(lakehouse.read(key)).not_counted else NoDrift.NOBODY


def _days(record: DriftRecord) -> pl.DataFrame:
    schema = {"day": pl.Date, "level": pl.String, "score": pl.Float64, "drifted": pl.Int64, "decisions": pl.Int64}
    rows = [
        (date.fromisoformat(day), models[0].level, models[0].score, models[0].drifted, models[0].decisions["1"])
        for day, models in sorted(record.days.items())
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _features(stored: StoredTable, day: date, model: str) -> pl.DataFrame:
    own = (pl.col("day") == day) & (pl.col("model") == model) & (pl.col("role") == Role.FEATURE.value)
    order = ("incident", "drifted", "importance")
    rows = stored.frame.filter(own).sort(*order, "feature", descending=[True, True, True, False])
    return rows.select(FEATURE_COLUMNS).collect()


def feature_bins(lakehouse: Lakehouse, portfolio: Portfolio, day: date, model: str) -> dict[str, pl.DataFrame]:
    """Shares of each feature in the bins that its PSI is made of: expected, and in the window it was judged in.

    Returns:
        Feature to rows `order`, `low` and `high` (of numbers, null at the open ends), `categories`, `kind` (`missing`,
        `values`, `unseen`), `before` and `now` (shares); empty where reference or counts are gone.
    """
    reference = read_references(lakehouse, portfolio).get(model)
    key = monitoring_key(portfolio.name, COUNTS)
    if reference is None or lakehouse.latest(key) is None:
        return {}
    daily = lakehouse.scan(key).filter(pl.col("day").is_between(earlier(day), day)).collect()
    judged = measure_drift(daily, reference, day, portfolio.costs).judged
    return {
        cells.name: _bins(cells, reference.part(judged.expected, cells.name), reference.part(judged.counts, cells.name))
        for cells in reference.cells
        if cells.role is Role.FEATURE
    }


def _bins(cells: Cells, before: Floats, now: Floats) -> pl.DataFrame:
    rows = [_bin(cells, np.flatnonzero(cells.bins == one), before, now) for one in range(int(cells.bins.max()) + 1)]
    schema: dict[str, Any] = {
        "order": pl.Int64,
        "kind": pl.String,
        "low": pl.Float64,
        "high": pl.Float64,
        "categories": pl.List(pl.String),
        "before": pl.Float64,
        "now": pl.Float64,
    }
    return pl.DataFrame([{"order": place, **row} for place, row in enumerate(rows)], schema=schema)


def _bin(cells: Cells, members: Counts, before: Floats, now: Floats) -> dict[str, Any]:
    """One bin: what lies in it, and the shares of both sides."""
    shares = {"before": _share(before, members), "now": _share(now, members)}
    if members.tolist() == [MISSING_CELL]:
        return {"kind": "missing", **shares}
    if set(members.tolist()) == set(cells.unseen):
        return {"kind": "unseen", **shares}
    if cells.kind is Kind.CATEGORY:
        return {"kind": "values", "categories": [cells.categories[one - 1] for one in members.tolist()], **shares}
    return {"kind": "values", **_bounds(cells, members), **shares}


def _bounds(cells: Cells, members: Counts) -> dict[str, float | None]:
    """Cell `c` of numbers reaches from edge `c - 2` to edge `c - 1`."""
    if not cells.edges.size:
        return {"low": None, "high": None}
    low, high = int(members.min()) - 2, int(members.max()) - 1
    return {"low": float(cells.edges[max(low, 0)]), "high": float(cells.edges[min(high, cells.edges.size - 1)])}


def _share(side: Floats, members: Counts) -> float:
    return float(side[members].sum()) / max(float(side.sum()), 1e-300)
