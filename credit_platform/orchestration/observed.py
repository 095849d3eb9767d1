"""The definitions and the instance, as whoever only looks opens them.

What is here: `Pipeline`.
What to add here: another thing that more than one collector needs of Dagster.
What must not be here: figures (`collectors.py`, `asset_collectors.py`), changing anything.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path

import dagster as dg

from credit_platform.orchestration.instance import open_instance
from credit_platform.orchestration.portfolio_graph import portfolio_definitions
from credit_platform.orchestration.resources import build_resources
from credit_platform.orchestration.sensors import notice_sensor
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

FILES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")
"""Of an instance in SQLite, in `DAGSTER_HOME`."""


class Pipeline:
    """The definitions and the instance, each opened once, when a collector first needs it."""

    def __init__(self, settings: Settings, portfolios: Sequence[Portfolio]) -> None:
        """Nothing is opened yet."""
        self._settings = settings
        self._portfolios = portfolios
        self._lock = threading.Lock()
        self._repository: dg.RepositoryDefinition | None = None
        self._instance: dg.DagsterInstance | None = None
        self._seen = False

    @property
    def repository(self) -> dg.RepositoryDefinition:
        """Everything that Dagster loads, as this process reads it."""
        with self._lock:
            if self._repository is None:
                graphs = [portfolio_definitions(one, self._settings) for one in self._portfolios]
                resources = build_resources(self._settings)
                shared = dg.Definitions(resources=resources, sensors=[notice_sensor(self._settings)])
                self._repository = dg.Definitions.merge(*graphs, shared).get_repository_def()
            return self._repository

    @property
    def instance(self) -> dg.DagsterInstance | None:
        """The instance in `DAGSTER_HOME`; None before its files are there, and at the look that finds them."""
        with self._lock:
            if self._instance is None and self._is_there():
                self._instance = open_instance()
            return self._instance

    def owner(self, name: str) -> str:
        """The portfolio that the name of a job or sensor begins with; empty for those of none."""
        owners = [p.name for p in self._portfolios if name == p.name or name.startswith(f"{p.name}_")]
        return max(owners, key=len, default="")

    def labels(self, key: dg.AssetKey) -> tuple[str, str]:
        """Portfolio and name of an asset."""
        return key.path[0], "/".join(key.path[1:])

    def _is_there(self) -> bool:
        if self._settings.dagster_database is not None:
            return True
        home = Path(os.environ["DAGSTER_HOME"])
        if not all((home / file).is_file() for file in FILES):
            return False
        # Who makes them is not done when they appear.
        seen, self._seen = self._seen, True
        return seen
