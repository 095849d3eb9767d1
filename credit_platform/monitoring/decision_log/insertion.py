"""Writing a group of decisions in one statement, and finding out which of them were there already.

What is here: `Entry` (what one request brings) and `insert_entries`.
What to add here: nothing that could wait: every answer of the service waits for this.
What must not be here: commits and connections.

One statement for the whole group, handed to the driver as it is: SQLAlchemy's own bulk insert takes four times as long,
and a statement for each row would let Python's other threads in between, each time for milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain as joined
from itertools import islice
from typing import Any

from sqlalchemy import Connection, CursorResult, bindparam, delete, select
from sqlalchemy.exc import IntegrityError

from credit_platform.monitoring.decision_log.chain import ORDER, Chain
from credit_platform.monitoring.decision_log.database import execute_in_sqlite
from credit_platform.monitoring.decision_log.record import Conflict, DecisionRecord, Recorded, batch_of
from credit_platform.monitoring.decision_log.schema import CLAIM, CLAIMED, DECISIONS, NAMESPACE, WHOSE

_COLUMNS = (*ORDER, "salt", "writer", "sequence", "link")
"""What `Chain.link_records` gives for a record."""
_ROWS = 500
"""Rows of one statement; SQLite takes 32,766 values in one, PostgreSQL 65,535."""
_WHAT_IS_NEW = f" ON CONFLICT ({CLAIMED}, {NAMESPACE}) DO NOTHING RETURNING {CLAIMED}, {NAMESPACE}"
_BATCH_LOCK = 0x62617463
"""Number of the PostgreSQL advisory lock of those who write what the index over claims cannot keep apart."""

Claim = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """The decisions of one request: all of them are written, or none."""

    records: Sequence[DecisionRecord]

    @property
    def is_single(self) -> bool:
        """Whether it is one decision, and not a batch of one."""
        return len(self.records) == 1 and self.records[0].batch_id is None


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
    singles = [position for position, entry in enumerate(entries) if entry.is_single]
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
    claims = [record.claim for record in records]
    first: dict[Claim, DecisionRecord] = {}
    for claim, record in zip(claims, records, strict=True):
        first.setdefault(claim, record)
    earlier = _unindexed(connection, first)
    new = first if not earlier else {claim: one for claim, one in first.items() if claim not in earlier}
    written = _insert(connection, new, chain)
    if len(written) == len(records):  # as nearly always: all are new
        places = _places(chain, len(records))
        return [Recorded(r.answer, repeated=False, place=p) for r, p in zip(records, places, strict=True)]
    new_places = dict(zip([claim for claim in first if claim in written], _places(chain, len(written)), strict=True))
    earlier |= _earlier(connection, [claim for claim in first if claim not in written and claim not in earlier])
    if any(known.batch_digest is None and first[claim].batch_digest for claim, known in earlier.items()) and written:
        # Its rows were decided before batches were known as a whole, and there were not as many of them.
        return [Conflict(record.request_id) for record in records]
    outcomes: list[Recorded | Conflict] = []
    told: set[Claim] = set()
    for claim, record in zip(claims, records, strict=True):
        known = earlier.get(claim) or _Known.of(first[claim])
        repeated = claim in earlier or claim in told
        place = new_places.get(claim) or known.place
        outcomes.append(Recorded(known.answer, repeated, place) if known.is_of(record) else Conflict(record.request_id))
        told.add(claim)
    return outcomes


def _places(chain: Chain, count: int) -> list[str]:
    """Of the last rows that were linked, in their order."""
    end = chain.head.sequence
    return [f"{chain.writer}:{number}" for number in range(end - count + 1, end + 1)]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a decision by which a request is judged to be the same."""

    request_id: str
    inputs_digest: str
    batch_digest: str | None
    answer: str
    place: str

    @classmethod
    def of(cls, row: Any) -> _Known:
        """From a record, or a row of the log."""
        writer = getattr(row, "writer", None)  # not of a record, nor of a row from before the log was a chain
        place = "" if writer is None else f"{writer}:{row.sequence}"
        return cls(row.request_id, row.inputs_digest, row.batch_digest, row.answer, place)

    def is_of(self, record: DecisionRecord) -> bool:
        """Whether `record` is the same decision, brought once more."""
        same = (record.request_id, record.inputs_digest) == (self.request_id, self.inputs_digest)
        return same and (self.batch_digest is None or self.batch_digest == record.batch_digest)


