"""Run a portfolio's job in this process and report progress, without the Dagster UI.

The run is recorded in the same Dagster instance, so the UI shows it like any other.
"""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import dagster as dg
from dagster._core.instance.ref import InstanceRef

from credit_platform.errors import TableNotFoundError
from credit_platform.lakehouse import Lakehouse
from credit_platform.orchestration.asking_again import question_after
from credit_platform.orchestration.event_log import quick_storage
from credit_platform.orchestration.failures import step_sentence
from credit_platform.orchestration.instance import open_instance
from credit_platform.orchestration.jobs import monitoring_name, retrain_decision_name
from credit_platform.orchestration.partitions import decision_days
from credit_platform.orchestration.policies import asset_key, table_key
from credit_platform.orchestration.portfolio_graph import portfolio_definitions
from credit_platform.orchestration.recorded_runs import UNFINISHED, process_tags, state_of
from credit_platform.orchestration.resources import build_resources
from credit_platform.orchestration.run_origin import shown_under_its_job
from credit_platform.orchestration.step_lines import lines_of_run, told_of_run
from credit_platform.portfolios.keys import split_key, tables_of
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

POLL_SECONDS = 0.3
_SETTLE_SECONDS = 0.3
"""How long a run may say by itself that it was interrupted."""
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""Dagster's console log repeats what the progress display and the UI show."""
_NO_CAPTURE = {
    "compute_logs": {
        "module": "dagster._core.storage.noop_compute_log_manager",
        "class": "NoOpComputeLogManager",
    }
}
_STEP_EVENTS = {
    dg.DagsterEventType.STEP_START: "started",
    dg.DagsterEventType.STEP_SUCCESS: "done",
    dg.DagsterEventType.STEP_FAILURE: "failed",
}

T = TypeVar("T")

Progress = Callable[[str, str], None]
"""Called with a step's name and `started`, `done` or `failed`."""


@dataclass(frozen=True, kw_only=True)
class FailedCheck:
    """An asset check that did not pass, and whether it stopped what comes after."""

    asset: str
    check: str
    message: str
    blocking: bool


@dataclass(frozen=True, kw_only=True)
class RunReport:
    """How a run ended."""

    run_id: str
    success: bool
    materialised: tuple[str, ...]
    """Keys of the tables written or confirmed."""
    errors: tuple[str, ...]
    """Message of each failed step, ending in its cure."""
    failed_checks: tuple[FailedCheck, ...]


def count_steps(portfolio: Portfolio, settings: Settings, job: str, start: str | None = None) -> int:
    """Number of steps that `job` will report, for a progress bar."""
    return len(_resolve_job(portfolio, settings, job, start).all_node_defs)


def run_job(
    portfolio: Portfolio,
    settings: Settings,
    *,
    job: str | None = None,
    start: str | None = None,
    partition: str | None = None,
    progress: Progress | None = None,
) -> RunReport:
    """Run `job` of `portfolio` (the whole portfolio by default) to its end or its first blocking failure.

    Call `environment.prepare_environment` first: the run is recorded in the instance that `DAGSTER_HOME` names.

    Args:
        portfolio: What to run.
        settings: Where its tables lie, and how to run it.
        job: Name of a job of the portfolio.
        start: Table to begin at, as `models/scorer`: it, what is made of it, and their checks. Everything else is read
            as it is stored.
        partition: Of what is watched: only this day (ISO 8601), which becomes a partition if it is none yet.
        progress: Called as steps start and end.

    Raises:
        TableNotFoundError: The job makes no table `start`.
        KeyboardInterrupt: Ctrl-C. The run is recorded as cancelled, but its step is still at work in a thread of this
            process: end the process. Every table keeps its last good version, as after a kill.
    """
    definition = _resolve_job(portfolio, settings, job or portfolio.name, start)
    days = None if partition is None else (decision_days(portfolio).name or "", partition)
    report = _report(_execute(definition, settings.home, progress, days), settings.home)
    if not report.success and definition.name == monitoring_name(portfolio.name):
        _ask_anew(portfolio, settings, report.run_id)
    return report


def _ask_anew(portfolio: Portfolio, settings: Settings, run_id: str) -> None:
    """Ask whether to train again, which the run that stopped did not come to."""
    with _open_instance() as instance:
        question = question_after(instance, Lakehouse(settings.lakehouse_root), portfolio.name, run_id)
    if question is not None:
        asked = _resolve_job(portfolio, settings, retrain_decision_name(portfolio.name), None)
        _execute(asked, settings.home, None, None, question)


def _failed_steps(result: dg.ExecuteInProcessResult) -> list[str]:
    return [event.step_key for event in result.all_events if event.is_step_failure and event.step_key]


def _execute(
    definition: dg.JobDefinition,
    home: Path,
    progress: Progress | None,
    partition: tuple[str, str] | None,
    tags: Mapping[str, str] | None = None,
) -> dg.ExecuteInProcessResult:
    """Run a job; of a `partition` the set it belongs to, and its key; what else its `tags` say."""
    run_id = str(uuid.uuid4())
    instance = shown_under_its_job(_open_instance(), definition.name)
    close_killed_runs(instance, definition.name)
    if partition is not None:
        instance.add_dynamic_partitions(partition[0], [partition[1]])

    def execute() -> dg.ExecuteInProcessResult:
        return definition.execute_in_process(
            instance=instance,
            run_id=run_id,
            partition_key=None if partition is None else partition[1],
            run_config=_QUIET,
            tags={**process_tags(), **(tags or {})},
            raise_on_error=False,
        )

    try:
        with lines_of_run(home, run_id, definition.name), _watched(instance, run_id, progress):
            result = _in_thread(execute)
            if not result.success:
                told_of_run("run failed", failed_steps=_failed_steps(result))
    except KeyboardInterrupt:
        # The instance stays open: a step that could not record its events any more would make it a failed run.
        _report_cancelled(instance, run_id)
        raise
    instance.dispose()
    return result


