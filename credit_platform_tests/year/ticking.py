"""A day of a home, begun anew: a new Dagster instance on its records, definitions built anew, and a clock of that day.

What Dagster's daemon does with schedules and sensors is done here in their order, in this process: its own loop goes by
the time of the machine. A run key that was used is not used again; a run whose process was killed is noted as failed,
and one that the night's schedule had started is started again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

import dagster as dg
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.tags import RUN_KEY_TAG, SCHEDULE_NAME_TAG, SENSOR_NAME_TAG

from credit_platform.clock import Clock
from credit_platform.definitions import build_definitions
from credit_platform.monitoring.decision_log import DecisionStore, Filter
from credit_platform.orchestration.event_log import quick_storage
from credit_platform.orchestration.instance import open_instance
from credit_platform.orchestration.recorded_runs import UNFINISHED, process_tags, state_of
from credit_platform.orchestration.resources import ClockResource
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.simulation.truth import outcome_rows, write_outcomes
from credit_platform_tests.finished_run import tool_environment
from credit_platform_tests.year.applying import apply
from credit_platform_tests.year.plan import NIGHT, Plan

PAGES = ("population_shift", "evidently_report")
"""Pages for people, on which nothing that is decided rests; made once a month or never: they take longest."""
GONE = "The process that ran it is gone"
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_MOST_LOOKS = 6


@dataclass(frozen=True)
class Daemon:
    """What a daemon knows when it was started anew."""

    instance: dg.DagsterInstance
    definitions: dg.Definitions
    portfolio: Portfolio
    clock: Clock

    def night(self, plan: Plan, number: int) -> None:
        """What is due at three, and then whatever the sensors ask for, until they ask for nothing."""
        self._close_killed()
        self._look(f"{self.portfolio.name}_days")
        self._on_schedule(f"{self.portfolio.name}_monitoring", plan, number)
        for _ in range(_MOST_LOOKS):
            if not self._look(f"{self.portfolio.name}_retraining"):
                break
        self._look("tell_of_problems")

    def run(self, job: str, *, without: Sequence[str] = (), **tags: str) -> dg.ExecuteInProcessResult:
        """Run a job as the daemon does, with the tags of a run."""
        resolved = self.definitions.resolve_job_def(job)
        kept = resolved.asset_layer.executable_asset_keys
        return resolved.execute_in_process(
            instance=self.instance,
            tags={**process_tags(), **tags},
            asset_selection=[key for key in kept if key.path[-1] not in without] if without else None,
            run_config=_QUIET,
            raise_on_error=False,
        )

    def _on_schedule(self, name: str, plan: Plan, number: int) -> None:
        schedule = self.definitions.resolve_schedule_def(name)
        assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
        at = plan.at(number, NIGHT)
        pages = () if plan.pages and at.day == 1 else PAGES
        # It opens the instance once more; left to the garbage collection, a variable of Dagster would name a dead one.
        with dg.build_schedule_context(instance=self.instance, scheduled_execution_time=at) as context:
            asked = schedule.evaluate_tick(context).run_requests or ()
        for _ in asked:
            key = at.isoformat()
            if self._is_new(schedule.job_name, key):
                self.run(schedule.job_name, without=pages, **{RUN_KEY_TAG: key, SCHEDULE_NAME_TAG: name})

    def _look(self, name: str) -> bool:
        """Ask a sensor, do what it says, and say whether it started a run."""
        sensor = self.definitions.resolve_sensor_def(name)
        assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
        found = sensor(dg.build_sensor_context(instance=self.instance, resources={"clock": self.clock}))
        if not isinstance(found, dg.SensorResult):
            return False
        for added in found.dynamic_partitions_requests or ():
            assert isinstance(added, dg.AddDynamicPartitionsRequest)
            self.instance.add_dynamic_partitions(added.partitions_def_name, list(added.partition_keys))
        for request in found.run_requests or ():
            assert request.run_key is not None
            assert request.job_name is not None
            if not self._is_used(request.job_name, request.run_key):
                tags = {**request.tags, RUN_KEY_TAG: request.run_key, SENSOR_NAME_TAG: name}
                self.run(request.job_name, **tags)
        return bool(found.run_requests)

    def _is_used(self, job: str, key: str) -> bool:
        return bool(self.instance.get_runs(dg.RunsFilter(job_name=job, tags={RUN_KEY_TAG: key}), limit=1))

    def _is_new(self, job: str, key: str) -> bool:
        """Whether no run of that key was there that came to an end by itself."""
        runs = self.instance.get_runs(dg.RunsFilter(job_name=job, tags={RUN_KEY_TAG: key}))
        return all(was_killed(self.instance, run) for run in runs)

    def _close_killed(self) -> None:
        for run in self.instance.get_runs(dg.RunsFilter(statuses=list(UNFINISHED))):
            if state_of(run.tags) == "gone":
                self.instance.report_run_failed(run, GONE)


def was_killed(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether a run failed and no step of it did."""
    return run.status is dg.DagsterRunStatus.FAILURE and not instance.get_run_stats(run.run_id).steps_failed


@dataclass
class Moving:
    """A clock for a daemon that goes on: whoever lives the year moves it."""

    moment: datetime

    def now(self) -> datetime:
        """The moment, in UTC."""
        return self.moment.astimezone(UTC)


@contextmanager
def begun(settings: Settings, plan: Plan, number: int, moving: Moving | None = None) -> Iterator[Daemon]:
    """A daemon of this home, begun anew in the night of a day; with a clock that moves it may go on."""
    with tool_environment(settings):
        instance = open_instance(quick_storage(InstanceRef.from_dir(os.environ["DAGSTER_HOME"])))
        try:
            portfolio = plan.declared()
            clock: Clock = moving or ClockResource(fixed=plan.at(number, NIGHT).isoformat())
            definitions = build_definitions(settings, portfolios=[portfolio], resources={"clock": clock})
            yield Daemon(instance, definitions, portfolio, clock)
        finally:
            instance.dispose()


def tick(settings: Settings, plan: Plan, number: int, daemon: Daemon | None = None) -> None:
    """A day: the lender's files, the night's work, and the applicants of the day.

    Args:
        settings: of the home.
        plan: what happens.
        number: of the day.
        daemon: one that is at work already; by default one that begins anew.
    """
    if number % plan.told_every == 0:
        _tell_outcomes(settings, plan, plan.day(number))
    if daemon is not None:
        daemon.night(plan, number)
    else:
        with begun(settings, plan, number) as found:
            found.night(plan, number)
    apply(settings, plan, number)


def _tell_outcomes(settings: Settings, plan: Plan, today: date) -> None:
    """The lender's file, written anew."""
    store = DecisionStore(settings.decision_log)
    portfolio = plan.declared()
    told = store.each(Filter(portfolio=portfolio.name))
    rows = outcome_rows(told, plan.world(), portfolio, today)
    store.close()
    if not rows.is_empty():
        write_outcomes(rows, settings, portfolio)
