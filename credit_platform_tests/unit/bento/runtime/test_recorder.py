"""What the decision log gets of a request, and what the client is told when it takes nothing."""

from __future__ import annotations

import asyncio
import json
import math

from bento.http.app import create_app
from bento.http.handling import ServiceState
from bento.runtime.recorder import Scored
from bento.runtime.settings import ServiceSettings
from credit_platform.errors import DecisionLogError
from credit_platform.features.one_applicant import FeatureRow
from credit_platform.monitoring.decision_log import Conflict, Recorded
from credit_platform.scoring import Request
from credit_platform_tests.unit.bento.stand_ins import DECISION, Client, error_of, log_of, ready_state


def test_the_record_holds_question_and_answer(client: Client, state: ServiceState) -> None:
    answer = client.post("/predict", json={}).text
    [record] = log_of(state).records
    assert record.answer == answer
    assert record.inputs is not None
    assert json.loads(record.inputs)["application"] == {"amount": 1}
    assert (record.features, record.model_digest, record.client) == ('{"amount":1.0}', "d", None)


def test_only_the_digest_where_that_is_set() -> None:
    state = ready_state(ServiceSettings(decision_log_inputs="digest"))
    Client(create_app(state)).post("/predict", json={})
    [record] = log_of(state).records
    assert record.inputs is None
    assert len(record.inputs_digest) == 64


def test_without_the_log_there_is_no_decision(client: Client, state: ServiceState) -> None:
    log_of(state).outcome = DecisionLogError("The log at secret-host is down.", "Wait.")
    log_of(state).problem = "The decision log cannot be reached."
    response = client.post("/predict", json={})
    assert (response.status_code, error_of(response)["code"]) == (503, "log_unavailable")
    assert response.headers["retry-after"] == "1"
    assert "secret-host" not in response.text
    assert "probability" not in response.text
    health = client.get("/health").json()
    assert (health["status"], health["ready"], health["reason"]) == ("unhealthy", False, log_of(state).problem)
    metrics = client.get("/metrics").text
    assert 'credit_platform_errors_total{code="log_unavailable"} 1.0' in metrics
    assert 'credit_platform_decisions_total{decision="refused"} 0.0' in metrics


def test_a_taken_request_id_is_409(client: Client, state: ServiceState) -> None:
    log_of(state).outcome = Conflict("r")
    response = client.post("/predict", json={})
    assert (response.status_code, error_of(response)["code"]) == (409, "request_id_conflict")


def test_a_stored_answer_is_given_again_and_not_counted_as_a_decision(client: Client, state: ServiceState) -> None:
    log_of(state).outcome = Recorded('{"stored": true}', repeated=True)
    assert client.post("/predict", json={}).json() == {"stored": True}
    metrics = client.get("/metrics").text
    assert "credit_platform_repeated_requests_total 1.0" in metrics
    assert 'credit_platform_decisions_total{decision="refused"} 0.0' in metrics


def test_closing_the_service_closes_the_log(state: ServiceState) -> None:
    ServiceState().close()
    state.close()
    assert log_of(state).stopped


def test_features_are_written_as_the_model_saw_them(client: Client, state: ServiceState) -> None:
    values: FeatureRow = {
        "amount": 0.1 + 0.2,
        "purpose": 'a":null',
        "empty": None,
        "odd": float("nan"),
        "long": float("-inf"),
    }
    scored = Scored(Request(application={}), DECISION, values)
    asyncio.run(state.recorder().record([scored], started=0))
    back = json.loads(log_of(state).records[-1].features)
    assert math.isnan(back.pop("odd"))
    assert back == {name: value for name, value in values.items() if name != "odd"}
