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

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import IntegrityError

from credit_platform.monitoring.decision_log.record import Conflict, DecisionRecord, Recorded
from credit_platform.monitoring.decision_log.schema import DECISIONS

_NAMES = tuple(DecisionRecord.__slots__)
_ROWS = 500
"""Rows of one statement; SQLite takes 32,766 values in one, PostgreSQL 65,535."""
_WHAT_IS_NEW = " ON CONFLICT (request_id) DO NOTHING RETURNING request_id"


@dataclass(frozen=True, slots=True)
class Entry:
    """The decisions of one request: all of them are written, or none."""

    records: Sequence[DecisionRecord]


def insert_entries(connection: Connection, entries: Sequence[Entry]) -> list[list[Recorded | Conflict]]:
    """Insert the records of all entries that have no conflict.

    Args:
        connection: in a transaction, which the caller commits.
        entries: what requests bring; request ids may occur more than once.

    Returns:
        For each record of each entry: recorded, with the answer to give, and then nothing is written again of what an
        equal request had brought before; or a conflict, and then nothing of the entry is written.
    """
    singles = [position for position, entry in enumerate(entries) if len(entry.records) == 1]
    answered = _insert_records(connection, [entries[position].records[0] for position in singles])
    outcomes: dict[int, list[Recorded | Conflict]] = {
        position: [outcome] for position, outcome in zip(singles, answered, strict=True)
    }
    for position, entry in enumerate(entries):
        if position not in outcomes:
            # One after the other: what one takes back again must not have answered another.
            outcomes[position] = _insert_all_or_none(connection, entry.records)
    return [outcomes[position] for position in range(len(entries))]


def _insert_all_or_none(connection: Connection, records: Sequence[DecisionRecord]) -> list[Recorded | Conflict]:
    with connection.begin_nested() as savepoint:
        outcomes = _insert_records(connection, records)
        if any(isinstance(outcome, Conflict) for outcome in outcomes):
            savepoint.rollback()
    return outcomes


def _insert_records(connection: Connection, records: Sequence[DecisionRecord]) -> list[Recorded | Conflict]:
    first: dict[str, DecisionRecord] = {}
    for record in records:
        first.setdefault(record.request_id, record)
    written = _insert(connection, list(first.values()))
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


def _insert(connection: Connection, records: Sequence[DecisionRecord]) -> set[str]:
    """Insert what is new; returns the request ids of what was inserted."""
    in_sqlite = connection.dialect.name == "sqlite"
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    written: set[str] = set()
    for start in range(0, len(records), _ROWS):
        chunk = records[start : start + _ROWS]
        values = tuple(value for record in chunk for value in _values(record, as_text=in_sqlite))
        if in_sqlite and _insert_all(connection, len(chunk), values):
            written.update(record.request_id for record in chunk)
        else:
            statement = _statement(len(chunk), mark) + _WHAT_IS_NEW
            written.update(connection.exec_driver_sql(statement, values).scalars())
    return written


def _insert_all(connection: Connection, rows: int, values: tuple[object, ...]) -> bool:
    """Insert all rows, or none because one of them is there already.

    Only for SQLite, where a statement that fails is undone and the transaction goes on. Its driver lets other threads
    in at each row that `RETURNING` gives back, and waits for them; nearly always all rows are new.
    """
    try:
        connection.exec_driver_sql(_statement(rows, "?"), values)
    except IntegrityError:
        return False
    return True


def _values(record: DecisionRecord, *, as_text: bool) -> list[object]:
    values = [getattr(record, name) for name in _NAMES]
    moment = record.decided_at.astimezone(UTC)
    # As SQLAlchemy writes and reads it in SQLite; microseconds always, so that texts sort by time.
    values[0] = moment.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds") if as_text else moment
    return values


@lru_cache(maxsize=_ROWS)
def _statement(rows: int, mark: str) -> str:
    row = "(" + ",".join([mark] * len(_NAMES)) + ")"
    names = ",".join(_NAMES)
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
