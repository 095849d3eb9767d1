"""Every alert, by what it watches.

What is here: `GROUPS` and `ALERTS`; the alerts of the service (`service.py`), of its promises (`burning.py`), of
Dagster and the exporter (`pipeline.py`), of model and business (`model.py`), of what watches (`watchers.py`).
What to add here: an alert, its runbook in `docs/runbooks/`, its cases in `credit_platform_tests/unit/alerts/`.
What must not be here: a symptom that nobody can act on.
"""

from __future__ import annotations

from scripts.monitoring.alerts import burning, model, pipeline, service, watchers
from scripts.monitoring.rules import group

ALERTS = [*service.ALERTS, *burning.ALERTS, *pipeline.ALERTS, *model.ALERTS, *watchers.ALERTS]
GROUPS = [
    group("service", service.ALERTS),
    group("promises", burning.ALERTS),
    group("pipeline", pipeline.ALERTS),
    group("model", model.ALERTS),
    group("watchers", watchers.ALERTS),
]
