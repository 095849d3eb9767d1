"""How a portfolio is watched after promotion: whose day it is, when an outcome counts, when a retraining may start.

What is here: `MonitoringPolicy`.
What to add here: a rule of monitoring that lenders answer differently for each product.
What must not be here: measuring and deciding (`monitoring`), bounds that are the same for every portfolio.
"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


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

    def __post_init__(self) -> None:
        """Numbers are not negative and the timezone exists.

        Raises:
            ValueError: a number of months or outcomes below 1, another one below 0, or an unknown timezone.
        """
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"There is no timezone {self.timezone!r}; write an IANA name: Europe/Paris.") from error
        if min(self.maturity_months, self.least_mature_outcomes, self.least_mature_defaults) < 1:
            raise ValueError("Maturity, outcomes and defaults of a monitoring policy are at least 1.")
        if min(self.cool_down_days, self.retrainings_per_quarter) < 0:
            raise ValueError("Cool-down and retrainings of a monitoring policy are not negative.")

    @property
    def zone(self) -> ZoneInfo:
        """The timezone, to convert moments with."""
        return ZoneInfo(self.timezone)
