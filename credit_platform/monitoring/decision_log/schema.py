"""The tables of the decision log, as they are now.

What is here: tables, with their columns, keys and indexes.
What to add here: a column goes into its table here, and into a new migration in `migrations.py`.
What must not be here: how an older database becomes a newer one (`migrations.py`), and queries.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
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
    literal_column,
    text,
)


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
    """The place of a row in the chain of its writer."""
    return Column("writer", String(40)), Column("sequence", BigInteger), Column("link", String(64))


CLAIMED = "coalesce(batch_id, request_id)"
"""The request id that a decision takes; in words of SQL, to the letter as they stand in the index."""
NAMESPACE = "coalesce(client_name, client, '')"
"""Whose it is."""
CLAIM: ColumnElement[str] = literal_column(CLAIMED, String)
WHOSE: ColumnElement[str] = literal_column(NAMESPACE, String)
DECISIONS = Table(
    "decisions",
    METADATA,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("decided_at", UtcTime, nullable=False, index=True),
    Column("request_id", String(160), nullable=False),
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
    Column("client_name", Text),
    Column("batch_id", String(160)),
    Column("batch_digest", String(64)),
    Index("decisions_place", "writer", "sequence", unique=True),
    Index("decisions_claim", text(CLAIMED), text(NAMESPACE), unique=True),
    # A number is never given twice: whoever reads on behind a number that was erased must not miss the next one.
    sqlite_autoincrement=True,
)
"""One row for each decision; `record.DecisionRecord` says what is in the columns, and what `claim` is."""

SHADOW_DECISIONS = Table(
    "shadow_decisions",
    METADATA,
    # What a challenger said goes with the decision it was said about, whoever removes that.
    Column("decision_id", _ID, ForeignKey(DECISIONS.c.id, ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("model_digest", String(64), primary_key=True),
    Column("scored_at", UtcTime, nullable=False),
    Column("model_name", String(128), nullable=False),
    Column("model_version", String(64), nullable=False),
    Column("feature_version", String(64), nullable=False),
    Column("probability", Double, nullable=False),
    Column("decision", String(16), nullable=False),
    Column("threshold", Double, nullable=False),
    Column("reasons", Text),
    Column("latency_ms", Double),
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

VERSIONS = Table(
    "decision_log_migrations",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("applied_at", UtcTime, nullable=False),
    Column("description", Text, nullable=False),
)
