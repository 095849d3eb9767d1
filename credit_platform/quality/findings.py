"""Findings: what is worth knowing about a table and does not make it wrong.

What is here: `Finding` and the functions that look for findings.
What to add here: another thing to look for; keep it to one cheap look.
What must not be here: anything that stops a run (see `rules.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import polars as pl

from credit_platform.portfolios.source_table import Column, ForeignKey, SourceTable
from credit_platform.quality.examples import Example, common_cause
from credit_platform.quality.keys import Related, related
from credit_platform.quality.profile import PSI_JUMP, ColumnProfile, TableProfile
from credit_platform.quality.usual import least_coverage, most_nulls, most_orphans

NOTED_NULL_SHARE = 0.5
"""Above this share of nulls a column is noted, also where so many are usual."""
ROW_JUMP_SHARE = 0.2
"""A change of the row count by more than this share is reported."""
ORPHAN_FLOOD_SHARE = 0.4
"""Above this share of orphans, and above what is usual, the files hardly belong together."""
MOST_ROWS_SHARE = 0.5
"""When more rows than this break one rule, the file is wrong and not its rows."""
_WHOLE_PERCENT = 0.095
_HALF_PERCENT, _TENTH = 0.005, 0.001
_NAMED = 5
"""Columns named in a sentence about many."""


class Severity(StrEnum):
    """How much attention a finding asks for."""

    INFO = "info"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One observation about a table, with its count."""

    severity: Severity
    rule: str
    """Kind of finding: orphans, orphan_flood, coverage, unit_change, exchanged_columns, nulls, outliers_iqr, …"""
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
    found = _duplicated(profile)
    for key in table.foreign_keys:
        counted = related(frame, key, parents)
        if counted is not None:
            found += _orphans(key, counted, profile.rows) + _coverage(key, counted)
    for column in profile.columns:
        found += _of_column(table.column(column.name), column, profile)
    found += _atypical(table, profile) + _jumps(profile) + _exchanged(profile)
    return sorted(found, key=lambda finding: (finding.severity is Severity.INFO, _rank(finding), -finding.share))


def summarise(findings: Sequence[Finding]) -> list[str]:
    """One sentence per kind of finding, the gravest kind first, for lists in which a column is no news.

    Findings of one kind about many columns become one sentence that names the first few.
    """
    kinds: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=lambda finding: (_rank(finding), -finding.share)):
        kinds.setdefault(finding.rule, []).append(finding)
    return [of_kind[0].message if len(of_kind) == 1 else _many(rule, of_kind) for rule, of_kind in kinds.items()]


def rule_of_most(by_rule: Mapping[str, int], rows: int) -> str | None:
    """The rule that most rows break, as `type:amount`; None when there is none."""
    return next((rule for rule, count in by_rule.items() if count > MOST_ROWS_SHARE * rows), None)


def explain_rejections(by_rule: Mapping[str, int], rows: int, examples: Sequence[Example] = ()) -> str | None:
    """What one rule that most rows break suggests, as a sentence; None when no rule is broken by most rows.

    Args:
        by_rule: rejected rows by rule.
        rows: of the file.
        examples: values that break the rule of most rows (`examples_of`), to be shown.
    """
    rule = rule_of_most(by_rule, rows)
    if rule is None:
        return None
    kind, _, column = rule.partition(":")
    asks = {
        "range": f"was the unit of {column} changed, or is it another column?",
        "type": common_cause(examples) or f"is {column} another column, or was it exported as text?",
        "allowed": common_cause(examples) or "are columns exchanged?",
        "not_null": f"{column} is empty there: was it left out of the export?",
        "duplicate_key": "was the file put together from two exports of the same rows?",
    }
    share = by_rule[rule] / rows
    said = f"{_share(share)} of the rows break {rule}, so it is not single rows that are wrong: "
    ask = asks.get(kind, "are columns exchanged?")
    shown = f" In the file: {', '.join(map(str, examples))}." if examples else ""
    return said + ask + ("" if ask.endswith("?") else ".") + shown


