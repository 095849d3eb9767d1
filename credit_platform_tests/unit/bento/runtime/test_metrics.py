"""What the service counts of the requests it answered."""

from __future__ import annotations

from bento.http.app import create_app
from bento.http.handling import ServiceState
from bento.runtime.metrics import ROUTES, route_label
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
    assert route_label("/docs/assets/swagger-ui.css") == "/docs"
