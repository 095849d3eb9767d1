"""What time it is, for everything that asks on which day something happens or how old it is.

What is here: `Clock`, and `SYSTEM_CLOCK`, which everything uses that is given no other.
What must not be here: a way to set the time of a process. Another clock is handed in: to Dagster as the resource
`clock` (`orchestration/resources.py`), elsewhere as an argument. Only a simulated year does so.

Which time is that of the clock, and which is always that of the machine, stands in docs/monitoring.md.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The moment, in UTC."""
        ...


class SystemClock:
    """The time of the machine."""

    def now(self) -> datetime:
        """The moment, in UTC."""
        return datetime.now(UTC)


SYSTEM_CLOCK: Final = SystemClock()
