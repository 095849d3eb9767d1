"""Quick storage of Dagster's record: the same files, read by the usual storage, and nothing lost at a kill."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.instance.ref import InstanceRef

from credit_platform.dagster_yaml import DAGSTER_YAML
from credit_platform.orchestration.event_log import _QuickEvents, _QuickRuns, quick_storage

RUNS = """
import sys
import dagster as dg
from dagster._core.instance.ref import InstanceRef
from credit_platform.orchestration.event_log import quick_storage

@dg.asset
def loans():
    pass

instance = dg.DagsterInstance.from_ref(quick_storage(InstanceRef.from_dir(sys.argv[1])))
for _ in range(int(sys.argv[2])):
    print(dg.materialize([loans], instance=instance).run_id, flush=True)
sys.stdin.read()
"""


@dg.asset
def loans() -> None: ...


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "dagster.yaml").write_text(DAGSTER_YAML, encoding="utf-8")
    return tmp_path


def usual(home: Path) -> dg.DagsterInstance:
    return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home)))


def quick(home: Path) -> dg.DagsterInstance:
    return dg.DagsterInstance.from_ref(quick_storage(InstanceRef.from_dir(str(home))))


@contextmanager
def running(home: Path, *, runs: int) -> Iterator[subprocess.Popen[str]]:
    """Another process with quick storage; Dagster cannot execute two runs at once in one."""
    with subprocess.Popen(
        [sys.executable, "-c", RUNS, str(home), str(runs)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def events(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    found = (log.dagster_event for log in instance.all_logs(run_id))
    return [event.event_type_value for event in found if event is not None]


def test_what_it_records_is_what_the_usual_storage_finds(home: Path) -> None:
    with quick(home) as instance:
        assert isinstance(instance.event_log_storage, _QuickEvents)
        run = dg.materialize([loans], instance=instance)
        recorded = events(instance, run.run_id)
    with usual(home) as instance:
        again = dg.materialize([loans], instance=instance)
        assert events(instance, run.run_id) == recorded == events(instance, again.run_id)
        assert [each.status for each in instance.get_runs()] == [dg.DagsterRunStatus.SUCCESS] * 2
        assert instance.get_latest_materialization_event(loans.key) is not None


def test_both_storages_write_at_the_same_time_and_a_killed_process_loses_nothing(home: Path) -> None:
    """As the daemon does while the command line runs a portfolio."""
    with running(home, runs=3) as process, usual(home) as instance:
        run_ids = [dg.materialize([loans], instance=instance).run_id for _ in range(3)]
        assert process.stdout is not None
        run_ids += [process.stdout.readline().strip() for _ in range(3)]
        process.kill()
        process.wait()
        assert {run.run_id for run in instance.get_runs()} == set(run_ids)
        for run_id in run_ids:
            assert {"PIPELINE_START", "ASSET_MATERIALIZATION", "PIPELINE_SUCCESS"} <= set(events(instance, run_id))


def test_files_wait_for_the_disk_only_where_a_log_is_emptied_and_are_whole_at_the_end(home: Path) -> None:
    with quick(home) as instance:
        run_id = dg.materialize([loans], instance=instance).run_id
        events_of_all, runs_of_all = instance.event_log_storage, instance.run_storage
        assert isinstance(events_of_all, _QuickEvents)
        assert isinstance(runs_of_all, _QuickRuns)
        with events_of_all.index_connection() as index, runs_of_all.connect() as runs:
            for connection in (index, runs):
                assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 1
        assert list(home.rglob("*.db-wal")), "a connection is open"
    assert not list(home.rglob("*.db-wal"))
    database = sqlite3.connect(home / "history" / "runs" / f"{run_id}.db")
    assert database.execute("SELECT COUNT(*) FROM event_logs").fetchone()[0] > 5
    database.close()


def test_an_instance_that_is_not_in_sqlite_files_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text(
        "storage:\n  postgres:\n    postgres_url: postgresql://nobody@127.0.0.1:1/nothing\n", encoding="utf-8"
    )
    instance = InstanceRef.from_dir(str(tmp_path))
    assert quick_storage(instance) is instance
