"""Running a job in this process: what is reported, and what becomes of runs whose process was killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import psutil
import pytest

from credit_platform.errors import TableNotFoundError
from credit_platform.orchestration import runner
from credit_platform.orchestration.recorded_runs import HOST_TAG, PROCESS_TAG
from credit_platform.orchestration.runner import (
    FailedCheck,
    close_killed_runs,
    count_steps,
    run_job,
)
from credit_platform.portfolios import get_portfolio
from credit_platform.processes import ProcessIdentity
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import tool_environment

PORTFOLIO = get_portfolio("german_credit")
FIRST, SECOND = dg.AssetKey(["toy", "raw", "first"]), dg.AssetKey(["toy", "raw", "second"])


@pytest.fixture
def settings(tmp_path: Path, dagster_home: Path) -> Iterator[Settings]:
    chosen = Settings(home=tmp_path)
    with tool_environment(chosen, dagster_home):
        yield chosen


def graph(
    monkeypatch: pytest.MonkeyPatch,
    *,
    error: Exception | None = None,
    blocking: bool = False,
    work: Callable[[], object] = lambda: None,
) -> None:
    """Two assets in place of a portfolio's: the check of the first one fails, the second one does `work` and fails."""

    @dg.asset(key=FIRST)
    def first() -> None:
        pass

    @dg.asset_check(asset=FIRST, name="good_enough", blocking=blocking)
    def good_enough() -> dg.AssetCheckResult:
        severity = dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN
        return dg.AssetCheckResult(passed=False, severity=severity, description="It is not.")

    @dg.asset(key=SECOND, deps=[FIRST])
    def second() -> None:
        work()
        if error is not None:
            raise error

    job = dg.define_asset_job("toy", executor_def=dg.in_process_executor)
    definitions = dg.Definitions(assets=[first, second], asset_checks=[good_enough], jobs=[job])
    monkeypatch.setattr(runner, "_definitions", lambda *_: definitions)


