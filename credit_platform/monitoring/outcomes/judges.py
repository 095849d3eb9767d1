"""What is wrong with a table of outcomes: rows that are nowhere, too many that break the contract, nothing new.

What is here: `all_accounted`, `rejected_share`, `matched`, `fresh`; each gives a verdict, whatever the table holds.
What to add here: another fault of the table that can be told from its rows and its record.
What must not be here: what outcomes say of the model (`performance/judges.py`), Dagster.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from credit_platform.lakehouse import Verdict
from credit_platform.monitoring.outcomes.contract import OUTCOMES
from credit_platform.monitoring.outcomes.records import OutcomesRecord

LEAST_MATCHED = 0.95
"""Share of rows below which it is told that many count for no decision."""
MOST_DAYS = 62
"""Lenders tell once a month: after two months without news somebody should ask."""
NOTHING = "No outcomes yet: nothing to judge."


def all_accounted(record: OutcomesRecord, outcomes: int, rejected: int, observations: int) -> Verdict:
    """Whether every row of the files is behind an outcome or set aside, counted in the tables.

    Args:
        record: of the table.
        outcomes: its rows.
        rejected: rows of the table beside it.
        observations: sum of what its rows stand on.
    """
    passed = record.rows_in == observations + rejected and record.loans == outcomes
    message = (
        f"{record.rows_in:,} rows of files: {observations:,} behind {outcomes:,} outcomes, {rejected:,} set aside."
    )
    numbers = {"rows_in": record.rows_in, "observations": observations, "set_aside": rejected, "outcomes": outcomes}
    return Verdict(check="all_accounted", passed=passed, message=message, numbers=numbers, final=True)


def rejected_share(record: OutcomesRecord) -> Verdict:
    """Whether no more rows break the contract than it allows."""
    if not record.rows_in:
        return Verdict(check="rejected_share", passed=True, message=NOTHING)
    share, allowed = record.broken / record.rows_in, OUTCOMES.max_rejected_share
    return Verdict(
        check="rejected_share",
        passed=share <= allowed,
        message=f"{record.broken:,} of {record.rows_in:,} rows break the contract of outcomes ({share:.1%}; "
        f"{allowed:.0%} are allowed). The rows that were set aside say which rule.",
        numbers={"rejected": record.broken, "share": share, "allowed_share": allowed},
    )


def matched(record: OutcomesRecord) -> Verdict:
    """Whether nearly all rows that keep the contract count for a decision; advice, for each may have its reason."""
    sound = record.rows_in - record.broken
    if not sound:
        return Verdict(check="matched", passed=True, message=NOTHING)
    share = record.observations / sound
    by_reason = "; ".join(f"{number:,} ({reason})" for reason, number in record.by_reason.items())
    said = f"{record.observations:,} of {sound:,} rows that keep the contract count for a decision ({share:.1%})."
    return Verdict(
        check="matched",
        passed=share >= LEAST_MATCHED,
        message=f"{said} Set aside: {by_reason}." if by_reason else said,
        numbers={"matched": record.observations, "share": share, "least_share": LEAST_MATCHED},
        warns=True,
    )


def reasons_given(aside: pl.DataFrame) -> Verdict:
    """Whether each row that counts for no decision says why."""
    silent = int(
        aside.select(pl.col("reason").is_null() | (pl.col("reason").str.strip_chars() == "")).to_series().sum()
    )
    return Verdict(
        check="reasons_given",
        passed=not silent,
        message=f"{silent:,} of {aside.height:,} rows that were set aside say no reason."
        if silent
        else f"Each of {aside.height:,} rows that were set aside says why.",
        numbers={"rows": aside.height, "without_reason": silent},
        warns=True,
    )


def fresh(record: OutcomesRecord, today: date) -> Verdict:
    """Whether the newest observation is not older than two months."""
    if record.newest is None:
        return Verdict(check="fresh", passed=True, message="No outcomes yet: nothing can be out of date.")
    days = (today - date.fromisoformat(record.newest)).days
    said = f"The newest observation that counts is of {record.newest}, {max(days, 0)} days ago"
    return Verdict(
        check="fresh",
        passed=days <= MOST_DAYS,
        message=f"{said}." if days <= MOST_DAYS else f"{said}: longer than {MOST_DAYS}. Does the lender still tell?",
        numbers={"days": days, "bound": MOST_DAYS},
        warns=True,
    )
