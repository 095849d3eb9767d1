"""Who executes a run, as Dagster records it, and runs of a home that is put in the place of another.

What is here: `process_tags` and `state_of`; `runs_at_work` and `end_restored_runs` of the SQLite files in a home.
What must not be here: running anything (`runner.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import dagster as dg

from credit_platform.dagster_yaml import DAGSTER_URL_VARIABLE
from credit_platform.processes import ProcessIdentity, is_alive

PROCESS_TAG = "credit_platform/process"
"""Process that executes a run, as `<id>@<start>`: in a container every run has the same process id."""
HOST_TAG = "credit_platform/host"
"""Host of that process, with the namespace and the start of the host; only the same host can judge the process."""
UNFINISHED = (dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED)


def process_tags() -> dict[str, str]:
    """What a run says of this process, which executes it."""
    own = ProcessIdentity.own()
    return {
        PROCESS_TAG: f"{own.pid}@{own.started:.2f}",
        HOST_TAG: json.dumps({"host": own.host, "boot": own.boot, "namespace": own.namespace}),
    }


def state_of(tags: Mapping[str, str]) -> Literal["alive", "gone", "unknown"]:
    """Whether the process that executes a run is there; unknown of another host, and of runs that Dagster started."""
    if PROCESS_TAG not in tags:
        return "unknown"
    pid, _, start = tags[PROCESS_TAG].partition("@")
    if HOST_TAG not in tags:  # recorded before runs named their host
        return "alive" if is_alive(int(pid), float(start)) else "gone"
    return ProcessIdentity.parse({**json.loads(tags[HOST_TAG]), "pid": pid, "started": start}).state()


def runs_at_work(home: Path) -> list[str]:
    """Jobs of the home that a process of this host runs at this moment."""
    with _instance(home) as instance:
        runs = [] if instance is None else instance.get_runs(dg.RunsFilter(statuses=list(UNFINISHED)))
        return sorted(run.job_name for run in runs if state_of(run.tags) == "alive")


def end_restored_runs(home: Path) -> int:
    """Mark runs as failed that were under way when a backup was made: nothing carries them on where it was restored.

    Returns:
        How many.
    """
    with _instance(home) as instance:
        runs = [] if instance is None else instance.get_runs(dg.RunsFilter(statuses=list(UNFINISHED)))
        for run in runs:
            if instance is not None:
                instance.report_run_failed(run, "It was under way when the backup was made that was restored here.")
        return len(runs)


@contextmanager
def _instance(home: Path) -> Iterator[dg.DagsterInstance | None]:
    """Dagster's records in a home; None where they are elsewhere, or there are none."""
    folder = home / "dagster"
    configuration = folder / "dagster.yaml"
    of_postgres = configuration.is_file() and DAGSTER_URL_VARIABLE in configuration.read_text(encoding="utf-8")
    if of_postgres or not (folder / "history" / "runs.db").is_file():
        yield None
        return
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        yield instance
