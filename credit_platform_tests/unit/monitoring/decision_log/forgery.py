"""Somebody who owns the database: edits, deletes, inserts and swaps rows, and makes all of the chain anew."""

from __future__ import annotations

import random
import secrets
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select

from credit_platform.monitoring.decision_log.chain import NAMES, content_of, next_link, start_of
from credit_platform.monitoring.decision_log.schema import DECISIONS

Rows = list[dict[str, Any]]


def read(connection: Connection, table: Table = DECISIONS) -> Rows:
    return [dict(row) for row in connection.execute(select(table).order_by(table.c.id)).mappings()]


def write(connection: Connection, rows: Rows) -> None:
    connection.execute(delete(DECISIONS))
    if rows:
        connection.execute(insert(DECISIONS), rows)


def recompute(rows: Rows) -> None:
    """Give every writer's rows new numbers, digests and links in the order in which they stand."""
    heads: dict[str, tuple[int, str]] = {}
    for row in rows:
        number, digest = heads.get(row["writer"], (0, start_of(row["writer"]).digest))
        row["sequence"], row["content"] = number + 1, content_of(row, row["salt"])
        row["link"] = next_link(digest, row["writer"], number + 1, row["content"])
        heads[row["writer"]] = (number + 1, row["link"])
    for place, row in enumerate(rows, start=1):
        row["id"] = place


def _other(value: Any, luck: random.Random) -> Any:
    if isinstance(value, float):
        return value + 2**-30
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        place = luck.randrange(len(value)) if value else 0
        return value[:place] + ("x" if value[place : place + 1] != "x" else "y") + value[place + 1 :]
    return "x" if value is None else value.replace(microsecond=(value.microsecond + 1) % 1_000_000)


def edit(rows: Rows, luck: random.Random) -> None:
    row = luck.choice(rows)
    name = luck.choice([*NAMES, "salt"])
    row[name] = _other(row[name], luck)


def remove(rows: Rows, luck: random.Random) -> None:
    start = luck.randrange(len(rows))
    del rows[start : start + luck.choice((1, 1, 1, 5, len(rows)))]


def add(rows: Rows, luck: random.Random) -> None:
    place = luck.randrange(len(rows) + 1)
    example = dict(luck.choice(rows))
    example |= {"request_id": f"forged-{luck.random()}", "salt": secrets.token_hex(16), "id": -1}
    rows.insert(place, example)


def swap(rows: Rows, luck: random.Random) -> None:
    """Change the places of two rows; which writer wrote them stays with the places."""
    a, b = luck.sample(range(len(rows)), 2)
    for name in (*NAMES, "salt", "content"):
        rows[a][name], rows[b][name] = rows[b][name], rows[a][name]


FORGERIES = (edit, remove, add, swap)


def forge(connection: Connection, luck: random.Random) -> str:
    """One random forgery, with everything made anew half of the time; what was done."""
    rows = read(connection)
    act = luck.choice(FORGERIES)
    act(rows, luck)
    anew = luck.random() < 0.5
    if anew:
        recompute(rows)
    elif act is add:
        number = max(row["id"] for row in rows) + 1
        for row in rows:
            if row["id"] == -1:
                row |= {"id": number, "sequence": luck.choice((None, number * 7)), "link": secrets.token_hex(32)}
    write(connection, rows)
    return f"{act.__name__}{' and recomputed' if anew else ''}"
