"""What monitoring/performance says beside its rows.

What is here: `PerformanceRecord`.
What to add here: a figure that a check, a page, or the rule of retraining reads; `LEFT_OUT` where older tables lack it.
What must not be here: how a record is written and read (`lakehouse/records.py`), measuring.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from credit_platform.lakehouse.records import Record
from credit_platform.monitoring.performance.followed import MATURE
from credit_platform.monitoring.performance.report import Champion, Performance
from credit_platform.monitoring.performance.verdicts import Verdicts

NAME = "performance"
"""Name of the table, and of its page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PerformanceRecord(Record):
    """Of monitoring/performance: what is known of the champion, and in words what is not."""

    champion: str | None
    """Digest of the model that is judged; None before the first promotion."""
    message: str
    """What the table says, as a sentence, also where it says nothing."""
    decisions: int
    """Of all models."""
    mature_outcomes: int
    """Of the champion."""
    mature_defaults: int
    mature_months: tuple[str, ...]
    """Of the champion, the oldest first."""
    verdicts: Verdicts
    synthetic: bool
    """Whether any outcome was made up by a simulation."""
    vintages: tuple[dict[str, Any], ...]
    bands: tuple[dict[str, Any], ...]
    curves: tuple[dict[str, Any], ...]
    against_older: tuple[dict[str, Any], ...]
    place: str
    """Where the page lies."""
    files: tuple[str, ...]

    @property
    def page(self) -> str:
        """Key of the page."""
        return f"{self.place}/{NAME}.html"

    @classmethod
    def made(
        cls, found: Performance, champion: Champion | None, *, synthetic: bool, place: str, files: tuple[str, ...]
    ) -> Self:
        """The record of what was measured and written."""
        mature = mature_months(found, champion)
        return cls(
            champion=None if champion is None else champion.digest,
            message=message_of(found, champion),
            decisions=int(found.vintages["decisions"].sum()),
            mature_outcomes=found.mature_outcomes,
            mature_defaults=found.mature_defaults,
            mature_months=mature,
            verdicts=found.verdicts,
            synthetic=synthetic,
            vintages=tuple(found.vintages.to_dicts()),
            bands=tuple(found.bands.to_dicts()),
            curves=tuple(found.curves.to_dicts()),
            against_older=tuple(found.against_older.to_dicts()),
            place=place,
            files=files,
        )


def mature_months(found: Performance, champion: Champion | None) -> tuple[str, ...]:
    """Months of the champion's decisions that count, the oldest first."""
    rows = found.vintages.rows(named=True)
    digest = None if champion is None else champion.digest
    return tuple(row["month"] for row in rows if row["model_digest"] == digest and row["state"] == MATURE)


def message_of(found: Performance, champion: Champion | None) -> str:
    """One sentence on all of it."""
    if champion is None:
        return "No model was promoted yet: there is nobody to judge."
    if found.vintages.is_empty():
        return "No decision yet: nothing to judge."
    if not found.mature_outcomes:
        told = int(found.vintages["with_outcome"].sum())
        if not told:
            return "No outcomes yet: figures are what is to be expected from the probabilities."
        return f"{told:,} loans have an outcome, but no month of the champion is mature yet: nothing to compare."
    verdicts = found.verdicts
    return (
        f"{found.mature_outcomes:,} mature outcomes of the champion, {found.mature_defaults:,} defaults. Calibration "
        f"{verdicts.calibration.answer.value}, discrimination {verdicts.discrimination.answer.value}, concept "
        f"{verdicts.concept.answer.value}."
    )
