"""Vintages compared at the same age: cumulative default rates, and young months against older ones.

What is here: `default_curves`, the vintage table, and `against_older`, whether a month that does not count yet does
worse than older ones did at its age.
What to add here: another comparison of vintages at the same age.
What must not be here: how old a vintage is (`followed.py`).
"""

from __future__ import annotations

from typing import Any

import polars as pl
from scipy.stats import hypergeom

from credit_platform.monitoring.performance.followed import age_of, granted, resolved
from credit_platform.monitoring.performance.jeffreys import holm, jeffreys_interval

ALPHA = 0.05
IN_LINE, WORSE = "as older months at this age", "more defaults than older months at this age"
NO_OLDER, NO_AGE = "no older month to compare with", "too young to compare"


def default_curves(followed: pl.DataFrame) -> pl.DataFrame:
    """The vintage table: cumulative default rate of each month of decision by months on book.

    Ages go as far as nearly all loans with an outcome are resolved (`followed.age_of`), so that at each age nearly the
    same loans are counted.

    Returns:
        month, age, loans (resolved at that age), defaults (by then), default_rate, default_low and default_high (95%
        Jeffreys interval); by month and age.
    """
    rows = []
    for (month,), group in granted(followed).sort("month").group_by("month", maintain_order=True):
        known = group.filter("known")
        for age in range(1, age_of(group) + 1):
            there = resolved(known, age)
            loans, defaults = there.height, int(there["defaulted"].sum())
            interval = jeffreys_interval(defaults, loans).columns("default")
            rows.append(
                {
                    "month": month,
                    "age": age,
                    "loans": loans,
                    "defaults": defaults,
                    "default_rate": interval.pop("default"),
                    **interval,
                }
            )
    return pl.DataFrame(rows, schema=CURVES)


def against_older(curves: pl.DataFrame, young: list[str]) -> pl.DataFrame:
    """Each month of `young` against all months before it that reached its age.

    The test is Fisher's exact one, one-sided: both samples are small at times. Holm adjusts over the months.

    Args:
        curves: as from `default_curves`.
        young: months that do not count yet.

    Returns:
        month, age, loans, defaults, default_rate, older_loans, older_rate, p_value, said; figures are null where there
        is nothing to compare.
    """
    rows = [_compared(curves, month) for month in sorted(young)]
    tested = [row for row in rows if row["p_value"] is not None]
    for row, adjusted in zip(tested, holm([row["p_value"] for row in tested]), strict=True):
        row |= {"p_value": adjusted, "said": WORSE if adjusted < ALPHA else IN_LINE}
    return pl.DataFrame(rows, schema=AGAINST_OLDER)


def _compared(curves: pl.DataFrame, month: str) -> dict[str, Any]:
    row: dict[str, Any] = {**dict.fromkeys(AGAINST_OLDER), "month": month, "said": NO_AGE}
    newest = curves.filter(pl.col("month") == month).sort("age").tail(1)
    if newest.is_empty():
        return row
    now = newest.row(0, named=True)
    older = curves.filter((pl.col("month") < month) & (pl.col("age") == now["age"]))
    row |= {name: now[name] for name in ("age", "loans", "defaults", "default_rate")} | {"said": NO_OLDER}
    if older.is_empty():
        return row
    loans, defaults = int(older["loans"].sum()), int(older["defaults"].sum())
    return row | {
        "older_loans": loans,
        "older_rate": defaults / loans,
        "p_value": _as_many_by_chance(now["defaults"], now["loans"], defaults, loans),
    }


def _as_many_by_chance(defaults: int, loans: int, older_defaults: int, older_loans: int) -> float:
    """Chance of so many defaults or more among `loans`, if they were drawn from both groups together."""
    return float(hypergeom.sf(defaults - 1, loans + older_loans, defaults + older_defaults, loans))


CURVES: dict[str, Any] = {
    "month": pl.String,
    "age": pl.Int64,
    "loans": pl.Int64,
    "defaults": pl.Int64,
    "default_rate": pl.Float64,
    "default_low": pl.Float64,
    "default_high": pl.Float64,
}
"""Columns of `default_curves`."""
AGAINST_OLDER: dict[str, Any] = {
    "month": pl.String,
    "age": pl.Int64,
    "loans": pl.Int64,
    "defaults": pl.Int64,
    "default_rate": pl.Float64,
    "older_loans": pl.Int64,
    "older_rate": pl.Float64,
    "p_value": pl.Float64,
    "said": pl.String,
}
"""Columns of `against_older`."""
