"""Writing a group of decisions in one statement, and finding out which of them were there already.

What is here: `Entry` (what one request brings) and `insert_entries`.
What to add here: nothing that could wait: every answer of the service waits for this.
What must not be here: commits and connections.

One statement for the whole group, handed to the driver as it is: SQLAlchemy's own bulk insert takes four times as long,
and a statement for each row would let Python's other threads in between, each time for milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, CursorResult, bindparam, delete, select
from sqlalchemy.exc import IntegrityError

from credit_platform.monitoring.decision_log.chain import Chain, Link
from credit_platform.monitoring.decision_log.record import Conflict, DecisionRecord, Recorded
from credit_platform.monitoring.decision_log.schema import DECISIONS

_NAMES = tuple(DecisionRecord.__slots__)
_PLACE = ("writer", "sequence", "salt", "content", "link")
"""What is written beside a record: its place in the chain; see `chain.Link`."""
_ROWS = 500
"""Rows of one statement; SQLite takes 32,766 values in one, PostgreSQL 65,535."""
_WHAT_IS_NEW = " ON CONFLICT (request_id) DO NOTHING RETURNING request_id"


@dataclass(frozen=True, slots=True)
class Entry:
    """The decisions of one request: all of them are written, or none."""

    records: Sequence[DecisionRecord]


def insert_entries(connection: Connection, entries: Sequence[Entry], chain: Chain) -> list[list[Recorded | Conflict]]:
    """Insert the records of all entries that have no conflict.

    Args:
        connection: in a transaction, which the caller commits.
        entries: what requests bring; request ids may occur more than once.
        chain: gives each row its place; stands behind the last row that was inserted, when this returns.

    Returns:
        For each record of each entry: recorded, with the answer to give, and then nothing is written again of what an
        equal request had brought before; or a conflict, and then nothing of the entry is written.
    """
    singles = [position for position, entry in enumerate(entries) if len(entry.records) == 1]
    answered = _insert_records(connection, [entries[position].records[0] for position in singles], chain)
    outcomes: dict[int, list[Recorded | Conflict]] = {
        position: [outcome] for position, outcome in zip(singles, answered, strict=True)
    }
    for position, entry in enumerate(entries):
        if position not in outcomes:
            # One after the other: what one takes back again must not have answered another.
            outcomes[position] = _insert_all_or_none(connection, entry.records, chain)
    return [outcomes[position] for position in range(len(entries))]


def _insert_all_or_none(
    connection: Connection, records: Sequence[DecisionRecord], chain: Chain
) -> list[Recorded | Conflict]:
    before = chain.head
    with connection.begin_nested() as savepoint:
        outcomes = _insert_records(connection, records, chain)
        if any(isinstance(outcome, Conflict) for outcome in outcomes):
            savepoint.rollback()
            chain.back_to(before)
    return outcomes


def _insert_records(
    connection: Connection, records: Sequence[DecisionRecord], chain: Chain
) -> list[Recorded | Conflict]:
    first: dict[str, DecisionRecord] = {}
    for record in records:
        first.setdefault(record.request_id, record)
    written = _insert(connection, list(first.values()), chain)
    earlier = _earlier(connection, [one for one in first if one not in written])
    outcomes: list[Recorded | Conflict] = []
    told: set[str] = set()
    for record in records:
        known = first[record.request_id]
        repeated = record.request_id in earlier or record.request_id in told
        digest, answer = earlier.get(record.request_id, (known.inputs_digest, known.answer))
        outcomes.append(Recorded(answer, repeated) if digest == record.inputs_digest else Conflict(record.request_id))
        told.add(record.request_id)
    return outcomes


def _insert(connection: Connection, records: Sequence[DecisionRecord], chain: Chain) -> set[str]:
    """Insert what is new; returns the request ids of what was inserted."""
    insert_chunk = _insert_in_sqlite if connection.dialect.name == "sqlite" else _insert_in_postgresql
    written: set[str] = set()
    for start in range(0, len(records), _ROWS):
        written |= insert_chunk(connection, records[start : start + _ROWS], chain)
    return written


def _insert_in_sqlite(connection: Connection, records: Sequence[DecisionRecord], chain: Chain) -> set[str]:
    """Insert what is new, where nobody else writes meanwhile.

    All of it is tried first, and nearly always new. A statement that fails is undone and the transaction goes on. The
    driver lets other threads in at each row that `RETURNING` gives back, and waits for them.
    """
    before = chain.head
    try:
        _execute(connection, records, chain)
    except IntegrityError:
        chain.back_to(before)
        known = _earlier(connection, [record.request_id for record in records])
        if not known:
            raise
        new = [record for record in records if record.request_id not in known]
        if new:
            _execute(connection, new, chain)
        return {record.request_id for record in new}
    return {record.request_id for record in records}


def _insert_in_postgresql(connection: Connection, records: Sequence[DecisionRecord], chain: Chain) -> set[str]:
    """Insert what is new, where others may write the same at the same time.

    Which rows are new is known once they are inserted, and their places once that is known. So if some are not, what
    was inserted is taken out again and inserted in its right place; nobody has seen it.
    """
    wanted = list(records)
    while wanted:
        before = chain.head
        written = set(_execute(connection, wanted, chain, _WHAT_IS_NEW).scalars())
        if len(written) == len(wanted):
            return written
        chain.back_to(before)
        mine = (DECISIONS.c.writer == chain.writer) & (DECISIONS.c.sequence > before.sequence)
        connection.execute(delete(DECISIONS).where(mine))
        wanted = [record for record in wanted if record.request_id in written]
    return set()


def _execute(
    connection: Connection, records: Sequence[DecisionRecord], chain: Chain, ending: str = ""
) -> CursorResult[Any]:
    in_sqlite = connection.dialect.name == "sqlite"
    values = tuple(
        value for record in records for value in _values(record, chain.link_record(record), as_text=in_sqlite)
    )
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    return connection.exec_driver_sql(_statement(len(records), mark) + ending, values)


def _values(record: DecisionRecord, link: Link, *, as_text: bool) -> list[object]:
    values = [getattr(record, name) for name in _NAMES]
    moment = record.decided_at.astimezone(UTC)
    # As SQLAlchemy writes and reads it in SQLite; microseconds always, so that texts sort by time.
    values[0] = moment.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds") if as_text else moment
    return [*values, link.writer, link.sequence, link.salt, link.content, link.digest]


@lru_cache(maxsize=_ROWS)
def _statement(rows: int, mark: str) -> str:
    columns = (*_NAMES, *_PLACE)
    row = "(" + ",".join([mark] * len(columns)) + ")"
    names = ",".join(columns)
    return f"INSERT INTO {DECISIONS.name} ({names}) VALUES {','.join([row] * rows)}"  # noqa: S608  # all of it are constants of this module


_EARLIER = select(DECISIONS.c.request_id, DECISIONS.c.inputs_digest, DECISIONS.c.answer).where(
    DECISIONS.c.request_id.in_(bindparam("ids", expanding=True))
)


def _earlier(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Digest and answer of decisions that were there already, by request id."""
    found: dict[str, tuple[str, str]] = {}
    for start in range(0, len(ids), _ROWS):
        for row in connection.execute(_EARLIER, {"ids": list(ids[start : start + _ROWS])}):
            found[row.request_id] = (row.inputs_digest, row.answer)
    return found
