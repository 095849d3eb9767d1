"""Who was decided about when, out of a decision log: only what outcomes are matched by.

What is here: `log_index`.
What to add here: nothing that matching does not need.
What must not be here: storing any of it: applicants are named here.
"""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import select

from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform.monitoring.decision_log.database import sqlite_file
from credit_platform.monitoring.decision_log.schema import DECISIONS

_COLUMNS = ("request_id", "applicant_id", "decided_at", "decision")


def log_index(store: DecisionStore, log: str, portfolio: str) -> pl.DataFrame:
    """The decisions of `portfolio` in one log, in the order of writing; none where there is no log yet.

    Args:
        store: the log.
        log: how the log is called in what is stored.
        portfolio: its name.

    Returns:
        The columns of `INDEX`.

    Raises:
        DecisionLogError: the log cannot be read.
    """
    file = sqlite_file(store.engine)
    if file is not None and not file.is_file():
        return pl.DataFrame(schema=INDEX)
    columns = [DECISIONS.c.id.label("row"), *(DECISIONS.c[name] for name in _COLUMNS)]
    query = select(*columns).where(DECISIONS.c.portfolio == portfolio).order_by(DECISIONS.c.id)
    with store.session(reading=True) as connection:
        found = [tuple(row) for row in connection.execute(query)]
    schema = {name: INDEX[name] for name in ("row", *_COLUMNS)}
    rows = pl.DataFrame(found, schema=schema, orient="row").with_columns(pl.lit(log).alias("log"))
    return rows.select(list(INDEX))


INDEX: dict[str, Any] = {
    "log": pl.String,
    "row": pl.Int64,
    "request_id": pl.String,
    "applicant_id": pl.String,
    "decided_at": pl.Datetime("us", "UTC"),
    "decision": pl.String,
}
"""Columns of `log_index`."""
