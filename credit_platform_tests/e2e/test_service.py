"""The service over real HTTP, from a Bento, as a client meets it."""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from credit_platform.errors import ServiceError
from credit_platform.scoring import Request
from credit_platform.serving.service_client import Asked
from credit_platform_tests.e2e.conftest import Served
from credit_platform_tests.small_scorer import raw_applications

pytestmark = pytest.mark.e2e

GOLDEN = Path(__file__).parent / "golden" / "openapi_german_credit.json"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[httpx.Client]:
    service = served.service
    with httpx.Client(base_url=service.url, timeout=10, trust_env=False, headers=service.headers) as client:
        yield client


def body_of(served: Served, name: str = "accepted", **changes: object) -> dict[str, Any]:
    return {"application": {**served.scorer.portfolio.examples[name], **changes}}


def error_of(response: httpx.Response) -> dict[str, str]:
    content = response.json()
    assert set(content) == {"error"}
    error: dict[str, str] = content["error"]
    assert {"code", "message"} <= set(error) <= {"code", "message", "field"}
    return error


@pytest.mark.parametrize("name", ["accepted", "refused"])
def test_the_examples_are_decided_as_their_names_say(served: Served, client: httpx.Client, name: str) -> None:
    response = client.post("/predict", json={**body_of(served, name), "applicant_id": "A-1"})
    assert response.status_code == 200
    answer = response.json()
    assert set(answer) == {
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
        "histories",
        "missing_inputs",
    }
    assert answer["decision"] == name
    assert (answer["probability_of_default"] >= answer["threshold"]) == (name == "refused")
    assert answer["applicant_id"] == "A-1"
    assert 1 <= len(answer["reasons"]) <= 4
    assert all(set(reason) == {"code", "text", "contribution"} for reason in answer["reasons"])
    assert (answer["rights"] is None) == (name == "accepted")
    assert set(answer["model"]) == {"name", "version", "feature_version"}
    assert answer["request_id"] == response.headers["x-request-id"]


def test_reasons_speak_the_language_asked_for(served: Served, client: httpx.Client) -> None:
    answers = {
        language: client.post("/predict", json={**body_of(served, "refused"), "language": language}).json()
        for language in ("fr", "en")
    }
    portfolio = served.scorer.portfolio
    for language, answer in answers.items():
        for reason in answer["reasons"]:
            said = {getattr(wording, language) for wording in portfolio.reason(reason["code"]).all_wordings}
            assert reason["text"] in said
        assert portfolio.contact.email in answer["rights"]["how"]
    assert answers["fr"]["rights"]["review"] != answers["en"]["rights"]["review"]
    assert answers["fr"]["reasons"][0]["text"] != answers["en"]["reasons"][0]["text"]
    assert answers["fr"]["probability_of_default"] == answers["en"]["probability_of_default"]


def test_answers_equal_those_of_the_scorer_in_process(served: Served, client: httpx.Client) -> None:
    portfolio = served.scorer.portfolio
    names = {column.name for column in portfolio.application_columns if column.protected is None}
    rows = raw_applications(portfolio).sample(60, seed=1).to_dicts()
    for row in rows:
        application = {name: value for name, value in row.items() if name in names}
        given = client.post(
            "/predict", json={"application": application, "applicant_id": str(row["applicant_id"])}
        ).json()
        request = Request(
            application=application, applicant_id=str(row["applicant_id"]), request_id=given["request_id"]
        )
        # Through JSON, as the answer was: floats survive it to the last bit.
        about_inputs = {"histories": "none", "missing_inputs": []}
        assert given == {**json.loads(json.dumps(served.scorer.score(request).to_dict())), **about_inputs}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": -5}, "out_of_range"),
        ({"amount": "5000"}, "wrong_type"),
        ({"amount": None}, "wrong_type"),
        ({"purpose": "yacht"}, "not_allowed"),
        ({"income": 1}, "unknown_field"),
        ({"foreign_worker": "no"}, "protected_field"),
    ],
)
def test_a_bad_value_is_422_and_names_its_field(
    served: Served, client: httpx.Client, changes: dict[str, Any], code: str
) -> None:
    response = client.post("/predict", json=body_of(served, **changes))
    assert response.status_code == 422
    assert (error_of(response)["code"], error_of(response)["field"]) == (code, f"application.{next(iter(changes))}")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_422(served: Served, client: httpx.Client, number: str) -> None:
    content = json.dumps(body_of(served, amount=0)).replace('"amount": 0', f'"amount": {number}')
    response = client.post("/predict", content=content, headers=JSON)
    assert (response.status_code, error_of(response)["field"]) == (422, "application.amount")


