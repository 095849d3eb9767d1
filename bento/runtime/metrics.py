"""Prometheus metrics of the service.

What is here: `ServiceMetrics`: the counters and histograms, and their exposition.
What to add here: a metric whose labels have a known, small set of values.
What must not be here: a label that a client chooses (a raw path, an applicant): each value would be a series for ever.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

if TYPE_CHECKING:
    from credit_platform.scoring import Decision

_Mode = Literal["livesum", "min", "max"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
ROUTES = frozenset(
    {"/predict", "/predict_batch", "/explain", "/health", "/model-info", "/metrics", "/openapi.json", "/docs"}
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_COMMIT_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
_GROUP_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 10_000)
_PROBABILITIES = tuple(step / 20 for step in range(1, 21))

# One more series for each counter, which nobody reads.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has types for a part of itself


class ServiceMetrics:
    """All metrics of one process; several workers share them through `PROMETHEUS_MULTIPROC_DIR`."""

    def __init__(self) -> None:
        """Register every metric in a registry of its own."""
        self.registry = CollectorRegistry()
        self.in_progress = 0
        """Requests of this process that have not been answered yet."""
        self._in_progress = self._gauge("requests_in_progress", "Requests not answered yet.", "livesum")
        # Of what is counted for each request, the series are kept: to look one up takes longer than to count.
        self._requests = cache(self._counter("requests", "Requests answered.", "method", "route", "status").labels)
        self._seconds = cache(
            self._histogram(
                "request_seconds",
                "Time from the request's head to the end of its answer, in seconds.",
                _SECONDS,
                "route",
            ).labels
        )
        self._errors = self._counter("errors", "Requests not answered, by the code of the error.", "code")
        self._decisions = cache(self._counter("decisions", "Applicants scored, by decision.", "decision").labels)
        self._reasons = cache(
            self._counter("reasons", "Reasons given, by family and decision.", "reason", "decision").labels
        )
        self._repeated = self._counter("repeated_requests", "Requests that came again and got the stored answer.")
        self._probability = self._histogram(
            "probability_of_default", "Probabilities of default answered.", _PROBABILITIES
        )
        self._commit = self._histogram(
            "log_commit_seconds",
            "Time to commit a group of decisions to the decision log, in seconds.",
            _COMMIT_SECONDS,
        )
        self._group = self._histogram("log_group_size", "Decisions committed together.", _GROUP_SIZES)
        self._log_failures = self._counter("log_failures", "Groups of decisions that the log did not take.")
        self._queue = self._gauge("log_queue_depth", "Decisions that wait for the decision log.", "livesum")
        self._log_up = self._gauge("log_available", "1 when the decision log takes decisions, else 0.", "min")
        self._ready = self._gauge("ready", "1 when a scorer is loaded, else 0.", "min")
        self._model = self._gauge(
            "model_info",
            "1 for the model that answers.",
            "max",
            "portfolio",
            "name",
            "version",
            "feature_version",
        )

        self._shadow_scored = self._counter(
            "shadow_scored", "Decisions that the challenger scored along, by what it would have decided.", "decision"
        )
        self._shadow_disagreements = self._counter(
            "shadow_disagreements",
            "Decisions on which champion and challenger differ, by both.",
            "champion",
            "challenger",
        )
        self._shadow_dropped = self._counter("shadow_dropped", "Decisions not scored along: too many waited.")
        self._shadow_errors = self._counter("shadow_errors", "Decisions not scored along, by what failed.", "cause")
        self._shadow_queue = self._gauge("shadow_queue_depth", "Decisions that wait for the challenger.", "livesum")
        self._shadow_model = self._gauge("shadow_info", "1 for the model that scores along.", "max", "name", "version")

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"credit_platform_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(f"credit_platform_{name}", text, labels, registry=self.registry, buckets=buckets)

    def _gauge(self, name: str, text: str, mode: _Mode, *labels: str) -> Gauge:
        full = f"credit_platform_{name}"
        return Gauge(full, text, labels, registry=self.registry, multiprocess_mode=mode)

    def model_loaded(self, *, portfolio: str, name: str, version: str, feature_version: str) -> None:
        """Say which model answers from now on, and that the service is ready."""
        self._model.labels(portfolio, name, version, feature_version).set(1)
        self._ready.set(1)

    def arrived(self) -> None:
        """Count one request that will have to be answered."""
        self.in_progress += 1
        self._in_progress.set(self.in_progress)

    def answered(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count one request that had `arrived` as answered; unknown paths and methods share the label "other"."""
        self.in_progress -= 1
        self._in_progress.set(self.in_progress)
        route = route_label(path)
        self._requests(method if method in METHODS else "other", route, str(status)).inc()
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
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self.registry)
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]  # as above
        return generate_latest(shared)


def route_label(path: str) -> str:
    """Label for a path: the path itself when it is one of ours, "/docs" for what belongs to the page, else "other"."""
    if path in ROUTES:
        return path
    return "/docs" if path.startswith("/docs/") else "other"
