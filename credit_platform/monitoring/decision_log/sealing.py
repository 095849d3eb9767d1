"""Rows that were written before there was a chain: they get one, once, when their database is migrated.

What is here: `seal`.
What to add here: nothing; a row that has no place in a chain later on is a forgery, and is found as such.
What must not be here: rows that are written today (`insertion.py`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, bindparam, select, update

from credit_platform.monitoring.decision_log.chain import Head, digest_of
from credit_platform.monitoring.decision_log.checkpoints import Place
from credit_platform.monitoring.decision_log.ledger import CHECKPOINT_ROWS, Ledger
from credit_platform.monitoring.decision_log.schema import DECISIONS, REMOVALS

BEFORE = "before-the-chain-"
"""Begins the name of the writer that rows of earlier versions are given."""
REMOVAL_FACTS = (
    "removed_at",
    "kind",
    "decided_before",
    "decisions",
    "portfolio",
    "person",
    "account",
    "reason",
    "rows_digest",
)
"""Columns of a removal that its digest covers."""


def seal(connection: Connection, folder: Place) -> None:
    """Give the rows of an older version their places, and vouch for them; commits.

    Whether they were altered before nobody can say. From now on it shows.

    Raises:
        DecisionLogError: the checkpoints cannot be written; then nothing was committed.
    """
    ledger = Ledger(folder, BEFORE + secrets.token_hex(8))
    heads = [*_seal(connection, DECISIONS, ledger), *_seal(connection, REMOVALS, ledger)]
    if not heads:
        connection.commit()
        return
    ledger.announce()
    connection.commit()
    contents, ledger.chain.fresh = ledger.chain.fresh, []
    for head, after in zip([Head(0, ""), *heads], heads, strict=False):
        ledger.file.append("checkpoint", after, contents[head.sequence : after.sequence])
    ledger.committed()
    ledger.close()
    ledger.try_to_note(connection)


def _seal(connection: Connection, table: Table, ledger: Ledger) -> list[Head]:
    heads = []
    names = ("writer", "sequence", "link") + (("salt",) if table is DECISIONS else ())
    statement = update(table).where(table.c.id == bindparam("row")).values({n: bindparam(f"new_{n}") for n in names})
    for rows in _pages(connection, table):
        if table is DECISIONS:
            places = [(*linked[-3:], linked[-4]) for linked in ledger.chain.link_records(rows)]
        else:
            places = [link_removal(ledger, row._mapping) for row in rows]
        values = [
            {"row": row.id} | {f"new_{name}": value for name, value in zip(names, place, strict=True)}
            for row, place in zip(rows, places, strict=True)
        ]
        connection.execute(statement, values)
        heads.append(ledger.chain.head)
    return heads


def _pages(connection: Connection, table: Table) -> Iterator[Any]:
    last = 0
    while rows := connection.execute(
        select(table).where(table.c.id > last).order_by(table.c.id).limit(CHECKPOINT_ROWS)
    ).all():
        yield rows
        last = rows[-1].id


def link_removal(ledger: Ledger, values: Any) -> tuple[str, int, str]:
    """The place of a removal in a chain: writer, sequence number and link."""
    return ledger.chain.link(removal_content(values))


def removal_content(values: Any) -> str:
    """Content digest of a removal."""
    return digest_of(values[name] for name in REMOVAL_FACTS)
