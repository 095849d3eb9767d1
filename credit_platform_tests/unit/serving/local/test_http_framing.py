"""Where requests and answers end, as seen from the bytes that pass."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_platform.serving.local.http_framing import Exchange

GET = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
CHUNKED = b"POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"
HEAD = b"HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
OK_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"


@pytest.mark.parametrize("request_bytes", [GET, POST, CHUNKED])
@pytest.mark.parametrize("answer", [OK, OK_CHUNKED, b"HTTP/1.1 204 No Content\r\n\r\n"])
def test_it_is_idle_when_everything_is_answered(request_bytes: bytes, answer: bytes) -> None:
    exchange = Exchange()
    for _ in range(2):
        assert exchange.idle
        exchange.asked(request_bytes)
        assert not exchange.idle
        exchange.answered(answer)
    assert exchange.idle
    assert not exchange.last


@given(cuts=st.lists(st.integers(1, 200), max_size=6), answer_first=st.booleans())
def test_where_the_bytes_are_cut_does_not_matter(cuts: list[int], answer_first: bool) -> None:
    exchange, stream = Exchange(), POST + CHUNKED + GET
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    pieces = [stream[start:end] for start, end in pairwise(edges)]
    for piece in pieces[:-1]:
        exchange.asked(piece)
        assert not exchange.idle
    exchange.asked(pieces[-1])
    for answer in (OK + OK_CHUNKED if answer_first else OK, OK if answer_first else OK_CHUNKED + OK):
        assert not exchange.idle
        exchange.answered(answer)
    assert exchange.idle


def test_an_early_answer_does_not_end_the_request() -> None:
    exchange = Exchange()
    exchange.asked(POST[:-2])
    exchange.answered(OK)
    assert not exchange.idle
    exchange.asked(POST[-2:])
    assert exchange.idle


def test_an_interim_answer_is_none() -> None:
    exchange = Exchange()
    exchange.asked(POST[:-4])
    exchange.answered(b"HTTP/1.1 100 Continue\r\n\r\n")
    exchange.asked(POST[-4:])
    assert not exchange.idle
    exchange.answered(OK)
    assert exchange.idle


def test_an_answer_to_head_has_no_body_whatever_it_says() -> None:
    exchange = Exchange()
    for answer in (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"):
        exchange.asked(HEAD)
        exchange.answered(answer)
        assert exchange.idle
        exchange.asked(GET)
        assert not exchange.idle
        exchange.answered(OK)
        assert exchange.idle


def test_the_answer_that_ends_the_connection_is_known() -> None:
    exchange = Exchange()
    exchange.asked(GET)
    exchange.answered(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\no")
    assert exchange.answer_begun
    assert not exchange.last
    exchange.answered(b"k")
    assert (exchange.idle, exchange.last, exchange.answer_begun) == (True, True, False)


def test_a_request_may_ask_for_the_end_of_the_connection() -> None:
    exchange = Exchange()
    exchange.asked(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    exchange.answered(OK)
    assert (exchange.idle, exchange.last) == (True, True)


@pytest.mark.parametrize(
    "asked",
    [b"\x16\x03\x01 this is TLS", b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"],
)
def test_what_is_not_understood_is_let_through_and_never_idle(asked: bytes) -> None:
    exchange = Exchange()
    exchange.asked(asked)
    assert exchange.opaque
    exchange.answered(OK)
    exchange.asked(GET)
    assert not exchange.idle


def test_an_answer_that_is_not_http_is_let_through() -> None:
    exchange = Exchange()
    exchange.asked(GET)
    exchange.answered(b"no HTTP at all\r\n\r\n")
    assert exchange.opaque


def test_several_requests_at_once_with_a_head_among_them_are_not_followed() -> None:
    exchange = Exchange()
    exchange.asked(HEAD + GET)
    exchange.answered(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + OK)
    assert exchange.opaque
