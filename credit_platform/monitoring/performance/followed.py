"""Decisions with what became of them, cut into vintages: the month in which they were decided.

What is here: `follow`, which joins both; `vintages`, how old each month is and whether it counts; `resolved`, what is
known of loans at an age.
What to add here: another question that depends on the age of loans only.
What must not be here: figures (`measures.py`), reading files (`outcomes`).

A loan is resolved at an age (months on book) when it is known whether it had defaulted by then: it defaulted at that
age or before, or it was observed at that age or later. A vintage counts at an age when nearly all of its loans that
anything is known of are resolved: else defaults, which are told at once, would be compared with repaid loans that are
told late.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from credit_platform.portfolios.monitoring_policy import MonitoringPolicy
from credit_platform.scoring.rule import ACCEPTED

RESOLVED_SHARE = 0.95
"""From this share of resolved loans on a vintage counts at an age."""
MATURE, IMMATURE, NO_OUTCOMES, NOTHING_GRANTED = "mature", "immature", "no outcomes yet", "nothing granted"


def follow(decisions: pl.DataFrame, outcomes: pl.DataFrame, policy: MonitoringPolicy) -> pl.DataFrame:
    """Each decision with its vintage and its outcome, where there is one.

    Args:
        decisions: log, row, decided_at (UTC), model_digest, probability, decision, threshold, points.
        outcomes: as from `outcomes.matching.match`: log, row, months_on_book, defaulted, default_month.
        policy: whose months they are.

    Returns:
        The columns of `FOLLOWED`, by log and row, whatever order they came in: figures that are drawn depend on it.
        `month` is `2026-11`, by the policy's timezone.
    """
    month = pl.col("decided_at").dt.convert_time_zone(policy.timezone).dt.strftime("%Y-%m").alias("month")
    known = outcomes.select("log", "row", "months_on_book", "default_month", pl.lit(value=True).alias("known"))
    joined = decisions.with_columns(month).join(known, on=["log", "row"], how="left").sort("log", "row")
    return joined.select(
        pl.col("known").fill_null(value=False) if name == "known" else pl.col(name).cast(kind)
        for name, kind in FOLLOWED.items()
    )


def granted(followed: pl.DataFrame) -> pl.DataFrame:
    """Decisions that the machine accepted: of others no outcome is expected, and what a person granted is theirs."""
    return followed.filter(pl.col("decision") == ACCEPTED)


def resolved(loans: pl.DataFrame, age: int) -> pl.DataFrame:
    """Loans of which it is known whether they had defaulted at `age` months, with that as `defaulted`."""
    by_then = (pl.col("default_month") <= age).fill_null(value=False)
    return loans.filter(pl.col("known") & (by_then | (pl.col("months_on_book") >= age))).with_columns(
        by_then.alias("defaulted")
    )


def age_of(loans: pl.DataFrame) -> int:
    """The greatest age, in months on book, at which nearly all loans with an outcome are resolved; 0 for none.

    What defaulted is resolved at every age from then on, so the loans that did not default decide. A month of which
    only defaults were told has no age: whether the others were repaid or are not told yet, nobody can say.
    """
    known = loans.filter("known")
    if known.filter(pl.col("default_month").is_null()).is_empty():
        return 0
    for age in range(int(known.select(pl.col("months_on_book").max()).item()), 0, -1):
        if resolved(known, age).height >= RESOLVED_SHARE * known.height:
            return age
    return 0


def vintages(followed: pl.DataFrame, policy: MonitoringPolicy) -> pl.DataFrame:
    """One row per model and month of decision: how many, how old, and whether its outcomes count.

    Returns:
        model_digest, month, decisions, accepted, acceptance_rate, with_outcome, age, state; by model and month.
    """
    rows = []
    for (model, month), group in followed.sort("model_digest", "month").group_by(
        "model_digest", "month", maintain_order=True
    ):
        loans = granted(group)
        age, told = age_of(loans), int(loans["known"].sum())
        rows.append(
            {
                "model_digest": model,
                "month": month,
                "decisions": group.height,
                "accepted": loans.height,
                "acceptance_rate": loans.height / group.height,
                "with_outcome": told,
                "age": age,
                "state": _state(loans.height, told, age, policy),
            }
        )
    return pl.DataFrame(rows, schema=VINTAGES)


def _state(accepted: int, told: int, age: int, policy: MonitoringPolicy) -> str:
    if not accepted:
        return NOTHING_GRANTED
    if not told:
        return NO_OUTCOMES
    return MATURE if age >= policy.maturity_months else IMMATURE


FOLLOWED: dict[str, Any] = {
    "log": pl.String,
    "row": pl.Int64,
    "decided_at": pl.Datetime("us", "UTC"),
    "month": pl.String,
    "model_digest": pl.String,
    "probability": pl.Float64,
    "decision": pl.String,
    "threshold": pl.Float64,
    "points": pl.Int64,
    "known": pl.Boolean,
    "months_on_book": pl.Int64,
    "default_month": pl.Int64,
}
"""Columns of `follow`."""
VINTAGES: dict[str, Any] = {
    "model_digest": pl.String,
    "month": pl.String,
    "decisions": pl.Int64,
    "accepted": pl.Int64,
    "acceptance_rate": pl.Float64,
    "with_outcome": pl.Int64,
    "age": pl.Int64,
    "state": pl.String,
}
"""Columns of `vintages`."""
