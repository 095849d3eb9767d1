"""The one PostgreSQL database that may hold everything: a schema for each program in it.

What is here: `make_schemas`.
What must not be here: tables, which each program makes in its own schema; the addresses (`settings.py`).

MLflow, Optuna and Dagster each have tables called `runs` or `alembic_version`, so that they cannot share a schema. The
decision log keeps the schema that the database gives by itself.
"""

from __future__ import annotations

from typing import Final

from credit_platform.errors import EnvironmentSetupError
from credit_platform.settings import Settings

SCHEMAS: Final = ("dagster", "incidents", "mlflow", "optuna")
_PATIENCE_SECONDS = 10


def make_schemas(settings: Settings) -> None:
    """Make the schemas that are missing, where `CREDIT_PLATFORM_DATABASE_URL` is set; two processes may come together.

    Raises:
        EnvironmentSetupError: the address is none of PostgreSQL, its server does not answer, or refuses.
    """
    if settings.database_url is None:
        return
    from sqlalchemy import NullPool, create_engine, make_url, text  # noqa: PLC0415  # most commands have no database
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError  # noqa: PLC0415  # the same

    try:
        address = make_url(settings.database_url)
    except ArgumentError:
        raise _no_address("an address that cannot be read") from None  # the error would quote it, password and all
    if address.drivername != "postgresql+psycopg":
        raise _no_address(f"an address of {address.drivername}")
    engine = create_engine(address, poolclass=NullPool, connect_args={"connect_timeout": _PATIENCE_SECONDS})
    try:
        with engine.begin() as connection:
            found = connection.execute(text("SELECT nspname FROM pg_namespace")).scalars().all()
            missing = sorted(set(SCHEMAS) - set(found))
            if missing:
                # Of two that make one at once, PostgreSQL would tell the second of a double key.
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            for name in missing:
                connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{name}"'))
    except SQLAlchemyError as error:
        raise EnvironmentSetupError(
            f"The database {address.render_as_string(hide_password=True)} cannot be used: {_reason(error)}",
            "Check that its server runs and CREDIT_PLATFORM_DATABASE_URL: its user needs the right to make schemas.",
        ) from None


_LOCK: Final = 0x637265646974
"""Any number that nobody else uses in the same database."""


def _reason(error: Exception) -> str:
    text = str(getattr(error, "orig", None) or error).strip()
    return (text.splitlines() or ["no reason given"])[0].rstrip(".") + "."


def _no_address(what: str) -> EnvironmentSetupError:
    return EnvironmentSetupError(
        f"CREDIT_PLATFORM_DATABASE_URL is {what}.", "Write it as postgresql+psycopg://<user>@<host>/<database>."
    )
