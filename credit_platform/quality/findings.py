"""Findings: what is worth knowing about a table and does not make it wrong.

What is here: `Finding` and the functions that look for findings.
What to add here: another thing to look for; keep it to one cheap look.
What must not be here: anything that stops a run (see `rules.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import polars as pl

from credit_platform.portfolios.portfolio import SourceTable
from credit_platform.quality.keys import orphans
from credit_platform.quality.profile import ColumnProfile, TableProfile

EXCESSIVE_NULL_SHARE = 0.5
"""Above this share of nulls a column is reported."""
ROW_JUMP_SHARE = 0.2
"""A change of the row count by more than this share is reported."""
PSI_JUMP = 0.2
"""Population stability index from which a shift is reported; 0.1 to 0.2 is commonly called moderate.

Source: N. Siddiqi, Credit Risk Scorecards (2006), chapter 8.
"""


class Severity(StrEnum):
    """How much attention a finding asks for."""

    INFO = "info"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One observation about a table, with its count."""

    severity: Severity
    rule: str
    """Kind of finding: orphans, sentinel, outliers_iqr, outliers_zscore, nulls, duplicated_rows, row_jump, …"""
    column: str | None
    rows: int
    share: float
    """`rows` over the rows of the table, 0 to 1."""
    message: str

    def to_dict(self) -> dict[str, Any]:
        """Values that JSON can hold."""
        return asdict(self)


def find(
    table: SourceTable, frame: pl.LazyFrame, profile: TableProfile, parents: Mapping[str, pl.LazyFrame]
) -> list[Finding]:
    """Everything worth knowing about `frame`, whose profile is `profile`; foreign keys without a parent are skipped."""
    found = _orphans(table, frame, profile.rows, parents) + _duplicated(profile)
    for column in profile.columns:
        found += _of_column(column, profile)
    found += _jumps(profile)
    return sorted(found, key=lambda finding: (finding.severity is Severity.INFO, -finding.share))


def _orphans(table: SourceTable, frame: pl.LazyFrame, rows: int, parents: Mapping[str, pl.LazyFrame]) -> list[Finding]:
    found = []
    for key in table.foreign_keys:
        count = orphans(frame, key, parents)
        if count:
            targets = " or ".join((key.parent, *key.also))
            what = f"{count:,} rows point at a {key.parent_column} that {targets} does not have"
            found.append(_finding((Severity.WARNING, "orphans"), key.column, count, rows, what))
    return found


def _duplicated(profile: TableProfile) -> list[Finding]:
    count = profile.duplicated_rows
    if not count:
        return []
    what = f"{count:,} rows repeat an earlier row in every column"
    return [_finding((Severity.WARNING, "duplicated_rows"), None, count, profile.rows, what)]


def _of_column(column: ColumnProfile, profile: TableProfile) -> list[Finding]:
    name, rows = column.name, profile.rows
    looks = (
        (Severity.WARNING, "nulls", column.nulls if column.null_share > EXCESSIVE_NULL_SHARE else 0, "are null"),
        (Severity.INFO, "sentinel", column.sentinels, f"hold {column.sentinel}, which stands for unknown"),
        (Severity.INFO, "outliers_iqr", column.iqr_outliers, "lie over 1.5 interquartile ranges from the quartiles"),
        (Severity.INFO, "outliers_zscore", column.zscore_outliers, "lie over 3 standard deviations from the mean"),
    )
    return [
        _finding((severity, rule), name, count, rows, f"{count:,} values of {name} {what}")
        for severity, rule, count, what in looks
        if count
    ]


def _jumps(profile: TableProfile) -> list[Finding]:
    """Compare with the previous version, where the profile knows one."""
    before = profile.previous_rows
    if before is None:
        return []
    found = []
    change = (profile.rows - before) / max(before, 1)
    if abs(change) > ROW_JUMP_SHARE:
        what = f"The table has {profile.rows:,} rows, {change:+.0%} against the {before:,} of the previous version"
        found.append(_finding((Severity.WARNING, "row_jump"), None, abs(profile.rows - before), profile.rows, what))
    for column in profile.columns:
        if column.psi is not None and column.psi >= PSI_JUMP:
            what = f"The distribution of {column.name} moved: PSI {column.psi:.2f} against the previous version"
            found.append(
                _finding((Severity.WARNING, "distribution_jump"), column.name, profile.rows, profile.rows, what)
            )
    return found


def _finding(kind: tuple[Severity, str], column: str | None, count: int, rows: int, message: str) -> Finding:
    severity, rule = kind
    share = min(count / rows, 1.0) if rows else 0.0
    return Finding(severity=severity, rule=rule, column=column, rows=count, share=share, message=f"{message}.")
