"""Routes and what holds around all of them, in process, with a stand-in where the scorer would be."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, cast

import pytest

from bento.http.app import create_app
from bento.http.docs_page import assets_folder
from bento.http.handling import ServiceState
from bento.runtime.settings import ServiceSettings
from credit_platform import __version__
from credit_platform_tests.unit.bento.stand_ins import DECISION, Client, StandIn, error_of, ready_state

if TYPE_CHECKING:
    from bento.runtime.engine import Engine


def test_a_decision_is_answered_as_json_in_utf8(client: Client) -> None:
    response = client.post("/predict", json={})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json()["reasons"][0]["text"] == "Zu hoch, élevé"


def test_the_request_id_of_the_client_reaches_the_scorer_and_the_answer(client: Client, state: ServiceState) -> None:
    response = client.post("/predict", json={}, headers={"X-Request-ID": "abc-1"})
    assert response.headers["x-request-id"] == "abc-1"
    assert cast("StandIn", state.engine).seen == [(b"{}", "abc-1")]


def test_a_request_id_is_made_up_when_there_is_none(client: Client, state: ServiceState) -> None:
    first, second = client.post("/predict", json={}), client.post("/predict", json={})
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert cast("StandIn", state.engine).seen[0][1] == first.headers["x-request-id"]


def test_a_strange_request_id_is_refused_and_not_repeated(client: Client) -> None:
    response = client.post("/predict", json={}, headers={"X-Request-ID": "a b"})
    assert (response.status_code, error_of(response)["field"]) == (422, "X-Request-ID")
    assert response.headers["x-request-id"] != "a b"


@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/docs/assets/none.js", 404)])
def test_unknown_paths_are_404(client: Client, path: str, status: int) -> None:
    response = client.get(path)
    assert (response.status_code, error_of(response)["code"]) == (status, "not_found")


@pytest.mark.parametrize(("method", "path"), [("GET", "/predict"), ("POST", "/health"), ("BREW", "/metrics")])
def test_wrong_methods_are_405_and_name_the_right_ones(client: Client, method: str, path: str) -> None:
    response = client.request(method, path)
    assert (response.status_code, error_of(response)["code"]) == (405, "method_not_allowed")
    assert response.headers["allow"]


@pytest.mark.parametrize(
    "headers",
    [{"Content-Type": "text/csv"}, {"Content-Type": "application/json", "Content-Encoding": "gzip"}],
)
def test_other_media_types_are_415(client: Client, headers: dict[str, str]) -> None:
    response = client.post("/predict", content=b"{}", headers=headers)
    assert (response.status_code, error_of(response)["code"]) == (415, "unsupported_media_type")


def test_a_charset_beside_the_media_type_is_fine(client: Client) -> None:
    response = client.post("/predict", content=b"{}", headers={"Content-Type": "Application/JSON; charset=utf-8"})
    assert response.status_code == 200


def test_a_large_body_is_413_whether_or_not_its_length_is_announced(client: Client, state: ServiceState) -> None:
    async def in_pieces() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b" " * 1000

    headers = {"Content-Type": "application/json"}
    for content in (b" " * 5000, in_pieces()):
        response = client.post("/predict", content=content, headers=headers)
        assert (response.status_code, error_of(response)["code"]) == (413, "body_too_large")
    assert cast("StandIn", state.engine).seen == []


def test_a_body_that_does_not_arrive_is_408() -> None:
    state = ready_state(ServiceSettings(body_seconds=0.05))

    async def never_ending() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(30)

    headers = {"Content-Type": "application/json"}
    response = Client(create_app(state)).post("/predict", content=never_ending(), headers=headers)
    assert (response.status_code, error_of(response)["code"]) == (408, "request_timeout")


def test_a_failure_inside_is_a_500_that_shows_and_logs_no_value(
    client: Client, state: ServiceState, caplog: pytest.LogCaptureFixture
) -> None:
    state.engine = cast("Engine", StandIn(ValueError("income of Jane Doe is 12345")))
    with caplog.at_level(logging.ERROR):
        response = client.post("/predict", json={}, headers={"X-Request-ID": "abc"})
    assert (response.status_code, error_of(response)["code"]) == (500, "internal_error")
    assert response.headers["x-request-id"] == "abc"
    logged = caplog.text
    assert "ValueError" in logged
    assert "abc" in logged
    assert "stand_ins.py" in logged
    assert "Jane" not in logged + response.text
    assert "Traceback" not in logged + response.text


class TestNotReady:
    @pytest.fixture
    def client(self) -> Client:
        state = ServiceState()
        state.fail("The scorer is gone.")
        return Client(create_app(state))

    def test_health_says_why(self, client: Client) -> None:
        response = client.get("/health")
        assert response.status_code == 503
        assert response.json() == {
            "status": "unhealthy",
            "live": True,
            "ready": False,
            "reason": "The scorer is gone.",
            "api_version": __version__,
            "model_version": None,
        }

    @pytest.mark.parametrize(
        ("method", "path"), [("POST", "/predict"), ("GET", "/model-info"), ("GET", "/openapi.json")]
    )
    def test_what_needs_the_scorer_is_503(self, client: Client, method: str, path: str) -> None:
        response = client.request(method, path)
        assert (response.status_code, error_of(response)["code"]) == (503, "not_ready")

    def test_metrics_and_docs_are_there(self, client: Client) -> None:
        assert "credit_platform_ready 0.0" in client.get("/metrics").text
        assert client.get("/docs").status_code == 200


def test_health_when_ready(client: Client) -> None:
    response = client.get("/health")
    assert response.status_code == 200
    assert response.json() == {
        "status": "healthy",
        "live": True,
        "ready": True,
        "reason": None,
        "api_version": __version__,
        "model_version": "1",
    }


def test_the_docs_page_loads_nothing_from_elsewhere(client: Client) -> None:
    page = client.get("/docs").text
    assert "://" not in page
    for asset in ("docs/assets/swagger-ui.css", "docs/assets/swagger-ui-bundle.js", "docs/start.js"):
        assert asset in page
        assert client.get(f"/{asset}").status_code == 200
    assert client.get("/").headers["location"] == "docs"


def test_bentoml_still_ships_swagger_ui() -> None:
    assert {"swagger-ui.css", "swagger-ui-bundle.js"} <= {path.name for path in assets_folder().iterdir()}


def test_answers_are_not_cached_or_sniffed(client: Client) -> None:
    headers = client.post("/predict", json={}).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in headers["content-security-policy"]


def test_json_of_a_decision_has_the_final_shape(client: Client) -> None:
    assert list(client.post("/predict", json={}).json()) == [
        "request_id",
        "applicant_id",
        "probability_of_default",
        "decision",
        "threshold",
        "points",
        "reasons",
        "model",
        "data_used",
        "rights",
    ]
    assert json.loads(json.dumps(DECISION.to_dict()))["model"] == {"name": "m", "version": "1", "feature_version": "2"}
