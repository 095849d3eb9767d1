"""What the service answers, or does not, becomes a kind of problem with what and cure; asked over real sockets.

The client meets the real service in `e2e/test_service.py`.
"""

from __future__ import annotations

import http.server
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from credit_platform.console.texts import LANGUAGES, Texts
from credit_platform.console.views.parts import problem_sentence
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.serving.service_client import Asked, ServiceClient, named_service
from credit_platform.serving.service_problems import NoAnswerError, Problem

KEY = "cp_1_secret"
DECIDED = {"decision": "accepted"}


class StandIn(http.server.ThreadingHTTPServer):
    """Answers each request with what it was told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 200
        self.content = json.dumps(DECIDED).encode()
        self.headers: dict[str, str] = {}
        self.pause = threading.Event()
        self.hangs = False
        self.cuts = False
        self.seen: list[tuple[str, str, dict[str, str], Any]] = []
        self.peers: set[Any] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def says(self, status: int, content: object, **headers: str) -> None:
        self.status, self.headers = status, headers
        self.content = content if isinstance(content, bytes) else json.dumps(content).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: StandIn

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.peers.add(self.client_address)
        self.server.seen.append((self.command, self.path, dict(self.headers), json.loads(body) if body else None))
        if self.server.hangs:
            self.server.pause.wait(10)
        if self.server.cuts:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(self.server.content)))
        self.end_headers()
        self.wfile.write(self.server.content)

    do_GET = answer  # noqa: N815  # the name is the library's
    do_POST = answer  # noqa: N815  # the name is the library's

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  # the name is the library's
        """Nothing."""


@pytest.fixture
def service() -> Iterator[StandIn]:
    with StandIn() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.pause.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def client(service: StandIn) -> Iterator[ServiceClient]:
    with ServiceClient(ServiceAccess("german_credit", service.url, KEY)) as asking:
        yield asking


def error(code: str = "some_code", **more: object) -> dict[str, object]:
    return {"error": {"code": code, "message": "It is so.", **more}}


def problem(client: ServiceClient) -> NoAnswerError:
    with pytest.raises(NoAnswerError) as caught:
        client.predict(Asked({"amount": 1}))
    return caught.value


def test_the_key_and_only_what_was_given_are_sent(service: StandIn, client: ServiceClient) -> None:
    asked = Asked({"amount": 1500, "job": None}, "A-1", {"bureau": [{"x": 1}]})
    assert client.predict(asked, "fr") == DECIDED
    client.explain(Asked({}))
    sent = [(method, path, body) for method, path, _, body in service.seen]
    whole = {"application": {"amount": 1500}, "applicant_id": "A-1", "histories": {"bureau": [{"x": 1}]}}
    assert sent == [
        ("POST", "/predict", {**whole, "language": "fr"}),
        ("POST", "/explain", {"application": {}, "language": "en"}),
    ]
    assert {headers["Authorization"] for _, _, headers, _ in service.seen} == {f"Bearer {KEY}"}


def test_one_connection_is_kept_for_all_requests(service: StandIn, client: ServiceClient) -> None:
    for _ in range(3):
        client.predict(Asked({}))
    assert len(service.peers) == 1


def test_no_proxy_of_the_environment_is_asked(service: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with ServiceClient(ServiceAccess("", service.url, KEY)) as asking:
        assert asking.predict(Asked({})) == DECIDED


@pytest.mark.parametrize("ask", ["model_info", "openapi", "health"])
def test_every_document_has_what_makes_it_one(service: StandIn, client: ServiceClient, ask: str) -> None:
    whole = {"portfolio": "german_credit", "paths": {}, "ready": True}
    service.says(200, whole)
    assert getattr(client, ask)() == whole
    service.says(200, {"hello": "world"})
    with pytest.raises(NoAnswerError, match="is no scoring service") as caught:
        getattr(client, ask)()
    assert caught.value.kind is Problem.FOREIGN


def test_a_service_that_is_not_ready_says_so_in_its_health(service: StandIn, client: ServiceClient) -> None:
    service.says(503, {"live": True, "ready": False, "reason": "no scorer"})
    assert client.health()["reason"] == "no scorer"
    service.says(503, error())
    with pytest.raises(NoAnswerError) as caught:
        client.health()
    assert caught.value.kind is Problem.UNAVAILABLE


@pytest.mark.parametrize(
    ("status", "kind", "cure"),
    [
        (401, Problem.KEY, "CREDIT_PLATFORM_CONSOLE_API_KEY"),
        (403, Problem.SCOPE, "scopes score and explain"),
        (422, Problem.INVALID, "Mend the request"),
        (429, Problem.BUSY, "Ask again"),
        (503, Problem.UNAVAILABLE, "/health says why"),
        (500, Problem.FAULT, "log of the service"),
        (413, Problem.FAULT, "/docs says what it takes"),
    ],
)
def test_a_status_is_a_kind_of_problem_with_its_cure(
    service: StandIn, client: ServiceClient, status: int, kind: Problem, cure: str
) -> None:
    service.says(status, error())
    found = problem(client)
    assert (found.kind, found.status, found.code) == (kind, status, "some_code")
    assert f"answered with {status} (some_code): It is so." in found.what
    assert cure in found.cure


def test_field_message_and_waiting_time_are_taken_over(service: StandIn, client: ServiceClient) -> None:
    service.says(422, error(field="application.amount"))
    found = problem(client)
    assert (found.field, found.message, found.wait) == ("amount", "It is so.", None)
    assert "application.amount" in found.what
    service.says(429, error(), Retry_After="3")
    found = problem(client)
    assert (found.wait, found.cure) == (3, "Ask again in 3 s.")


@pytest.mark.parametrize("content", [b"<html>hello</html>", b"[1, 2]", b"\xff\xfe", b"", b'"text"'])
def test_a_success_that_is_no_object_of_json_comes_from_something_else(
    service: StandIn, client: ServiceClient, content: bytes
) -> None:
    service.says(200, content)
    found = problem(client)
    assert (found.kind, found.status) == (Problem.FOREIGN, 200)
    assert "http://host:3001" in found.cure


@pytest.mark.parametrize("content", [b"<html>bad gateway</html>", b'{"error": "text"}', b'{"error": {}}', b"null"])
def test_a_failure_of_something_in_between_is_not_called_the_services(
    service: StandIn, client: ServiceClient, content: bytes
) -> None:
    service.says(502, content)
    found = problem(client)
    assert (found.kind, found.message) == (Problem.FOREIGN, "HTTP 502")
    assert "in front of the service" in found.what
    service.says(429, content)
    assert problem(client).kind is Problem.BUSY, "a gateway may limit requests, too"


def test_a_redirect_is_not_followed(service: StandIn, client: ServiceClient) -> None:
    with StandIn() as elsewhere:
        service.says(307, {}, Location=f"{elsewhere.url}/predict")
        assert problem(client).kind is Problem.FOREIGN
        assert elsewhere.seen == []


def test_a_coding_that_is_broken_is_no_answer(service: StandIn, client: ServiceClient) -> None:
    service.says(200, b"not gzip", Content_Encoding="gzip")
    assert problem(client).kind is Problem.FOREIGN


def test_nobody_listens() -> None:
    with ServiceClient(ServiceAccess("", "http://127.0.0.1:9")) as asking:
        found = problem(asking)
    assert (found.kind, found.what) == (Problem.DOWN, "The service at http://127.0.0.1:9 does not answer.")


def test_what_may_have_been_decided_is_not_said_to_be_undecided(service: StandIn, client: ServiceClient) -> None:
    service.cuts = True
    found = problem(client)
    assert found.kind is Problem.CUT
    assert "may have been made" in found.cure
    with pytest.raises(NoAnswerError) as caught:
        client.explain(Asked({}))
    assert "may have been made" not in caught.value.cure, "an explanation decides nothing"


def test_a_service_that_hangs_is_given_up(service: StandIn) -> None:
    service.hangs = True
    with ServiceClient(ServiceAccess("", service.url), timeout=0.05) as asking:
        found = problem(asking)
    assert found.kind is Problem.SLOW
    assert "within 0.05 s" in found.what
    assert "may have been made" in found.cure


@pytest.mark.parametrize("url", ["", "localhost", "ftp://127.0.0.1:9", "http://", "http://[", "http://127.0.0.1:port"])
def test_what_is_no_address_is_said(url: str) -> None:
    with pytest.raises(NoAnswerError) as caught:
        named_service(url, None)
    assert caught.value.kind is Problem.DOWN


@pytest.mark.parametrize("key", ["clé", "two\nlines", "\x00"])
def test_what_cannot_be_a_key_is_said_and_not_shown(service: StandIn, key: str) -> None:
    with pytest.raises(NoAnswerError, match="API key has characters") as caught:
        named_service(service.url, key)
    assert key not in str(caught.value)
    assert service.seen == []


def test_a_named_service_says_whose_it_is(service: StandIn) -> None:
    service.says(200, {"portfolio": "german_credit"})
    assert named_service(service.url + "/", KEY) == ServiceAccess("german_credit", service.url, KEY)


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
    assert "«\u00a0Montant\u00a0»" in problem_sentence(found, Texts("fr", "german_credit"))


def test_metrics_are_text_and_a_refusal_is_told(service: StandIn, client: ServiceClient) -> None:
    service.says(200, b"up 1\n")
    assert client.metrics() == "up 1\n"
    assert service.seen[-1][:2] == ("GET", "/metrics")
    service.says(403, error("forbidden"))
    with pytest.raises(NoAnswerError) as caught:
        client.metrics()
    assert caught.value.kind is Problem.SCOPE
    service.says(404, b"There is /metrics and /health.\n")
    with pytest.raises(NoAnswerError, match="no scoring service"):
        client.metrics()
