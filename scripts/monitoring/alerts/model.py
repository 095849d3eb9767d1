"""Alerts of model and business: drift, performance, volumes, acceptance.

What is here: `ALERTS`.
What to add here: something that makes decisions wrong while every request is answered.
What must not be here: statistics that the tables have computed already.
"""

from __future__ import annotations

from credit_platform.monitoring.metrics import model, pipeline, service
from scripts.monitoring.recording import ACCEPTANCE_DAY, DECISIONS_DAY
from scripts.monitoring.rules import Alert, Owner, Severity
from scripts.monitoring.selectors import series

_CALIBRATION = series(model.VERDICT, 'question="calibration"')
_OTHERS = series(model.VERDICT, 'question=~"discrimination|concept"')
_A = ACCEPTANCE_DAY
_BEFORE = f"{ACCEPTANCE_DAY} offset 7d"
_N = DECISIONS_DAY

ALERTS = [
    Alert(
        name="DriftHigh",
        expression=f"max by (portfolio) ({model.DRIFT_SCORE.name}) > 0.5",
        wait="1h",
        severity=Severity.WARNING,
        owner=Owner.MODEL,
        summary="{{ $value | humanizePercentage }} of what the model of {{ $labels.portfolio }} goes by has drifted",
        description="The drift score is the share of the champion's importance that drifted, certainly and materially.",
        dashboard="credit-drift",
    ),
    Alert(
        name="FeedBroken",
        expression=f"max by (portfolio) ({model.INCIDENTS.name}) > 0",
        wait="15m",
        severity=Severity.WARNING,
        owner=Owner.DATA,
        summary="{{ $value }} features of {{ $labels.portfolio }} have lost their feed",
        description="A feature that used to have values has none: a data incident, not a reason to train.",
        dashboard="credit-drift",
    ),
    Alert(
        name="CalibrationOff",
        expression=f"max by (portfolio) ({_CALIBRATION}) == 1",
        wait="30m",
        severity=Severity.WARNING,
        owner=Owner.MODEL,
        summary="Probabilities of {{ $labels.portfolio }} are too low",
        description="Mature outcomes: in a band of points more defaulted than the probabilities said (Jeffreys, Holm).",
        dashboard="credit-performance",
    ),
    Alert(
        name="PerformanceLost",
        expression=f"max by (portfolio, question) ({_OTHERS}) == 1",
        wait="30m",
        severity=Severity.WARNING,
        owner=Owner.MODEL,
        summary="The champion of {{ $labels.portfolio }} fails the question of {{ $labels.question }}",
        description="It separates less well than its yardstick, or mature outcomes lie outside of what was expected.",
        dashboard="credit-performance",
    ),
    Alert(
        name="NoDecisions",
        expression=f"""
            sum by (portfolio) (increase({service.DECIDED.name}[1h])) == 0
              and on (portfolio) max by (portfolio) ({pipeline.OPEN_FOR_BUSINESS.name}) == 1
              and on (portfolio) sum by (portfolio) (increase({service.DECIDED.name}[7d])) > 0
        """,
        wait="30m",
        severity=Severity.WARNING,
        owner=Owner.BUSINESS,
        summary="{{ $labels.portfolio }} decides on nobody in business hours",
        description="The lender is open, there were decisions in the last week, and none for an hour.",
        dashboard="credit-business",
    ),
    Alert(
        name="AcceptanceJump",
        expression=f"""
            abs({_A} - {_BEFORE}) > 0.1
              and abs({_A} - {_BEFORE})
                > 3 * sqrt(({_A} * (1 - {_A}) / {_N}) + ({_BEFORE} * (1 - {_BEFORE}) / ({_N} offset 7d)))
        """,
        wait="1h",
        severity=Severity.WARNING,
        owner=Owner.BUSINESS,
        summary="Acceptance of {{ $labels.portfolio }} is {{ $value | humanizePercentage }} off the same weekday",
        description="Ten points more or less than a week before, and more than chance does (three standard errors).",
        dashboard="credit-business",
    ),
]
