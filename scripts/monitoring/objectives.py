"""What is promised to those who call the service, and how fast its error budget may burn.

What is here: both objectives, the windows over which they are measured, and the pairs of windows that alert.
What to add here: another promise.
What must not be here: rules (`recording.py`, `alerts/`).

Pairs and factors are those of the Site Reliability Workbook, chapter 5: 14.4 over an hour spends 2 % of a month's
budget, 6 over six hours 5 %, 1 over three days 10 %. Its 3 over a day is left out: whatever burns so for a day burns at
1 over three, so beside the last pair it would never speak. The short window ends the alert soon after the trouble.
"""

from __future__ import annotations

from dataclasses import dataclass

AVAILABILITY = "0.999"
"""Share of scoring requests that are answered without a fault of ours, over 30 days."""
UNAVAILABLE = "0.001"
"""What is left: the error budget."""
FAST_SECONDS = "0.25"
"""A bound of `request_seconds`: what counts as fast."""
FAST = "0.99"
"""Share of requests for one applicant that are answered as fast, over 30 days."""
SLOW = "0.01"
"""What is left."""
MONTH = "30d"
WINDOWS = ("5m", "30m", "1h", "6h", "1d", "3d")


@dataclass(frozen=True, kw_only=True, slots=True)
class Burn:
    """A pair of windows over which the budget burns `factor` times too fast."""

    factor: str
    long: str
    short: str


PAGE = (Burn(factor="14.4", long="1h", short="5m"), Burn(factor="6", long="6h", short="30m"))
TICKET = (Burn(factor="1", long="3d", short="6h"),)
