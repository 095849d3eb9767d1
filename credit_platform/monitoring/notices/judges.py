"""What has to hold of the table of incidents.

What is here: judges of `monitoring/incidents`.
What to add here: another thing that must hold, with its check in `tables/checks/incidents.py`.
What must not be here: telling people.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from credit_platform.lakehouse import Verdict
from credit_platform.monitoring.notices.history import IncidentsRecord

_FRESH = timedelta(days=2)
_SHOWN = 5


def rows_equal_memory(rows: pl.DataFrame, record: IncidentsRecord) -> Verdict:
    """Whether each incident of the memory is one row here, or of another portfolio; and none ended before it began."""
    wrong = []
    if rows.height + record.of_others != record.in_memory:
        wrong.append(f"{rows.height} rows and {record.of_others} of other portfolios are not {record.in_memory}")
    if twice := rows.height - rows["incident"].n_unique():
        wrong.append(f"{twice} incidents are there twice")
    backwards = rows.filter((pl.col("resolved") < pl.col("opened")) | (pl.col("last_seen") < pl.col("opened"))).height
    if backwards:
        wrong.append(f"{backwards} ended, or were last seen, before they were opened")
    return Verdict(
        check="rows_equal_memory",
        passed=not wrong,
        numbers={"rows": rows.height, "of_others": record.of_others, "in_memory": record.in_memory},
        message=f"{'; '.join(wrong)}." if wrong else record.message,
    )


def nothing_lost(rows: pl.DataFrame, before: pl.DataFrame | None) -> Verdict:
    """Whether every incident of the version before is still there: a memory that was deleted begins anew.

    Args:
        rows: the version in force.
        before: the one before; None for the first.
    """
    known = rows.select("key", "opened")
    lost = pl.DataFrame() if before is None else before.join(known, on=["key", "opened"], how="anti")
    titles = ", ".join(lost["title"].head(_SHOWN)) if lost.height else ""
    return Verdict(
        check="nothing_lost",
        passed=not lost.height,
        numbers={"lost": lost.height, "before": 0 if before is None else before.height},
        message=f"{lost.height} incidents of the version before are gone from the memory, such as: {titles}. Older "
        "versions of this table have them."
        if lost.height
        else "Every incident of the version before is still there.",
    )


def everybody_told(record: IncidentsRecord) -> Verdict:
    """Whether every notice reached whom it was for."""
    missed = record.not_reached
    return Verdict(
        check="everybody_told",
        passed=not missed,
        numbers={"not_reached": missed},
        message=f"Of {missed} incidents a notice was not delivered by one of the ways to tell: see the column "
        "`not_reached`, and try them: credit-platform notices test"
        if missed
        else "Every notice was delivered, or waits for its first try.",
    )


def fresh(record: IncidentsRecord, now: datetime) -> Verdict:
    """Whether the memory was read in the last two days."""
    age = now - record.read_at
    return Verdict(
        check="fresh",
        passed=age <= _FRESH,
        numbers={"hours": round(age.total_seconds() / 3600, 1)},
        message=f"The memory of incidents was read at {record.read_at:%Y-%m-%d %H:%M} UTC.",
    )
