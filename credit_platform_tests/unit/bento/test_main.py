"""`python -m bento`: the application that it serves. `e2e/test_service_bento.py` sees that BentoML has a timer."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from bento.__main__ import without_timer


class TimeoutMiddleware(GZipMiddleware):
    """Called as BentoML's is."""


def test_there_is_no_timer_for_each_request_and_the_rest_stays() -> None:
    app = Starlette(middleware=[Middleware(TimeoutMiddleware), Middleware(GZipMiddleware)])
    assert [one.cls for one in without_timer(app).user_middleware] == [GZipMiddleware]
