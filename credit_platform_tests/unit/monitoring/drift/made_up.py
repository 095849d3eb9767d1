"""A small made-up model and decisions about made-up applicants."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from credit_platform.monitoring.drift.cells import Kind
from credit_platform.monitoring.drift.counting import count_cells
from credit_platform.monitoring.drift.drift import Drift, measure_drift
from credit_platform.monitoring.drift.reference import NONE, Reference
from credit_platform.monitoring.drift.training import freeze
from credit_platform.portfolios.economics import CostMatrix
from credit_platform.scoring.rule import DecisionRule, decided

DAY = date(2026, 3, 2)
COSTS = CostMatrix(false_negative=10, false_positive=1, source="made up")
RULE = DecisionRule(threshold=COSTS.break_even)
MODEL = "ab" * 32
NUMBERS = ("income", "age", "amount", "ratio", "months", "score_a", "score_b", "score_c")
CATEGORY = "channel"
KINDS = {**dict.fromkeys(NUMBERS, Kind.NUMBER), CATEGORY: Kind.CATEGORY}
IMPORTANCE = np.array([0.3, 0.2, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.1])


def people(rows: int, seed: int, *, day: date = DAY, source: str = NONE, **changed: Any) -> pl.DataFrame:
    """Decisions; `changed` names features to replace, or to shift by a number."""
    chance = np.random.default_rng(seed)
    columns: dict[str, Any] = {name: chance.standard_normal(rows) for name in NUMBERS}
    columns["months"] = np.floor(np.abs(columns["months"]) * 5)
    columns["ratio"] = np.where(chance.random(rows) < 0.3, np.nan, columns["ratio"])
    columns[CATEGORY] = chance.choice(["branch", "phone", "web"], size=rows, p=[0.5, 0.3, 0.2])
    for name, change in changed.items():
        columns[name] = columns[name] + change if isinstance(change, float) else change
    probability = chance.beta(1.0, 11.0, rows)
    return pl.DataFrame({**columns, "probability": probability}, nan_to_null=True).with_columns(
        decided(pl.col("probability"), RULE.threshold).alias("decision"),
        pl.lit(day).alias("day"),
        pl.lit(source).alias("histories"),
        pl.lit(MODEL).alias("model_digest"),
    )


def reference_of(strata: Mapping[str, pl.DataFrame]) -> Reference:
    """What is frozen of some rows."""
    scored = {
        name: rows.with_columns(
            target=pl.when(pl.col("decision") == "accepted").then(
                (pl.col("probability") > pl.col("probability").median()).cast(pl.Int64).cast(pl.String)
            )
        )
        for name, rows in strata.items()
    }
    return freeze(MODEL, RULE, kinds=KINDS, training=strata, scored=scored, importance=IMPORTANCE)


def drift_of(batch: pl.DataFrame, reference: Reference, day: date = DAY) -> Drift:
    """Counted and judged."""
    return measure_drift(count_cells(batch, reference, threads=1), reference, day, COSTS)


def several_days(days: int, a_day: int, seed: int, *, last: date = DAY, **changed: Any) -> pl.DataFrame:
    """Decisions of the days up to `last`."""
    return pl.concat(
        people(a_day, seed + number, day=last - timedelta(days=number), **changed) for number in range(days)
    )


def verdict(drift: Drift, name: str) -> str:
    """The word for a feature."""
    return str(drift.judged.table.row(by_predicate=pl.col("feature") == name, named=True)["verdict"])
