"""A new version finds its databases as it needs them, whatever was there before; a second time nothing happens."""

from __future__ import annotations

import mlflow.store.db.utils as mlflow_database
import pytest
from alembic import command
from mlflow.store.tracking.dbmodels.initial_models import Base as InitialBase
from sqlalchemy import create_engine, inspect, text

from credit_platform.cli.migrate import migrate_and_tell
from credit_platform.databases import SCHEMAS
from credit_platform.environment import prepare_environment
from credit_platform.orchestration.migrations import migrate
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import tool_environment
from credit_platform_tests.postgres import Postgres

OLDER = "cc1f77228345"
"""A revision of MLflow's tracking database of years ago."""


def test_an_empty_database_holds_everything_afterwards(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    url = postgres.new_database()
    settings = Settings(home=tmp_path_factory.mktemp("home é"), database_url=url)
    with tool_environment(settings):
        prepare_environment(settings)
        migrate_and_tell(settings)
        first = tables(url)
        migrate_and_tell(settings)
    assert tables(url) == first
    for schema, table in zip(SCHEMAS, ("runs", "incidents", "experiments", "studies"), strict=True):
        assert f"{schema}.{table}" in first
    assert "public.decisions" in first
    assert capsys.readouterr().out.count("up to date") == 10


def test_an_older_tracking_database_is_migrated(tmp_path_factory: pytest.TempPathFactory) -> None:
    """On SQLite, whose file a version of before left."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    said: list[str] = []
    with tool_environment(settings):
        prepare_environment(settings)
        engine = create_engine(settings.mlflow_uri)
        InitialBase.metadata.create_all(engine)
        with engine.begin() as connection:
            configuration = mlflow_database._get_alembic_config(settings.mlflow_uri)  # type: ignore[no-untyped-call]  # MLflow gives it no types
            configuration.attributes["connection"] = connection
            command.upgrade(configuration, OLDER)
        found = mlflow_database._get_schema_version(engine)  # type: ignore[no-untyped-call]  # MLflow gives it no types
        assert found == OLDER
        migrate(settings, said.append)
        # What MLflow's server asks when it starts.
        mlflow_database._verify_schema(engine)  # type: ignore[no-untyped-call]  # MLflow gives it no types
        engine.dispose()
    assert len(said) == 4


def test_a_server_of_somebody_else_is_left_alone(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = Settings(home=tmp_path_factory.mktemp("home"), mlflow_tracking_uri="http://127.0.0.1:1")
    said: list[str] = []
    with tool_environment(settings):
        prepare_environment(settings)
        migrate(settings, said.append)
    assert "somebody else's" in said[1]


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
        found = {
            f"{schema}.{name}"
            for schema in (*SCHEMAS, "public")
            for name in inspect(connection).get_table_names(schema)
        }
    engine.dispose()
    return found
