"""Whoever went from a log goes from the outcomes, too: from the newest version and from every older one.

What is here: `forget_outcomes`.
What must not be here: removing from a log (`decision_log.removal`), the decisions (`decisions/forgetting.py`, which
calls this).

The files that the lender dropped are the lender's: whoever is erased has to be taken out of them there, or the next
run tells of rows without a decision. Rows that were set aside name nobody and no decision.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace

import polars as pl

from credit_platform.errors import TableMovedOnError
from credit_platform.lakehouse import CommitInfo, Lakehouse, StoredTable, is_refused, refused_key
from credit_platform.lakehouse.verdicts import unjudged
from credit_platform.monitoring.decisions.logs import HELD
from credit_platform.monitoring.outcomes.contract import NAME
from credit_platform.monitoring.outcomes.matching import MONTH
from credit_platform.monitoring.outcomes.records import OutcomesRecord
from credit_platform.portfolios.keys import monitoring_key

Gone = Callable[[str, Collection[str], Collection[str]], Mapping[str, pl.DataFrame]]
"""Rows (`HELD`) that their log does not hold now, by file: of a table, its files, and those of its newest version."""
_ATTEMPTS = 20


@dataclass(frozen=True, kw_only=True)
class ForgottenRows:
    """What went from a table of outcomes."""

    key: str
    rows: int
    versions: tuple[int, ...]
    files: int


def forget_outcomes(
    lakehouse: Lakehouse, portfolio: str, gone: Gone, why: str, *, erased: bool, dry_run: bool
) -> list[ForgottenRows]:
    """Take away outcomes of decisions that no log holds any more, from the table and from what was refused of it.

    Args:
        lakehouse: where the tables lie.
        portfolio: name of the portfolio.
        gone: says which rows went.
        why: completes "because …", for whoever asks for a version that went.
        erased: whether somebody was erased just now: whoever writes at this moment has to begin again.
        dry_run: only say what would go.

    Raises:
        DamagedTableError: a commit or a file is damaged, so that nobody knows who is in it.
        DecisionLogError: a log cannot be read, or was lost.
        TableMovedOnError: others kept changing the table.
    """
    key = monitoring_key(portfolio, NAME)
    there = [name for name in (key, refused_key(key)) if lakehouse.exists(name)]
    return [_forget(lakehouse, name, gone, why, erased=erased, dry_run=dry_run) for name in there]


def _forget(lakehouse: Lakehouse, key: str, gone: Gone, why: str, *, erased: bool, dry_run: bool) -> ForgottenRows:
    for _ in range(_ATTEMPTS - 1):
        try:
            return _forget_once(lakehouse, key, gone, why, erased=erased, dry_run=dry_run)
        except TableMovedOnError:
            continue
    return _forget_once(lakehouse, key, gone, why, erased=erased, dry_run=dry_run)


def _forget_once(lakehouse: Lakehouse, key: str, gone: Gone, why: str, *, erased: bool, dry_run: bool) -> ForgottenRows:
    base, parts = lakehouse.head(key), lakehouse.parts(key)
    if base is None or not parts:
        return ForgottenRows(key=key, rows=0, versions=(), files=0)
    files = {version: set(paths) for version, paths in parts.items()}
    number, newest = next(iter(files.items()))
    found = gone(key, set().union(*files.values()), newest)
    unwanted = {path for path, rows in found.items() if rows.height}
    count = sum(found[path].height for path in newest)
    touched = tuple(version for version, named in files.items() if not named.isdisjoint(unwanted))
    if not dry_run:
        if count:
            went = pl.concat([found[path] for path in sorted(newest)])
            base = _write_without(lakehouse, lakehouse.read(key, number), went)
        if erased or unwanted or lakehouse.left_over(key):
            lakehouse.withdraw(key, base, unwanted, why)
    return ForgottenRows(key=key, rows=count, versions=touched, files=len(unwanted))


def _write_without(lakehouse: Lakehouse, stored: StoredTable, went: pl.DataFrame) -> int:
    """Write a version without the rows that went, as it was in all else; its number."""
    rows = stored.frame.collect()
    staying = rows.join(went, on=HELD.names(), how="anti", maintain_order="left")
    record = _counted_again(OutcomesRecord.of(stored), rows.join(went, on=HELD.names(), how="semi"), staying)
    summary = stored.summary if is_refused(stored.version.key) else unjudged(stored.summary)
    info = CommitInfo(**{field.name: getattr(stored.version, field.name) for field in fields(CommitInfo)})
    return lakehouse.write(
        stored.version.key, staying, summary={**summary, **record.to_summary()}, info=info, partition_by=MONTH
    ).version


def _counted_again(record: OutcomesRecord, gone: pl.DataFrame, staying: pl.DataFrame) -> OutcomesRecord:
    observations, newest = int(gone["observations"].sum()), staying["observed_at"].max()
    return replace(
        record,
        rows_in=record.rows_in - observations,
        observations=record.observations - observations,
        loans=staying.height,
        defaults=int(staying["defaulted"].sum()),
        newest=str(newest) if newest is not None else None,
        message=f"{staying.height:,} outcomes are left; others belong to decisions that were erased since, or whose "
        "time was over.",
    )
