"""The environment variables that the tools of the platform read.

What is here: `prepare_environment`: the state of every tool stays inside the home, and telemetry is off.
What to add here: a variable of a third-party tool that would otherwise write elsewhere or call home.
What must not be here: settings of the platform itself (`settings.py`).
"""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path
from typing import Final

from credit_platform.dagster_yaml import DAGSTER_URL_VARIABLE, instance_yaml, is_ours
from credit_platform.databases import make_schemas
from credit_platform.errors import EnvironmentSetupError
from credit_platform.files.durable import make_folder, write_synced
from credit_platform.files.names import name_fault
from credit_platform.moved_registry import follow_home
from credit_platform.native_threads import limit_threads
from credit_platform.settings import Settings

LOGGER = logging.getLogger("credit_platform.environment")

# Each tool reads its own spelling of "no": MLflow and BentoML compare with the word `true`.
NO_TELEMETRY: Final = {
    "DO_NOT_TRACK": "true",
    "BENTOML_DO_NOT_TRACK": "true",
    "DAGSTER_DISABLE_TELEMETRY": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
}

# OpenMP threads that wait by spinning starve each other on busy cores; boosting then takes many times longer.
QUIET_THREADS: Final = {"OMP_WAIT_POLICY": "PASSIVE"}

TOOL_FOLDERS: Final = {"DAGSTER_HOME": "dagster", "BENTOML_HOME": "bentos", "MPLCONFIGDIR": "matplotlib"}

CODE_LOCATION: Final = "credit_platform"
"""What Dagster calls the platform's code, as in workspace.yaml and pyproject.toml."""
DEFINITIONS: Final = "credit_platform.definitions"
"""The module that it loads."""
WORKSPACE: Final = "workspace.yaml"
"""In the home, for a Dagster that is started in a folder without one."""
WORKSPACE_YAML: Final = f"""\
load_from:
  - python_module:
      module_name: {DEFINITIONS}
      location_name: {CODE_LOCATION}
"""

UNFINISHED_RESTORE: Final = "restore_unfinished"
"""File that stands in a home while one is put in the place of another: it is neither of both."""
BEGUN_ERASURES: Final = "erasures_begun"
"""Folder of a home with a note for each erasure that began and did not end yet."""
_STORAGES: Final = ("storage", "run_storage", "event_log_storage", "schedule_storage")


def prepare_environment(settings: Settings) -> dict[str, str]:
    """Create the folders of the tools and set the variables they read; what the user set already stays.

    Call it before dagster, mlflow, bentoml or matplotlib is imported: some read their variables on import.

    Args:
        settings: Settings whose `home` holds the folders.

    Returns:
        Every variable of `TOOL_FOLDERS`, `NO_TELEMETRY` and `QUIET_THREADS`, and the address of Dagster's database
        where there is one, with its value now in force in `os.environ`, to be handed to child processes; and, where a
        control group limits the processors, the variables that keep native libraries to them.

    Raises:
        EnvironmentSetupError: The home is half restored, a folder cannot be created or has a name that a tool can
            never hold, the user's
            `DAGSTER_HOME` is not an absolute folder or its `dagster.yaml` names no storage where one is set, or the
            database of the settings cannot be used.
    """
    home = settings.home.resolve()
    if (home / UNFINISHED_RESTORE).exists():
        raise EnvironmentSetupError(
            f"A restore of {home} was cut short, so it is neither what it was nor the backup.",
            "Restore again: credit-platform restore; what was there before is kept in its folder `replaced`.",
        )
    _require_holdable("CREDIT_PLATFORM_HOME", str(home))
    _require_holdable("CREDIT_PLATFORM_LAKEHOUSE_URL", settings.lakehouse_url)
    _require_holdable("CREDIT_PLATFORM_ARTEFACT_URL", settings.artefact_url)
    ours = {name: str(home / folder) for name, folder in TOOL_FOLDERS.items()} | NO_TELEMETRY | QUIET_THREADS
    wanted = {name: os.environ.get(name) or value for name, value in ours.items()}
    if not Path(wanted["DAGSTER_HOME"]).is_absolute():
        raise EnvironmentSetupError(
            f"DAGSTER_HOME is {wanted['DAGSTER_HOME']!r}, and Dagster accepts an absolute path only.",
            "Set it to an absolute folder, or unset it and the platform keeps Dagster's state in its own home.",
        )
    _make_folder(home, "CREDIT_PLATFORM_HOME")
    keep_private(home)
    _make_folder(home / "mlflow", "CREDIT_PLATFORM_HOME")
    for name in TOOL_FOLDERS:
        _make_folder(Path(wanted[name]), name if wanted[name] != ours[name] else "CREDIT_PLATFORM_HOME")
    if wanted["DAGSTER_HOME"] == ours["DAGSTER_HOME"]:
        _write_own(
            Path(wanted["DAGSTER_HOME"]) / "dagster.yaml",
            # What Kubernetes tells every pod.
            instance_yaml(settings, in_cluster=bool(os.environ.get("KUBERNETES_SERVICE_HOST"))),
        )
    _write_own(home / WORKSPACE, WORKSPACE_YAML)
    if settings.dagster_database is not None:
        _require_storage(Path(wanted["DAGSTER_HOME"]) / "dagster.yaml")
        wanted[DAGSTER_URL_VARIABLE] = settings.dagster_database
    if settings.portfolios is not None:
        wanted["CREDIT_PLATFORM_PORTFOLIOS"] = settings.portfolios  # absolute: programs may start in other folders
    wanted |= limit_threads()
    make_schemas(settings)
    follow_home(settings.mlflow_uri, settings.mlflow_artifacts)
    os.environ.update(wanted)
    return wanted


