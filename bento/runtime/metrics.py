"""Prometheus metrics of the service.

What is here: `ServiceMetrics`: the counters and histograms, and their exposition.
What to add here: when something is counted; what it is called and means is in the catalogue
(`credit_platform/monitoring/metrics/service.py`).
What must not be here: a label that a client chooses (a raw path, an applicant): each value would be a series for ever.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import psutil
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from bento.runtime.process import ProcessFigures
from credit_platform import __version__
from credit_platform.monitoring.metrics import service as told
from credit_platform.monitoring.metrics.metric import Metric

if TYPE_CHECKING:
    from credit_platform.scoring import Decision

_Mode = Literal["livesum", "livemin", "livemax"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
ROUTES = frozenset(told.ROUTES)
_SAME = {"/predict/batch": "/predict_batch"}
"""Paths that are another name of a route: one series for both."""
METHODS = frozenset(told.METHODS)
_METHOD_NOT_ALLOWED = 405
_SERVER_ERROR = "500"
_OF_PROCESS = re.compile(r"gauge_live\w+_(\d+)\.db")
"""Files that prometheus_client keeps of the gauges of a worker."""

# One more series for each counter, which nobody reads.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has types for a part of itself


class ServiceMetrics:
    """All metrics of one process; several workers share them through `PROMETHEUS_MULTIPROC_DIR`."""

    def __init__(self) -> None:
        """Register every metric in a registry of its own."""
        self.registry = CollectorRegistry()
        self.in_progress = 0
        """Requests of this process that have not been answered yet."""
        self._in_progress = self._gauge(told.IN_PROGRESS)
        # Of what is counted for each request, the series are kept: to look one up takes longer than to count.
        self._requests = cache(self._counter(told.REQUESTS).labels)
        self._seconds = cache(self._histogram(told.REQUEST_SECONDS).labels)
        self._errors = self._counter(told.ERRORS)
        self._decisions = cache(self._counter(told.DECIDED).labels)
        self._reasons = cache(self._counter(told.REASONS).labels)
        self._repeated = self._counter(told.REPEATED)
        self._probability = self._histogram(told.PROBABILITY)
        self._model_seconds = self._histogram(told.MODEL_SECONDS)
        self._model_applicants = self._counter(told.MODEL_APPLICANTS)
        self._commit = self._histogram(told.COMMIT_SECONDS)
        self._group = self._histogram(told.GROUP_SIZE)
        self._log_failures = self._counter(told.LOG_FAILURES)
        self._queue = self._gauge(told.LOG_QUEUE)
        self._log_up = self._gauge(told.LOG_AVAILABLE)
        self._ready = self._gauge(told.READY)
        self._model = self._gauge(told.MODEL_INFO)
        self._service = self._gauge(told.SERVICE_INFO)
        self._process = ProcessFigures(
            self._counter(told.PROCESS_CPU),
            self._gauge(told.PROCESS_MEMORY),
            self._gauge(told.PROCESS_CORES),
            self._gauge(told.PROCESS_START),
        )
        self._shadow_scored = self._counter(told.SHADOW_SCORED)
        self._shadow_disagreements = self._counter(told.SHADOW_DISAGREEMENTS)
        self._shadow_dropped = self._counter(told.SHADOW_DROPPED)
        self._shadow_errors = self._counter(told.SHADOW_ERRORS)
        self._shadow_queue = self._gauge(told.SHADOW_QUEUE)
        self._shadow_model = self._gauge(told.SHADOW_INFO)
        self._service.labels(__version__).set(1)

    def _counter(self, metric: Metric) -> Counter:
        return Counter(metric.name, metric.help, metric.label_names, registry=self.registry)

    def _histogram(self, metric: Metric) -> Histogram:
        names, buckets = metric.label_names, metric.buckets
        return Histogram(metric.name, metric.help, names, registry=self.registry, buckets=buckets)

    def _gauge(self, metric: Metric) -> Gauge:
        mode = cast("_Mode", metric.workers)
        return Gauge(metric.name, metric.help, metric.label_names, registry=self.registry, multiprocess_mode=mode)

    def declare(self, openapi: Mapping[str, Any], errors: Iterable[str]) -> None:
        """Begin at 0 what may come, so that the first of a kind is seen as an increase.

        Args:
            openapi: the service's document; each operation's statuses, and 500, get their series.
            errors: codes of errors.
        """
        for route, operations in openapi.get("paths", {}).items():
            if route not in ROUTES:  # a probe, which BentoML answers
                continue
            for method, operation in operations.items():
                for status in (*operation["responses"], _SERVER_ERROR):
                    self._requests(method.upper(), route, status)
        for route in (*told.ROUTES, "other"):
            self._seconds(route)
        for decision in told.DECISIONS:
            self._decisions(decision)
        for code in errors:
            self._errors.labels(code)

    def model_loaded(self, *, portfolio: str, name: str, version: str, feature_version: str) -> None:
        """Say which model answers from now on, and that the service is ready."""
        self._model.labels(portfolio, name, version, feature_version).set(1)
        self._ready.set(1)

    def arrived(self) -> None:
        """Count one request that will have to be answered."""
        self.in_progress += 1
        self._in_progress.set(self.in_progress)

    def answered(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count one request that had `arrived`; unknown paths, and methods that a path does not take, are "other"."""
        self.in_progress -= 1
        self._in_progress.set(self.in_progress)
        route = route_label(path)
        known = method in METHODS and route != "other" and status != _METHOD_NOT_ALLOWED
        self._requests(method if known else "other", route, str(status)).inc()
        self._seconds(route).observe(seconds)

    def failed(self, code: str) -> None:
        """Count one request that ended in an error."""
        self._errors.labels(code).inc()

    def decided(self, decision: Decision) -> None:
        """Count one decision."""
        self._decisions(decision.decision).inc()
        self._probability.observe(decision.probability_of_default)
        for reason in decision.reasons:
            self._reasons(reason.code, decision.decision).inc()

    def model_called(self, applicants: int, seconds: float) -> None:
        """Count one call of the model."""
        self._model_applicants.inc(applicants)
        self._model_seconds.observe(seconds)

    def measure_process(self) -> None:
        """Tell processor time and memory of this process as they are now."""
        self._process.measure()

    def repeated(self) -> None:
        """Count one request that came again and got the stored answer."""
        self._repeated.inc()

    def log_committed(self, size: int, seconds: float) -> None:
        """Count one group of decisions that was committed."""
        self._group.observe(size)
        self._commit.observe(seconds)

    def log_failed(self) -> None:
        """Count one group of decisions that the log did not take."""
        self._log_failures.inc()

    def log_waiting(self, waiting: int) -> None:
        """Say how many decisions wait for the log."""
        self._queue.set(waiting)

    def log_available(self, *, available: bool) -> None:
        """Say whether the log takes decisions."""
        self._log_up.set(available)

    def shadow_loaded(self, *, name: str, version: str) -> None:
        """Say which challenger scores along."""
        self._shadow_model.labels(name, version).set(1)
        for decision in told.DECISIONS:
            self._shadow_scored.labels(decision)
        for cause in ("scoring", "log"):
            self._shadow_errors.labels(cause)

    def shadow_scored(self, *, champion: str, challenger: str) -> None:
        """Count one decision that the challenger scored along; both outcomes."""
        self._shadow_scored.labels(challenger).inc()
        if champion != challenger:
            self._shadow_disagreements.labels(champion, challenger).inc()

    def shadow_dropped(self, count: int) -> None:
        """Count decisions for which the challenger's queue had no room."""
        self._shadow_dropped.inc(count)

    def shadow_failed(self, cause: str, count: int) -> None:
        """Count decisions whose scoring or writing failed; `cause` is `scoring` or `log`."""
        self._shadow_errors.labels(cause).inc(count)

    def shadow_waiting(self, waiting: int) -> None:
        """Say how many decisions wait for the challenger."""
        self._shadow_queue.set(waiting)

    def exposition(self) -> bytes:
        """Metrics of all workers in the Prometheus text format."""
        self.measure_process()
        folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
        if folder is None:
            return generate_latest(self.registry)
        _forget_dead_workers(Path(folder))
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]  # as above
        return generate_latest(shared)


def _forget_dead_workers(folder: Path) -> None:
    """Let go of the gauges of workers that are gone: what they held is no more, and nobody else says so."""
    found = {int(match[1]) for file in folder.iterdir() if (match := _OF_PROCESS.fullmatch(file.name))}
    for number in found:
        if not psutil.pid_exists(number):
            mark_process_dead(number, str(folder))  # type: ignore[no-untyped-call]  # as above


def route_label(path: str) -> str:
    """Label for a path: its own name when it is one of ours, "/docs" for what belongs to the page, else "other"."""
    path = _SAME.get(path, path)
    if path in ROUTES:
        return path
    return "/docs" if path.startswith("/docs/") else "other"
