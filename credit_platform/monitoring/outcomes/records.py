"""What monitoring/outcomes says beside its rows.

What is here: `OutcomesRecord`.
What to add here: a figure that a check, a page or the rule of retraining reads.
What must not be here: how a record is written and read (`lakehouse/records.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from credit_platform.lakehouse.records import Record


@dataclass(frozen=True, kw_only=True, slots=True)
class OutcomesRecord(Record):
    """Of monitoring/outcomes: what was read, what counts, and why the rest does not."""

    files: int
    rows_in: int
    """Rows of all files."""
    broken: int
    """Of them, rows that break the contract."""
    observations: int
    """Of them, rows behind the outcomes."""
    by_reason: dict[str, int]
    """Rows that do not count, by reason, the commonest first."""
    loans: int
    """Decisions with an outcome."""
    defaults: int
    synthetic_rows: int
    """Rows that a simulation made up, counted or not."""
    too_old: int
    """Observations with more months on book than have passed since the decision: only simulated time does that."""
    newest: str | None
    """Day of the newest observation that counts."""
    message: str
    """All of it as a sentence, also where there is nothing."""
