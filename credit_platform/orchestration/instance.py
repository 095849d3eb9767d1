"""Opening Dagster's records, so that several programs may be the first of a home at once.

What is here: `open_instance` and `ready_storage`, which every program of the platform opens them by.
What must not be here: what the records say (`observed.py`, `recorded_runs.py`), how they are kept (`event_log.py`).

Dagster makes its SQLite files when they are first opened and looks before it makes a table, not while: of two programs
that open a new home together one dies of "table already exists". A lock on a file beside them lets one be the first.
PostgreSQL needs none: Dagster tries again there.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import dagster as dg
from dagster._core.instance.ref import InstanceRef

LOCK_FILE: Final = ".storage.lock"
"""In `DAGSTER_HOME`; held while the records are opened, not while they are used."""


def open_instance(reference: InstanceRef | None = None) -> dg.DagsterInstance:
    """Open the instance in `DAGSTER_HOME`, which is made first where it is absent; whoever opens it disposes of it.

    Args:
        reference: How to open it instead of as its `dagster.yaml` says.

    Raises:
        OSError: The folder cannot be written.
    """
    with _first(Path(os.environ["DAGSTER_HOME"])):
        return dg.DagsterInstance.get() if reference is None else dg.DagsterInstance.from_ref(reference)


def ready_storage() -> None:
    """Make what Dagster keeps its records in, before programs are started that would each make it.

    Raises:
        OSError: The folder cannot be written.
    """
    open_instance().dispose()


@contextmanager
def _first(folder: Path) -> Iterator[None]:
    with (folder / LOCK_FILE).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