_GRAVE = ("column_order", "exchanged_columns", "unit_change", "atypical_median", "orphan_flood", "coverage", "row_jump")
"""Kinds that speak of a damaged or exchanged file come first, in this order."""
_NOTES = {
    "nulls": "columns mostly null",
    "orphans": "keys with orphans",
    "sentinel": "columns with a value for unknown",
    "outliers_iqr": "columns with values far from the quartiles",
    "outliers_zscore": "columns with values far from the mean",
}
_MANY = {
    "nulls": "columns hold more nulls than usual",
    "distribution_jump": "columns are distributed otherwise than in the previous version",
}


def note_usual(findings: Sequence[Finding]) -> str:
    """What was found and is no warning: usual things by kind, everything else in its own words; empty when nothing."""
    usual = [finding for finding in findings if finding.severity is Severity.INFO]
    if not usual:
        return ""
    kinds = Counter(_NOTES[finding.rule] for finding in usual if finding.rule in _NOTES)
    counted = ", ".join(f"{kind} ({count})" for kind, count in kinds.items())
    told = [finding.message for finding in usual if finding.rule not in _NOTES]
    return " ".join([*told, *([f"Usual in this data: {counted}."] if counted else [])])


def is_grave(finding: Finding) -> bool:
    """Whether a finding speaks of a damaged or exchanged file."""
    return finding.rule in _GRAVE


def _rank(finding: Finding) -> int:
    return _GRAVE.index(finding.rule) if finding.rule in _GRAVE else len(_GRAVE)


def _many(rule: str, findings: Sequence[Finding]) -> str:
    if rule not in _MANY:
        return " ".join(finding.message for finding in findings)
    named = [str(finding.column) for finding in findings[:_NAMED]]
    if rule == "nulls":
        named = [f"{finding.column} ({_share(finding.share)})" for finding in findings[:_NAMED]]
    rest = len(findings) - len(named)
    return f"{len(findings)} {_MANY[rule]}: {', '.join(named)}" + (f" and {rest} more." if rest else ".")


def _orphans(key: ForeignKey, counted: Related, rows: int) -> list[Finding]:
    count = counted.orphans
    if not count:
        return []
    share, usual = count / rows, key.usual_orphan_share
    targets = " or ".join((key.parent, *key.also))
    what = f"{count:,} rows ({_share(share)}) point at a {key.parent_column} that {targets} does not have"
    if share <= most_orphans(key):
        return [_finding((Severity.INFO, "orphans"), key.column, count, rows, f"{what}, as usual ({_share(usual)})")]
    what += f"; usual is {_share(usual)}" if usual else ""
    if share > ORPHAN_FLOOD_SHARE:
        what = f"Orphan flood: {what}. Are these files of the same extract?"
        return [_finding((Severity.WARNING, "orphan_flood"), key.column, count, rows, what)]
    return [_finding((Severity.WARNING, "orphans"), key.column, count, rows, what)]


def _coverage(key: ForeignKey, counted: Related) -> list[Finding]:
    """Fewer parents than usual have rows: the file was cut off, or is of another extract."""
    usual, parents = key.usual_coverage, counted.parents
    if usual is None or not parents or counted.covered >= least_coverage(usual) * parents:
        return []
    what = (
        f"{_percent(counted.covered / parents)} of {usual.parents} have {usual.rows}; usual is "
        f"{_percent(usual.share)}. Is the file whole, and of the same extract?"
    )
    return [_finding((Severity.WARNING, "coverage"), key.column, parents - counted.covered, parents, what)]


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= _WHOLE_PERCENT else f"{100 * share:.1f}%"


def _share(share: float) -> str:
    """A share in per cent; few are not none, and nearly all not all."""
    if 0 < share < _TENTH:
        return "under 0.1%"
    if 1 - _TENTH < share < 1:
        return "over 99.9%"
    return f"{share:.0%}" if share in (0, 1) or _WHOLE_PERCENT <= share < 1 - _HALF_PERCENT else f"{share:.1%}"


