"""The verdict before the commit: what judges a table, and what becomes of one that is refused.

What is here: `Submission` (a table as its judges see it), `WriteCheck`, `StoredCheck`, `judge`,
`refuse` and the sentences about it.
What to add here: nothing that knows a particular table; which checks a table has stands in `before_writing.py`.
What must not be here: judging values (`quality`, `features`, `modelling`), Dagster's events.

A table that passes is committed with its verdicts. One that does not is committed to `<key>__refused`, so that the
newest version of a key is always in force. What a person accepted (`acceptance.py`) stays accepted while it is made
again row for row and fails nothing new.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import polars as pl

from credit_platform.clock import SYSTEM_CLOCK, Clock
from credit_platform.code_versions import code_version
from credit_platform.lakehouse import (
    CommitInfo,
    Judged,
    Lakehouse,
    StagedTable,
    StoredTable,
    TableVersion,
    Verdict,
    content_hash,
    refused_key,
)
from credit_platform.lakehouse.commits import storable
from credit_platform.lakehouse.records import Record
from credit_platform.portfolios import portfolio_names
from credit_platform.tables.table import Table

BESIDE = "beside"
"""Where a refused version's summary names the versions that were refused with it, by key of the table in force."""
_RULES = (
    "credit_platform.tables.checks",
    "credit_platform.tables.contracts",
    "credit_platform.quality",
    "credit_platform.features",
    "credit_platform.modelling",
    "credit_platform.governance.judges",
    "credit_platform.monitoring.decisions.judges",
    "credit_platform.monitoring.drift.judges",
)


