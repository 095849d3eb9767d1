"""Tables of the memory of incidents, in SQLite in the home or in a schema of the PostgreSQL database."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Connection,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    inspect,
    text,
)

METADATA = MetaData()

INCIDENTS = Table(
    "incidents",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False),
    Column("title", String, nullable=False),
    Column("message", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("link", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("told_by", String, nullable=False),  # names of channels, with commas
    Column("opened", Float, nullable=False),  # seconds since 1970, as all times here
    Column("seen", Float, nullable=False),  # when it was last seen to be wrong
    Column("times", Integer, nullable=False),
    Column("told", Float),  # null while it is kept back, because it comes and goes
    Column("silent_until", Float),  # of what is kept back: told if it is still open then
    Column("resolved", Float),
    Column("resolution", String, nullable=False),
    Column("portfolio", String, nullable=False, server_default=""),  # where the key does not say so
    # Two that notice the same thing at once make one incident.
    Index(
        "one_open_incident",
        "key",
        unique=True,
        sqlite_where=text("resolved IS NULL"),
        postgresql_where=text("resolved IS NULL"),
    ),
)

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("incident", Integer, nullable=False, index=True),
    Column("kind", String, nullable=False),  # problem or resolved
    Column("channel", String, nullable=False),
    Column("due", Float, nullable=False),
    Column("since", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("claimed_until", Float, nullable=False),
    Column("ended", Float),  # delivered, or given up
    Column("fault", String, nullable=False),
    UniqueConstraint("incident", "kind", "channel"),
)

MEMORY = Table(
    "memory",
    METADATA,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)


def make_tables(connection: Connection) -> None:
    """Make what is missing: tables, and the column that the first homes lack."""
    METADATA.create_all(connection)
    if "portfolio" not in {column["name"] for column in inspect(connection).get_columns(INCIDENTS.name)}:
        connection.execute(text("ALTER TABLE incidents ADD COLUMN portfolio VARCHAR NOT NULL DEFAULT ''"))
