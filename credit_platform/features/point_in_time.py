"""Does a feature know only what was known when the loan was applied for?

What is here: `look`, which adds rows dated after the application to a history and sees whether a feature moves, and
counts the rows that the known-at rule keeps out.
What to add here: another way in which the future could get into a feature.
What must not be here: what separates too well to be honest (`checks.leakage`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from credit_platform.features.checks import changed_by_rows, not_known_at_application
from credit_platform.features.engines.native import to_polars
from credit_platform.portfolios.feature_group import FeatureGroup
from credit_platform.portfolios.portfolio import Portfolio

TRIED_ROWS = 20_000
"""Rows that are copied with a later date; a rule that leaks does so in any of them."""
_LATER = 1
"""First day or month after the application, which is 0."""


@dataclass(frozen=True, kw_only=True)
class PointInTime:
    """What was seen of one history."""

    has_rule: bool
    """Whether the group says which rows are known at the application."""
    left_out: int
    """Rows that the rule keeps out."""
    added: int
    """Rows dated after the application that were added to try the rule."""
    changed: tuple[str, ...]
    """Features that changed by them: there must be none."""

    @property
    def passed(self) -> bool:
        """Whether there is a rule, and it holds."""
        return self.has_rule and not self.changed

    def sentence(self, table: str) -> str:
        """What that means, for whoever looks at the history in `table`."""
        if not self.has_rule:
            return f"Nothing says which rows of {table} are known at the application: declare `known_at`."
        if self.changed:
            return f"Rows dated after the application change {', '.join(self.changed)}: correct `known_at`."
        tried = f"{self.added} rows dated after the application change no feature"
        return f"{tried}; {self.left_out} rows of {table} are dated so and left out."


def look(group: FeatureGroup, portfolio: Portfolio, tables: Mapping[str, pl.LazyFrame]) -> PointInTime:
    """Try the known-at rule of a group over a history.

    Args:
        group: the group.
        portfolio: its portfolio.
        tables: raw tables by name: the group's own and the parent of its reduction.
    """
    if group.known_at is None:
        return PointInTime(has_rule=False, left_out=0, added=0, changed=())
    some = tables[group.table].head(TRIED_ROWS).collect()
    later = later_rows(group, portfolio, some)
    changed = changed_by_rows(group, portfolio, {**tables, group.table: some.lazy()}, later.lazy())
    alone = not_known_at_application(portfolio, {group.table: tables[group.table]})
    left_out = sum(int(finding.value) for finding in alone if finding.feature == group.name)
    return PointInTime(has_rule=True, left_out=left_out, added=later.height, changed=tuple(changed))


def later_rows(group: FeatureGroup, portfolio: Portfolio, rows: pl.DataFrame) -> pl.DataFrame:
    """Copies of raw rows of the group's table in which every date that its rule reads is after the application."""
    if group.known_at is None:
        return rows.clear()
    (known,) = to_polars([group.known_at])
    numbers = {column.name for column in portfolio.table(group.table).columns if column.type.is_numeric}
    dates = [name for name in dict.fromkeys(known.meta.root_names()) if name in numbers]
    return rows.with_columns(pl.lit(_LATER).cast(rows.schema[name]).alias(name) for name in dates)
