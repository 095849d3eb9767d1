"""What decisions of some days add up to: how many, how many accepted, how long they took; in all and by hour or day.

What is here: `Totals`, `totals_of`, `by_period`, `recent`.
What to add here: another figure of many decisions.
What must not be here: reading the log (`log.py`), whom a decision is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from credit_platform.scoring.rule import ACCEPTED, REFUSED, REVIEW

HOURLY_UP_TO: Final = 2
"""Days of a window that are shown by hour; longer ones by day."""
_MIDDLE, _SLOW = 0.5, 0.95
_DECISIONS: Final = (ACCEPTED, REFUSED, REVIEW)


@dataclass(frozen=True, kw_only=True)
class Totals:
    """Of all decisions together."""

    decisions: int
    accepted: int
    refused: int
    review: int
    p50_ms: float | None
    """Time from the request's head to the moment when the decision was handed to the log; None without decisions."""
    p95_ms: float | None

    @property
    def acceptance(self) -> float | None:
        """Share accepted of all that were decided, those for review among them; None without decisions."""
        return self.accepted / self.decisions if self.decisions else None


def window_start(days: int, zone: ZoneInfo, now: datetime) -> datetime:
    """Where a window of days begins that ends now: midnight where the lender is, of one day today's, in UTC."""
    first: date = now.astimezone(zone).date() - timedelta(days=days - 1)
    return datetime.combine(first, time(), tzinfo=zone).astimezone(UTC)


def totals_of(decisions: pl.DataFrame) -> Totals:
    """Add up; `decisions` has the columns of `log.LOG_COLUMNS`."""
    counts = dict(decisions.group_by("decision").len().iter_rows())
    latency = decisions["latency_ms"]
    return Totals(
        decisions=decisions.height,
        accepted=counts.get(ACCEPTED, 0),
        refused=counts.get(REFUSED, 0),
        review=counts.get(REVIEW, 0),
        p50_ms=_quantile(latency, _MIDDLE),
        p95_ms=_quantile(latency, _SLOW),
    )


def by_period(
    decisions: pl.DataFrame, since: datetime, until: datetime, zone: ZoneInfo, *, hourly: bool
) -> pl.DataFrame:
    """Figures of each hour or day where the lender is, also of those without a decision.

    Args:
        decisions: columns of `log.LOG_COLUMNS`.
        since: in the first period.
        until: in the last one.
        zone: where the lender is.
        hourly: by hour; else by day.

    Returns:
        period (a date, or the beginning of the hour in `zone`), decisions, accepted, refused, review, acceptance (0 to
        1), p50_ms, p95_ms; the last three are null where nothing was decided.
    """
    every = "1h" if hourly else "1d"
    moments = pl.DataFrame({"at": [since, until]}, schema={"at": pl.Datetime("us", "UTC")})
    first, last = moments["at"].dt.convert_time_zone(zone.key).dt.truncate(every)
    periods = pl.datetime_range(first, last, every, time_zone=zone.key, eager=True).alias("period")
    period = pl.col("decided_at").dt.convert_time_zone(zone.key).dt.truncate(every).alias("period")
    counted = decisions.group_by(period).agg(
        pl.len().cast(pl.Int64).alias("decisions"),
        *(pl.col("decision").eq(one).sum().cast(pl.Int64).alias(one) for one in _DECISIONS),
        pl.col("latency_ms").quantile(_MIDDLE, interpolation="linear").alias("p50_ms"),
        pl.col("latency_ms").quantile(_SLOW, interpolation="linear").alias("p95_ms"),
    )
    counts = pl.col("decisions", *_DECISIONS).fill_null(0)
    shown = pl.col("period") if hourly else pl.col("period").dt.date()
    return (
        periods.to_frame()
        .join(counted, on="period", how="left")
        .with_columns(counts)
        .with_columns(pl.when(pl.col("decisions") > 0).then(pl.col(ACCEPTED) / pl.col("decisions")).alias("acceptance"))
        .select(shown, "decisions", *_DECISIONS, "acceptance", "p50_ms", "p95_ms")
        .sort("period")
    )


def recent(decisions: pl.DataFrame, most: int) -> pl.DataFrame:
    """The newest decisions: when, which request, what, risk, points, time and model; nobody they are about."""
    columns = ("decided_at", "request_id", "decision", "probability", "points", "latency_ms", "model_version")
    return decisions.head(most).select(columns)


def _quantile(values: pl.Series, share: float) -> float | None:
    return values.quantile(share, interpolation="linear")
