"""Forgetting by rule: erasure and retention remove what a decision says, and leave its place in the chain.

What is here: `Removal`, the record that decisions went, and `remove`, which makes them go.
What to add here: another reason for which decisions may go.
What must not be here: which decisions may go (`credit_platform.monitoring.decision_retention`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, insert, select

from credit_platform.errors import DecisionLogError
from credit_platform.monitoring.decision_log.chain import content_of, digest_of
from credit_platform.monitoring.decision_log.database import BUSY_SECONDS
from credit_platform.monitoring.decision_log.record import Act
from credit_platform.monitoring.decision_log.schema import DECISIONS, REMOVALS, REMOVED
from credit_platform.monitoring.decision_log.sealing import link_removal

if TYPE_CHECKING:
    from credit_platform.monitoring.decision_log.ledger import Ledger

BATCH = 2000
"""Decisions of one transaction and one record: a service beside it waits no longer than for these."""


@dataclass(frozen=True, kw_only=True)
class Removal:
    """That decisions were removed."""

    removed_at: datetime
    kind: str
    decided_before: datetime | None
    decisions: int
    portfolio: str | None
    person: str | None
    """None in records of versions that did not ask."""
    account: str | None
    reason: str | None


class LinkedLog(Protocol):
    """What removing needs of a decision log; `DecisionStore` is one."""

    engine: Engine

    def linked(self, *, announced: bool = False) -> AbstractContextManager[tuple[Connection, Ledger]]:
        """One transaction and the chain that it goes on with."""
        ...

    def session(self, *, reading: bool = False) -> AbstractContextManager[Connection]:
        """One connection."""
        ...


def remove(
    store: LinkedLog,
    condition: ColumnElement[bool],
    act: Act,
    *,
    kind: Literal["retention", "erasure"],
    decided_before: datetime | None = None,
    portfolio: str | None = None,
) -> int:
    """Remove the decisions of `condition` in steps, each with its record; nothing to remove leaves no record.

    Returns:
        How many went.

    Raises:
        DecisionLogError: the log cannot be reached, or what went still stands in SQLite's write-ahead log.
    """
    facts = {"kind": kind, "decided_before": decided_before, "portfolio": portfolio}
    facts |= {"person": act.person, "account": act.account, "reason": act.reason}
    count = taken = 0
    while count == 0 or taken == BATCH:
        with store.linked(announced=True) as (connection, ledger):
            taken = _remove_some(connection, ledger, condition, facts)
        count += taken
        if taken == 0:
            break
    if store.engine.dialect.name == "sqlite":
        _forget_journal(store)
    return count


def _remove_some(connection: Connection, ledger: Ledger, condition: ColumnElement[bool], facts: dict[str, Any]) -> int:
    table = DECISIONS.c
    rows = connection.execute(select(DECISIONS).where(condition).order_by(table.id).limit(BATCH)).all()
    if not rows:
        return 0
    traces = [_trace(row) for row in rows if row.writer is not None]
    values = {"removed_at": datetime.now(UTC), "decisions": len(rows), "rows_digest": rows_digest(traces), **facts}
    place = dict(zip(("writer", "sequence", "link"), link_removal(ledger, values), strict=True))
    removal = connection.execute(insert(REMOVALS).values(**values, **place).returning(REMOVALS.c.id)).scalar_one()
    if traces:
        connection.execute(insert(REMOVED), [{**trace, "removal_id": removal} for trace in traces])
    connection.execute(delete(DECISIONS).where(table.id.in_([row.id for row in rows])))
    return len(rows)


def _trace(row: Any) -> dict[str, Any]:
    """What stays of a decision."""
    return {"writer": row.writer, "sequence": row.sequence, "content": content_of(row._mapping), "link": row.link}


def rows_digest(rows: Iterable[Mapping[str, Any]]) -> str:
    """Digest over which rows went; each has writer, sequence and content."""
    return digest_of(
        f"{w}|{s}|{c}" for w, s, c in sorted((row["writer"], row["sequence"], row["content"]) for row in rows)
    )


def read_removals(rows: Sequence[Row[Any]]) -> list[Removal]:
    """Records as the database gives them."""
    names = tuple(Removal.__dataclass_fields__)
    return [Removal(**{name: getattr(row, name) for name in names}) for row in rows]


def _forget_journal(store: LinkedLog) -> None:
    """Empty SQLite's write-ahead log, in which what was removed may still stand."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        with store.session() as connection:
            # Straight to the driver: a checkpoint is not possible inside a transaction.
            busy = connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if not busy:
            return
        if time.monotonic() > until:
            raise DecisionLogError(
                "The decisions were removed, but the database's write-ahead log still holds them: somebody is reading.",
                "Run the same command again in a moment.",
            )
        time.sleep(0.05)
