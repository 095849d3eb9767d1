"""Statements that go straight to SQLite's driver: in the connection's transaction, and failing as SQLAlchemy's do."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform.monitoring.decision_log import database as module
from credit_platform.monitoring.decision_log.database import execute_in_sqlite

INSERT = "INSERT INTO decision_log_checkpoints (writer, lines, digest) VALUES (?, ?, ?)"
COUNT = text("SELECT count(*) FROM decision_log_checkpoints")


def test_it_is_in_the_transaction_of_the_connection(sqlite_url: str) -> None:
    store = DecisionStore(sqlite_url)
    with store.connect() as connection, store.connect() as other:
        connection.rollback()
        execute_in_sqlite(connection, INSERT, ("w1", 1, "d"))
        assert connection.in_transaction()
        connection.rollback()
        execute_in_sqlite(connection, INSERT, ("w2", 1, "d"))
        execute_in_sqlite(connection, INSERT, ("w3", 1, "d"))
        connection.commit()
        assert other.execute(COUNT).scalar_one() == 2


def test_a_statement_that_fails_is_undone_and_the_transaction_goes_on(sqlite_url: str) -> None:
    with DecisionStore(sqlite_url).connect() as connection:
        execute_in_sqlite(connection, INSERT, ("w1", 1, "d"))
        with pytest.raises(IntegrityError) as caught:
            execute_in_sqlite(connection, INSERT, ("w1", 1, "CANARY"))
        assert "CANARY" not in str(caught.value)
        execute_in_sqlite(connection, INSERT, ("w2", 1, "d"))
        connection.commit()
        assert connection.execute(COUNT).scalar_one() == 2


def test_a_database_that_another_writes_to_is_told_as_sqlalchemy_does(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.05)
    store = DecisionStore(sqlite_url)
    with store.connect() as connection, store.connect() as other:
        connection.rollback()
        execute_in_sqlite(connection, INSERT, ("w1", 1, "d"))
        with pytest.raises(OperationalError, match="locked"):
            execute_in_sqlite(other, INSERT, ("w2", 1, "d"))
        assert not other.in_transaction()
        connection.commit()
        execute_in_sqlite(other, INSERT, ("w2", 1, "d"))
        other.commit()
        assert connection.execute(COUNT).scalar_one() == 2
