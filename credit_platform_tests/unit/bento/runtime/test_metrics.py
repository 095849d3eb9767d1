"""What the service counts of the requests it answered."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bento.errors import ErrorCode
from bento.http.app import create_app
from bento.http.handling import ServiceState
from bento.published.openapi import openapi_document
from bento.runtime.metrics import ROUTES, ServiceMetrics, route_label
from credit_platform.monitoring.metric_catalogue import CATALOGUE
from credit_platform.monitoring.metrics.metric import Kind
from credit_platform.monitoring.metrics.service import METHODS, SERVICE
from credit_platform.portfolios import get_portfolio
from credit_platform_tests.unit.bento.stand_ins import Client


def test_requests_decisions_and_errors_are_counted(client: Client) -> None:
    client.post("/predict", json={})
    client.post("/predict", content=b"x", headers={"Content-Type": "text/plain"})
    text = client.get("/metrics").text
    assert 'credit_platform_requests_total{method="POST",route="/predict",status="200"} 1.0' in text
    assert 'credit_platform_requests_total{method="POST",route="/predict",status="415"} 1.0' in text
    assert 'credit_platform_errors_total{code="unsupported_media_type"} 1.0' in text
    assert 'credit_platform_decisions_total{decision="refused"} 1.0' in text
    assert 'credit_platform_probability_of_default_bucket{le="0.2"} 0.0' in text
    assert 'credit_platform_probability_of_default_bucket{le="0.25"} 1.0' in text


def test_requests_that_are_being_answered_are_known(client: Client, state: ServiceState) -> None:
    assert "credit_platform_requests_in_progress 1.0" in client.get("/metrics").text
    client.get("/nothing")
    assert state.metrics.in_progress == 0


def test_unknown_paths_and_methods_share_one_series(client: Client) -> None:
    for number in range(20):
        client.request(f"M{number}", f"/nothing/{number}")
    lines = [line for line in client.get("/metrics").text.splitlines() if "/nothing" in line or "M1" in line]
    assert lines == []
    assert 'method="other",route="other",status="404"} 20.0' in client.get("/metrics").text


def test_every_route_has_its_label(state: ServiceState) -> None:
    paths = {getattr(route, "path", "") for route in create_app(state).routes}
    assert {route_label(path) for path in paths} == {*ROUTES, "other"}  # "/" only redirects
    assert route_label("/predict/batch") == "/predict_batch"
    assert route_label("/docs/assets/swagger-ui.css") == "/docs"


def test_the_catalogue_is_what_is_exposed(state: ServiceState) -> None:
    families = {family.name: family for family in state.metrics.registry.collect()}
    assert set(families) == {metric.name.removesuffix("_total") for metric in SERVICE}
    for metric in SERVICE:
        family = families[metric.name.removesuffix("_total")]
        assert (family.type, family.documentation) == (metric.kind.value, metric.help)
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(metric.label_names)
            allowed = {label.name: label.values for label in metric.labels if label.values}
            assert all(sample.labels[name] in values for name, values in allowed.items())
    assert {metric.kind for metric in CATALOGUE.values()} == set(Kind)


def test_what_openapi_declares_begins_at_0_with_errors_of_the_service() -> None:
    metrics = ServiceMetrics()
    document = openapi_document(get_portfolio("german_credit"))
    metrics.declare(document, list(ErrorCode))
    text = metrics.exposition().decode()
    declared = [
        (method.upper(), route, status)
        for route, operations in document["paths"].items()
        if route in ROUTES
        for method, operation in operations.items()
        for status in (*operation["responses"], "500")
    ]
    assert len(declared) > 40
    for method, route, status in declared:
        labels = f'method="{method}",route="{route}",status="{status}"'
        assert f"credit_platform_requests_total{{{labels}}} 0.0" in text
    assert 'credit_platform_errors_total{code="internal_error"} 0.0' in text
    assert 'credit_platform_decisions_total{decision="review"} 0.0' in text
    assert 'credit_platform_request_seconds_count{route="/explain"} 0.0' in text


def test_a_service_has_less_than_500_series_whatever_is_sent() -> None:
    """Every method at every path with every error, every reason with every decision, a challenger beside."""
    for name in ("german_credit", "home_credit"):
        metrics, portfolio = ServiceMetrics(), get_portfolio(name)
        metrics.declare(openapi_document(portfolio), list(ErrorCode))
        metrics.shadow_loaded(name="m", version="2")
        metrics.model_loaded(portfolio=name, name="m", version="1", feature_version="1")
        for route in (*ROUTES, "/nothing", "/admin"):
            for method in (*METHODS, "BREW"):
                for status in (404, 405) if method not in ("GET", "POST") else (405, 499):
                    metrics.arrived()
                    metrics.answered(method, route, status, 0.1)
        lines = [line for line in metrics.exposition().decode().splitlines() if not line.startswith("#")]
        reasons = 3 * len(portfolio.reasons)
        assert len(lines) + reasons < 500, (name, len(lines), reasons)


def test_the_time_of_the_model_alone_is_told() -> None:
    metrics = ServiceMetrics()
    metrics.model_called(3, 0.002)
    text = metrics.exposition().decode()
    assert "credit_platform_model_applicants_total 3.0" in text
    assert 'credit_platform_model_seconds_bucket{le="0.001"} 0.0' in text
    assert 'credit_platform_model_seconds_bucket{le="0.0025"} 1.0' in text


_WORKER = """
import os, signal, sys
from bento.runtime.metrics import ServiceMetrics
metrics = ServiceMetrics()
metrics.arrived()
metrics.answered("POST", "/predict", 200, 0.1)
metrics.log_waiting(5)
metrics.log_available(available=sys.argv[1] == "up")
sum(range(10**6))
metrics.measure_process()
if sys.argv[1] != "up":
    os.kill(os.getpid(), signal.SIGKILL)
print(metrics.exposition().decode(), flush=True)
sys.stdin.read()
"""


def test_workers_add_up_and_a_killed_one_leaves_only_what_it_counted(tmp_path: Path) -> None:
    environment = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PATH": ""}

    def worker(how: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", _WORKER, how]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment, cwd=_ROOT)

    with worker("killed") as dead:
        dead.wait(60)
    with worker("up") as first:
        assert first.stdout is not None
        alone = "".join(iter(first.stdout.readline, "\n"))
        with worker("up") as second:
            both, _ = second.communicate("", timeout=60)
        first.communicate("", timeout=60)
    requests = 'requests_total{method="POST",route="/predict",status="200"}'
    assert (told(alone, requests), told(both, requests)) == (2.0, 3.0)  # the killed one's, too
    assert told(both, "log_available") == 1.0  # and not the 0 of the killed one
    assert (told(alone, "log_queue_depth"), told(both, "log_queue_depth")) == (5.0, 10.0)
    memory = "process_resident_memory_bytes"
    assert 1.5 * told(alone, memory) < told(both, memory) < 2.5 * told(alone, memory)
    assert told(both, "process_cpu_seconds_total") > told(alone, "process_cpu_seconds_total") > 0


def told(text: str, series: str) -> float:
    """Value of a series."""
    return float(text.partition(f"\ncredit_platform_{series} ")[2].split()[0])


_ROOT = Path(__file__).parents[4]


def test_health_says_healthy_and_what_answers(client: Client) -> None:
    assert json.loads(client.get("/health").text)["status"] == "healthy"
