"""Figures of a service, out of what the real one tells."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bento.runtime.metrics import ServiceMetrics
from credit_platform.errors import ServiceError
from credit_platform.monitoring.overview.service import SCORING, SINGLE, quantile_of, service_figures
from scripts.monitoring import selectors

BUCKETS = {0.001: 2.0, 0.01: 6.0, 0.1: 10.0, math.inf: 10.0}


def test_what_a_service_answered_since_it_started() -> None:
    metrics = ServiceMetrics()
    for status, times in ((200, 6), (422, 1), (500, 1)):
        for _ in range(times):
            metrics.arrived()
            metrics.answered("POST", "/predict", status, 0.004)
    for path in ("/health", "/metrics", "/nowhere"):
        metrics.arrived()
        metrics.answered("GET", path, 503, 9.0)
    metrics.arrived()
    metrics.answered("POST", "/predict_batch", 503, 0.3)
    metrics.model_called(1, 0.0004)
    found = service_figures(metrics.exposition().decode())
    assert (found.requests, found.faults, found.refused) == (9, 2, 1)
    assert found.error_rate == pytest.approx(2 / 9)
    assert found.since is not None
    # All eight lie between 2.5 and 5 ms: the median is halfway, place 4 of 8.
    assert found.request_p50 == pytest.approx(0.00375)
    assert found.request_p95 == pytest.approx(0.0025 + 0.0025 * 0.95)
    assert found.model_p50 == pytest.approx(0.000375)


def test_a_service_that_has_answered_nothing_has_no_rate() -> None:
    metrics = ServiceMetrics()
    metrics.declare({"paths": {"/predict": {"post": {"responses": {"200": {}}}}}}, [])
    found = service_figures(metrics.exposition().decode())
    assert (found.requests, found.error_rate, found.request_p50, found.model_p95) == (0, None, None, None)


@pytest.mark.parametrize(("text", "said"), [("<html>", "text format"), ("", "no metrics"), ("up 1\n", "no metrics")])
def test_what_is_no_exposition_of_a_service_is_told(text: str, said: str) -> None:
    with pytest.raises(ServiceError, match=said):
        service_figures(text)


def test_the_routes_are_those_of_the_alerts() -> None:
    for routes, selector in ((SCORING, selectors.SCORING), (SINGLE, selectors.SINGLE)):
        assert routes == set(selector.removeprefix('route=~"').removesuffix('"').split("|"))


@pytest.mark.parametrize(("share", "value"), [(0.1, 0.0005), (0.2, 0.001), (0.4, 0.0055), (0.8, 0.055), (1.0, 0.1)])
def test_a_quantile_lies_evenly_in_its_bucket(share: float, value: float) -> None:
    assert quantile_of(BUCKETS, share) == pytest.approx(value)


def test_beyond_the_last_bound_that_bound_is_told_and_nothing_has_no_quantile() -> None:
    assert quantile_of({0.1: 1.0, math.inf: 4.0}, 0.95) == 0.1
    assert quantile_of({0.1: 0.0, math.inf: 0.0}, 0.5) is None
    assert quantile_of({}, 0.5) is None


@given(st.lists(st.integers(0, 50), min_size=4, max_size=4).filter(any), st.floats(0, 1), st.floats(0, 1))
def test_a_greater_share_has_no_smaller_quantile(counts: list[int], one: float, other: float) -> None:
    running = [float(sum(counts[: place + 1])) for place in range(4)]
    buckets = dict(zip([0.001, 0.01, 0.1, math.inf], running, strict=True))
    low, high = (quantile_of(buckets, share) for share in sorted((one, other)))
    assert low is not None
    assert high is not None
    assert low <= high <= 0.1
