"""Sensors: what starts because something happened."""

import hashlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
from dagster._core.storage.tags import RUN_KEY_TAG, SENSOR_NAME_TAG

from credit_platform.errors import CreditPlatformError, RawFileError
from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.raw_files import raw_file
from credit_platform.monitoring.decisions.days import days_until, first_promotion_day
from credit_platform.monitoring.notifiers import Notification, Notifier, notifier_for
from credit_platform.orchestration.jobs import AssetJob
from credit_platform.orchestration.partitions import decision_days
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

RAW_FILE_INTERVAL_SECONDS = 60
DAY_INTERVAL_SECONDS = 120
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
    """
    name = f"{portfolio.name}_raw_files"

    @dg.sensor(
        name=name,
        job=job,
        minimum_interval_seconds=RAW_FILE_INTERVAL_SECONDS,
        description=f"Ingest {portfolio.title} when a raw file is new or changed.",
    )
    def new_raw_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        try:
            paths = [raw_file(settings, portfolio, table) for table in portfolio.tables]
        except RawFileError as error:  # of a file that is there twice, none is new before one of them is gone
            return dg.SkipReason(str(error))
        seen = {path: status for path in paths if (status := _status(path)) is not None}
        if missing := [str(path) for path in paths if path not in seen]:
            return dg.SkipReason(f"Waiting for {', '.join(missing)}.")
        changes, before = _last_look(context, name)
        state = {str(path): _fingerprint(status) for path, status in seen.items()}
        if state == before:
            return dg.SkipReason("No raw file changed since the last look.")
        if busy := [str(path) for path, status in seen.items() if _is_being_written(status, clock())]:
            return dg.SkipReason(f"Waiting for {', '.join(busy)}: written to less than {SETTLED_SECONDS} s ago.")
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
    def new_days(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        try:
            first = first_promotion_day(Lakehouse(settings.lakehouse_root), portfolio)
        except CreditPlatformError as error:
            return dg.SkipReason(str(error))
        if first is None:
            return dg.SkipReason(f"No model of {portfolio.name} was promoted yet: its days begin with the first.")
        days = decision_days(portfolio)
        known = set(context.instance.get_dynamic_partitions(days.name or ""))
        new = [day.isoformat() for day in days_until(first, portfolio) if day.isoformat() not in known]
        if not new:
            return dg.SkipReason("Every day up to today has a partition.")
        return dg.SensorResult(dynamic_partitions_requests=[days.build_add_request(new)])

    return new_days


def failure_sensor(settings: Settings, notifier: Notifier | None = None) -> dg.SensorDefinition:
    """Tell the notifier of every failed run, once per run. Switched on by default."""
    told = notifier or notifier_for(settings)

    @dg.run_failure_sensor(
        name="notify_run_failure",
        description="Tell the notifier (webhook or file) which run failed and why.",
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def notify_run_failure(context: dg.RunFailureSensorContext) -> None:
        run = context.dagster_run
        told.send(
            Notification(
                title=f"Run of {run.job_name} failed",
                message=context.failure_event.message or "Dagster gave no message.",
                job=run.job_name,
                run_id=run.run_id,
            )
        )

    return notify_run_failure


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


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:  # gone between two looks, or out of reach: as good as missing
        return None


def _fingerprint(status: os.stat_result) -> list[int]:
    """Changes with each write and each replacement; the time of the inode's last change cannot be set back."""
    return [status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _is_being_written(status: os.stat_result, now: float) -> bool:
    """Whether somebody may still be copying it; a time in the future, of another clock, says nothing."""
    return 0 <= now - status.st_ctime < SETTLED_SECONDS
