"""From which share on something is no longer what is usual in this data.

What is here: bounds for shares of nulls, of orphans and of parents with rows, from what the contract calls usual.
What to add here: the bound of another share that a contract can call usual.
What must not be here: measuring the shares, and words about them (see `findings.py`).

A bound must not be crossed by a sound file that is small, or an extract of another month, and must be crossed by one
that lost half of a column. So it lies a tenth of all rows above the usual share, or a quarter of the rows that usually
hold a value, if that is more; in a small table four standard errors of a share. A column that is usually 0% null is
reported from 25% on, one of 60% from 70%, one of 99.6% never.
"""

from __future__ import annotations

from math import sqrt

from credit_platform.portfolios.source_table import Column, Coverage, ForeignKey

UNDECLARED_NULL_SHARE = 0.5
"""Most nulls of a column of which nobody said what is usual."""
LEAST_EXCESS = 0.10
_EXCESS_OF_REST = 0.25
_STANDARD_ERRORS = 4.0
_ORPHANS_EXCESS = 0.05
_LEAST_COVERAGE = 0.5


def most_nulls(column: Column, rows: int) -> float:
    """Share of nulls of a column up to which it is as usual; `rows` are those of the table."""
    usual = column.usual_null_share
    if usual is None:
        return UNDECLARED_NULL_SHARE
    return usual + excess(usual, rows)


def excess(usual: float, rows: int) -> float:
    """How far a share may lie above the usual one in a sound table of so many rows."""
    chance = _STANDARD_ERRORS * sqrt(usual * (1.0 - usual) / rows) if rows else 1.0
    return max(LEAST_EXCESS, _EXCESS_OF_REST * (1.0 - usual), chance)


def most_orphans(key: ForeignKey) -> float:
    """Share of orphans up to which a key is as usual: where there are usually none, none."""
    usual = key.usual_orphan_share
    return usual + max(_ORPHANS_EXCESS, usual / 2) if usual else 0.0


def least_coverage(coverage: Coverage) -> float:
    """Share of parents with rows from which on a table is as usual: half of what it usually is."""
    return _LEAST_COVERAGE * coverage.share