def _open_instance() -> dg.DagsterInstance:
    """Open the instance in `DAGSTER_HOME`, with quick storage and without capture of what steps print.

    Capture starts two processes per step and points this process's standard output away from the terminal meanwhile;
    the steps print nothing, and on Ctrl-C those processes would fill the terminal with their traces.
    """
    instance = InstanceRef.from_dir(os.environ["DAGSTER_HOME"], overrides=_NO_CAPTURE)
    return open_instance(quick_storage(instance))


def _in_thread(execute: Callable[[], T]) -> T:
    """Call `execute` in a second thread, so that Ctrl-C reaches this one.

    In the main thread Dagster takes the interrupt for a failure of the step, retries the step, and the run goes on.
    """
    done: Future[T] = Future()

    def work() -> None:
        try:
            done.set_result(execute())
        except BaseException as error:  # noqa: BLE001  # handed to the thread that waits, which raises it
            done.set_exception(error)

    threading.Thread(target=work, name="run", daemon=True).start()
    # A wait without end would not see a signal that the system hands to another thread of the process.
    try:
        while not done.done():
            wait([done], timeout=POLL_SECONDS)
    except KeyboardInterrupt:
        # Polars ends a query at Ctrl-C by itself, and Dagster then takes the run for failed: let it say so first.
        wait([done], timeout=_SETTLE_SECONDS)
        raise
    return done.result()


def _report_cancelled(instance: dg.DagsterInstance, run_id: str) -> None:
    run = instance.get_run_by_id(run_id)
    if run is not None and run.status is not dg.DagsterRunStatus.SUCCESS:
        instance.report_run_canceled(run, "Interrupted by Ctrl-C; every table kept its last good version.")


def close_killed_runs(instance: dg.DagsterInstance, job: str) -> None:
    """Mark runs of `job` whose process is gone (kill -9, power cut) as failed, so that none seems to run for ever.

    A run of another host is left alone: what runs there cannot be known here.
    """
    running = instance.get_runs(dg.RunsFilter(job_name=job, statuses=list(UNFINISHED)))
    for run in running:
        if state_of(run.tags) == "gone":
            instance.report_run_failed(run, "The process that ran it is gone; every table kept its last good version.")


def _resolve_job(portfolio: Portfolio, settings: Settings, name: str, start: str | None) -> dg.JobDefinition:
    job = _definitions(portfolio, settings).resolve_job_def(name)
    if start is None:
        return job
    graph = job.asset_layer.asset_graph
    made = sorted(table_key(key).removeprefix(tables_of(portfolio.name)) for key in graph.materializable_asset_keys)
    if start not in made:
        raise TableNotFoundError(
            f"The job {name} makes no table {start!r}, to begin the run at.", f"Begin at one of: {', '.join(made)}."
        )
    first = asset_key(*split_key(f"{tables_of(portfolio.name)}{start}"))
    # What one step makes is made together.
    chosen = dg.AssetSelection.assets(first).downstream().required_multi_asset_neighbors()
    return job.get_subset(asset_selection=chosen.resolve(graph))


def _definitions(portfolio: Portfolio, settings: Settings) -> dg.Definitions:
    return dg.Definitions.merge(
        portfolio_definitions(portfolio, settings), dg.Definitions(resources=build_resources(settings))
    )


@contextmanager
def _watched(instance: dg.DagsterInstance, run_id: str, progress: Progress | None) -> Iterator[None]:
    """Report the run's step events from a second thread while the run holds this one."""
    if progress is None:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=_watch, args=(instance, run_id, progress, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _watch(instance: dg.DagsterInstance, run_id: str, progress: Progress, stop: threading.Event) -> None:
    cursor: str | None = None
    while True:
        last = stop.wait(POLL_SECONDS)
        page = instance.get_records_for_run(run_id, cursor=cursor, of_type=set(_STEP_EVENTS))
        cursor = page.cursor
        for record in page.records:
            event = record.event_log_entry.dagster_event
            if event is not None and event.step_key is not None:
                progress(event.step_key, _STEP_EVENTS[event.event_type])
        if last:
            return


def _report(result: dg.ExecuteInProcessResult, home: Path) -> RunReport:
    evaluations = result.get_asset_check_evaluations()
    return RunReport(
        run_id=result.run_id,
        success=result.success,
        materialised=tuple(
            table_key(event.asset_key) for event in result.get_asset_materialization_events() if event.asset_key
        ),
        # Several files that are missing for one reason say so once.
        errors=tuple(dict.fromkeys(_step_errors(result.all_events, home))),
        failed_checks=tuple(
            FailedCheck(
                asset=table_key(e.asset_key),
                check=e.check_name,
                message=e.description or "",
                blocking=bool(e.blocking) and e.severity is dg.AssetCheckSeverity.ERROR,
            )
            for e in evaluations
            if not e.passed
        ),
    )


def _step_errors(events: Sequence[dg.DagsterEvent], home: Path) -> Iterator[str]:
    for event in events:
        if event.event_type is dg.DagsterEventType.STEP_FAILURE and (said := step_sentence(event, home)) is not None:
            yield said
