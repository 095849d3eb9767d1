"""Alerts of the scoring service and the machine that it runs on.

What is here: `ALERTS`: down, errors, lost database, latency, processor, disk.
What to add here: a symptom that a client of the service notices, or a limit that it will run into.
What must not be here: promises over a month (`burning.py`).
"""

from __future__ import annotations

from credit_platform.monitoring.metrics import model as told
from credit_platform.monitoring.metrics import service
from scripts.monitoring.recording import CPU, P95, faults, requests
from scripts.monitoring.rules import Alert, Owner, Severity
from scripts.monitoring.selectors import SERVICE_JOB

ALERTS = [
    Alert(
        name="ApiDown",
        expression=f"""
            max by (portfolio) (up{{job="{SERVICE_JOB}"}}) == 0
              or max by (portfolio) ({service.READY.name}) == 0
              or max by (portfolio) ({told.CHAMPION_INFO.name})
                unless on (portfolio) up{{job="{SERVICE_JOB}"}}
        """,
        wait="5m",
        severity=Severity.CRITICAL,
        owner=Owner.PLATFORM,
        summary="The scoring service of {{ $labels.portfolio }} is down",
        description="No instance is up and ready, or a champion has none: nobody gets a decision.",
        dashboard="credit-api",
    ),
    Alert(
        name="ApiErrorRateHigh",
        expression=f"""
            {faults("5m")} > 0.05
              and on (portfolio) {requests("5m")} > 10
        """,
        wait="5m",
        severity=Severity.CRITICAL,
        owner=Owner.PLATFORM,
        summary="{{ $value | humanizePercentage }} of the requests for {{ $labels.portfolio }} fail",
        description="More than 5 % of scoring requests ended in a 5xx for five minutes, of more than ten.",
        dashboard="credit-api",
    ),
    Alert(
        name="DatabaseLost",
        expression=f"min by (portfolio) ({service.LOG_AVAILABLE.name}) == 0",
        wait="2m",
        severity=Severity.CRITICAL,
        owner=Owner.PLATFORM,
        summary="The service of {{ $labels.portfolio }} has lost its decision log",
        description="A decision that cannot be written is not given: every request for one is a 503.",
        dashboard="credit-api",
    ),
    Alert(
        name="DatabaseUnreachable",
        expression=f"min by (log) ({told.DECISION_LOG.name}) == 0",
        wait="5m",
        severity=Severity.CRITICAL,
        owner=Owner.PLATFORM,
        summary="The exporter does not reach the decision log {{ $labels.log }}",
        description="Monitoring cannot read decisions; services of that log probably cannot write them.",
        dashboard="credit-infrastructure",
    ),
    Alert(
        name="MlflowUnreachable",
        expression=f"min ({told.MLFLOW.name}) == 0",
        wait="15m",
        severity=Severity.WARNING,
        owner=Owner.PLATFORM,
        summary="MLflow's store does not answer",
        description="Training and promotion stop at their next step; the service goes on.",
        dashboard="credit-infrastructure",
    ),
    Alert(
        name="ApiLatencyHigh",
        expression=f"{P95} > 1",
        wait="10m",
        severity=Severity.WARNING,
        owner=Owner.PLATFORM,
        summary="95 % of the answers for {{ $labels.portfolio }} take up to {{ $value | humanizeDuration }}",
        description="The 95th percentile of requests for one applicant has been above a second for ten minutes.",
        dashboard="credit-api",
    ),
    Alert(
        name="CpuHigh",
        expression=f"{CPU} > 0.8",
        wait="15m",
        severity=Severity.WARNING,
        owner=Owner.PLATFORM,
        summary="The service of {{ $labels.portfolio }} uses {{ $value | humanizePercentage }} of its processors",
        description="Above 80 % for a quarter of an hour: the next peak becomes latency.",
        dashboard="credit-infrastructure",
    ),
    Alert(
        name="DiskFull",
        expression=f"{told.DISK_USED.name} / {told.DISK_SIZE.name} > 0.85",
        wait="10m",
        severity=Severity.WARNING,
        owner=Owner.PLATFORM,
        summary="The disk of the home is {{ $value | humanizePercentage }} full",
        description="A full disk stops ingestion and, with SQLite, decisions.",
        dashboard="credit-infrastructure",
    ),
    Alert(
        name="ChallengerShadowDropping",
        expression=f"""
            sum by (portfolio) (rate({service.SHADOW_DROPPED.name}[15m]))
              / (
                sum by (portfolio) (rate({service.SHADOW_DROPPED.name}[15m]))
                + sum by (portfolio) (rate({service.SHADOW_SCORED.name}[15m]))
              ) > 0.05
        """,
        wait="15m",
        severity=Severity.WARNING,
        owner=Owner.MODEL,
        summary="The challenger of {{ $labels.portfolio }} misses {{ $value | humanizePercentage }} of the decisions",
        description="Its queue overflows: what the challenger would have decided is known for a part only.",
        dashboard="credit-model",
    ),
]
