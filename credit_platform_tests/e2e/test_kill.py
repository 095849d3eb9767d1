"""`kill -9` at two moments of a real run, Ctrl-C at a third: every table stays readable, and the next run completes.

The next run is the one that most tests of the graph look at (`finished_run.py`).
"""

from __future__ import annotations

import signal

import dagster as dg
import pytest

from credit_platform.definitions import build_definitions
from credit_platform.local.supervisor import INTERRUPTED
from credit_platform.serving.records import BentoRecord
from credit_platform_tests.finished_run import FinishedRun, tool_environment

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
RAW = "german_credit/raw/applications"
FAILED, STARTED, CANCELED = "FAILURE", "STARTED", "CANCELED"


def test_every_table_can_be_read_in_full_after_each(finished: FinishedRun) -> None:
    assert len(finished.interruptions) == 3
    for interruption in finished.interruptions:
        assert interruption.rows == interruption.recorded_rows


def test_killed_while_the_first_table_is_written(finished: FinishedRun) -> None:
    first = finished.interruptions[0]
    assert first.exit_status == -signal.SIGKILL
    assert set(first.rows) <= {RAW, f"{RAW}__rejected"}
    assert first.statuses == (STARTED,)


def test_killed_while_models_are_fitted(finished: FinishedRun) -> None:
    second = finished.interruptions[1]
    assert second.exit_status == -signal.SIGKILL
    assert second.rows[RAW] == second.rows["german_credit/features/applicants"] == 1000
    assert second.statuses == (FAILED, STARTED)


def test_ctrl_c_cancels_the_run_and_says_what_is_left(finished: FinishedRun) -> None:
    second, third = finished.interruptions[1:]
    assert third.exit_status == INTERRUPTED
    assert "every table kept its last good version" in third.output
    assert third.rows == second.rows
    assert third.statuses == (FAILED, FAILED, CANCELED)


def test_the_next_run_completes(finished: FinishedRun) -> None:
    with tool_environment(finished.settings), dg.DagsterInstance.get() as instance:
        assert [run.status.value for run in instance.get_runs()][::-1] == [FAILED, FAILED, CANCELED, "SUCCESS"]
    graph = build_definitions(finished.settings, portfolios=[finished.portfolio]).resolve_asset_graph()
    # What is watched, and what was deployed, is made by a job of its own.
    keys = {"/".join(key.path) for key in graph.get_all_asset_keys()}
    expected = {key for key in keys if "/monitoring/" not in key and not key.endswith("/serving/deployment")}
    assert expected == set(finished.lakehouse.keys("german_credit/"))
    for key in expected:
        version = finished.lakehouse.latest(key)
        assert version is not None, key
        assert finished.lakehouse.scan(key).collect().height == version.rows
    bento = finished.lakehouse.read("german_credit/serving/bento")
    assert (BentoRecord.of(bento).folder(finished.shelf) / "bento.yaml").is_file()
