"""Who is let in, who is shown out, and what is answered without a service."""

from __future__ import annotations

import json
from http import HTTPStatus

import pytest

from credit_platform.http_limits import SECURITY_HEADERS, Crowd, Refusal, request_id_in


class Connection:
    def __init__(self, at: float, *, answered: bool = False, asks: bool = False) -> None:
        self.since = (answered, at)
        self.asks = asks
        self.ended = False

    def show_out(self) -> None:
        self.ended = True


def test_the_silent_make_room_first_those_who_never_asked() -> None:
    crowd = Crowd(3)
    known, silent, busy = Connection(1, answered=True), Connection(2), Connection(0, asks=True)
    for one in (known, silent, busy):
        assert crowd.enter("a", one)
    assert crowd.enter("a", Connection(3, asks=True))
    assert (known.ended, silent.ended, busy.ended) == (False, True, False)
    assert crowd.enter("a", Connection(4, asks=True))
    assert known.ended
    assert not crowd.enter("a", Connection(5))
    assert not busy.ended
    assert crowd.enter("b", Connection(6))


def test_who_left_takes_no_room() -> None:
    crowd, one = Crowd(1), Connection(0, asks=True)
    assert crowd.enter("a", one)
    assert not crowd.enter("a", Connection(1))
    crowd.leave("a", one)
    crowd.leave("a", one)
    crowd.leave("never seen", one)
    assert crowd.enter("a", Connection(1))


def test_a_refusal_is_a_whole_answer() -> None:
    answer = Refusal(HTTPStatus.TOO_MANY_REQUESTS, "code", "Cure.", Retry_After="1").answer("mine").decode()
    head, _, body = answer.partition("\r\n\r\n")
    status, *lines = head.split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert status == "HTTP/1.1 429 Too Many Requests"
    assert json.loads(body) == {"error": {"code": "code", "message": "Cure."}}
    assert headers["Content-Length"] == str(len(body))
    assert (headers["Retry-After"], headers["Connection"], headers["X-Request-ID"]) == ("1", "close", "mine")
    assert SECURITY_HEADERS.items() <= headers.items()
    assert Refusal(HTTPStatus.BAD_REQUEST, "c", "m").answer() != Refusal(HTTPStatus.BAD_REQUEST, "c", "m").answer()


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"GET / HTTP/1.1\r\nx-request-id: a-1\r\nHost: x\r\n\r\n", "a-1"),
        (b"GET / HTTP/1.1\r\nX-Request-ID:a.1", "a.1"),
        (b"GET / HTTP/1.1\r\nX-Request-ID: a b\r\n\r\n", None),
        (b"GET / HTTP/1.1\r\n\r\nX-Request-ID: body\r\n", None),
        (b"", None),
    ],
)
def test_the_id_is_that_of_the_head_if_it_is_harmless(head: bytes, found: str | None) -> None:
    assert request_id_in(head) == found