def _unindexed(connection: Connection, records: Mapping[Claim, DecisionRecord]) -> dict[Claim, _Known]:
    """Decisions of the same request ids which hold another claim than that, so that the index finds no fault.

    The first decision of a batch holds the batch's id; a client may give that decision's own id to another request, and
    ids of batches that were decided before batches were known as a whole are held by their rows.
    """
    wanted: dict[Claim, Claim] = {}
    for claim, record in records.items():
        if record.batch_id is not None:
            wanted[record.request_id, claim[1]] = claim
        elif ":" in record.request_id and (batch := batch_of(record.request_id)) is not None:
            wanted[batch, claim[1]] = claim
    if not wanted:
        return {}
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_BATCH_LOCK})")
    names = {(record.request_id, claim[1]): claim for claim, record in records.items()}
    found = _earlier(connection, [*wanted])
    return {
        names[known.request_id, claim[1]]: known
        for claim, known in found.items()
        if (known.request_id, claim[1]) in names and names[known.request_id, claim[1]] != claim
    }


def _insert(connection: Connection, records: Mapping[Claim, DecisionRecord], chain: Chain) -> Set[Claim]:
    """Insert what is new; returns the claims of what was inserted."""
    insert_chunk = _insert_in_sqlite if connection.dialect.name == "sqlite" else _insert_in_postgresql
    if 0 < len(records) <= _ROWS:
        return insert_chunk(connection, records, chain)
    written: set[Claim] = set()
    for start in range(0, len(records), _ROWS):
        written |= insert_chunk(connection, dict(islice(records.items(), start, start + _ROWS)), chain)
    return written


def _insert_in_sqlite(connection: Connection, records: Mapping[Claim, DecisionRecord], chain: Chain) -> Set[Claim]:
    """Insert what is new, where nobody else writes meanwhile.

    All of it is tried first, and nearly always new. A statement that fails is undone and the transaction goes on. The
    driver lets other threads in at each row that `RETURNING` gives back, and waits for them.
    """
    before = chain.head
    try:
        _execute_in_sqlite(connection, [*records.values()], chain)
    except IntegrityError:
        chain.back_to(before)
        known = _earlier(connection, [*records])
        if not known:
            raise
        new = {claim: record for claim, record in records.items() if claim not in known}
        if new:
            _execute_in_sqlite(connection, [*new.values()], chain)
        return new.keys()
    return records.keys()


def _execute_in_sqlite(connection: Connection, records: Sequence[DecisionRecord], chain: Chain) -> None:
    rows = chain.link_records(records)
    values = rows[0] if len(rows) == 1 else tuple(joined.from_iterable(rows))
    execute_in_sqlite(connection, _statement(len(rows), "?"), values)


def _insert_in_postgresql(connection: Connection, records: Mapping[Claim, DecisionRecord], chain: Chain) -> Set[Claim]:
    """Insert what is new, where others may write the same at the same time.

    Which rows are new is known once they are inserted, and their places once that is known. So if some are not, what
    was inserted is taken out again and inserted in its right place; nobody has seen it.
    """
    wanted = [*records.values()]
    while wanted:
        before = chain.head
        written = {(claimed, whose) for claimed, whose in _execute_in_postgresql(connection, wanted, chain)}
        if len(written) == len(wanted):
            return written
        chain.back_to(before)
        mine = (DECISIONS.c.writer == chain.writer) & (DECISIONS.c.sequence > before.sequence)
        connection.execute(delete(DECISIONS).where(mine))
        wanted = [record for record in wanted if record.claim in written]
    return set()


def _execute_in_postgresql(
    connection: Connection, records: Sequence[DecisionRecord], chain: Chain
) -> CursorResult[Any]:
    rows = [(one.decided_at, *row[1:]) for one, row in zip(records, chain.link_records(records), strict=True)]
    return connection.exec_driver_sql(_statement(len(rows), "%s") + _WHAT_IS_NEW, tuple(joined.from_iterable(rows)))


@lru_cache(maxsize=_ROWS)
def _statement(rows: int, mark: str) -> str:
    row = "(" + ",".join([mark] * len(_COLUMNS)) + ")"
    names = ",".join(_COLUMNS)
    return f"INSERT INTO {DECISIONS.name} ({names}) VALUES {','.join([row] * rows)}"  # noqa: S608  # all of it are constants of this module


_EARLIER = select(
    DECISIONS.c.request_id,
    DECISIONS.c.inputs_digest,
    DECISIONS.c.batch_digest,
    DECISIONS.c.answer,
    DECISIONS.c.writer,
    DECISIONS.c.sequence,
    CLAIM.label("claim"),
    WHOSE.label("whose"),
).where(CLAIM.in_(bindparam("ids", expanding=True)))


def _earlier(connection: Connection, claims: Sequence[Claim]) -> dict[Claim, _Known]:
    """Decisions that were there already, by claim."""
    wanted = set(claims)
    found: dict[Claim, _Known] = {}
    for start in range(0, len(claims), _ROWS):
        ids = list({claimed for claimed, _ in claims[start : start + _ROWS]})
        for row in connection.execute(_EARLIER, {"ids": ids}):
            if (row.claim, row.whose) in wanted:
                found[row.claim, row.whose] = _Known.of(row)
    return found
