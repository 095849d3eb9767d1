"""Selectors that several rules and panels share.

What is here: the two jobs, the routes that count, and `series`, which writes a selector of a metric of the catalogue.
What to add here: a set of labels that more than one expression selects.
What must not be here: expressions.
"""

from __future__ import annotations

from credit_platform.monitoring.metrics.metric import Metric

SERVICE_JOB = "credit-platform-service"
EXPORTER_JOB = "credit-platform-exporter"
SCORING = 'route=~"/predict|/predict_batch|/explain"'
"""Routes that decide or explain: what is promised counts on them alone, not on probes of /health."""
SINGLE = 'route=~"/predict|/explain"'
"""Those that answer for one applicant; a batch of ten thousand may take its time."""
FAULT = 'status=~"5.."'
"""Answers that are our fault."""


def series(metric: Metric, *matchers: str, part: str = "") -> str:
    """Selector of a metric: `name_part{matchers}`; `part` is `bucket`, `sum` or `count` of a histogram."""
    name = f"{metric.name}_{part}" if part else metric.name
    return f"{name}{{{','.join(matchers)}}}" if matchers else name
