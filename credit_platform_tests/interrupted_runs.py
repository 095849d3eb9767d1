"""Runs of german_credit that are ended from outside: `kill -9` at two moments, Ctrl-C at a third.

What is here: `interrupt`, which makes them in one home and says what was left after each.
What must not be here: what is expected of it (`e2e/test_kill.py`), the run that follows (`finished_run.py`).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from credit_platform.lakehouse import Lakehouse
from credit_platform.settings import Settings

COMMAND = [sys.executable, "-c", "from credit_platform.cli import main; main()", "run", "german_credit"]
PATIENCE_SECONDS = 300
"""For a machine that is busy; on an idle one each moment comes within half a minute."""


@dataclass(frozen=True)
class Interruption:
    """What was found after a run had been ended."""

    exit_status: int
    output: str
    rows: Mapping[str, int]
    """Of every table that exists, counted by reading it in full."""
    recorded_rows: Mapping[str, int]
    """The same, as the newest version of each table says."""
    statuses: tuple[str, ...]
    """What Dagster says of each run so far, the oldest first."""


def interrupt(settings: Settings) -> list[Interruption]:
    """End three runs in this home; the caller has pointed Dagster at it.

    Returns:
        What was left by `kill -9` while the first table of all is written (its files lie there, or its commit has just
        been made), by `kill -9` while the first models are fitted, and by Ctrl-C at a step that Dagster would retry.
    """
    log = settings.home.with_name("interrupted.log")
    tables = settings.home / "lakehouse" / "german_credit"
    moments: list[tuple[Callable[[], bool], signal.Signals]] = [
        ((tables / "raw" / "applications").is_dir, signal.SIGKILL),
        (lambda: "done   german_credit/models/split/checks" in log.read_text(), signal.SIGKILL),
        (lambda: "done   german_credit/models/split" in log.read_text(), signal.SIGINT),
    ]
    found = []
    for moment, by in moments:
        status = _end_when(moment, settings, log, by)
        rows, recorded = _rows_of_tables(settings)
        found.append(Interruption(status, log.read_text(), rows, recorded, _statuses()))
    return found


@contextmanager
def _running(settings: Settings, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A run in a process group of its own, of which nothing is left afterwards."""
    dropped = {"DAGSTER_HOME", "BENTOML_HOME", "MPLCONFIGDIR"}
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    environment |= {"CREDIT_PLATFORM_HOME": str(settings.home)}
    environment |= {"CREDIT_PLATFORM_TUNING_TRIALS": str(settings.tuning_trials)}
    environment |= {"CREDIT_PLATFORM_CANDIDATES": json.dumps(settings.candidates)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            COMMAND, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _end_when(moment: Callable[[], bool], settings: Settings, log: Path, by: signal.Signals) -> int:
    """Send `by` to the whole process group, as a terminal does; return the exit status."""
    with _running(settings, log) as process:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not moment():
            assert process.poll() is None, f"the run ended before its moment:\n{log.read_text()}"
            assert time.monotonic() < deadline, f"the moment did not come:\n{log.read_text()}"
            time.sleep(0.005)
        os.killpg(process.pid, by)
        return process.wait(PATIENCE_SECONDS)


def _rows_of_tables(settings: Settings) -> tuple[dict[str, int], dict[str, int]]:
    lakehouse, rows, recorded = Lakehouse(settings.lakehouse_root), {}, {}
    for key in lakehouse.keys("german_credit/"):
        version = lakehouse.latest(key)
        assert version is not None, key
        rows[key], recorded[key] = lakehouse.scan(key).collect().height, version.rows
    return rows, recorded


def _statuses() -> tuple[str, ...]:
    with dg.DagsterInstance.get() as instance:
        return tuple(run.status.value for run in instance.get_runs())[::-1]
