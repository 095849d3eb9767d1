"""Alerts of what watches: exporter, targets, Alertmanager, and the Watchdog.

What is here: `ALERTS`. An alert whose series is gone is silent, so that silence has alerts of its own.
What to add here: another way in which nothing would be said.
What must not be here: what is watched.
"""

from __future__ import annotations

from credit_platform.monitoring.metrics import pipeline
from scripts.monitoring.outside import NOTIFICATIONS_FAILED
from scripts.monitoring.rules import Alert, Owner, Severity
from scripts.monitoring.selectors import EXPORTER_JOB, SERVICE_JOB

ALERTS = [
    Alert(
        name="TargetsAbsent",
        expression=f"""
            absent(up{{job="{SERVICE_JOB}"}}) or absent(up{{job="{EXPORTER_JOB}"}})
        """,
        wait="10m",
        severity=Severity.CRITICAL,
        owner=Owner.PLATFORM,
        summary="Prometheus has no target {{ $labels.job }}",
        description="Nothing of it is watched: no other alert about it can fire. See targets.json of the home.",
        dashboard="credit-infrastructure",
    ),
    Alert(
        name="ExporterDown",
        expression=f'max(up{{job="{EXPORTER_JOB}"}}) == 0',
        wait="5m",
        severity=Severity.CRITICAL,
        owner=Owner.PLATFORM,
        summary="The exporter is down",
        description="Pipeline, drift and performance are not watched while it is.",
        dashboard="credit-infrastructure",
    ),
    Alert(
        name="ExporterFailing",
        expression=f"""
            min by (collector) ({pipeline.COLLECTOR_SUCCESS.name}) == 0
              or max by (collector) ({pipeline.COLLECTOR_AGE.name}) > 900
        """,
        wait="10m",
        severity=Severity.WARNING,
        owner=Owner.PLATFORM,
        summary="The collector {{ $labels.collector }} of the exporter fails",
        description="What it tells is old: alerts that stand on it may be wrong. The exporter's log says why.",
        dashboard="credit-infrastructure",
    ),
    Alert(
        name="NotificationsFailing",
        expression=f"sum by (integration) (increase({NOTIFICATIONS_FAILED}[15m])) > 0",
        wait="5m",
        severity=Severity.CRITICAL,
        owner=Owner.PLATFORM,
        summary="Alertmanager cannot deliver by {{ $labels.integration }}",
        description="Somebody who should have been told was not.",
        dashboard="credit-infrastructure",
    ),
    Alert(
        name="Watchdog",
        expression="vector(1)",
        wait="",
        severity=Severity.NONE,
        owner=Owner.PLATFORM,
        summary="Alerting works",
        description="Always firing. Whoever receives it must be alarmed when it stops.",
        dashboard="credit-infrastructure",
    ),
]