def test_bad_requests_have_their_status(served: Served, client: httpx.Client) -> None:
    statuses = {
        "not JSON": client.post("/predict", content=b"{", headers=JSON),
        "too large": client.post("/predict", content=b" " * (1024 * 1024 + 1), headers=JSON),
        "no JSON announced": client.post("/predict", content=b"{}", headers={"Content-Type": "text/plain"}),
        "method": client.get("/predict"),
        "path": client.get("/predictions"),
    }
    assert {name: response.status_code for name, response in statuses.items()} == {
        "not JSON": 400,
        "too large": 413,
        "no JSON announced": 415,
        "method": 405,
        "path": 404,
    }
    for response in statuses.values():
        assert error_of(response)


def test_a_client_that_lies_about_the_length_gets_no_score(served: Served) -> None:
    host, port = served.service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        key = f"X-API-Key: {served.service.key}\r\n".encode()
        connection.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\n" + key + b"Content-Length: 99999999\r\n\r\n{}")
        assert b" 413 " in connection.recv(100)


def test_health_and_the_probes_of_bentoml(client: httpx.Client) -> None:
    health = client.get("/health").json()
    assert (health["status"], health["live"], health["ready"], health["reason"]) == ("healthy", True, True, None)
    assert health["model_version"] == client.get("/model-info").json()["version"]
    assert [client.get(path).status_code for path in ("/livez", "/readyz", "/healthz")] == [200, 200, 200]


def test_model_info_tells_what_answers(served: Served, client: httpx.Client) -> None:
    info = client.get("/model-info").json()
    scorer = served.scorer
    assert (info["digest"], info["version"], info["threshold"]) == (scorer.digest, scorer.version, scorer.threshold)
    assert (info["portfolio"], info["feature_version"]) == ("german_credit", scorer.feature_version)
    assert info["metadata"] == scorer.metadata
    assert info["provenance"] == scorer.provenance
    assert [feature["name"] for feature in info["features"]] == scorer.fitted.features


def test_openapi_is_the_golden_file(client: httpx.Client) -> None:
    """Regenerate with `CREDIT_PLATFORM_REGENERATE=1 pytest credit_platform_tests/e2e/test_service.py -k golden`."""
    document = client.get("/openapi.json").json()
    if os.environ.get("CREDIT_PLATFORM_REGENERATE"):
        GOLDEN.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert document == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_the_examples_of_openapi_work_when_pasted(client: httpx.Client) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/predict"]["post"]
    examples = operation["requestBody"]["content"]["application/json"]["examples"]
    assert set(examples) == {"accepted", "refused"}
    for name, example in examples.items():
        assert client.post("/predict", json=example["value"]).json()["decision"] == name


def test_metrics_are_valid_prometheus_text(served: Served, client: httpx.Client) -> None:
    client.post("/predict", json=body_of(served))
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = response.text.splitlines()
    sample = re.compile(r'^credit_platform_\w+(\{(\w+="[^"]*",?)+\})? \S+$')
    assert [line for line in lines if not line.startswith("#") and not sample.match(line)] == []
    described = {line.split()[2] for line in lines if line.startswith("# HELP")}
    assert {
        "credit_platform_requests_total",
        "credit_platform_request_seconds",
        "credit_platform_errors_total",
        "credit_platform_decisions_total",
        "credit_platform_probability_of_default",
        "credit_platform_model_info",
        "credit_platform_ready",
    } <= described
    assert f'version="{served.scorer.version}"}} 1.0' in response.text


def test_many_clients_at_once_get_their_own_answers(served: Served) -> None:
    names = ["accepted", "refused"] * 40
    certificates = httpx.create_ssl_context()  # each client would read them anew, and ask less at once

    def ask(position: int) -> tuple[str, str, str]:
        service = served.service
        with httpx.Client(
            base_url=service.url, timeout=20, trust_env=False, verify=certificates, headers=service.headers
        ) as client:
            body = {**body_of(served, names[position]), "applicant_id": f"a{position}"}
            answer = client.post("/predict", json=body).json()
        return answer["decision"], answer["applicant_id"], answer["request_id"]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(len(names))))
    assert [decision for decision, _, _ in answers] == names
    assert [applicant for _, applicant, _ in answers] == [f"a{position}" for position in range(len(names))]
    assert len({request for _, _, request in answers}) == len(names)


def test_nothing_an_applicant_sent_is_logged(served: Served, client: httpx.Client) -> None:
    secret = "SECRET-98765"
    client.post("/predict", json={**body_of(served), "applicant_id": secret})
    client.post("/predict", json=body_of(served, purpose=secret))
    client.post("/predict", content=secret, headers=JSON)
    client.get(f"/{secret}")
    assert secret not in served.service.log.read_text()
    assert secret not in client.get("/metrics").text


def test_the_running_service_speaks_for_its_users(served: Served) -> None:
    service = served.service
    assert service.client.predict(Asked(served.scorer.portfolio.examples["refused"]), "fr")["decision"] == "refused"
    assert service.client.model_info()["portfolio"] == "german_credit"
    with pytest.raises(ServiceError, match=r"422.*application\.amount"):
        service.client.predict(Asked({**served.scorer.portfolio.examples["refused"], "amount": -1}))
    with pytest.raises(ServiceError, match="404"):
        service.client.get("/nothing")
