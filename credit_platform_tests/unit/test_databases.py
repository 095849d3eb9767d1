"""One PostgreSQL database for all: its schemas are made once, and what is wrong with it is told without a password."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from credit_platform.databases import SCHEMAS, make_schemas
from credit_platform.errors import EnvironmentSetupError
from credit_platform.settings import Settings
from credit_platform_tests.postgres import Postgres, postgres

__all__ = ["postgres"]


def test_schemas_are_made_once_by_whoever_comes_first(postgres: Postgres) -> None:
    url = postgres.new_database()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(make_schemas, [Settings(database_url=url)] * 8))
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        found = {row[0] for row in connection.execute("SELECT nspname FROM pg_namespace")}
    assert found >= {*SCHEMAS, "public"}


def test_nothing_is_opened_without_one() -> None:
    make_schemas(Settings())


@pytest.mark.parametrize(
    ("url", "what"),
    [
        (
            "postgresql+psycopg://me:never-print-this@127.0.0.1:1/x",
            r"postgresql\+psycopg://me:\*\*\*@127.0.0.1:1/x cannot",
        ),
        ("mysql://me:never-print-this@127.0.0.1/x", "is an address of mysql"),
        ("me:never-print-this@127.0.0.1/x", "cannot be read"),
    ],
)
def test_what_is_wrong_is_told_without_the_password(url: str, what: str) -> None:
    with pytest.raises(EnvironmentSetupError, match=what) as told:
        make_schemas(Settings(database_url=url))
    assert "never-print-this" not in f"{told.value!r} {told.value.__cause__!r}"
    assert "CREDIT_PLATFORM_DATABASE_URL" in str(told.value)
    assert told.value.__context__ is None or told.value.__suppress_context__
