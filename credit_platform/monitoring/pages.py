"""The newest pages that monitoring wrote for people, and where each opens.

What is here: `Page`, and `newest_pages`.
What to add here: a page that another asset of monitoring writes, with the record that names it.
What must not be here: writing a page, what is on it, words around a link.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.lakehouse.reports import shown_at
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.monitoring.drift import evidently_report
from credit_platform.monitoring.drift.evidently_report import EvidentlyRecord
from credit_platform.monitoring.drift.population_shift import NAME as POPULATION_SHIFT
from credit_platform.monitoring.drift.records import DRIFT, DriftRecord, PopulationShiftRecord
from credit_platform.monitoring.performance.records import NAME as PERFORMANCE
from credit_platform.monitoring.performance.records import PerformanceRecord
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

EVIDENTLY: Final = evidently_report.NAME
PAGES: Final[dict[str, Callable[[StoredTable], str | None]]] = {
    DRIFT: lambda stored: DriftRecord.of(stored).page,
    EVIDENTLY: lambda stored: EvidentlyRecord.of(stored).page,
    POPULATION_SHIFT: lambda stored: PopulationShiftRecord.of(stored).page,
    PERFORMANCE: lambda stored: PerformanceRecord.of(stored).page,
}
"""Name of the table of monitoring beside which a page is written, to the key of the page; None where it wrote none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One page."""

    name: str
    """Of the table that it belongs to: one of `PAGES`."""
    key: str
    """By which it is stored: `Shelf.of(settings).store.get(key)` is its HTML."""
    file: Path
    """On this machine, for a browser."""
    made_at: datetime
    """When the table was made that it belongs to, UTC."""

    @property
    def url(self) -> str:
        """`file://` address of the page; blanks and accents are escaped."""
        return self.file.absolute().as_uri()


def newest_pages(settings: Settings, portfolio: Portfolio) -> dict[str, Page]:
    """The newest page of each table of monitoring by the name of the table; without those that there is none of.

    A page that was removed since (retention) is left out. Where the artefacts lie in an object store, a page that the
    home does not hold is fetched.

    Raises:
        StorageError: tables or artefacts cannot be reached.
        ArtefactError: a page was altered.
        RecordError: the record of a table does not fit.
    """
    lakehouse, shelf = Lakehouse(settings.lakehouse_root), Shelf.of(settings)
    found: dict[str, Page] = {}
    for name, page_of in PAGES.items():
        table = monitoring_key(portfolio.name, name)
        if not lakehouse.exists(table):
            continue
        stored = lakehouse.read(table)
        key = page_of(stored)
        if key is not None and shelf.store.exists(key):
            found[name] = Page(name=name, key=key, file=_file(shelf, key), made_at=stored.version.timestamp)
    return found


def _file(shelf: Shelf, key: str) -> Path:
    """The copy for people where it is what is stored; another host may have written since, or it was deleted."""
    place, _, name = key.rpartition("/")
    copy = shown_at(shelf.home, place) / name
    digest = shelf.store.stat(key).members[0].digest
    if copy.is_file() and hashlib.sha256(copy.read_bytes()).hexdigest() == digest:
        return copy
    return shelf.store.local(key)
