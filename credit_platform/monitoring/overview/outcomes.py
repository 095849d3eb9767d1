"""How the model in use did, as far as outcomes tell, and what is to be expected before they come.

What is here: `OutcomesOverview`, `outcomes_overview`.
What to add here: another figure of `monitoring/performance` that a page shows.
What must not be here: measuring.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import polars as pl

from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.exporter.model import figures_of
from credit_platform.monitoring.outcomes.contract import NAME as OUTCOMES
from credit_platform.monitoring.outcomes.records import OutcomesRecord
from credit_platform.monitoring.performance.records import NAME as PERFORMANCE
from credit_platform.monitoring.performance.records import PerformanceRecord
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.portfolios.portfolio import Portfolio


class Known(StrEnum):
    """How far outcomes are known."""

    NEVER_RUN = "never_run"
    """Performance was never measured."""
    NONE = "none"
    """No outcome has come."""
    IMMATURE = "immature"
    """Some have, and no month of the model in use is mature."""
    MATURE = "mature"


@dataclass(frozen=True, kw_only=True)
class OutcomesOverview:
    """Figures of the model that performance was measured of."""

    known: Known
    made_at: datetime | None = None
    loans: int = 0
    """Decisions with an outcome, of all models."""
    mature: int = 0
    """Mature outcomes of the champion."""
    defaults: int = 0
    synthetic: bool = False
    """Whether any outcome was made up by a simulation."""
    figures: tuple[tuple[str, str, float], ...] = ()
    """Figure, what it rests on, value: of the newest month for what is expected, else of all mature months."""


def outcomes_overview(lakehouse: Lakehouse, portfolio: Portfolio) -> OutcomesOverview:
    """What is known; of a model that was promoted since performance was measured, nothing is yet.

    Raises:
        RecordError: a record does not fit.
    """
    key = monitoring_key(portfolio.name, PERFORMANCE)
    if lakehouse.latest(key) is None:
        return OutcomesOverview(known=Known.NEVER_RUN)
    stored = lakehouse.read(key)
    record, loans = PerformanceRecord.of(stored), _loans(lakehouse, portfolio)
    rows = stored.frame.filter(pl.col("model_digest") == (record.champion or "")).collect()
    some = Known.IMMATURE if loans else Known.NONE
    return OutcomesOverview(
        known=Known.MATURE if record.mature_outcomes else some,
        made_at=stored.version.timestamp,
        loans=loans,
        mature=record.mature_outcomes,
        defaults=record.mature_defaults,
        synthetic=record.synthetic,
        figures=tuple((measure, basis, value) for (measure, basis), value in figures_of(rows).items()),
    )


def _loans(lakehouse: Lakehouse, portfolio: Portfolio) -> int:
    key = monitoring_key(portfolio.name, OUTCOMES)
    return 0 if lakehouse.latest(key) is None else OutcomesRecord.of(lakehouse.read(key)).loans
