"""How a portfolio is watched after promotion: whose day it is, when an outcome counts, when a retraining may start.

What is here: `MonitoringPolicy`.
What to add here: a rule of monitoring that lenders answer differently for each product.
What must not be here: measuring and deciding (`monitoring`), bounds that are the same for every portfolio.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_HOURS = 24


@dataclass(frozen=True, kw_only=True)
class MonitoringPolicy:
    """What a lender decides about watching a model. The defaults are examples, to be replaced by the lender's own."""

    timezone: str = "Europe/Paris"
    """Whose midnight ends a day of decisions (IANA name)."""
    maturity_months: int = 12
    """Months on book from which on it counts whether a loan defaulted; younger ones are only compared by age."""
    least_mature_outcomes: int = 500
    """Mature outcomes below which nothing is trained on them."""
    least_mature_defaults: int = 50
    """Defaults among them below which nothing is trained on them."""
    cool_down_days: int = 30
    """Days after a retraining in which none is started."""
    retrainings_per_quarter: int = 2
    """Retrainings that may start in one quarter of the year."""
    promote_automatically: bool = False
    """Whether a retrained model that passes the gate becomes champion without a person."""
    opens: int = 9
    """Hour of the day from which on decisions are expected, in the timezone."""
    closes: int = 18
    """Hour of the day from which on none are expected any more."""
    open_days: tuple[int, ...] = (0, 1, 2, 3, 4)
    """Days of the week on which decisions are expected; 0 is Monday."""

    def __post_init__(self) -> None:
        """Numbers are not negative and the timezone exists.

        Raises:
            ValueError: a number of months or outcomes below 1, another one below 0, hours or days that do not exist, or
                an unknown timezone.
        """
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"There is no timezone {self.timezone!r}; write an IANA name: Europe/Paris.") from error
        if min(self.maturity_months, self.least_mature_outcomes, self.least_mature_defaults) < 1:
            raise ValueError("Maturity, outcomes and defaults of a monitoring policy are at least 1.")
        if min(self.cool_down_days, self.retrainings_per_quarter) < 0:
            raise ValueError("Cool-down and retrainings of a monitoring policy are not negative.")
        if not 0 <= self.opens < self.closes <= _HOURS or not set(self.open_days) <= set(range(7)):
            raise ValueError("A monitoring policy opens before it closes, from 0 to 24, on days from 0 to 6.")

    @property
    def zone(self) -> ZoneInfo:
        """The timezone, to convert moments with."""
        return ZoneInfo(self.timezone)

    def is_open(self, moment: datetime) -> bool:
        """Whether decisions are expected at `moment`, which has a timezone; public holidays are not known here."""
        there = moment.astimezone(self.zone)
        return there.weekday() in self.open_days and self.opens <= there.hour < self.closes
