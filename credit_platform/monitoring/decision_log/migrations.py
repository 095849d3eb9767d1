"""How an older decision log becomes a newer one.

What is here: `MIGRATIONS`, the steps that lead to the tables of today, and `migrate`, which takes those that lack.
What to add here: a new step at the end of the list.
What must not be here: a change of a step that has been released: databases that took it will not take it again. A step
finds the tables as any earlier version left them, or as `schema.py` has them, when an earlier step made them just now.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, MetaData, Table, func, insert, inspect, select, text
from sqlalchemy.schema import CreateIndex, CreateTable

from credit_platform.errors import DecisionLogError
from credit_platform.monitoring.decision_log.schema import (
    CHECKPOINT_NOTES,
    DECISIONS,
    METADATA,
    REMOVALS,
    REMOVED,
    SHADOW_DECISIONS,
    VERSIONS,
)

_LOCK = 0x63726564
"""Number of the PostgreSQL advisory lock that keeps two services from migrating at once."""


@dataclass(frozen=True)
class Migration:
    """One step of the schema."""

    version: int
    description: str
    apply: Callable[[Connection], None]


def _first(connection: Connection) -> None:
    # With what the third adds, where there was nothing before; it adds only what it does not find.
    METADATA.create_all(connection, tables=[DECISIONS, REMOVALS])


def _second(connection: Connection) -> None:
    METADATA.create_all(connection, tables=[SHADOW_DECISIONS])


def _third(connection: Connection) -> None:
    for table in (DECISIONS, REMOVALS):
        _add_columns(connection, table)
        _add_indexes(connection, table)
    METADATA.create_all(connection, tables=[REMOVED, CHECKPOINT_NOTES])


def _fourth(connection: Connection) -> None:
    _add_columns(connection, DECISIONS)
    by_request = "request_id" in _columns(connection, SHADOW_DECISIONS)
    if connection.dialect.name == "sqlite":
        if _unique_requests(connection):
            _rebuild_in_sqlite(connection, by_request=by_request)
    else:
        if by_request:
            _give_shadows_numbers(connection)
        for name in _unique_requests(connection):
            connection.execute(text(f'ALTER TABLE {DECISIONS.name} DROP CONSTRAINT "{name}"'))
    _add_indexes(connection, DECISIONS)


def _unique_requests(connection: Connection) -> list[str | None]:
    """Names of the constraints that make a request id unique in the whole log."""
    if connection.dialect.name == "sqlite":  # SQLAlchemy warns of every index over expressions that it meets there
        query = "SELECT name FROM pragma_index_list(:table) WHERE origin = 'u'"
        return list(connection.execute(text(query), {"table": DECISIONS.name}).scalars())
    found = inspect(connection).get_unique_constraints(DECISIONS.name)
    return [one["name"] for one in found if one["column_names"] == ["request_id"]]


def _complete_shadows(connection: Connection) -> None:
    """What shadows gained since, and nobody has to fill: no version of its own, which older code would refuse to open.

    A Bento that is gone back to carries the code of its day, and has to be able to write here.
    """
    _add_columns(connection, SHADOW_DECISIONS)


def _columns(connection: Connection, table: Table) -> set[str]:
    return {column["name"] for column in inspect(connection).get_columns(table.name)}


def _add_columns(connection: Connection, table: Table) -> None:
    known = _columns(connection, table)
    for column in table.columns:
        if column.name not in known:
            kind = column.type.compile(connection.dialect)
            connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}"))


def _add_indexes(connection: Connection, table: Table) -> None:
    for index in table.indexes:
        connection.execute(CreateIndex(index, if_not_exists=True))


def _give_shadows_numbers(connection: Connection) -> None:
    """In place: the rights that others were given on the table stay."""
    shadow, decisions = SHADOW_DECISIONS.name, DECISIONS.name
    for statement in (
        f"ALTER TABLE {shadow} ADD COLUMN decision_id BIGINT",
        f"UPDATE {shadow} s SET decision_id = d.id FROM {decisions} d WHERE d.request_id = s.request_id",  # noqa: S608  # all of it are constants of `schema.py`
        f"ALTER TABLE {shadow} DROP COLUMN request_id CASCADE",
        f"ALTER TABLE {shadow} ADD PRIMARY KEY (decision_id, model_digest)",
        f"ALTER TABLE {shadow} ADD FOREIGN KEY (decision_id) REFERENCES {decisions} (id) ON DELETE CASCADE",
    ):
        connection.execute(text(statement))


def _rebuild_in_sqlite(connection: Connection, *, by_request: bool) -> None:
    """SQLite changes neither keys nor uniqueness of a table: both tables are copied, row by row as they are."""
    shadow, decisions = SHADOW_DECISIONS.name, DECISIONS.name
    known = _columns(connection, SHADOW_DECISIONS) - {"decision_id"}
    kept = ", ".join(column.name for column in SHADOW_DECISIONS.columns if column.name in known)
    names = ", ".join(column.name for column in DECISIONS.columns)
    numbered = f"SELECT decision_id, {kept} FROM {shadow}"  # noqa: S608  # all of it are constants of `schema.py`
    if by_request:
        numbered = (
            f"SELECT (SELECT id FROM {decisions} d WHERE d.request_id = s.request_id) AS decision_id, {kept} "  # noqa: S608  # as above
            f"FROM {shadow} s"
        )
    copy = DECISIONS.to_metadata(MetaData(), name=f"new_{decisions}")
    for statement in (
        f"CREATE TABLE old_{shadow} AS {numbered}",
        f"DROP TABLE {shadow}",
        str(CreateTable(copy).compile(connection)),
        f"INSERT INTO new_{decisions} ({names}) SELECT {names} FROM {decisions} ORDER BY id",  # noqa: S608  # as above
        f"DROP TABLE {decisions}",
        f"ALTER TABLE new_{decisions} RENAME TO {decisions}",
        str(CreateTable(SHADOW_DECISIONS).compile(connection)),
        f"INSERT INTO {shadow} (decision_id, {kept}) SELECT decision_id, {kept} FROM old_{shadow}",  # noqa: S608  # as above
        f"DROP TABLE old_{shadow}",
    ):
        connection.exec_driver_sql(statement)


CHAINED_SINCE = 3
"""Version of the schema from which on rows are written with their place in a chain."""
MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, "Decisions and the removal of decisions", _first),
    Migration(2, "What challengers say of decided requests", _second),
    Migration(3, "A hash chain for each writer", _third),
    Migration(4, "Request ids belong to a client, batches are known as a whole", _fourth),
)


def require_newest(connection: Connection) -> None:
    """Refuse a database of another version where it cannot be migrated.

    Raises:
        DecisionLogError: it is of another version, or no decision log.
    """
    known = inspect(connection).has_table(VERSIONS.name)
    current = connection.execute(select(func.max(VERSIONS.c.version))).scalar() if known else 0
    if current != MIGRATIONS[-1].version:
        raise DecisionLogError(
            f"The decision log has schema version {current}, this code reads {MIGRATIONS[-1].version}, and it lies "
            "where it cannot be changed.",
            "Copy it, with its folder of checkpoints, to where you may write, and open the copy.",
        )


def migrate(connection: Connection, migrations: Sequence[Migration] = MIGRATIONS) -> int:
    """Bring the database to the newest version; run it in a transaction that is committed afterwards.

    Returns:
        The version it had before; 0 for one without tables.

    Raises:
        DecisionLogError: the database was made by a newer version of this code.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        connection.execute(text("SET LOCAL statement_timeout = 0"))  # a step may take long where there are many rows
    if not inspect(connection).has_table(VERSIONS.name):
        VERSIONS.create(connection)
    current = connection.execute(select(func.coalesce(func.max(VERSIONS.c.version), 0))).scalar_one()
    newest = migrations[-1].version
    if current > newest:
        raise DecisionLogError(
            f"The decision log has schema version {current}; this code knows {newest}.",
            "Start the version of credit_platform that made it, or a newer one.",
        )
    for migration in migrations:
        if migration.version > current:
            migration.apply(connection)
            row = {"version": migration.version, "description": migration.description}
            connection.execute(insert(VERSIONS).values(applied_at=datetime.now(UTC), **row))
    if newest == MIGRATIONS[-1].version:
        _complete_shadows(connection)
    return int(current)
