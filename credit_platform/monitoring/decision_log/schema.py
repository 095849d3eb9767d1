"""The tables of the decision log, and how an older database becomes a newer one.

What is here: the tables as they are now, and `MIGRATIONS`, the steps that lead there.
What to add here: a column goes into its table and into a new migration at the end of the list.
What must not be here: a change of a migration that has been released: databases that took it will not take it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    func,
    insert,
    inspect,
    select,
    text,
)

from credit_platform.errors import DecisionLogError


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps it as text that sorts by time, PostgreSQL as `timestamptz`."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database, in UTC."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


METADATA = MetaData()
_ID = BigInteger().with_variant(Integer(), "sqlite")


def _chained() -> tuple[Column[str], Column[int], Column[str]]:
    """The place of a row in the chain of its writer; see `chain.Link`."""
    return Column("writer", String(40)), Column("sequence", BigInteger), Column("link", String(64))


DECISIONS = Table(
    "decisions",
    METADATA,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("decided_at", UtcTime, nullable=False, index=True),
    Column("request_id", String(160), nullable=False, unique=True),
    Column("applicant_id", String(64), index=True),
    Column("client", String(64)),
    Column("portfolio", String(64), nullable=False),
    Column("inputs", Text),
    Column("inputs_digest", String(64), nullable=False),
    Column("features", Text, nullable=False),
    Column("probability", Double, nullable=False),
    Column("decision", String(16), nullable=False),
    Column("threshold", Double, nullable=False),
    Column("points", Integer, nullable=False),
    Column("language", String(8), nullable=False),
    Column("answer", Text, nullable=False),
    Column("model_name", String(128), nullable=False),
    Column("model_version", String(64), nullable=False),
    Column("model_digest", String(64), nullable=False),
    Column("feature_version", String(64), nullable=False),
    Column("latency_ms", Double, nullable=False),
    *_chained(),
    Column("salt", String(32)),
    Column("content", String(64)),
    Index("decisions_place", "writer", "sequence", unique=True),
)
"""One row for each decision; `record.DecisionRecord` says what is in the columns."""

SHADOW_DECISIONS = Table(
    "shadow_decisions",
    METADATA,
    # What a challenger said goes with the decision it was said about, whoever removes that.
    Column("request_id", String(160), ForeignKey(DECISIONS.c.request_id, ondelete="CASCADE"), primary_key=True),
    Column("model_digest", String(64), primary_key=True),
    Column("scored_at", UtcTime, nullable=False),
    Column("model_name", String(128), nullable=False),
    Column("model_version", String(64), nullable=False),
    Column("feature_version", String(64), nullable=False),
    Column("probability", Double, nullable=False),
    Column("decision", String(16), nullable=False),
    Column("threshold", Double, nullable=False),
)
"""What challengers said of decided requests; `shadow.ShadowRecord` says what is in the columns."""

REMOVALS = Table(
    "removals",
    METADATA,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("removed_at", UtcTime, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("decided_before", UtcTime),
    Column("decisions", Integer, nullable=False),
    Column("portfolio", String(64)),
    Column("person", Text),
    Column("account", Text),
    Column("reason", Text),
    Column("rows_digest", String(64)),
    *_chained(),
    Index("removals_place", "writer", "sequence", unique=True),
)
"""That decisions were removed, how many, why (`retention`, `erasure`) and by whom, but not whose."""

REMOVED = Table(
    "removed_decisions",
    METADATA,
    Column("writer", String(40), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("content", String(64), nullable=False),
    Column("link", String(64), nullable=False),
    Column("removal_id", BigInteger, ForeignKey(REMOVALS.c.id), nullable=False, index=True),
)
"""What stays of a removed decision: its place in the chain and the digest of what it said, nothing else."""

CHECKPOINT_NOTES = Table(
    "decision_log_checkpoints",
    METADATA,
    Column("writer", String(40), primary_key=True),
    Column("lines", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
)
"""How long the checkpoint file of each writer was when this was noted, and the digest of its last line."""

_VERSIONS = Table(
    "decision_log_migrations",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("applied_at", UtcTime, nullable=False),
    Column("description", Text, nullable=False),
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
        known = {column["name"] for column in inspect(connection).get_columns(table.name)}
        for column in table.columns:
            if column.name not in known:
                kind = column.type.compile(connection.dialect)
                connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}"))
        for index in table.indexes:
            index.create(connection, checkfirst=True)
    METADATA.create_all(connection, tables=[REMOVED, CHECKPOINT_NOTES])


CHAINED_SINCE = 3
"""Version of the schema from which on rows are written with their place in a chain."""
MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, "Decisions and the removal of decisions", _first),
    Migration(2, "What challengers say of decided requests", _second),
    Migration(3, "A hash chain for each writer", _third),
)


def require_newest(connection: Connection) -> None:
    """Refuse a database of another version where it cannot be migrated.

    Raises:
        DecisionLogError: it is of another version, or no decision log.
    """
    known = inspect(connection).has_table(_VERSIONS.name)
    current = connection.execute(select(func.max(_VERSIONS.c.version))).scalar() if known else 0
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
    if not inspect(connection).has_table(_VERSIONS.name):
        _VERSIONS.create(connection)
    current = connection.execute(select(func.coalesce(func.max(_VERSIONS.c.version), 0))).scalar_one()
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
            connection.execute(insert(_VERSIONS).values(applied_at=datetime.now(UTC), **row))
    return int(current)