def open_to_others(home: Path) -> bool:
    """Whether accounts other than its owner's may enter or list the home."""
    return bool(home.stat().st_mode & 0o077)


def keep_private(home: Path) -> None:
    """Close a home to other accounts: one that was used before this was done, or an empty folder made by hand.

    A folder of somebody else's, or one that holds other things (`/tmp`), is left as it is; `credit-platform verify`
    tells.
    """
    state = home.stat()
    used, empty = (home / TOOL_FOLDERS["DAGSTER_HOME"]).is_dir(), next(home.iterdir(), None) is None
    if not open_to_others(home) or state.st_uid != os.geteuid() or state.st_mode & stat.S_ISVTX or not (used or empty):
        return
    try:
        home.chmod(0o700)
    except OSError:  # an auditor's read-only medium; `verify` tells
        return
    if used:
        LOGGER.warning("%s could be entered by other accounts; now only its owner can.", home)


def _require_holdable(variable: str, place: str | None) -> None:
    """Refuse a folder whose name a library under the platform cannot hold, before anything is written there."""
    fault = name_fault(place) if place and "://" not in place else None
    if fault:
        raise EnvironmentSetupError(
            f"The folder {place!r} cannot hold tables and models: its name has {fault}.", f"Set {variable} to another."
        )


def _make_folder(folder: Path, variable: str) -> None:
    try:
        # What the platform keeps is of people: for its owner only, from the first moment on.
        make_folder(folder, 0o700)
    except OSError as error:
        raise EnvironmentSetupError(
            f"The folder {folder} cannot be created: {error.strerror}.",
            f"Point {variable} at a folder that you may write to.",
        ) from error


def _require_storage(file: Path) -> None:
    """Refuse a file of the user's own that would leave Dagster's runs in SQLite although a database is set for them."""
    import yaml  # noqa: PLC0415  # only where a database is set

    try:
        read = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else None
    except yaml.YAMLError:
        return  # Dagster says where
    if not isinstance(read, dict) or not set(read) & set(_STORAGES):
        raise EnvironmentSetupError(
            f"{file} names no storage, so Dagster would not use the PostgreSQL database of the settings.",
            f"Add to it: storage: {{postgres: {{postgres_url: {{env: {DAGSTER_URL_VARIABLE}}}}}}}, or remove it.",
        )


def _write_own(file: Path, text: str) -> None:
    """Write `file` where it is absent or was written here; two processes that start together may both come here."""
    try:
        written = file.read_text(encoding="utf-8") if file.exists() else None
        if written == text or not (written is None or is_ours(written)):
            return
        write_synced(file, text.encode())
    except OSError as error:
        raise EnvironmentSetupError(
            f"{file} cannot be written: {error.strerror}.",
            "Point CREDIT_PLATFORM_HOME at a folder that you may write to.",
        ) from error
