"""Alerts of the pipeline: Dagster, its jobs, assets and checks, by the exporter.

What is here: `ALERTS`.
What to add here: something that stops the pipeline, or that it found and did not stop for.
What must not be here: the exporter's own health (`watchers.py`).
"""

from __future__ import annotations

from credit_platform.monitoring.metrics import pipeline
from scripts.monitoring.rules import Alert, Owner, Severity
from scripts.monitoring.selectors import series

_OLDEST = pipeline.OLDEST_RUN

ALERTS = [
    Alert(
        name="CheckFailing",
        expression=f"max by (portfolio, asset, check) ({pipeline.CHECK_FAILING.name}) == 1",
        wait="5m",
        severity=Severity.WARNING,
        owner=Owner.DATA,
        summary="Check {{ $labels.check }} of {{ $labels.portfolio }}/{{ $labels.asset }} does not pass",
        description="Its last result is a failure. One that does not block leaves the run successful.",
        dashboard="credit-pipeline",
    ),
    Alert(
        name="AssetStale",
        expression=f"max by (portfolio, asset) ({pipeline.FRESHNESS.name}) == 2",
        wait="15m",
        severity=Severity.WARNING,
        owner=Owner.DATA,
        summary="{{ $labels.portfolio }}/{{ $labels.asset }} is stale",
        description="It was not materialised in the time that its freshness policy gives.",
        dashboard="credit-pipeline",
    ),
    Alert(
        name="RunStuck",
        expression=f"""
            max by (state) ({series(_OLDEST, 'state="running"')}) > 21600
              or max by (state) ({series(_OLDEST, 'state="queued"')}) > 3600
              or max by (state) ({series(_OLDEST, 'state=~"starting|canceling"')}) > 900
        """,
        wait="5m",
        severity=Severity.WARNING,
        owner=Owner.DATA,
        summary="A run has been {{ $labels.state }} for {{ $value | humanizeDuration }}",
        description="More than six hours of running, one of waiting, a quarter of starting or stopping is not usual.",
        dashboard="credit-pipeline",
    ),
    Alert(
        name="JobFailed",
        expression=f"""
            sum by (portfolio, dagster_job) (increase({series(pipeline.JOB_RUNS, 'outcome="failure"')}[1h])) > 0
        """,
        wait="2m",
        severity=Severity.WARNING,
        owner=Owner.DATA,
        summary="A run of {{ $labels.dagster_job }} failed",
        description="Within the last hour. The run's page says at which step and why.",
        dashboard="credit-pipeline",
    ),
    Alert(
        name="MonitoringOverdue",
        expression=f"""
            time() - max by (portfolio) ({series(pipeline.JOB_LAST_SUCCESS, 'dagster_job=~".+_monitoring"')}) > 129600
        """,
        wait="30m",
        severity=Severity.WARNING,
        owner=Owner.DATA,
        summary="The model of {{ $labels.portfolio }} has not been watched for {{ $value | humanizeDuration }}",
        description="The daily monitoring has not succeeded for a day and a half: drift and performance are old.",
        dashboard="credit-pipeline",
    ),
    Alert(
        name="DaemonDead",
        expression=f"time() - max by (daemon) ({pipeline.DAEMON_HEARTBEAT.name}) > 300",
        wait="5m",
        severity=Severity.CRITICAL,
        owner=Owner.DATA,
        summary="Dagster's daemon {{ $labels.daemon }} gives no sign of life",
        description="Without it no schedule, sensor or queued run starts, and nobody notices what does not happen.",
        dashboard="credit-pipeline",
    ),
    Alert(
        name="DaemonFailing",
        expression=f"max by (daemon) ({pipeline.DAEMON_ERRORS.name}) > 0",
        wait="15m",
        severity=Severity.WARNING,
        owner=Owner.DATA,
        summary="Dagster's daemon {{ $labels.daemon }} reports errors",
        description="It lives and fails at its work: its last heartbeat carried errors for a quarter of an hour.",
        dashboard="credit-pipeline",
    ),
    Alert(
        name="TickFailing",
        expression=f"max by (portfolio, kind, instigator) ({pipeline.TICK_FAILED.name}) == 1",
        wait="10m",
        severity=Severity.WARNING,
        owner=Owner.DATA,
        summary="The {{ $labels.kind }} {{ $labels.instigator }} fails",
        description="Its last tick failed, so what it should have started did not start.",
        dashboard="credit-pipeline",
    ),
    Alert(
        name="SensorLate",
        expression=f"max by (portfolio, instigator) ({pipeline.SENSOR_LAG.name}) > 600",
        wait="5m",
        severity=Severity.WARNING,
        owner=Owner.DATA,
        summary="The sensor {{ $labels.instigator }} is {{ $value | humanizeDuration }} late",
        description="The daemon does not ask it in time: new files wait.",
        dashboard="credit-pipeline",
    ),
    Alert(
        name="CodeLocationBroken",
        expression=f"max by (location) ({pipeline.CODE_LOCATION.name}) == 1",
        wait="5m",
        severity=Severity.CRITICAL,
        owner=Owner.DATA,
        summary="Dagster cannot load the code location {{ $labels.location }}",
        description="No run of it can start. Its error is on Dagster's page of deployments.",
        dashboard="credit-pipeline",
    ),
    Alert(
        name="DagsterPageDown",
        expression=f"min ({pipeline.WEBSERVER.name}) == 0",
        wait="5m",
        severity=Severity.WARNING,
        owner=Owner.DATA,
        summary="Dagster's web server does not answer",
        description="Runs go on; nobody can look at them or start one in the UI.",
        dashboard="credit-pipeline",
    ),
]
