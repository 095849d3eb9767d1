"""Names of decisions where nobody may be named: in the feature table, and whatever is made of it.

What is here: `mark_of` and `log_of`, by which a row is found again when its decision is erased.
What to add here: nothing; a mark that changes finds nobody any more.
What must not be here: who comes into the feature table (`monitoring/retraining`).
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Final

_DIGITS: Final = 32


def mark_of(log: str, row: int, decided_at: datetime) -> str:
    """Name of a decision in the feature table: the log's, and a digest of what no other decision has."""
    moment = decided_at.astimezone(UTC).isoformat(timespec="microseconds")
    return f"{log}#{hashlib.sha256(f'{log}|{row}|{moment}'.encode()).hexdigest()[:_DIGITS]}"


def log_of(mark: str) -> str:
    """The log that a mark names."""
    return mark.rpartition("#")[0]
