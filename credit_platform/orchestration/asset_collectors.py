"""What the exporter tells about assets and their checks.

What is here: `assets` and `Checks`.
What to add here: another figure of assets or checks.
What must not be here: runs, daemons, sensors (`collectors.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluation
from dagster._core.definitions.freshness import FreshnessState
from dagster._core.storage.asset_check_execution_record import (
    AssetCheckExecutionRecord,
    AssetCheckExecutionRecordStatus,
)
from dagster._core.storage.event_log.base import AssetCheckSummaryRecord

from credit_platform.monitoring.exporter.background import Sample
from credit_platform.monitoring.metrics import pipeline as told
from credit_platform.orchestration.observed import Pipeline

FRESH = {FreshnessState.PASS: "fresh", FreshnessState.WARN: "warning", FreshnessState.FAIL: "stale"}


def assets(pipeline: Pipeline) -> Iterator[Sample]:
    """Last materialisations, freshness, and partitions that were never made."""
    instance = pipeline.instance
    if instance is None:
        return
    graph = pipeline.repository.asset_graph
    keys = sorted(graph.get_all_asset_keys())
    for record in instance.get_asset_records(keys):
        last = record.asset_entry.last_materialization_record
        if last is not None:
            yield Sample(told.MATERIALISED, pipeline.labels(record.asset_entry.asset_key), last.timestamp)
    yield from _freshness(pipeline, instance, keys)
    for key in keys:
        partitions = graph.get(key).partitions_def
        if partitions is not None:
            wanted = partitions.get_partition_keys(dynamic_partitions_store=instance)
            missing = set(wanted) - instance.get_materialized_partitions(key)
            yield Sample(told.PARTITIONS_MISSING, pipeline.labels(key), len(missing))


def _freshness(pipeline: Pipeline, instance: dg.DagsterInstance, keys: Sequence[dg.AssetKey]) -> Iterator[Sample]:
    counts: dict[str, Counter[str]] = {}
    named: list[tuple[int, tuple[str, str]]] = []
    for key, record in instance.get_freshness_state_records(keys).items():
        state = FRESH.get(record.freshness_state)
        if state is not None:
            labels = pipeline.labels(key)
            counts.setdefault(labels[0], Counter())[state] += 1
            named.append((told.FRESHNESS_STATES.index(state), labels))
    for portfolio, by_state in counts.items():
        for state in told.FRESHNESS_STATES:
            yield Sample(told.ASSETS_FRESH, (portfolio, state), by_state[state])
        worst = sorted((-grade, labels) for grade, labels in named if grade and labels[0] == portfolio)
        for grade, labels in worst[: told.NAMED]:
            yield Sample(told.FRESHNESS, labels, -grade)


class Checks:
    """The last results of asset checks; read again when Dagster has recorded anything since."""

    def __init__(self, pipeline: Pipeline) -> None:
        """Nothing is read yet."""
        self._pipeline = pipeline
        self._last_event: int | None = None
        self._samples: tuple[Sample, ...] = ()

    def collect(self) -> tuple[Sample, ...]:
        """How many passed, and which did not."""
        instance = self._pipeline.instance
        if instance is None:
            return ()
        # A query for each check: of ten portfolios two seconds.
        newest = instance.event_log_storage.get_maximum_record_id() or 0
        if newest != self._last_event:
            self._samples = tuple(checks(self._pipeline, instance))
            self._last_event = newest
        return self._samples


def checks(pipeline: Pipeline, instance: dg.DagsterInstance) -> Iterator[Sample]:
    """The last results of asset checks, and which of them are not passed."""
    keys = sorted(pipeline.repository.asset_graph.asset_check_keys)
    counts: dict[str, Counter[str]] = {key.asset_key.path[0]: Counter() for key in keys}
    failing: dict[str, list[tuple[str, str, str]]] = {}
    for key, summary in instance.event_log_storage.get_asset_check_summary_records(keys).items():
        result = _result(instance, summary)
        if result is None:
            continue
        portfolio, asset = pipeline.labels(key.asset_key)
        counts[portfolio][result] += 1
        if result != "passed":
            severity = "warning" if result == "warned" else "error"
            failing.setdefault(portfolio, []).append((severity, asset, key.name))
    for portfolio, by_result in counts.items():
        for result in told.RESULTS:
            yield Sample(told.CHECKS, (portfolio, result), by_result[result])
        for severity, asset, name in sorted(failing.get(portfolio, []))[: told.NAMED]:
            yield Sample(told.CHECK_FAILING, (portfolio, asset, name, severity), 1.0)


def _result(instance: dg.DagsterInstance, summary: AssetCheckSummaryRecord) -> str | None:
    """The last result; None for a check that never ran."""
    last, completed = summary.last_check_execution_record, summary.last_completed_check_execution_record
    if last is not None and last.status is AssetCheckExecutionRecordStatus.PLANNED:
        # One that broke down records nothing itself: that its run has ended says it.
        run = instance.get_run_by_id(last.run_id)
        if run is not None and run.is_failure:
            return "failed"
    return None if completed is None else result_of(completed)


def result_of(record: AssetCheckExecutionRecord) -> str:
    """`passed`, `warned` or `failed`; a check that broke down itself has failed."""
    if record.status is AssetCheckExecutionRecordStatus.SUCCEEDED:
        return "passed"
    event = None if record.event is None else record.event.dagster_event
    said = None if event is None else event.event_specific_data
    warning = isinstance(said, AssetCheckEvaluation) and said.severity is dg.AssetCheckSeverity.WARN
    return "warned" if warning else "failed"
