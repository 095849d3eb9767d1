"""Prometheus metrics of the service.

What is here: `ServiceMetrics`: the counters and histograms, and their exposition.
What to add here: a metric whose labels have a known, small set of values.
What must not be here: a label that a client chooses (a raw path, an applicant): each value would be a series for ever.
"""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
ROUTES = frozenset({"/predict", "/health", "/model-info", "/metrics", "/openapi.json", "/docs"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_PROBABILITIES = tuple(step / 20 for step in range(1, 21))

# One more series for each counter, which nobody reads.
disable_created_metrics()  # type: ignore[no-untyped-call]


class ServiceMetrics:
    """All metrics of one process; several workers share them through `PROMETHEUS_MULTIPROC_DIR`."""

    def __init__(self) -> None:
        """Register every metric in a registry of its own."""
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "credit_platform_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "credit_platform_request_seconds",
            "Time from the request's head to the end of its answer, in seconds.",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._errors = Counter(
            "credit_platform_errors",
            "Requests not answered, by the code of the error.",
            ["code"],
            registry=self.registry,
        )
        self._decisions = Counter(
            "credit_platform_decisions",
            "Applicants scored, by decision.",
            ["decision"],
            registry=self.registry,
        )
        self._probability = Histogram(
            "credit_platform_probability_of_default",
            "Probabilities of default answered.",
            buckets=_PROBABILITIES,
            registry=self.registry,
        )
        self._model = Gauge(
            "credit_platform_model_info",
            "1 for the model that answers.",
            ["portfolio", "name", "version", "feature_version"],
            registry=self.registry,
            multiprocess_mode="max",
        )
        self._ready = Gauge(
            "credit_platform_ready",
            "1 when the service is ready to score, else 0.",
            registry=self.registry,
            multiprocess_mode="min",
        )

    def model_loaded(self, *, portfolio: str, name: str, version: str, feature_version: str) -> None:
        """Say which model answers from now on, and that the service is ready."""
        self._model.labels(portfolio, name, version, feature_version).set(1)
        self._ready.set(1)

    def answered(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count one answered request; unknown paths and methods share the label "other"."""
        route = route_label(path)
        self._requests.labels(method if method in METHODS else "other", route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def failed(self, code: str) -> None:
        """Count one request that ended in an error."""
        self._errors.labels(code).inc()

    def decided(self, decision: str, probability: float) -> None:
        """Count one decision."""
        self._decisions.labels(decision).inc()
        self._probability.observe(probability)

    def exposition(self) -> bytes:
        """Metrics of all workers in the Prometheus text format."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self.registry)
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        return generate_latest(shared)


def route_label(path: str) -> str:
    """Label for a path: the path itself when it is one of ours, "/docs" for what belongs to the page, else "other"."""
    if path in ROUTES:
        return path
    return "/docs" if path.startswith("/docs/") else "other"
