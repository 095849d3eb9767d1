"""Routes and what holds around all of them, in process, with a stand-in where the scorer would be."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest
from starlette.applications import Starlette

from bento.app import create_app
from bento.docs_page import assets_folder
from bento.handling import ServiceState
from bento.metrics import ROUTES, route_label
from bento.recorder import Scored
from bento.settings import ServiceSettings
from credit_platform.errors import DecisionLogError
from credit_platform.monitoring.decision_log import Conflict, DecisionRecord
from credit_platform.scoring import Decision, ModelInfo, ReasonGiven, Request

if TYPE_CHECKING:
    from bento.engine import Engine

DECISION = Decision(
    request_id="r",
    applicant_id=None,
    probability_of_default=0.25,
    decision="refused",
    threshold=0.2,
    points=500,
    reasons=(ReasonGiven(code="amount", text="Zu hoch, élevé", contribution=0.5),),
    model=ModelInfo(name="m", version="1", feature_version="2"),
)


class Client:
    """Talks to an application in this process; an exception that reached the server would be raised here."""

    def __init__(self, app: Starlette) -> None:
        self.app = app

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=True)
            async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
                return await client.request(method, path, **options)

        return asyncio.run(ask())

    def get(self, path: str) -> httpx.Response:
        return self.request("GET", path)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)


class StandIn:
    """Answers like an engine, or fails as told."""

    openapi = b"{}"
    model_info = b"{}"
    portfolio = SimpleNamespace(name="p")
    scorer = SimpleNamespace(
        name="m", version="1", feature_version="2", digest="d", portfolio=SimpleNamespace(name="p")
    )

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.seen: list[tuple[bytes, str | None]] = []

    async def predict_soon(self, body: bytes, request_id: str | None) -> Scored:
        self.seen.append((body, request_id))
        if self.failure is not None:
            raise self.failure
        return Scored(Request(application={"amount": 1}), DECISION, {"amount": 1.0})


class LogStandIn:
    """Takes every decision, or none."""

    problem: str | None = None

    def __init__(self) -> None:
        self.records: list[DecisionRecord] = []
        self.outcome: str | Conflict | Exception | None = None
        self.stopped = False

    async def append(self, records: Sequence[DecisionRecord]) -> list[str | Conflict]:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        self.records += records
        return [self.outcome or record.answer for record in records]

    def stop(self) -> None:
        self.stopped = True


def ready_state(settings: ServiceSettings, engine: StandIn | None = None) -> ServiceState:
    state = ServiceState(settings)
    state.use(cast("Engine", engine or StandIn()), LogStandIn())
    return state


def log_of(state: ServiceState) -> LogStandIn:
    assert isinstance(state._log, LogStandIn)
    return state._log


@pytest.fixture
def state() -> ServiceState:
    return ready_state(ServiceSettings(max_body_bytes=2048, body_seconds=1))


@pytest.fixture
def client(state: ServiceState) -> Client:
    return Client(create_app(state))


def error_of(response: httpx.Response) -> dict[str, Any]:
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) <= {"code", "message", "field"}
    error: dict[str, Any] = body["error"]
    return error


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
    assert "test_app.py" in logged
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
        assert response.json() == {"live": True, "ready": False, "reason": "The scorer is gone."}

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
    assert response.json() == {"live": True, "ready": True, "reason": None}


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


class TestMetrics:
    def test_requests_decisions_and_errors_are_counted(self, client: Client) -> None:
        client.post("/predict", json={})
        client.post("/predict", content=b"x", headers={"Content-Type": "text/plain"})
        text = client.get("/metrics").text
        assert 'credit_platform_requests_total{method="POST",route="/predict",status="200"} 1.0' in text
        assert 'credit_platform_requests_total{method="POST",route="/predict",status="415"} 1.0' in text
        assert 'credit_platform_errors_total{code="unsupported_media_type"} 1.0' in text
        assert 'credit_platform_decisions_total{decision="refused"} 1.0' in text
        assert 'credit_platform_probability_of_default_bucket{le="0.2"} 0.0' in text
        assert 'credit_platform_probability_of_default_bucket{le="0.25"} 1.0' in text

    def test_unknown_paths_and_methods_share_one_series(self, client: Client) -> None:
        for number in range(20):
            client.request(f"M{number}", f"/nothing/{number}")
        lines = [line for line in client.get("/metrics").text.splitlines() if "/nothing" in line or "M1" in line]
        assert lines == []
        assert 'method="other",route="other",status="404"} 20.0' in client.get("/metrics").text

    def test_every_route_has_its_label(self, state: ServiceState) -> None:
        paths = {getattr(route, "path", "") for route in create_app(state).routes}
        assert {route_label(path) for path in paths} == {*ROUTES, "other"}  # "/" only redirects
        assert route_label("/docs/assets/swagger-ui.css") == "/docs"


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
    ]
    assert json.loads(json.dumps(DECISION.to_dict()))["model"] == {"name": "m", "version": "1", "feature_version": "2"}


class TestLogging:
    """What the decision log gets, and what happens when it takes nothing."""

    def test_the_record_holds_question_and_answer(self, client: Client, state: ServiceState) -> None:
        answer = client.post("/predict", json={}).text
        [record] = log_of(state).records
        assert record.answer == answer
        assert record.inputs is not None
        assert json.loads(record.inputs)["application"] == {"amount": 1}
        assert (record.features, record.model_digest, record.client) == ('{"amount":1.0}', "d", None)

    def test_only_the_digest_where_that_is_set(self) -> None:
        state = ready_state(ServiceSettings(decision_log_inputs="digest"))
        Client(create_app(state)).post("/predict", json={})
        [record] = log_of(state).records
        assert record.inputs is None
        assert len(record.inputs_digest) == 64

    def test_without_the_log_there_is_no_decision(self, client: Client, state: ServiceState) -> None:
        log_of(state).outcome = DecisionLogError("The log at secret-host is down.", "Wait.")
        log_of(state).problem = "The decision log cannot be reached."
        response = client.post("/predict", json={})
        assert (response.status_code, error_of(response)["code"]) == (503, "log_unavailable")
        assert response.headers["retry-after"] == "1"
        assert "secret-host" not in response.text
        assert "probability" not in response.text
        assert client.get("/health").json() == {"live": True, "ready": False, "reason": log_of(state).problem}
        metrics = client.get("/metrics").text
        assert 'credit_platform_errors_total{code="log_unavailable"} 1.0' in metrics
        assert "credit_platform_decisions_total{" not in metrics

    def test_a_taken_request_id_is_409(self, client: Client, state: ServiceState) -> None:
        log_of(state).outcome = Conflict("r")
        response = client.post("/predict", json={})
        assert (response.status_code, error_of(response)["code"]) == (409, "request_id_conflict")

    def test_a_stored_answer_is_given_again_and_not_counted_as_a_decision(
        self, client: Client, state: ServiceState
    ) -> None:
        log_of(state).outcome = '{"stored": true}'
        assert client.post("/predict", json={}).json() == {"stored": True}
        metrics = client.get("/metrics").text
        assert "credit_platform_repeated_requests_total 1.0" in metrics
        assert "credit_platform_decisions_total{" not in metrics

    def test_closing_the_service_closes_the_log(self, state: ServiceState) -> None:
        ServiceState().close()
        state.close()
        assert log_of(state).stopped
