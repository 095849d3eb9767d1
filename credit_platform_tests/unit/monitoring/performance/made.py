"""Decisions and outcomes made up for these tests."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import polars as pl

from credit_platform.monitoring.performance.followed import follow
from credit_platform.portfolios.monitoring_policy import MonitoringPolicy

POLICY = MonitoringPolicy(maturity_months=6)


def decisions(*rows: dict[str, Any]) -> pl.DataFrame:
    """Decisions with defaults for what a test does not care about; `row` counts from 1."""
    usual = {
        "log": "log",
        "decided_at": datetime(2026, 1, 15, tzinfo=UTC),
        "model_digest": "a" * 64,
        "probability": 0.1,
        "decision": "accepted",
        "threshold": 0.2,
        "points": 580,
    }
    made = [{**usual, "row": number, **row} for number, row in enumerate(rows, start=1)]
    return pl.DataFrame(made, schema=DECISIONS)


def outcomes(*rows: tuple[int, int, int | None]) -> pl.DataFrame:
    """Outcomes as (row, months on book, month of default or None)."""
    made = [
        {"log": "log", "row": row, "months_on_book": months, "defaulted": default is not None, "default_month": default}
        for row, months, default in rows
    ]
    return pl.DataFrame(made, schema=OUTCOMES)


def followed(months: Sequence[tuple[str, int, int | None]]) -> pl.DataFrame:
    """Accepted loans as (month of decision, months on book, month of default or None)."""
    given = [{"decided_at": datetime.strptime(f"{month}-15", "%Y-%m-%d").replace(tzinfo=UTC)} for month, _, _ in months]
    known = [(row, age, default) for row, (_, age, default) in enumerate(months, start=1)]
    return follow(decisions(*given), outcomes(*known), POLICY)


DECISIONS: dict[str, Any] = {
    "log": pl.String,
    "row": pl.Int64,
    "decided_at": pl.Datetime("us", "UTC"),
    "model_digest": pl.String,
    "probability": pl.Float64,
    "decision": pl.String,
    "threshold": pl.Float64,
    "points": pl.Int64,
}
OUTCOMES: dict[str, Any] = {
    "log": pl.String,
    "row": pl.Int64,
    "months_on_book": pl.Int64,
    "defaulted": pl.Boolean,
    "default_month": pl.Int64,
}
