"""`kill -9` at two moments of a real run, Ctrl-C at a third: every table stays readable, and the next run completes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest

from credit_platform.cli.run import INTERRUPTED
from credit_platform.definitions import build_definitions
from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios import get_portfolio
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import tool_environment

COMMAND = [sys.executable, "-c", "from credit_platform.cli import main; main()", "run", "german_credit"]
CANDIDATES = ("logistic_regression",)
PATIENCE_SECONDS = 300
"""For a machine that is busy; on an idle one each moment comes within half a minute."""

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]


@contextmanager
def running(home: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A run in a process group of its own, of which nothing is left afterwards."""
    dropped = {"DAGSTER_HOME", "BENTOML_HOME", "MPLCONFIGDIR"}
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    environment |= {"CREDIT_PLATFORM_HOME": str(home), "CREDIT_PLATFORM_TUNING_TRIALS": "1"}
    environment["CREDIT_PLATFORM_CANDIDATES"] = json.dumps(CANDIDATES)
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


def end_when(moment: Callable[[], bool], home: Path, log: Path, by: signal.Signals = signal.SIGKILL) -> int:
    """Send `by` to the whole process group, as a terminal does; return the exit status."""
    with running(home, log) as process:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not moment():
            assert process.poll() is None, f"the run ended before its moment:\n{log.read_text()}"
            assert time.monotonic() < deadline, f"the moment did not come:\n{log.read_text()}"
            time.sleep(0.005)
        os.killpg(process.pid, by)
        return process.wait(PATIENCE_SECONDS)


def rows_of_readable_tables(home: Path) -> dict[str, int]:
    """Rows of every table, read in full; a table that cannot be read, or not all of it, fails the test."""
    lakehouse, rows = Lakehouse(Settings(home=home).lakehouse_root), {}
    for key in lakehouse.keys("german_credit/"):
        version = lakehouse.latest(key)
        assert version is not None, key
        rows[key] = lakehouse.scan(key).collect().height
        assert rows[key] == version.rows, key
    return rows


def statuses(home: Path) -> list[dg.DagsterRunStatus]:
    """Of all runs, the oldest first."""
    with tool_environment(Settings(home=home)), dg.DagsterInstance.get() as instance:
        return [run.status for run in instance.get_runs()][::-1]


def test_after_kill_9_and_ctrl_c_every_table_is_readable_and_the_next_run_completes(tmp_path: Path) -> None:
    home, log = tmp_path / "home", tmp_path / "log.txt"
    lakehouse = home / "lakehouse" / "german_credit"

    # While the first table of all is written: its files lie there, or its commit has just been made.
    assert end_when((lakehouse / "raw" / "applications").is_dir, home, log) == -signal.SIGKILL
    assert set(rows_of_readable_tables(home)) <= {
        "german_credit/raw/applications",
        "german_credit/raw/applications__rejected",
    }
    assert statuses(home) == [dg.DagsterRunStatus.STARTED]

    # In the middle of modelling.
    assert end_when((lakehouse / "models" / "logistic_regression").is_dir, home, log) == -signal.SIGKILL
    rows = rows_of_readable_tables(home)
    assert rows["german_credit/raw/applications"] == rows["german_credit/features/applicants"] == 1000
    assert statuses(home) == [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.STARTED]

    # Ctrl-C, while a step that Dagster would retry is at work.
    assert (
        end_when(lambda: "done   german_credit/models/split" in log.read_text(), home, log, signal.SIGINT)
        == INTERRUPTED
    )
    assert "every table kept its last good version" in log.read_text()
    assert rows_of_readable_tables(home) == rows
    killed = [dg.DagsterRunStatus.FAILURE] * 2
    assert statuses(home) == [*killed, dg.DagsterRunStatus.CANCELED]

    with running(home, log) as process:
        assert process.wait(PATIENCE_SECONDS) == 0, log.read_text()
    assert statuses(home) == [*killed, dg.DagsterRunStatus.CANCELED, dg.DagsterRunStatus.SUCCESS]
    rows = rows_of_readable_tables(home)
    assert set(rows) == set(expected_tables())
    bento = Lakehouse(Settings(home=home).lakehouse_root).read("german_credit/serving/bento")
    assert Path(bento.summary["path"], "bento.yaml").is_file()


def expected_tables() -> list[str]:
    settings = Settings(candidates=CANDIDATES)
    graph = build_definitions(settings, portfolios=[get_portfolio("german_credit")]).resolve_asset_graph()
    return ["/".join(key.path) for key in graph.get_all_asset_keys()]
