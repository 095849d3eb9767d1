"""`mlflow server` over a store that is there: a program, run with `python -m` and the arguments of `mlflow server`.

What is here: the store is made before the server starts, by one process at a time.
What must not be here: which store, and where the server listens (`local.programs` says it).

MLflow's server makes its tables without regard to a run that makes them at the same moment in a new home; one of the
two dies of it. Whoever of the platform makes them holds the lock of `first_use`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final

from credit_platform.modelling._first_use import database_of, first_use
from credit_platform.modelling.tracking import Tracking

_STORE: Final = "--backend-store-uri"


def main(arguments: Sequence[str]) -> None:
    """Make the store that the arguments name, if it is absent, and become `mlflow server`."""
    _ready(arguments[arguments.index(_STORE) + 1])
    os.execv(sys.executable, [sys.executable, "-m", "mlflow", "server", *arguments])  # noqa: S606  # a command made here


def _ready(uri: str) -> None:
    database = database_of(uri)
    if database is None:
        return
    with first_use(uri):  # whoever makes it now is waited for
        is_there = database.is_file() and database.stat().st_size > 0
    if not is_there:  # importing MLflow takes seconds
        Tracking(uri, None, "").open()


if __name__ == "__main__":
    main(sys.argv[1:])
