"""The one way in which checks read what a table's summary records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from credit_platform.tables.judging import Submission


def recorded(table: Submission, *path: str) -> Any:
    """The value at `path` of the table's summary; None where a version of before does not record it."""
    found: Any = table.summary
    for name in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found
