"""What of a home goes into a backup, what stays out, and what a home uses that lies elsewhere.

What is here: `files_of_home`, `is_left_out`, `place_in`, `elsewhere`.
What to add here: a new thing in the home that must not travel, or a new setting that puts state outside of it.
What must not be here: how a file is copied.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from credit_platform.environment import UNFINISHED_RESTORE
from credit_platform.lakehouse.store_errors import shown
from credit_platform.local.backup.copying import reading
from credit_platform.settings import Settings

REPLACED: Final = "replaced"
"""Folder of a home for what a restore put aside."""
RESTORING: Final = ".restoring-"
"""Folder in which a home is put together."""
_OF_THE_MACHINE: Final = frozenset(
    (
        "page_token",
        "alerts_token",
        "up.lock",
        "up.json",
        "running_services.json",
        "running_services.lock",
        UNFINISHED_RESTORE,
    )
)
"""What belongs to processes and browsers of the machine on which it was made."""
_MADE_AGAIN: Final = frozenset(
    ("matplotlib", "lakehouse/_staging", "bentos/envs", "bentos/tmp", "bentos/models", REPLACED)
)
_DRAFT: Final = re.compile(r"\..+\.[0-9a-f]{32}|\.(build|restoring|scoring)-.*")
"""What is about to get another name: see `files/durable.py`, `files/scratch.py`, `serving/bentos.py`."""
_BESIDE_DATABASES: Final = ("-wal", "-shm", "-journal", ".db.lock")
LOGS: Final = "logs"
SQLITE: Final = "sqlite:///"
DECISIONS: Final = "decisions/decisions.db"
"""The decision log in its place in a home."""


def is_left_out(inside: str, *, logs: bool) -> bool:
    """Whether a file or folder of the home, by its path below it, does not go into a backup."""
    name, top = inside.rpartition("/")[2], inside.partition("/")[0]
    if inside in _OF_THE_MACHINE or inside in _MADE_AGAIN or (top == LOGS and not logs):
        return True
    if top == "raw":  # as people named it
        return False
    of_locks = top == "decisions" and name.endswith(".lock")
    return of_locks or _DRAFT.fullmatch(name) is not None or (top != "artefacts" and name.endswith(_BESIDE_DATABASES))


def files_of_home(home: Path, below: str = "", *, logs: bool = False) -> Iterator[str]:
    """Paths below the home of its files, sorted; links are followed, sockets and pipes are no files.

    Raises:
        BackupError: a folder cannot be read.
    """
    yield from _files(home, below, logs=logs, on_the_way=())


def _files(home: Path, inside: str, *, logs: bool, on_the_way: tuple[str, ...]) -> Iterator[str]:
    folder = home / inside
    real = os.path.realpath(folder)
    if real in on_the_way:  # a link to a folder that holds it
        return
    try:
        with reading(folder):
            names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return
    for name in names:
        path = f"{inside}/{name}" if inside else name
        if is_left_out(path, logs=logs):
            continue
        if (home / path).is_dir():
            yield from _files(home, path, logs=logs, on_the_way=(*on_the_way, real))
        elif (home / path).is_file():
            yield path


def elsewhere(settings: Settings) -> tuple[str, ...]:
    """What these settings keep outside the home, a sentence each that says how it is secured."""
    said = [
        _files_elsewhere(settings, "The tables lie", settings.lakehouse_root),
        _files_elsewhere(settings, "Artefacts lie", settings.artefact_root),
        _decisions_elsewhere(settings),
        _database_elsewhere(settings, "Optuna's studies are", settings.tuning_database),
        _database_elsewhere(settings, "Dagster's runs are", settings.dagster_database),
        _database_elsewhere(settings, "Incidents are", settings.incident_database),
        _mlflow_elsewhere(settings),
        None
        if settings.mlflow_artifacts is None
        else _files_elsewhere(settings, "MLflow's artefacts lie", settings.mlflow_artifacts),
        None if settings.raw is None else _files_elsewhere(settings, "Raw files lie", str(settings.raw)),
        None if settings.api_keys is None else _files_elsewhere(settings, "API keys lie", str(settings.api_keys)),
    ]
    return tuple(sentence for sentence in said if sentence is not None)


def lies_inside(path: Path, folder: Path) -> bool:
    """Whether a path is a folder or below it, once links are followed."""
    return path.resolve().is_relative_to(folder.resolve())


def place_in(home: Path, address: str) -> str | None:
    """Path below the home of what an address means; None where it is elsewhere."""
    folder = _local(address)
    if folder is None or not lies_inside(folder, home):
        return None
    return folder.resolve().relative_to(home.resolve()).as_posix()


def _local(address: str) -> Path | None:
    if address.startswith("file://"):
        return Path(unquote(address.removeprefix("file://"))).expanduser()
    return None if "://" in address else Path(address).expanduser()


def _files_elsewhere(settings: Settings, what: str, address: str) -> str | None:
    path = _local(address)
    if path is not None:
        if lies_inside(path, settings.home):
            return None
        return f"{what} in {path}, outside the home: copy that, too."
    return f"{what} in {shown(address)}: versioning or replication of the bucket keeps it, not this backup."


def _database_elsewhere(settings: Settings, what: str, address: str | None) -> str | None:
    if address is None:
        return None
    if address.startswith(SQLITE):
        path = Path(address.removeprefix(SQLITE))
        if lies_inside(path, settings.home):
            return None
        return f"{what} in {path}, outside the home: copy it with sqlite3's .backup, too."
    return f"{what} in {_database(address)}: pg_dump secures it, not this backup."


def _decisions_elsewhere(settings: Settings) -> str | None:
    address, place = settings.decision_log, settings.home.resolve() / DECISIONS
    if address.startswith(SQLITE) and Path(address.removeprefix(SQLITE)).resolve() != place:
        path = address.removeprefix(SQLITE)
        return f"The decision log is {path}, and not in its place in the home: copy it with sqlite3's .backup, too."
    return _database_elsewhere(settings, "The decision log is", address)


def _mlflow_elsewhere(settings: Settings) -> str | None:
    address = settings.mlflow_uri
    if address.startswith(("http://", "https://")):
        return f"MLflow's runs and registry are on {shown(address)}: whoever runs that server secures it."
    return _database_elsewhere(settings, "MLflow's runs and registry are", address)


def _database(address: str) -> str:
    """Address of a database without password and options."""
    return shown(address).partition("?")[0]
