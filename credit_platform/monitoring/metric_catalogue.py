"""Every metric of service, pipeline and model, once: the list that code, rules, dashboards and docs are tested against.

What is here: `CATALOGUE`, and `catalogue_page`, which `docs/metrics.md` is (`python -m scripts.write_metrics_page`).
What to add here: nothing; a metric goes into the list of whoever tells it (`metrics/`).
What must not be here: any library beyond Python's own. The service carries this module.
"""

from __future__ import annotations

from collections.abc import Sequence

from credit_platform.monitoring.metrics.metric import Kind, Metric
from credit_platform.monitoring.metrics.model import DATA, MODEL
from credit_platform.monitoring.metrics.pipeline import EXPORTER, PIPELINE
from credit_platform.monitoring.metrics.service import SERVICE

OF_EXPORTER = (*EXPORTER, *PIPELINE, *DATA, *MODEL)
"""What `credit-platform exporter` tells."""
CATALOGUE = {metric.name: metric for metric in (*SERVICE, *OF_EXPORTER)}
"""By name."""
_SECTIONS = (
    ("Service", "Of each scoring service, at its metrics port and at `/metrics`.", SERVICE),
    ("Exporter", "Of `credit-platform exporter` itself.", EXPORTER),
    ("Pipeline", "From the Dagster instance, by the exporter.", PIPELINE),
    ("Data and databases", "From the lakehouse, by the exporter.", DATA),
    ("Model, drift, performance", "From the lakehouse, by the exporter.", MODEL),
)
_INTRODUCTION = """# Metrics

<!-- Made by `python -m scripts.write_metrics_page` from credit_platform/monitoring/metric_catalogue.py. -->

Every metric of the platform, once. Code, alert rules and dashboards are tested against the list that this page is made
of. A counter starts at 0 with its process: use `rate` or `increase`. A timestamp is in seconds since 1970:
`time() - x` is an age. A gauge that is *absent* is not 0: there is nothing to tell.

Labels come from sets that are known when a program starts, never from what a client sends; nobody can be recognised by
one. Prometheus adds the labels of the target (`targets.json`): `job` (`credit-platform-service` or
`credit-platform-exporter`), `instance`, and of a service `portfolio`.
"""


def catalogue_page() -> str:
    """The page of all metrics, as Markdown."""
    parts = [_INTRODUCTION]
    for title, told, metrics in _SECTIONS:
        parts.append(f"## {title}\n\n{told}\n")
        parts.extend(_entry(metric) for metric in metrics)
    return "\n".join(parts)


def _entry(metric: Metric) -> str:
    lines = [f"### {metric.name}\n", f"{metric.help}\n", f"- {metric.kind.value}, {metric.unit}"]
    lines += [f"- label `{label.name}`: {_told(label.values) or label.source}" for label in metric.labels]
    if metric.kind is Kind.HISTOGRAM:
        lines.append(f"- buckets up to {', '.join(f'{bound:g}' for bound in metric.buckets)}")
    if metric.workers:
        how = {"livesum": "the sum", "livemin": "the least", "livemax": "the largest"}[metric.workers]
        lines.append(f"- of several workers that live: {how}")
    lines.append(f"- does not see: {metric.blind}\n")
    return "\n".join(lines)


def _told(values: Sequence[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)
