"""Whoever went from a log goes from what a refit took in: from every version of both tables that hold it.

What is here: `forget_trained_on`: decided applicants go from `monitoring/decided_applicants` and `features/applicants`.
What to add here: another table that holds features of decided applicants.
What must not be here: removing from a log (`decision_log.removal`), the decisions (`decisions/forgetting.py`, which
calls this).

Tables of models hold a key that names nobody, and scores: when the decision is gone from the log and the features from
these tables, nobody can say whose they were. A version of the feature table that a model was trained on goes, too:
erasure goes before reproducing it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import Final

import polars as pl

from credit_platform.errors import TableMovedOnError
from credit_platform.features.decided import DECIDED, MARK, ORIGIN, has_decided, of_raw_files
from credit_platform.features.trained_on import standing_for
from credit_platform.lakehouse import CommitInfo, Lakehouse, StoredTable, is_refused, refused_key
from credit_platform.lakehouse.verdicts import unjudged
from credit_platform.monitoring.decisions.logs import NamedLog, held
from credit_platform.monitoring.decisions.marks import log_of, mark_of
from credit_platform.monitoring.outcomes.forgetting import ForgottenRows
from credit_platform.monitoring.retraining.records import TAKEN_IN, DecidedRecord
from credit_platform.portfolios.keys import applicants_key, monitoring_key

_ATTEMPTS: Final = 20


def forget_trained_on(
    lakehouse: Lakehouse, portfolio: str, logs: Sequence[NamedLog], why: str, *, erased: bool, dry_run: bool
) -> list[ForgottenRows]:
    """Take away rows made of decisions that no log holds any more, also from what was refused.

    Rows of a log that is not among `logs` stay: whether it still holds them is not known.

    Args:
        lakehouse: where the tables lie.
        portfolio: name of the portfolio.
        logs: of all services.
        why: completes "because …", for whoever asks for a version that went.
        erased: whether somebody was erased just now.
        dry_run: only say what would go.

    Raises:
        DecisionLogError: a log cannot be read, or was lost.
        TableMovedOnError: others kept changing a table.
    """
    keys = (monitoring_key(portfolio, TAKEN_IN), applicants_key(portfolio))
    there = [name for key in keys for name in (key, refused_key(key)) if lakehouse.exists(name)]
    if not lakehouse.exists(keys[0]) and not lakehouse.exists(refused_key(keys[0])):
        return []  # nobody was ever taken in
    gone = partial(_gone, logs, portfolio)
    return [_forget(lakehouse, key, gone, why, erased=erased, dry_run=dry_run) for key in there]


def _gone(logs: Sequence[NamedLog], portfolio: str, marks: pl.Series) -> set[str]:
    """Of `marks` those whose decision its log does not hold any more."""
    names = {log.name for log in logs}
    known = {log_of(mark) for mark in marks.unique().to_list()}
    if not known & names:
        return set()
    there = {mark_of(*row) for row in held(logs, portfolio, sorted(known & names)).iter_rows()}
    return {mark for mark in marks.to_list() if log_of(mark) in names and mark not in there}


def _forget(
    lakehouse: Lakehouse, key: str, gone: Callable[[pl.Series], set[str]], why: str, *, erased: bool, dry_run: bool
) -> ForgottenRows:
    for number in range(_ATTEMPTS):
        try:
            return _forget_once(lakehouse, key, gone, why, erased=erased, dry_run=dry_run)
        except TableMovedOnError:
            if number == _ATTEMPTS - 1:
                raise
    raise AssertionError("The last attempt returns or raises.")


def _forget_once(
    lakehouse: Lakehouse, key: str, gone: Callable[[pl.Series], set[str]], why: str, *, erased: bool, dry_run: bool
) -> ForgottenRows:
    base = lakehouse.head(key)
    files = {version: set(parts) for version, parts in lakehouse.parts(key).items()}
    marks = {path: _marks(lakehouse.scan_files([path])) for path in sorted(set().union(*files.values()))}
    went = gone(pl.concat([pl.Series(dtype=pl.String), *marks.values()]))
    unwanted = {path for path, found in marks.items() if not went.isdisjoint(found.to_list())}
    number, newest = next(iter(files.items()), (None, set[str]()))
    count = sum(found.is_in(list(went)).sum() for path, found in marks.items() if path in newest)
    touched = tuple(version for version, named in files.items() if not named.isdisjoint(unwanted))
    if not dry_run and base is not None and number is not None:
        if newest & unwanted:
            base = _write_without(lakehouse, lakehouse.read(key, number), went, touched)
        # Only a table that ever held decided applicants is looked at beyond that: the others are as they were.
        if unwanted or (erased and any(found.len() for found in marks.values())):
            lakehouse.withdraw(key, base, unwanted, why)
    return ForgottenRows(key=key, rows=int(count), versions=touched, files=len(unwanted))


def _marks(rows: pl.LazyFrame) -> pl.Series:
    """Marks of the decided applicants in a file; none in one of raw files alone."""
    if MARK not in rows.collect_schema():
        return pl.Series(MARK, dtype=pl.String)
    return rows.select(MARK).drop_nulls().collect().to_series()


def _write_without(lakehouse: Lakehouse, stored: StoredTable, went: set[str], touched: tuple[int, ...]) -> int:
    """Write a version without the rows that went, as it was in all else; its number."""
    key, rows = stored.version.key, stored.frame.collect()
    staying = rows.filter(~pl.col(MARK).is_in(list(went)).fill_null(value=False))
    if has_decided(staying) and staying.filter(pl.col(ORIGIN) == DECIDED).is_empty():
        staying = of_raw_files(staying.lazy()).collect()
    summary = dict(stored.summary) if is_refused(key) else unjudged(stored.summary)
    if "left_out" in summary:  # the table of those taken in counts them
        summary |= _counted_again(DecidedRecord.of(stored), rows.height - staying.height, staying).to_summary()
    elif "decided" in summary:
        summary = standing_for(summary, touched)
        summary["decided"] = staying.filter(pl.col(ORIGIN) == DECIDED).height if has_decided(staying) else 0
    info = CommitInfo(**{field.name: getattr(stored.version, field.name) for field in fields(CommitInfo)})
    return lakehouse.write(key, staying, summary=summary, info=info, after=stored.version).version


def _counted_again(record: DecidedRecord, gone: int, staying: pl.DataFrame) -> DecidedRecord:
    target = next(name for name in staying.columns[1:2])
    return replace(
        record,
        loans=record.loans - gone,
        applicants=staying.height,
        defaults=int(staying[target].sum()),
        message=f"{staying.height:,} decided applicants are left; others were erased since, or their time was over.",
    )
