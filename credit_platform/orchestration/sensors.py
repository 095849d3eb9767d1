"""Sensors: what starts because something happened."""

import json
from pathlib import Path

import dagster as dg

from credit_platform.lakehouse.raw_files import raw_file
from credit_platform.monitoring.notifiers import Notification, Notifier, notifier_for
from credit_platform.errors import RawFileError
from credit_platform.orchestration.jobs import AssetJob
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

RAW_FILE_INTERVAL_SECONDS = 60


def raw_file_sensor(portfolio: Portfolio, job: AssetJob, settings: Settings) -> dg.SensorDefinition:
    """Start `job` when a raw file of `portfolio` is new or changed.

    Fires when the size or the modification time of any file differs from the last look and every file of the portfolio
    is there; stops until the next change. A file that is still growing fires again when it has settled: ingestion
    recognises unchanged content by its hash and does nothing then.
    """

    @dg.sensor(
        name=f"{portfolio.name}_raw_files",
        job=job,
        minimum_interval_seconds=RAW_FILE_INTERVAL_SECONDS,
        description=f"Ingest {portfolio.title} when a raw file is new or changed.",
    )
    def new_raw_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        try:
            paths = [raw_file(settings, portfolio, table) for table in portfolio.tables]
        except RawFileError as error:  # of a file that is there twice, none is new before one of them is gone
            return dg.SkipReason(str(error))
        missing = [str(path) for path in paths if not path.exists()]
        if missing:
            return dg.SkipReason(f"Waiting for {', '.join(missing)}.")
        state = json.dumps({path.name: _fingerprint(path) for path in paths}, sort_keys=True)
        if state == context.cursor:
            return dg.SkipReason("No raw file changed since the last look.")
        return dg.SensorResult(run_requests=[dg.RunRequest(run_key=state)], cursor=state)

    return new_raw_files


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


def _fingerprint(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]
