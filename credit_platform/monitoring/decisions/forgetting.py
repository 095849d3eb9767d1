"""Whoever went from a log goes from the table, too: from its newest version and from every older one.

What is here: `forget`: rows that no log holds any more are taken away, and every file that ever held them is deleted.
What to add here: another table that holds rows of people out of the log.
What must not be here: removing from a log (`decision_log.removal`), and who is to be erased.

It needs nobody's name: what is in the table and not in its log any more was erased there, or its time was over. Killed
in between, it finds the rest when it is called again: by the same command, or by the next run of the asset. Erasure
goes before pins and time travel: a version that stood on such a file cannot be read any more, and says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Final

import polars as pl

from credit_platform.errors import DamagedTableError, DecisionLogError, TableMovedOnError
from credit_platform.lakehouse import CommitInfo, Lakehouse, Replacement, StoredTable, is_refused, refused_key
from credit_platform.lakehouse.verdicts import unjudged
from credit_platform.monitoring.decisions.logs import HELD, NamedLog, held, removed_from
from credit_platform.monitoring.decisions.schema import DAY, DecisionsRecord, decisions_key
from credit_platform.monitoring.outcomes.forgetting import ForgottenRows, forget_outcomes
from credit_platform.monitoring.retraining.forgetting import forget_trained_on
from credit_platform.portfolios.keys import split_key

WHY: Final = "decisions in it were erased since, or their time was over"
_ATTEMPTS: Final = 20
_UNREADABLE: Final = pl.DataFrame({"log": [""], "row": [0], "decided_at": [None]}, schema=HELD)
"""What stands for the rows of a file of an old version that cannot be read: nobody can say that they may stay."""


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """What went from a table."""

    key: str
    rows: int
    """Rows of the newest version."""
    versions: tuple[int, ...]
    """Versions that cannot be read any more."""
    files: int
    """Files that held rows that went, in any version."""

    @property
    def nothing(self) -> bool:
        """Whether there was nothing to forget."""
        return not (self.rows or self.versions or self.files)


def forget(
    lakehouse: Lakehouse, portfolio: str, logs: Sequence[NamedLog], *, erased: bool = False, dry_run: bool = False
) -> list[Forgotten]:
    """Take away what the logs do not hold any more, from the table and from what was refused of it.

    Rows of a log that is not among `logs` stay: whether it still holds them is not known.

    Args:
        lakehouse: where the tables lie.
        portfolio: name of the portfolio.
        logs: of all services.
        erased: whether somebody was erased from a log just now: then whoever reads it at this moment must not write
            afterwards, also where the table holds nothing of them yet.
        dry_run: only say what would go.

    Returns:
        What went, one for each table that exists.

    Raises:
        DamagedTableError: a commit is damaged, so that nobody knows which files there are.
        DecisionLogError: a log cannot be read, or was lost.
        TableMovedOnError: others kept changing the table.
    """
    key = decisions_key(portfolio)
    gone = [
        _forget(lakehouse, portfolio, name, logs, erased=erased, dry_run=dry_run)
        for name in (key, refused_key(key))
        if lakehouse.exists(name)
    ]

    # Outcomes are those of rows of the same logs.
    def gone_of(key: str, paths: Collection[str], newest: Collection[str]) -> Mapping[str, pl.DataFrame]:
        return _gone_of(_rows_of(lakehouse, key, paths, newest), portfolio, logs)

    with_them: list[ForgottenRows] = forget_outcomes(lakehouse, portfolio, gone_of, WHY, erased=erased, dry_run=dry_run)
    with_them += forget_trained_on(lakehouse, portfolio, logs, WHY, erased=erased, dry_run=dry_run)
    return [*gone, *(Forgotten(key=o.key, rows=o.rows, versions=o.versions, files=o.files) for o in with_them)]


def forget_again(lakehouse: Lakehouse, portfolio: str, logs: Sequence[NamedLog]) -> None:
    """Right after a table was written: whoever was erased while it was made goes at once."""
    forget(lakehouse, portfolio, logs)


def _forget(
    lakehouse: Lakehouse, portfolio: str, key: str, logs: Sequence[NamedLog], *, erased: bool, dry_run: bool
) -> Forgotten:
    for number in range(_ATTEMPTS):
        try:
            return _forget_once(lakehouse, portfolio, key, logs, erased=erased, dry_run=dry_run)
        except TableMovedOnError:
            if number == _ATTEMPTS - 1:
                raise
    raise AssertionError("The last attempt returns or raises.")


def _forget_once(
    lakehouse: Lakehouse, portfolio: str, key: str, logs: Sequence[NamedLog], *, erased: bool, dry_run: bool
) -> Forgotten:
    base, parts = lakehouse.head(key), lakehouse.parts(key)
    if base is None or not parts:
        return Forgotten(key=key, rows=0, versions=(), files=0)
    files = {version: set(values) for version, values in parts.items()}
    number, newest = next(iter(files.items()))
    rows = _rows_of(lakehouse, key, set().union(*files.values()), newest)
    gone = _gone_of(rows, portfolio, logs)
    unwanted = {path for path, found in gone.items() if found.height}
    count = sum(gone[path].height for path in newest)
    touched = tuple(version for version, named in files.items() if not named.isdisjoint(unwanted))
    if not dry_run:
        if count:
            values = {day for path in newest & unwanted if (day := parts[number][path]) is not None}
            days = sorted(map(date.fromisoformat, values))
            base = _write_without(lakehouse, lakehouse.read(key, number), days, gone, base)
        if erased or unwanted or lakehouse.left_over(key):
            lakehouse.withdraw(key, base, unwanted, WHY)
    return Forgotten(key=key, rows=count, versions=touched, files=len(unwanted))


def _rows_of(
    lakehouse: Lakehouse, key: str, paths: Collection[str], newest: Collection[str]
) -> dict[str, pl.DataFrame]:
    """Keys and moments in each file; a file that cannot be read is as one whose rows are all gone.

    Raises:
        DamagedTableError: one of `newest` cannot be read.
    """
    found = {}
    for path in sorted(paths):
        try:
            found[path] = lakehouse.scan_files([path]).select(HELD.names()).collect()
        except (pl.exceptions.PolarsError, OSError) as error:
            if path in newest:
                raise DamagedTableError(
                    f"{path}, a file of the newest version of {key}, cannot be read, so nobody knows who is in it.",
                    "Make the table again, out of the log, and then repeat this: "
                    f"credit-platform run {split_key(key).portfolio} --monitoring",
                ) from error
            found[path] = _UNREADABLE
    return found


def _gone_of(rows: Mapping[str, pl.DataFrame], portfolio: str, logs: Sequence[NamedLog]) -> dict[str, pl.DataFrame]:
    """Of the rows of each file those that their log does not hold any more."""
    names = [log.name for log in logs]
    known = {name for found in rows.values() for name in found["log"].unique().to_list()}
    # After the files: what a run put there meanwhile was in the log before.
    there = held(logs, portfolio, sorted(known & set(names)))
    gone = {
        path: found if found is _UNREADABLE else _absent(found.filter(pl.col("log").is_in(names)), there)
        for path, found in rows.items()
    }
    _require_removed(pl.concat([pl.DataFrame(schema=HELD), *gone.values()]).unique(), logs)
    return gone


def _require_removed(gone: pl.DataFrame, logs: Sequence[NamedLog]) -> None:
    """See that a log records as many removals as rows went: another log by the same name has erased nobody.

    Raises:
        DecisionLogError: more rows went than were ever removed.
    """
    for log in logs:
        count = gone.filter(pl.col("log") == log.name).height
        if count and count > (removed := removed_from(log)):
            raise DecisionLogError(
                f"The decision log {log.store.where}, called {log.name}, lacks {count:,} decisions that the table "
                f"holds, and {removed:,} were ever removed from it: it is another log, or decisions were lost.",
                "Nothing was changed. If this log came in place of another, name both: CREDIT_PLATFORM_DECISION_LOGS. "
                "If its decisions are lost for good, remove the folder of the table: it is made again out of the logs.",
            )


def _absent(rows: pl.DataFrame, there: pl.DataFrame) -> pl.DataFrame:
    return rows.join(there, on=HELD.names(), how="anti")


def _write_without(
    lakehouse: Lakehouse, stored: StoredTable, days: Sequence[date], gone: Mapping[str, pl.DataFrame], base: int
) -> int:
    """Write a version without the rows that went, as it was in all else; its number."""
    went = pl.concat(gone.values())
    rows = stored.frame.filter(pl.col(DAY).is_in(days)).collect()
    staying = rows.join(went, on=HELD.names(), how="anti")
    frames = {day.isoformat(): staying.filter(pl.col(DAY) == day) for day in days}
    replacement = Replacement(column=DAY, base=base, schema=stored.frame.collect_schema(), frames=frames)
    removed = rows.join(went, on=HELD.names(), how="semi")
    record = _counted_again(DecisionsRecord.of(stored), removed, tuple(frames))
    known = {field.name: getattr(stored.version, field.name) for field in fields(CommitInfo)}
    # What was said of a refused table is why it lies there; of one in force it was said of other rows.
    summary = stored.summary if is_refused(stored.version.key) else unjudged(stored.summary)
    info, said = CommitInfo(**known), {**summary, **record.to_summary()}
    return lakehouse.replace(stored.version.key, replacement, summary=said, info=info).version


def _counted_again(record: DecisionsRecord, gone: pl.DataFrame, days: tuple[str, ...]) -> DecisionsRecord:
    logs, by_day = dict(record.logs), {day: dict(counts) for day, counts in record.days.items()}
    for log, day, count in gone.group_by("log", DAY).len().iter_rows():
        logs[log] = logs.get(log, 0) - count
        of_day = by_day.get(day.isoformat(), {})
        of_day[log] = of_day.get(log, 0) - count
        if of_day[log] <= 0:
            of_day.pop(log)
        if not of_day:
            by_day.pop(day.isoformat(), None)
    message = (
        f"{sum(logs.values()):,} decisions are left; others were erased since they were read, or their time was over."
    )
    return replace(record, logs=logs, days=by_day, rebuilt=days, message=message)
