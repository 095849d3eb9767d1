"""Histories of simulated applicants: the raw rows of the other tables, as a client that has them would send them.

What is here: `Histories`.
What to add here: nothing of a particular table: contracts say how tables hang together.
What must not be here: who applies (`applicants.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import SourceTable

Rows = dict[str, list[dict[str, Any]]]
_MOST_ROWS = 5_000
"""Rows of one table that are sent of one applicant, at most; the service takes no more than 10,000."""


class Histories:
    """Raw rows of some applicants, by applicant; rows become requests only when they are asked for."""

    def __init__(
        self, portfolio: Portfolio, read: Callable[[SourceTable], pl.LazyFrame | None], applicants: Sequence[Any]
    ) -> None:
        """Read the rows of `applicants`.

        Args:
            portfolio: whose tables.
            read: gives a table, or None where it is not there.
            applicants: their keys, as the tables have them.
        """
        self._key = portfolio.applicant_key
        self._tables: dict[str, dict[Any, pl.DataFrame]] = {}
        wanted = pl.DataFrame({self._key: list(applicants)})
        owners: dict[str, pl.LazyFrame] = {}
        for table in _in_order(portfolio):
            frame = read(table)
            if frame is None:
                continue
            if self._key not in table.column_names:
                frame = _through_parent(table, frame, owners)
            own = frame.join(
                wanted.lazy().cast({self._key: frame.collect_schema()[self._key]}), on=self._key, how="semi"
            )
            rows = own.collect(engine="streaming")
            owners[table.name] = rows.lazy()
            parts = rows.partition_by(self._key, as_dict=True, maintain_order=True)
            self._tables[table.name] = {key: part.select(table.column_names) for (key,), part in parts.items()}

    def of(self, applicant: Any) -> Rows:
        """Rows of one applicant by table, those without a value left out; his key is not among them."""
        found = {name: parts[applicant] for name, parts in self._tables.items() if applicant in parts}
        return {
            name: [
                {column: value for column, value in row.items() if value is not None and column != self._key}
                for row in frame.head(_MOST_ROWS).to_dicts()
            ]
            for name, frame in found.items()
        }


def history_tables(portfolio: Portfolio) -> tuple[SourceTable, ...]:
    """Tables beside the applications."""
    applications = {portfolio.training_table, portfolio.scoring_table}
    return tuple(table for table in portfolio.tables if table.name not in applications)


def _in_order(portfolio: Portfolio) -> list[SourceTable]:
    """Those that carry the applicant's key first: others are found through them."""
    return sorted(history_tables(portfolio), key=lambda table: portfolio.applicant_key not in table.column_names)


def _through_parent(table: SourceTable, frame: pl.LazyFrame, owners: dict[str, pl.LazyFrame]) -> pl.LazyFrame:
    """With the applicant's key, taken from the table that this one points at."""
    link = next(key for key in table.foreign_keys if key.parent in owners)
    parent = owners[link.parent]
    columns = [name for name in parent.collect_schema().names() if name not in table.column_names]
    named = parent.select(pl.col(link.parent_column).alias(link.column), *columns).unique(link.column)
    return frame.join(named, on=link.column)
