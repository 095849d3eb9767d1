"""The quality report: one HTML file that a person who was not there can read.

What is here: `TableReport`, which gathers what is known of one table, and `render_report`.
What to add here: a figure that a reader asks for; the page itself is `templates/report.html.j2`.
What must not be here: computing figures (see `profile.py`) and judging rows (see `rules.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

import jinja2

from credit_platform.lakehouse import TableVersion
from credit_platform.portfolios.source_table import SourceTable
from credit_platform.quality.findings import Finding, Severity, explain_rejections, is_grave, summarise
from credit_platform.quality.profile import ColumnProfile, TableProfile
from credit_platform.quality.records import IngestCounts, IngestRecord
from credit_platform.quality.report_format import FILTERS
from credit_platform.quality.rules import DUPLICATE_KEY, row_rules

_NULL_SHARE_MOVE = 0.01
"""A change of the null share by more than this is shown among the changes."""
_PSI_MOVE = 0.1


class Verdict(StrEnum):
    """What a reader should do about a table."""

    SOUND = "sound"
    LOOK = "look"
    STOP = "stop"

    @property
    def words(self) -> str:
        """The verdict in a few words."""
        return {"sound": "Sound", "look": "Usable, worth a look", "stop": "Do not use"}[self.value]


@dataclass(frozen=True, kw_only=True)
class TableReport:
    """What is known of one stored table, and of the version before it."""

    table: SourceTable
    profile: TableProfile
    counts: IngestCounts
    findings: Sequence[Finding]
    source_sha256: str
    version: TableVersion | None = None
    previous: TableReport | None = None

    @classmethod
    def from_summary(
        cls,
        table: SourceTable,
        summary: Mapping[str, Any],
        version: TableVersion | None = None,
        previous: TableReport | None = None,
    ) -> TableReport:
        """Rebuild the report of a table from `Ingested.summary()`, as stored with a version.

        Raises:
            RecordError: the summary is none of a raw table's.
        """
        record = IngestRecord.from_summary(summary, version.key if version else table.name)
        return cls(
            table=table,
            profile=record.profile,
            counts=record.counts,
            findings=record.findings,
            source_sha256=record.source.sha256,
            version=version,
            previous=previous,
        )

    @property
    def verdict(self) -> Verdict:
        """Stop when more rows were rejected than the contract allows and nobody answered for that.

        Look when any row was, or there is a warning, or the table is in force by exception.
        """
        if self.counts.rejected_share > self.table.max_rejected_share and not self.exception:
            return Verdict.STOP
        return Verdict.LOOK if self.counts.rejected or self.warnings or self.exception else Verdict.SOUND

    @property
    def exception(self) -> str | None:
        """Who put the version in force though a check refused it, when and why; None when it passed."""
        return self.version.exception if self.version else None

    @property
    def warnings(self) -> list[Finding]:
        """Findings that ask for attention."""
        return [finding for finding in self.findings if finding.severity is Severity.WARNING]

    @property
    def warning_sentences(self) -> list[str]:
        """The warnings, one sentence per kind, the gravest first."""
        return summarise(self.warnings)

    @property
    def rejections(self) -> str | None:
        """What the rejected rows suggest, when most rows break one rule."""
        return explain_rejections(self.counts.by_rule, self.counts.rows_in)

    def demand(self, rule: str) -> str:
        """What a rule demands, in words, for those who do not know its name."""
        if rule == DUPLICATE_KEY:
            return f"no earlier row has the same {', '.join(self.table.primary_key)}"
        says = {known.name: f"{known.column} {known.says}" for known in row_rules(self.table)}
        kind, _, column = rule.partition(":")
        if kind == "type" and column in self.table.column_names:
            return f"{column} can be read as {self.table.column(column).type.value}"
        return says.get(rule, "")

    @property
    def headline(self) -> str | None:
        """What a reader should know first; None when nothing stands out."""
        grave = [finding for finding in self.warnings if is_grave(finding)]
        rules = ", ".join(f"{rule}: {rows:,} rows" for rule, rows in self.counts.by_rule.items())
        told = (self.exception, self.rejections, *summarise(grave), rules, *self.warning_sentences, *self.changes)
        return next((sentence for sentence in told if sentence), None)

    @property
    def notes(self) -> list[Finding]:
        """Findings that are good to know, those that speak of no rows first."""
        notes = [finding for finding in self.findings if finding.severity is Severity.INFO]
        return sorted(notes, key=lambda finding: finding.column is not None)

    def has_unusual_nulls(self, column: ColumnProfile) -> bool:
        """Whether a warning speaks of the nulls of this column."""
        return any(finding.rule == "nulls" and finding.column == column.name for finding in self.warnings)

    def role(self, column: ColumnProfile) -> str:
        """`key`, `→ parent` or nothing: what a column does in the schema."""
        roles = ["key"] if column.name in self.table.primary_key else []
        roles += [f"→ {key.parent}" for key in self.table.foreign_keys if key.column == column.name]
        return ", ".join(roles)

    @property
    def changes(self) -> list[str]:
        """What differs from the version before, one sentence each; empty when nothing does."""
        if self.previous is None:
            return []
        before, told = self.previous, []
        if self.profile.rows != before.profile.rows:
            told.append(f"Rows: {before.profile.rows:,} → {self.profile.rows:,}.")
        if self.counts.rejected != before.counts.rejected:
            told.append(f"Rejected rows: {before.counts.rejected:,} → {self.counts.rejected:,}.")
        return told + self._column_changes(before)

    def _column_changes(self, before: TableReport) -> list[str]:
        old = {column.name: column for column in before.profile.columns}
        new = {column.name: column for column in self.profile.columns}
        told = [f"Column {name} is new." for name in new if name not in old]
        told += [f"Column {name} is gone." for name in old if name not in new]
        for name in new.keys() & old.keys():
            share, was = new[name].null_share, old[name].null_share
            if abs(share - was) > _NULL_SHARE_MOVE:
                told.append(f"Nulls in {name}: {was:.1%} → {share:.1%}.")
            if (new[name].psi or 0.0) > _PSI_MOVE:
                told.append(f"Distribution of {name} moved (PSI {new[name].psi:.2f}).")
        return sorted(told)


@dataclass(frozen=True, kw_only=True)
class Unread:
    """A table whose newest file was not put in force: it could not be read, a check refused it, or it had to wait."""

    table: SourceTable
    reason: str
    """Why, and the cure."""
    last_good: TableVersion | None = None
    """The version that stays in force; None when there was never one."""


@dataclass(frozen=True, kw_only=True)
class _Page:
    """Everything the template reads."""

    title: str
    created: datetime
    reports: Sequence[TableReport]
    synthetic: bool
    unread: Sequence[Unread]

    @property
    def verdict(self) -> Verdict:
        """The gravest verdict of any table."""
        if self.unread:
            return Verdict.STOP
        order = list(Verdict)
        return max((report.verdict for report in self.reports), key=order.index, default=Verdict.SOUND)

    @property
    def words(self) -> str:
        """The verdict in a few words; what is in force may be used when a newer file was not put in force."""
        if self.unread:
            return "Not all of the newest files are in force"
        # Over what may not be used, and nothing else.
        stopped = self._stopped
        return f"Do not use {', '.join(stopped)}" if 0 < len(stopped) < len(self.reports) else self.verdict.words

    @property
    def _stopped(self) -> list[str]:
        """Tables of which too much was rejected."""
        return [report.table.name for report in self.reports if report.verdict is Verdict.STOP]

    @property
    def rows(self) -> int:
        return sum(report.counts.kept for report in self.reports)

    @property
    def rejected(self) -> int:
        return sum(report.counts.rejected for report in self.reports)

    @property
    def warnings(self) -> int:
        return sum(len(report.warnings) for report in self.reports)

    @property
    def _not_in_force(self) -> str:
        """Tables whose newest file is not in force, each with what is shown of it instead."""
        return "; ".join(
            f"{unread.table.name} (what is said of it below is about version {unread.last_good.version})"
            if unread.last_good
            else f"{unread.table.name} (no version of it is in force)"
            for unread in self.unread
        )

    @property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        if self.unread:
            return f"The newest file was not put in force: {self._not_in_force}."
        stopped = self._stopped
        if stopped:
            return f"More rows were rejected than allowed in: {', '.join(stopped)}. Nothing should be built on them."
        if self.verdict is Verdict.LOOK:
            aside = "Some rows were set aside" if self.rejected else "No row was set aside, but something is unusual"
            return f"Every table can be used. {aside}: see the table below."
        return "Every row of every file satisfies its contract."


def render_report(
    title: str,
    reports: Sequence[TableReport],
    *,
    created: datetime,
    synthetic: bool = False,
    unread: Sequence[Unread] = (),
) -> str:
    """Render one self-contained HTML page: a verdict that fits one screen, then each table.

    Args:
        title: what the tables belong to, as in "German credit".
        reports: one per table, in the order of the page.
        created: moment shown on the page.
        synthetic: whether the rows were generated; the page then says so where it cannot be missed.
        unread: tables that the run could not read, whether or not an earlier version of them is in `reports`.
    """
    page = _Page(title=title, created=created, reports=reports, synthetic=synthetic, unread=unread)
    return _template().render(page=page)


@cache
def _template() -> jinja2.Template:
    """The page, compiled once: that takes longer than a small page itself."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("credit_platform.quality"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(FILTERS)
    return environment.get_template("report.html.j2")