R = TypeVar("R", bound=Record)


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A table as its judges see it: about to be written, or stored already."""

    key: str
    frame: pl.LazyFrame
    summary: Mapping[str, Any] = field(default_factory=dict)
    staged: StagedTable | None = None
    beside: Mapping[str, pl.LazyFrame] = field(default_factory=dict)
    """Rows of tables that are written with this one, by key."""
    clock: Clock = SYSTEM_CLOCK
    """By which a judge says how old something is."""

    def record(self, kind: type[R]) -> R:
        """What is recorded beside the table.

        Raises:
            RecordError: it does not fit.
        """
        return kind.from_summary(self.summary, self.key)

    @cached_property
    def collected(self) -> pl.DataFrame:
        """All rows in memory, read once for all judges."""
        return self.frame.collect()

    @cached_property
    def rows(self) -> int:
        """Number of rows."""
        return count(self.frame)


Judge = Callable[[Submission, Lakehouse], Verdict]
"""Given the table and the lakehouse it will lie in."""


@dataclass(frozen=True, kw_only=True)
class WriteCheck:
    """A blocking check: a table that it refuses is never written to its key."""

    name: str
    description: str
    judge: Judge
    first: bool = False
    """Whether the others cannot be asked about a table that fails this one."""
    looks_elsewhere: bool = False
    """Whether it looks at other tables, too, so that a table that has not changed has to be judged again."""
    needs: tuple[str, ...] = ()
    """Keys of tables that have to be there before a stored version is judged."""


@dataclass(frozen=True, kw_only=True)
class StoredCheck:
    """A check of a version that is in force: it tells, and stops nothing."""

    name: str
    description: str
    judge: Judge
    needs: tuple[str, ...] = ()
    """Keys of tables that have to be there before it is asked."""


def count(frame: pl.LazyFrame) -> int:
    """Number of rows."""
    return int(frame.select(pl.len()).collect(engine="streaming").item())


def rules_version(key: str) -> str:
    """Digest of the code that judges table `key`."""
    portfolio = key.partition("/")[0]
    return code_version(
        *_RULES, *([f"credit_platform.portfolios.{portfolio}"] if portfolio in portfolio_names() else [])
    )


def submitted(key: str, table: Table) -> Submission:
    """A value of an asset as its judges see it."""
    return Submission(
        key=key,
        frame=table.frame.lazy(),
        summary=table.summary,
        staged=table.staged,
        beside={name: other.frame.lazy() for name, other in table.beside.items()},
    )


def judge(submission: Submission, checks: Sequence[WriteCheck], lakehouse: Lakehouse) -> Judged:
    """Ask every check; those after one that is `first` only when the table passes it.

    Raises:
        CreditPlatformError: a table that a judge has to look at is not there.
    """
    verdicts: list[Verdict] = []
    for check in sorted(checks, key=lambda each: not each.first):
        verdicts.append(check.judge(submission, lakehouse))
        if check.first and verdicts[-1].refuses:
            break
    return Judged(verdicts=tuple(verdicts), rules=rules_version(submission.key) if checks else "")


def accepted_before(lakehouse: Lakehouse, submission: Submission, judged: Judged) -> TableVersion | None:
    """The version in force when a person accepted just these rows, failing nothing that these do not; else None."""
    newest = lakehouse.latest(submission.key)
    if newest is None or newest.exception is None:
        return None
    answered = Judged.from_summary(lakehouse.read(submission.key, newest.version).summary)
    known = {verdict.check for verdict in answered.failed} if answered else set()
    new = {verdict.check for verdict in judged.failed} - known
    return None if new or newest.content_hash != _hash(submission.frame) else newest


def refuse(lakehouse: Lakehouse, key: str, table: Table, judged: Judged, info: CommitInfo) -> TableVersion:
    """Keep a refused table, and what was to be written with it, where it can be looked at; once however often it comes.

    Returns:
        The version of `<key>__refused` that holds it.
    """
    kept = _kept_already(lakehouse, key, table, judged, info)
    if kept is not None:
        return kept
    beside = {
        other: lakehouse.write(
            refused_key(other), with_.frame, summary=with_.summary, info=replace(with_.info or info, run_id=info.run_id)
        ).version
        for other, with_ in table.beside.items()
    }
    summary = {**table.summary, **judged.recorded(), BESIDE: beside}
    partition_by = table.replacement.column if table.replacement else table.partition_by
    return lakehouse.write(
        refused_key(key), table.staged or table.frame, summary=summary, info=info, partition_by=partition_by
    )


def _kept_already(
    lakehouse: Lakehouse, key: str, table: Table, judged: Judged, info: CommitInfo
) -> TableVersion | None:
    """The newest refused version when it is this one, and nothing was put in force since."""
    newest, in_force = lakehouse.latest(refused_key(key)), lakehouse.latest(key)
    if newest is None or (in_force is not None and in_force.timestamp > newest.timestamp):
        return None
    same_source = (newest.source_hashes, newest.code_version) == (dict(info.source_hashes), info.code_version)
    if not same_source or newest.content_hash != _hash(table.frame.lazy()):
        return None
    recorded = Judged.from_summary(lakehouse.read(refused_key(key), newest.version).summary)
    return newest if recorded is not None and recorded.says_the_same(judged) else None


def _hash(frame: pl.LazyFrame) -> str:
    return content_hash(storable(frame))


def refusal(lakehouse: Lakehouse, key: str, judged: Judged, refused: TableVersion, beside: Sequence[str]) -> str:
    """What to tell whoever ran into a refusal: which check and why, what is in force, where to look, what can be done.

    Args:
        lakehouse: holds the tables.
        key: the table that was to be written.
        judged: what was said of it.
        refused: the version of `<key>__refused` that holds it.
        beside: keys of tables that were refused with it; those without rows are not worth a look.
    """
    why = " ".join(f"Check {verdict.check}: {verdict.message}" for verdict in judged.failed)
    with_rows = [other for other in beside if (kept := lakehouse.latest(refused_key(other))) and kept.rows]
    shown = " and ".join(f"credit-platform show {refused_key(name)}" for name in (key, *with_rows))
    standing = lakehouse.latest(key)
    # A check that looks elsewhere, or a newer one, may refuse rows that have been in force for long.
    again = standing is not None and standing.content_hash == refused.content_hash
    what = "was refused; the same rows are in force from before" if again else "was refused and not put in force"
    return (
        f"{key} {what}. {why} {in_force_sentence(lakehouse, key)} "
        f"What was refused is kept as version {refused.version} of {refused.key}: {shown}. "
        f"{judged.what_can_be_done(key)}"
    )


def in_force_sentence(lakehouse: Lakehouse, key: str) -> str:
    """Which version of `key` stays in force."""
    newest = lakehouse.latest(key)
    if newest is None:
        return f"No version of {key} is in force yet."
    return f"Version {newest.version} of {key}, of {newest.timestamp:%Y-%m-%d %H:%M} UTC, stays in force."


def submission_of(stored: StoredTable, beside: Mapping[str, pl.LazyFrame]) -> Submission:
    """A stored version as its judges see it."""
    return Submission(key=stored.version.key, frame=stored.frame, summary=stored.summary, beside=beside)