def _duplicated(profile: TableProfile) -> list[Finding]:
    count = profile.duplicated_rows
    if not count:
        return []
    what = "1 row repeats" if count == 1 else f"{count:,} rows repeat"
    what += " an earlier row in every column"
    return [_finding((Severity.WARNING, "duplicated_rows"), None, count, profile.rows, what)]


def _of_column(contract: Column, column: ColumnProfile, profile: TableProfile) -> list[Finding]:
    name, rows = column.name, profile.rows
    looks = (
        (Severity.INFO, "sentinel", column.sentinels, f"hold {column.sentinel}, which stands for unknown"),
        (Severity.INFO, "outliers_iqr", column.iqr_outliers, "lie over 1.5 interquartile ranges from the quartiles"),
        (Severity.INFO, "outliers_zscore", column.zscore_outliers, "lie over 3 standard deviations from the mean"),
    )
    return _nulls(contract, column, rows) + [
        _finding((severity, rule), name, count, rows, f"{count:,} values of {name} {what}")
        for severity, rule, count, what in looks
        if count
    ]


def _nulls(contract: Column, column: ColumnProfile, rows: int) -> list[Finding]:
    share, usual = column.null_share, contract.usual_null_share
    what = f"{column.nulls:,} values of {column.name} ({_share(share)}) are null"
    if share > most_nulls(contract, rows):
        what += "" if usual is None else f"; usual is {_share(usual)}"
        return [_finding((Severity.WARNING, "nulls"), column.name, column.nulls, rows, what)]
    if share > NOTED_NULL_SHARE and usual is not None:
        what += f", as usual ({_share(usual)})"
        return [_finding((Severity.INFO, "nulls"), column.name, column.nulls, rows, what)]
    return []


def _atypical(table: SourceTable, profile: TableProfile) -> list[Finding]:
    """Columns whose median is not where the contract expects it: another unit, or another column's values."""
    found = []
    for column in profile.columns:
        typical = table.column(column.name).typical_median
        if typical is None or column.median is None or typical[0] <= column.median <= typical[1]:
            continue
        what = (
            f"The median of {column.name} is {column.median:,.6g}, and it should lie between {typical[0]:,.6g} and "
            f"{typical[1]:,.6g}: is it in {column.unit or 'its usual unit'}, and is it this column?"
        )
        found.append(_finding((Severity.WARNING, "atypical_median"), column.name, profile.rows, profile.rows, what))
    return found


def _exchanged(profile: TableProfile) -> list[Finding]:
    return [
        _finding(
            (Severity.WARNING, "exchanged_columns"),
            first,
            profile.rows,
            profile.rows,
            f"Columns {first} and {second} seem exchanged: each is distributed as the other was before",
        )
        for first, second in profile.exchanged
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
        if column.unit_factor is not None:
            what = (
                f"The unit of {column.name} seems to have changed: its values are {_times(column.unit_factor)} those "
                "of the previous version"
            )
            found.append(_finding((Severity.WARNING, "unit_change"), column.name, profile.rows, profile.rows, what))
        elif column.psi is not None and column.psi >= PSI_JUMP:
            what = f"The distribution of {column.name} moved: PSI {column.psi:.2f} against the previous version"
            found.append(
                _finding((Severity.WARNING, "distribution_jump"), column.name, profile.rows, profile.rows, what)
            )
    return found


def _times(factor: float) -> str:
    return f"{factor:,.0f} times" if factor > 1 else f"1/{1 / factor:,.0f} of"


def _finding(kind: tuple[Severity, str], column: str | None, count: int, rows: int, message: str) -> Finding:
    severity, rule = kind
    share = min(count / rows, 1.0) if rows else 0.0
    return Finding(
        severity=severity,
        rule=rule,
        column=column,
        rows=count,
        share=share,
        message=message + ("" if message.endswith("?") else "."),
    )
