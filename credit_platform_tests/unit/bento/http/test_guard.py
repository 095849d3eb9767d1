"""Headers of answers that come from elsewhere, and where redirects lead."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bento.http.guard import AnswerHeaders
from credit_platform.http_limits import SECURITY_HEADERS
from credit_platform_tests.unit.bento.stand_ins import Client


@pytest.mark.parametrize("path", ["/", "/nowhere"])
def test_every_answer_has_an_id_and_the_headers(path: str) -> None:
    client = Client(AnswerHeaders(Starlette(routes=[Route("/", lambda _: PlainTextResponse("here"))])))
    response = client.request("GET", path, headers={"X-Request-ID": "mine"})
    assert response.headers["x-request-id"] == "mine"
    assert {name.lower(): value for name, value in SECURITY_HEADERS.items()}.items() <= dict(response.headers).items()
    assert client.get(path).headers["x-request-id"] != client.get(path).headers["x-request-id"]


def test_what_an_answer_says_itself_stays() -> None:
    headers = {"X-Request-ID": "its own", "Cache-Control": "public"}
    response = Client(AnswerHeaders(Response(headers=headers))).get("/")
    assert (response.headers["x-request-id"], response.headers["cache-control"]) == ("its own", "public")


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("http://evil.test/docs?a=1", "/docs?a=1"),
        ("//evil.test/docs", "/docs"),
        ("https://evil.test//other.test/x", "/other.test/x"),
        ("../docs", "../docs"),
        ("/docs", "/docs"),
    ],
)
def test_a_redirect_stays_on_this_host(given: str, sent: str) -> None:
    assert Client(AnswerHeaders(RedirectResponse(given))).get("/").headers["location"] == sent
