"""Rows, bytes and rejected shares of tables, read from the lakehouse's log.

What is here: `TablesCollector`; `Unchanged` and `each`, for whatever reads tables.
What to add here: another figure that a commit records of every table.
What must not be here: what one table means (`model.py`, `drift.py`).

A table whose newest commit is the one of the last look is not read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from credit_platform.errors import CreditPlatformError
from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.exporter.background import Sample
from credit_platform.monitoring.metrics.model import BYTES, DATA_LAYERS, DATA_TABLES, REJECTED, ROWS, WRITTEN
from credit_platform.portfolios.keys import is_whole, raw_key, split_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.quality.records import IngestRecord

T = TypeVar("T")


class Unchanged:
    """What was read of tables, for as long as their newest commit stays the same."""

    def __init__(self, lakehouse: Lakehouse) -> None:
        """Ask `lakehouse`."""
        self._lakehouse = lakehouse
        self._known: dict[tuple[str, str], tuple[int, object]] = {}

    def get(self, key: str, what: str, read: Callable[[], T]) -> T | None:
        """What `read` returns of the newest version of table `key`; None where there is no such table."""
        head = self._lakehouse.head(key)
        if head is None:
            return None
        known = self._known.get((key, what))
        if known is None or known[0] != head:
            known = self._known[(key, what)] = (head, read())
        value: T = known[1]  # type: ignore[assignment]  # `read` of the same `what` returned it
        return value


def each(names: Iterable[str], look: Callable[[str], Iterable[Sample]]) -> Iterator[Sample]:
    """What `look` says of each name; one that cannot be read does not keep the others from being told.

    Raises:
        CreditPlatformError: the first failure, after everything else was told.
    """
    failed: CreditPlatformError | None = None
    for name in names:
        try:
            yield from look(name)
        except CreditPlatformError as error:
            failed = failed or error
    if failed is not None:
        raise failed


class TablesCollector:
    """Looks at the tables of some portfolios."""

    def __init__(self, lakehouse: Lakehouse, portfolios: Sequence[Portfolio]) -> None:
        """Look in `lakehouse` for tables of `portfolios`."""
        self._lakehouse = lakehouse
        self._names = {portfolio.name for portfolio in portfolios}
        self._raw = {raw_key(portfolio.name, table.name) for portfolio in portfolios for table in portfolio.tables}
        self._unchanged = Unchanged(lakehouse)

    def collect(self) -> Iterator[Sample]:
        """Rows and bytes of tables with data; of raw tables when they were written, and what was set aside.

        Raises:
            CreditPlatformError: a table cannot be read; of all others the samples came before.
        """
        return each(self._keys(), self._of)

    def _keys(self) -> Iterator[str]:
        for key in filter(is_whole, self._lakehouse.keys()):
            portfolio, layer, name = split_key(key)
            if portfolio in self._names and (layer in DATA_LAYERS or f"{layer}/{name}" in DATA_TABLES):
                yield key

    def _of(self, key: str) -> Iterator[Sample]:
        version = self._unchanged.get(key, "version", lambda: self._lakehouse.latest(key))
        if version is None:
            return
        portfolio, layer, name = split_key(key)
        labels = (portfolio, f"{layer}/{name}")
        yield Sample(ROWS, labels, version.rows)
        yield Sample(BYTES, labels, version.bytes)
        if key in self._raw:
            yield Sample(WRITTEN, labels, version.timestamp.timestamp())
            share = self._unchanged.get(key, "share", lambda: self._rejected(key))
            if share is not None:
                yield Sample(REJECTED, labels, share)

    def _rejected(self, key: str) -> float:
        counts = IngestRecord.of(self._lakehouse.read(key)).counts
        return counts.rejected_share if counts.rows_in else 0.0
