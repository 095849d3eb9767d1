"""Sensors: what starts because something happened."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping

import dagster as dg
from dagster._core.storage.tags import RUN_KEY_TAG, SENSOR_NAME_TAG

from credit_platform.errors import CreditPlatformError, RawFileError
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.raw_files import RawFileState, raw_states
from credit_platform.monitoring.decisions.days import days_until, first_promotion_day
from credit_platform.monitoring.notices.chosen import channels_of
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.monitoring.notices.telling import tell
from credit_platform.orchestration.jobs import AssetJob
from credit_platform.orchestration.partitions import decision_days
from credit_platform.orchestration.recorded_runs import UNFINISHED, state_of
from credit_platform.orchestration.resources import ClockResource
from credit_platform.orchestration.watching import observations_of_instance
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings
from credit_platform.tables.ingestion import are_ingested

RAW_FILE_INTERVAL_SECONDS = 60
DAY_INTERVAL_SECONDS = 120
NOTICE_INTERVAL_SECONDS = 30
AT_WORK = (dg.DagsterRunStatus.QUEUED, *UNFINISHED)
SETTLED_SECONDS = 10
"""A file that was not written to for so long is taken to be complete."""


def raw_file_sensor(
    portfolio: Portfolio, job: AssetJob, settings: Settings, clock: Callable[[], float] = time.time
) -> dg.SensorDefinition:
    """Start `job` when a raw file of `portfolio` is new or changed.

    Fires once for all files when any of them is another one, or was written to, since the last look, every file of the
    portfolio is there, and none was written to in the last seconds; stops until the next change. A file that comes back
    as it was, with its old time, is a change like any other: Dagster drops a run key that it has seen, for ever, so the
    key counts changes. A daemon that dies after asking for a run and before noting that it did asks with the same key
    again. Ingestion recognises unchanged content by its hash and does nothing then.

    Files that are in force, or were refused, as they are start nothing: somebody ingested them by hand. While a run of
    the portfolio reads them it waits, and looks afterwards. Running from the start.
    """
    name = f"{portfolio.name}_raw_files"

    @dg.sensor(
        name=name,
        job=job,
        minimum_interval_seconds=RAW_FILE_INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Ingest {portfolio.title} when a raw file is new or changed.",
    )
    def new_raw_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        try:
            states = raw_states(settings, portfolio)
        except RawFileError as error:  # of a file that is there twice, none is new before one of them is gone
            return dg.SkipReason(str(error))
        if missing := [name for name, state in states.items() if state is None]:
            return dg.SkipReason(f"Waiting for {', '.join(missing)}.")
        seen = {name: state for name, state in states.items() if state is not None}
        changes, before = _last_look(context, name)
        state = {name: list(one.fingerprint) for name, one in seen.items()}
        if state == before:
            return dg.SkipReason("No raw file changed since the last look.")
        if wait := _why_wait(context.instance, portfolio, seen, clock()):
            return dg.SkipReason(wait)
        if are_ingested(Lakehouse(settings.lakehouse_root), portfolio, settings):
            context.update_cursor(json.dumps({"changes": changes, "state": state}, sort_keys=True))
            return dg.SkipReason("Somebody ingested these very files already.")
        cursor = json.dumps({"changes": changes + 1, "state": state}, sort_keys=True)
        digest = hashlib.sha256(cursor.encode()).hexdigest()[:12]
        return dg.SensorResult(run_requests=[dg.RunRequest(run_key=f"{changes + 1}-{digest}")], cursor=cursor)

    return new_raw_files


def day_sensor(portfolio: Portfolio, settings: Settings) -> dg.SensorDefinition:
    """Make a partition of each day from the first promotion to today, so that the UI can fill any of them again.

    Fires when a day is over, or the first model is promoted while the daemon runs; stops until the next day. Starts no
    run. Running from the start.
    """

    @dg.sensor(
        name=f"{portfolio.name}_days",
        minimum_interval_seconds=DAY_INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Make a partition of each day since the first promotion of {portfolio.title}.",
    )
    def new_days(context: dg.SensorEvaluationContext, clock: ClockResource) -> dg.SensorResult | dg.SkipReason:
        try:
            first = first_promotion_day(Lakehouse(settings.lakehouse_root), portfolio)
        except CreditPlatformError as error:
            return dg.SkipReason(str(error))
        if first is None:
            return dg.SkipReason(f"No model of {portfolio.name} was promoted yet: its days begin with the first.")
        days, now = decision_days(portfolio), clock.now()
        known = set(context.instance.get_dynamic_partitions(days.name or ""))
        new = [day.isoformat() for day in days_until(first, portfolio, now) if day.isoformat() not in known]
        if not new:
            return dg.SkipReason("Every day up to today has a partition.")
        return dg.SensorResult(dynamic_partitions_requests=[days.build_add_request(new)])

    return new_days


def notice_sensor(settings: Settings, clock: Callable[[], float] = time.time) -> dg.SensorDefinition:
    """Tell people of failed runs, failed checks, failing sensors and schedules, and stale tables, and of their end.

    Looks every half minute; tells of each incident once, whoever noticed it (`monitoring/notices`). Starts no run.
    Running from the start.
    """

    @dg.sensor(
        name="tell_of_problems",
        minimum_interval_seconds=NOTICE_INTERVAL_SECONDS,
        description="Tell people what failed and what is over, once.",
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def tell_of_problems(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        book, now = IncidentBook.of(settings), clock()
        found = observations_of_instance(context.instance, book, settings.home, settings.pages_url, now)
        told = tell(book, channels_of(settings), found, clock)
        for fault in told.faults:
            context.log.error(fault)
        said = "; ".join(f"{channel.name}: {notice.heading}" for channel, notice in told.delivered)
        return dg.SkipReason(f"Told {said}" if said else "Nothing new to tell.")

    return tell_of_problems


def _why_wait(
    instance: dg.DagsterInstance, portfolio: Portfolio, seen: Mapping[str, RawFileState], now: float
) -> str | None:
    """Why nothing is started before the next look: a file is being written, or a run reads them."""
    if busy := [name for name, one in seen.items() if _is_being_written(one, now)]:
        return f"Waiting for {', '.join(busy)}: written to less than {SETTLED_SECONDS} s ago."
    reading = _reading(instance, portfolio)
    return reading and f"Waiting for the run {reading}, which reads them."


def _reading(instance: dg.DagsterInstance, portfolio: Portfolio) -> str | None:
    """A run that reads raw files of the portfolio now, by its id; one whose process was killed reads none."""
    for job in (portfolio.name, f"{portfolio.name}_ingestion"):
        for run in instance.get_runs(dg.RunsFilter(job_name=job, statuses=list(AT_WORK))):
            if state_of(run.tags) != "gone":
                return run.run_id
    return None


def _last_look(context: dg.SensorEvaluationContext, name: str) -> tuple[int, object]:
    """Changes counted so far, and the state of the files then; None when there was no look, or the cursor was reset."""
    try:
        cursor = json.loads(context.cursor or "null")
    except json.JSONDecodeError:  # somebody wrote it by hand
        cursor = None
    if isinstance(cursor, dict) and isinstance(cursor.get("changes"), int):
        return cursor["changes"], cursor.get("state")
    return _changes_of_runs(context.instance, name), None


def _changes_of_runs(instance: dg.DagsterInstance, name: str) -> int:
    """Changes that the sensor `name` started a run for before its cursor was lost, by the key of the newest run."""
    asked = dg.RunsFilter(tags={SENSOR_NAME_TAG: name})
    for run in instance.get_runs(asked, limit=1):
        count = run.tags.get(RUN_KEY_TAG, "").partition("-")[0]
        return int(count) if count.isdecimal() else 0
    return 0


def _is_being_written(state: RawFileState, now: float) -> bool:
    """Whether somebody may still be copying it; a time in the future, of another clock, says nothing."""
    return state.written_at is not None and 0 <= now - state.written_at < SETTLED_SECONDS
