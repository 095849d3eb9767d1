"""What the metrics of a scoring service say since its process started: faults, and how long request and model took.

What is here: `ServiceFigures`, read from Prometheus' text format, and `quantile_of`, which reads a histogram.
What to add here: another figure of `monitoring/metrics/service.py` that a person asks for.
What must not be here: asking the service (the console does, over HTTP).

Counters begin at 0 with each process, and a new model comes with a new process: since when is part of every figure.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from credit_platform.errors import ServiceError
from credit_platform.monitoring.metrics import service as told
from credit_platform.monitoring.metrics.metric import Metric

SCORING: Final = frozenset({"/predict", "/predict_batch", "/explain"})
"""Routes that decide or explain, as the alerts have them (`scripts/monitoring/selectors.py`)."""
SINGLE: Final = frozenset({"/predict", "/explain"})
"""Those that answer for one applicant."""
_MIDDLE, _SLOW = 0.5, 0.95
_Buckets = dict[float, float]


@dataclass(frozen=True, kw_only=True)
class ServiceFigures:
    """Of the process that answers now, all its workers together."""

    since: datetime | None
    """When its youngest worker started; None where it does not say."""
    requests: int
    """Scoring requests answered."""
    faults: int
    """Of them, by a 5xx: the service's fault."""
    refused: int
    """Of them, by a 4xx: the client's."""
    request_p50: float | None
    """Seconds from the request's head to the end of its answer, of routes for one applicant; None before the first."""
    request_p95: float | None
    model_p50: float | None
    """Seconds of one call of the model alone."""
    model_p95: float | None

    @property
    def error_rate(self) -> float | None:
        """Share of scoring requests that failed by our fault; None before the first."""
        return self.faults / self.requests if self.requests else None


def service_figures(exposition: str) -> ServiceFigures:
    """Read the metrics of a service.

    Raises:
        ServiceError: this is no exposition of a scoring service.
    """
    found = _samples(exposition)
    if not found[told.REQUESTS.name]:
        raise ServiceError(
            "What answers there tells no metrics of a scoring service.", "Name the address of one, as http://host:3001."
        )
    requests = [sample for sample in found[told.REQUESTS.name] if sample.labels.get("route") in SCORING]
    by_class = {digit: _sum(one.value for one in requests if one.labels["status"][:1] == digit) for digit in "45"}
    single = [one for one in found[_bucket(told.REQUEST_SECONDS)] if one.labels.get("route") in SINGLE]
    answered, called = _buckets(single), _buckets(found[_bucket(told.MODEL_SECONDS)])
    started = max((one.value for one in found[told.PROCESS_START.name]), default=0.0)
    return ServiceFigures(
        since=datetime.fromtimestamp(started, UTC) if started > 0 else None,
        requests=_sum(one.value for one in requests),
        faults=by_class["5"],
        refused=by_class["4"],
        request_p50=quantile_of(answered, _MIDDLE),
        request_p95=quantile_of(answered, _SLOW),
        model_p50=quantile_of(called, _MIDDLE),
        model_p95=quantile_of(called, _SLOW),
    )


def quantile_of(buckets: Mapping[float, float], share: float) -> float | None:
    """The value below which a share of a histogram lies, as Prometheus' `histogram_quantile` has it.

    Inside of a bucket values are taken to be spread evenly; in the last one, which has no upper bound, its lower bound
    is told.

    Args:
        buckets: upper bound to how many lie at or below it; the greatest bound is infinite.
        share: 0 to 1.

    Returns:
        None where nothing was measured.
    """
    bounds = sorted(buckets)
    if not bounds or not buckets[bounds[-1]]:
        return None
    wanted = share * buckets[bounds[-1]]
    place = next(place for place, bound in enumerate(bounds) if buckets[bound] >= wanted)
    low, below = (bounds[place - 1], buckets[bounds[place - 1]]) if place else (0.0, 0.0)
    if math.isinf(bounds[place]):
        return low
    inside = buckets[bounds[place]] - below
    return low + (bounds[place] - low) * ((wanted - below) / inside if inside else 1.0)


def _samples(exposition: str) -> defaultdict[str, list[Sample]]:
    """Samples by name.

    Raises:
        ServiceError: it is not in Prometheus' text format.
    """
    found: defaultdict[str, list[Sample]] = defaultdict(list)
    try:
        for sample in _parsed(exposition):
            found[sample.name].append(sample)
    except (ValueError, KeyError, IndexError):
        raise ServiceError(
            "What answers there is not in Prometheus' text format.", "Name the address of a scoring service."
        ) from None
    return found


def _parsed(exposition: str) -> Iterator[Sample]:
    families = text_string_to_metric_families(exposition)
    for family in families:
        yield from family.samples


def _bucket(metric: Metric) -> str:
    return f"{metric.name}_bucket"


def _buckets(samples: list[Sample]) -> _Buckets:
    """Upper bound to count, summed over routes."""
    found: defaultdict[float, float] = defaultdict(float)
    for sample in samples:
        found[float(sample.labels["le"])] += sample.value
    return dict(found)


def _sum(values: Iterator[float]) -> int:
    return round(sum(values))
