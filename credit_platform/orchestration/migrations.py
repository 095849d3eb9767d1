"""Bringing every database of the platform to the state that this version works with.

What is here: `migrate`, which an upgrade runs before programs of the new version start.
What to add here: another database.
What must not be here: what a migration does; each library, and the decision log, has its own.
"""

from __future__ import annotations

from collections.abc import Callable

import dagster as dg
import mlflow.store.db.utils as mlflow_database  # noqa: TID253  # this module is imported where it is used

from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.orchestration.instance import open_instance
from credit_platform.settings import Settings


def migrate(settings: Settings, say: Callable[[str], None]) -> None:
    """Make what is missing in each database and migrate what is older; once done, it does nothing.

    `prepare_environment` has made the schemas.

    Args:
        settings: name the databases.
        say: told of each that is done.

    Raises:
        DecisionLogError: the log cannot be reached, or is newer than this version.
    """
    _migrate_dagster()
    say("Dagster's records are up to date.")
    if settings.mlflow_uri.startswith("http"):
        say("MLflow's server is somebody else's, who migrates its database.")
    else:
        _migrate_mlflow(settings.mlflow_uri)
        say("MLflow's database is up to date.")
    if settings.tuning_database is not None:
        _migrate_optuna(settings.tuning_database)
        say("The database of studies is up to date.")
    store = DecisionStore(settings.decision_log, settings.decision_checkpoints)
    store.connect().close()
    store.close()
    say("The decision log is up to date.")
    IncidentBook.of(settings).open_incidents()
    say("The book of incidents is up to date.")


def _migrate_dagster() -> None:
    instance: dg.DagsterInstance = open_instance()
    try:
        instance.upgrade()
    finally:
        instance.dispose()


def _migrate_mlflow(address: str) -> None:
    """What a tracking store does with an empty database, and `mlflow db upgrade` with an older one.

    That command would put the address, password and all, where every process of the machine reads it.
    """
    engine = mlflow_database.create_sqlalchemy_engine_with_retry(address)  # type: ignore[no-untyped-call]  # MLflow gives it no types
    try:
        mlflow_database._safe_initialize_tables(engine)
        mlflow_database._upgrade_db(engine)  # type: ignore[no-untyped-call]  # MLflow gives it no types
    finally:
        engine.dispose()


def _migrate_optuna(address: str) -> None:
    import optuna  # noqa: PLC0415  # takes a second, and few have this database

    # It makes what is missing when it is opened, and refuses older ones unless it is told not to look.
    storage = optuna.storages.RDBStorage(address, skip_compatibility_check=True)
    try:
        storage.upgrade()
    finally:
        storage.remove_session()
        storage.engine.dispose()
