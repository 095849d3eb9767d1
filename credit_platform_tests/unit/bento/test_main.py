"""`python -m bento`: the application that it serves. `e2e/test_service_bento.py` sees that BentoML has a timer."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse

from bento.__main__ import ENDPOINTS, with_short_way, without_timer
from bento.runtime.metrics import ROUTES, route_label
from credit_platform_tests.unit.bento.stand_ins import Client


class TimeoutMiddleware(GZipMiddleware):
    """Called as BentoML's is."""


def test_there_is_no_timer_for_each_request_and_the_rest_stays() -> None:
    app = Starlette(middleware=[Middleware(TimeoutMiddleware), Middleware(GZipMiddleware)])
    assert [one.cls for one in without_timer(app).user_middleware] == [GZipMiddleware]


@pytest.mark.parametrize(
    ("path", "who"), [("/predict", "ours"), ("/explain", "ours"), ("/livez", "BentoML"), ("/", "BentoML")]
)
def test_what_many_ask_goes_the_short_way(path: str, who: str) -> None:
    app = with_short_way(PlainTextResponse("BentoML"), PlainTextResponse("ours"))
    assert Client(app).get(path).text == who
    assert {route_label(path) for path in ENDPOINTS} < ROUTES