def test_a_run_reports_tables_warnings_and_every_step(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    graph(monkeypatch)
    steps: list[tuple[str, str]] = []
    report = run_job(PORTFOLIO, settings, job="toy", progress=lambda *step: steps.append(step))
    assert report.success
    assert sorted(report.materialised) == ["toy/raw/first", "toy/raw/second"]
    assert report.errors == ()
    assert report.failed_checks == (
        FailedCheck(asset="toy/raw/first", check="good_enough", message="It is not.", blocking=False),
    )
    assert len(steps) == 2 * count_steps(PORTFOLIO, settings, "toy")
    assert {state for _, state in steps} == {"started", "done"}
    for step in {name for name, _ in steps}:
        assert steps.index((step, "started")) < steps.index((step, "done"))


def test_a_blocking_check_stops_what_comes_after(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    graph(monkeypatch, blocking=True)
    report = run_job(PORTFOLIO, settings, job="toy")
    assert not report.success
    assert report.materialised == ("toy/raw/first",)
    assert [check.blocking for check in report.failed_checks] == [True]
    assert report.errors == ()  # the check says what it found; Dagster's name for that says nothing to anybody


def test_a_run_begins_at_the_table_that_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    graph(monkeypatch)
    toy = replace(PORTFOLIO, name="toy")
    assert run_job(toy, settings, start="raw/second").materialised == ("toy/raw/second",)
    assert count_steps(toy, settings, "toy", "raw/second") == 1
    assert sorted(run_job(toy, settings, start="raw/first").materialised) == ["toy/raw/first", "toy/raw/second"]
    with pytest.raises(TableNotFoundError, match="toy makes no table 'raw/third'") as refused:
        run_job(toy, settings, start="raw/third")
    assert refused.value.cure == "Begin at one of: raw/first, raw/second."


def test_of_our_errors_only_what_they_say_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    graph(monkeypatch, error=TableNotFoundError("It is gone.", "The cure is rest."))
    assert run_job(PORTFOLIO, settings, job="toy").errors == ("It is gone. The cure is rest.",)


@pytest.mark.parametrize("error", [dg.Failure("The cure is rest."), ValueError("The cure is rest.")])
def test_a_failed_step_is_reported_by_its_message(
    error: Exception, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph(monkeypatch, error=error)
    steps: list[tuple[str, str]] = []
    report = run_job(PORTFOLIO, settings, job="toy", progress=lambda *step: steps.append(step))
    assert not report.success
    assert len(report.errors) == 1
    assert report.errors[0].endswith("The cure is rest.")
    assert ("toy__raw__second", "failed") in steps


def test_ctrl_c_cancels_the_run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    at_work, released = threading.Event(), threading.Event()

    def work() -> None:
        at_work.set()
        released.wait(60)

    graph(monkeypatch, work=work)

    def interrupted(*_: object, **__: object) -> None:
        assert at_work.wait(60)
        raise KeyboardInterrupt

    # A real signal is sent in e2e/test_kill.py; one to this process could meet the test runner instead.
    monkeypatch.setattr(runner, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_job(PORTFOLIO, settings, job="toy")
    with dg.DagsterInstance.get() as instance:
        [run] = instance.get_runs(limit=1)
        assert run.status is dg.DagsterRunStatus.CANCELED
    released.set()
    for thread in threading.enumerate():
        if thread.name == "run":
            thread.join(60)


def test_a_query_that_ends_at_ctrl_c_does_not_make_it_a_failed_run(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work, interruptions = threading.Event(), [KeyboardInterrupt()]

    def work() -> None:
        at_work.set()
        raise KeyboardInterrupt  # as Polars does, in whichever thread a query runs

    def interrupted(futures: list[Any], **_: object) -> object:
        assert at_work.wait(60)
        if interruptions:
            raise interruptions.pop()
        return wait(futures, timeout=60)

    graph(monkeypatch, work=work)
    monkeypatch.setattr(runner, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_job(PORTFOLIO, settings, job="toy")
    with dg.DagsterInstance.get() as instance:
        [run] = instance.get_runs(limit=1)
        said = [
            record.event_log_entry.dagster_event_type for record in instance.get_records_for_run(run.run_id).records
        ]
        assert dg.DagsterEventType.RUN_FAILURE in said
        assert run.status is dg.DagsterRunStatus.CANCELED


# --- killed runs ---------------------------------------------------------------------------------------------------


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


def status_after_closing(
    instance: dg.DagsterInstance,
    tags: dict[str, str],
    status: dg.DagsterRunStatus = dg.DagsterRunStatus.STARTED,
    job: str = "toy",
) -> dg.DagsterRunStatus:
    run = instance.add_run(dg.DagsterRun(job_name=job, status=status, tags=tags))
    close_killed_runs(instance, "toy")
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return found.status


@pytest.fixture
def dead_process() -> dict[str, str]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        start = psutil.Process(process.pid).create_time()
    return {PROCESS_TAG: f"{process.pid}@{start}"}


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.NOT_STARTED])
def test_a_run_whose_process_is_gone_has_failed(
    status: dg.DagsterRunStatus, instance: dg.DagsterInstance, dead_process: dict[str, str]
) -> None:
    assert status_after_closing(instance, dead_process, status) is dg.DagsterRunStatus.FAILURE


def test_a_run_whose_process_id_was_given_to_another_process_has_failed(instance: dg.DagsterInstance) -> None:
    """As in a container, in which the command has the same process id every time."""
    start = psutil.Process().create_time() - 3600
    assert status_after_closing(instance, {PROCESS_TAG: f"{os.getpid()}@{start}"}) is dg.DagsterRunStatus.FAILURE


def test_a_run_of_a_killed_process_that_nobody_waited_for_has_failed(instance: dg.DagsterInstance) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        start = psutil.Process(process.pid).create_time()
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE
        tags = {PROCESS_TAG: f"{process.pid}@{start}"}
        assert status_after_closing(instance, tags) is dg.DagsterRunStatus.FAILURE
    finally:
        process.communicate()


@pytest.mark.parametrize("job", ["toy", "another"])
def test_runs_that_go_on_or_are_not_ours_are_left_alone(
    job: str, instance: dg.DagsterInstance, dead_process: dict[str, str]
) -> None:
    own = {PROCESS_TAG: f"{os.getpid()}@{psutil.Process().create_time()}"}
    tags = own if job == "toy" else dead_process
    assert status_after_closing(instance, tags, job=job) is dg.DagsterRunStatus.STARTED
    assert status_after_closing(instance, {}, job=job) is dg.DagsterRunStatus.STARTED
    assert status_after_closing(instance, dead_process, dg.DagsterRunStatus.SUCCESS) is dg.DagsterRunStatus.SUCCESS


def test_a_run_carries_the_tag_of_its_process(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    graph(monkeypatch)
    report = run_job(PORTFOLIO, settings, job="toy")
    with dg.DagsterInstance.get() as instance:
        run = instance.get_run_by_id(report.run_id)
    assert run is not None
    pid, _, start = run.tags[PROCESS_TAG].partition("@")
    assert int(pid) == os.getpid()
    assert float(start) == pytest.approx(psutil.Process().create_time(), abs=0.01)
    host = json.loads(run.tags[HOST_TAG])
    assert host == {key: ProcessIdentity.own().document()[key] for key in ("host", "boot", "namespace")}


def test_a_run_is_shown_under_its_job(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    graph(monkeypatch)
    report = run_job(PORTFOLIO, settings, job="toy")
    with dg.DagsterInstance.get() as instance:
        # What the page of a job and the timeline ask for.
        shown = instance.get_runs(dg.RunsFilter(tags={".dagster/repository": "__repository__@credit_platform"}))
    (run,) = [run for run in shown if run.run_id == report.run_id]
    assert run.remote_job_origin is not None
    assert run.remote_job_origin.job_name == "toy"


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, dg.DagsterRunStatus.FAILURE),
        ({"host": "elsewhere"}, dg.DagsterRunStatus.STARTED),
        ({"boot": "before the last start"}, dg.DagsterRunStatus.FAILURE),
    ],
)
def test_only_the_same_host_judges_a_process(
    changed: dict[str, str], status: dg.DagsterRunStatus, instance: dg.DagsterInstance, dead_process: dict[str, str]
) -> None:
    own = ProcessIdentity.own().document()
    host = {name: own[name] for name in ("host", "boot", "namespace")} | changed
    assert status_after_closing(instance, {**dead_process, HOST_TAG: json.dumps(host)}) is status
