"""The pages that monitoring left for people, and where they lie.

What is here: `ReportPage`, `report_pages`.
What to add here: another page, by the record that names it.
What must not be here: writing pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.reports import shown_at
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.monitoring.drift.days import DRIFT
from credit_platform.monitoring.drift.evidently_report import NAME as EVIDENTLY
from credit_platform.monitoring.drift.evidently_report import EvidentlyRecord
from credit_platform.monitoring.drift.records import DriftRecord
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.portfolios.portfolio import Portfolio


@dataclass(frozen=True, kw_only=True)
class ReportPage:
    """A page, as HTML that needs nothing else."""

    name: str
    """Of the table that it belongs to: `drift` or `evidently_report`."""
    key: str
    """Of the artefact."""
    made_at: datetime

    @property
    def file_name(self) -> str:
        """The last part of its key."""
        return self.key.rpartition("/")[2]

    def shown(self, home: Path) -> Path:
        """Where a copy lies for people."""
        return shown_at(home, self.key)

    def exists(self, shelf: Shelf) -> bool:
        """Whether it is still there."""
        return shelf.is_used and shelf.store.exists(self.key)

    def content(self, shelf: Shelf) -> bytes:
        """The page.

        Raises:
            ArtefactError: it is gone, or not as it was stored.
        """
        return shelf.store.get(self.key)


def report_pages(lakehouse: Lakehouse, portfolio: Portfolio) -> list[ReportPage]:
    """Pages of the newest day; those that there are.

    Raises:
        RecordError: a record does not fit.
    """
    return list(_pages(lakehouse, portfolio))


def _pages(lakehouse: Lakehouse, portfolio: Portfolio) -> Iterator[ReportPage]:
    kinds: dict[str, type[DriftRecord] | type[EvidentlyRecord]] = {DRIFT: DriftRecord, EVIDENTLY: EvidentlyRecord}
    for name, kind in kinds.items():
        key = monitoring_key(portfolio.name, name)
        if lakehouse.latest(key) is None:
            continue
        stored = lakehouse.read(key)
        page = kind.of(stored).page
        if page is not None:
            yield ReportPage(name=name, key=page, made_at=stored.version.timestamp)
