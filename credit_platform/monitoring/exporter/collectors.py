"""Every collector of what is not Dagster's.

What is here: `lakehouse_collectors`.
What to add here: a collector, with a name of its own.
What must not be here: looking.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.exporter.background import Collector, Sample
from credit_platform.monitoring.exporter.drift import DriftCollector
from credit_platform.monitoring.exporter.model import ModelCollector
from credit_platform.monitoring.exporter.reachability import business_hours, decision_logs, disk, mlflow
from credit_platform.monitoring.exporter.tables import TablesCollector
from credit_platform.monitoring.metrics.model import DECISION_LOG, MLFLOW
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings


def lakehouse_collectors(settings: Settings, portfolios: Sequence[Portfolio]) -> list[Collector]:
    """Collectors of tables, champion, performance, drift, databases, disk and hours."""
    lakehouse = Lakehouse(settings.lakehouse_root)
    models = ModelCollector(lakehouse, portfolios)
    logs = tuple(Sample(DECISION_LOG, (name,), 0.0) for name in settings.decision_logs_by_name)
    return [
        Collector(name="tables", collect=TablesCollector(lakehouse, portfolios).collect),
        Collector(name="champion", collect=models.champions),
        Collector(name="performance", collect=models.performance),
        Collector(name="drift", collect=DriftCollector(lakehouse, portfolios).collect),
        Collector(name="mlflow", collect=partial(mlflow, settings), unanswered=(Sample(MLFLOW, (), 0.0),)),
        Collector(name="decision_logs", collect=partial(decision_logs, settings), unanswered=logs),
        Collector(name="disk", collect=partial(disk, settings)),
        Collector(name="hours", collect=partial(business_hours, portfolios)),
    ]
