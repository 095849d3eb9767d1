"""What the service answers, or does not, becomes something that a page can put into words."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from credit_platform.console.client import Asked, NoAnswerError, Problem, ScoringClient
from credit_platform.console.texts import LANGUAGES, Texts
from credit_platform.console.views.parts import problem_sentence
from credit_platform.serving.running_services import ServiceAccess

ACCESS = ServiceAccess("german_credit", "http://service", "cp_1_secret")
Handler = Callable[[httpx.Request], httpx.Response]


def client(monkeypatch: pytest.MonkeyPatch, handler: Handler) -> ScoringClient:
    monkeypatch.setattr(ScoringClient, "transport", httpx.MockTransport(handler))
    return ScoringClient(ACCESS)


def error(status: int, code: str = "code", headers: dict[str, str] | None = None, **more: str) -> Handler:
    content = {"error": {"code": code, "message": "It is so.", **more}}
    return lambda request: httpx.Response(status, json=content, headers=headers)


def problem(monkeypatch: pytest.MonkeyPatch, handler: Handler) -> NoAnswerError:
    with client(monkeypatch, handler) as asking, pytest.raises(NoAnswerError) as caught:
        asking.predict(Asked({"amount": 1}), "en")
    return caught.value


def test_the_key_and_only_what_was_given_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"decision": "accepted"})

    with client(monkeypatch, answer) as asking:
        asked = Asked({"amount": 1500, "job": None}, "A-1", {"bureau": [{"x": 1}]})
        assert asking.predict(asked, "fr") == {"decision": "accepted"}
        asking.explain(Asked({}), "en")
        asking.model_info()
        asking.openapi()
    assert [request.url.path for request in seen] == ["/predict", "/explain", "/model-info", "/openapi.json"]
    assert {request.headers["Authorization"] for request in seen} == {"Bearer cp_1_secret"}
    whole = {"application": {"amount": 1500}, "applicant_id": "A-1", "histories": {"bureau": [{"x": 1}]}}
    assert json.loads(seen[0].content) == {**whole, "language": "fr"}
    assert json.loads(seen[1].content) == {"application": {}, "language": "en"}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, Problem.KEY),
        (403, Problem.SCOPE),
        (422, Problem.INVALID),
        (429, Problem.BUSY),
        (503, Problem.UNAVAILABLE),
        (500, Problem.FAULT),
        (413, Problem.FAULT),
    ],
)
def test_a_status_is_a_kind_of_problem(monkeypatch: pytest.MonkeyPatch, status: int, kind: Problem) -> None:
    assert problem(monkeypatch, error(status)).kind is kind


def test_field_message_and_waiting_time_are_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    found = problem(monkeypatch, error(422, field="application.amount"))
    assert (found.field, found.message, found.wait) == ("amount", "It is so.", None)
    assert problem(monkeypatch, error(429, headers={"Retry-After": "3"})).wait == 3


def test_what_is_no_answer_of_the_service_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    found = problem(monkeypatch, lambda request: httpx.Response(502, text="<html>bad gateway</html>"))
    assert (found.kind, found.message) == (Problem.FAULT, "HTTP 502")


@pytest.mark.parametrize(
    ("failure", "kind"), [(httpx.ConnectError("no"), Problem.DOWN), (httpx.ReadTimeout("slow"), Problem.SLOW)]
)
def test_no_answer_at_all(monkeypatch: pytest.MonkeyPatch, failure: Exception, kind: Problem) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise failure

    assert problem(monkeypatch, fail).kind is kind


@pytest.mark.parametrize("language", list(LANGUAGES))
@pytest.mark.parametrize("kind", list(Problem))
def test_every_problem_is_a_sentence_without_gaps(kind: Problem, language: str) -> None:
    texts = Texts(language, "german_credit")  # type: ignore[arg-type]  # one of the languages
    sentence = problem_sentence(NoAnswerError(kind, "It is so."), texts)
    assert sentence[0].isupper()
    assert "None" not in sentence
    assert "{" not in sentence


def test_the_field_at_fault_is_called_as_on_the_form() -> None:
    found = NoAnswerError(Problem.INVALID, "It is so.", field="amount")
    assert "« Montant »" in problem_sentence(found, Texts("fr", "german_credit"))
