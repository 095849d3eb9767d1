"""Dagster's record of a run in SQLite, without opening its files anew for each of its hundreds of events.

What is here: `quick_storage`, for the process that executes a run, and the storage it puts in.
What must not be here: any other database. What the registry of models and the decision log have committed must outlast
a power cut; of the events of a run, the last ones may be lost with it, as the run itself is.

For every event Dagster makes an SQLAlchemy engine, opens a connection, and closes both again. The new engine compiles
every statement anew; in SQLite's write-ahead mode each commit then waits for the disk, and so does each close, because
the last connection to a file empties the log. Here each file has one engine until the run has ended, and
`synchronous = NORMAL` waits only where the log is emptied. A killed process loses nothing by it, and after a power cut
the files are whole (https://www.sqlite.org/pragma.html#pragma_synchronous).

Measured: 0.67 of the time of a run of german_credit, half of what is written; why it is worth it: docs/adr/0011.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry

_PATIENCE_SECONDS = 60
"""For another process that writes, as the Dagster UI does."""


def quick_storage(instance: InstanceRef) -> InstanceRef:
    """The same instance with quick storage, if it is kept in SQLite files; another database is left as it is."""
    data = instance.storage_data
    if data is None or data.class_name != DagsterSqliteStorage.__name__:
        return instance
    return instance._replace(storage_data=ConfigurableClassData(__name__, QuickStorage.__name__, data.config_yaml))


class QuickStorage(DagsterSqliteStorage):
    """Dagster's files, opened once; they close with the instance, and SQLite writes its logs into them."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        runs, events = self._run_storage, self._event_log_storage
        self._run_storage: SqliteRunStorage = _QuickRuns(runs._conn_string)  # what Dagster gave it
        self._event_log_storage: SqliteEventLogStorage = _QuickEvents(events._base_dir)  # the same

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Any) -> QuickStorage:
        """Made by Dagster of what `quick_storage` says."""
        return cls.from_local(inst_data=inst_data, **config_value)


class _QuickEvents(SqliteEventLogStorage):
    def __init__(self, base_dir: str) -> None:
        self._engines: dict[str, sa.Engine] = {}
        super().__init__(base_dir)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sa.Connection]:
        with self._db_lock:
            if shard not in self._engines:
                self._engines[shard] = _engine(self.conn_string_for_shard(shard))
            engine = self._engines[shard]
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def dispose(self) -> None:
        super().dispose()
        for engine in self._engines.values():
            engine.dispose()


class _QuickRuns(SqliteRunStorage):
    def __init__(self, conn_string: str) -> None:
        self._engine = _engine(conn_string)
        super().__init__(conn_string)

    @contextmanager
    def connect(self) -> Iterator[sa.Connection]:
        with self._engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        self._engine.dispose()


def _engine(url: str) -> sa.Engine:
    engine = sa.create_engine(url, connect_args={"timeout": _PATIENCE_SECONDS})
    event.listen(engine, "connect", _commit_quickly)
    return engine


def _commit_quickly(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA synchronous = NORMAL")
