"""The rules of the guard: who may ask, for what, and how often."""

from __future__ import annotations

import pytest

from credit_platform.local.guard.access import RefusedError, Tries, check_sender, check_use

OWN = {"host": "127.0.0.1:3000"}


@pytest.mark.parametrize("host", ["127.0.0.1:3000", "localhost:8080", "LOCALHOST", "[::1]:5000"])
def test_this_machine_may_be_asked_for_by_its_names(host: str) -> None:
    check_sender("GET", {"host": host})
    check_sender("POST", {"host": host, "origin": f"http://{host}"})


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "127.0.0.1.evil.example",
        "evil.example:3000",
        "127.0.0.1:3000@evil",
        "127.0.0.1:3000\n",
        "10.0.0.1",
    ],
)
def test_other_hosts_are_refused(host: str) -> None:
    with pytest.raises(RefusedError) as refused:
        check_sender("GET", {"host": host})
    assert refused.value.status == 421


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "", "http://127.0.0.1:9999", "http://localhost:3000"]
)
@pytest.mark.parametrize("websocket", [True, False])
def test_other_origins_are_refused(origin: str, websocket: bool) -> None:
    with pytest.raises(RefusedError) as refused:
        check_sender("GET", OWN | {"origin": origin}, websocket=websocket)
    assert refused.value.status == 403


def test_a_link_of_another_site_opens_a_page_and_nothing_else() -> None:
    link = OWN | {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    check_sender("GET", link)
    for method, headers, websocket in (
        ("POST", link, False),
        ("GET", link | {"sec-fetch-dest": "iframe"}, False),
        ("GET", link | {"sec-fetch-mode": "no-cors"}, False),
        ("GET", link | {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"}, False),
        ("GET", link, True),
    ):
        with pytest.raises(RefusedError):
            check_sender(method, headers, websocket=websocket)


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "get", "DEBUG"])
def test_unused_methods_are_refused(method: str) -> None:
    with pytest.raises(RefusedError, match=method):
        check_sender(method, OWN)


JSON = {"content-type": "application/json", "origin": "http://127.0.0.1:3000"}


@pytest.mark.parametrize("path", ["/graphql", "/graphql/", "/GraphQL", "//graphql", "/x/graphql"])
@pytest.mark.parametrize("by_cookie", [True, False])
def test_graphql_is_taken_as_json_in_a_body_only(path: str, by_cookie: bool) -> None:
    check_use("POST", path, "op=Runs", JSON, by_cookie=by_cookie, forms=True)
    check_use("GET", path, "", {}, by_cookie=by_cookie, forms=True)
    for method, query, headers in (
        ("GET", "query=mutation%7Bx%7D", {}),
        ("GET", "op=Runs", {}),
        ("HEAD", "query=", {}),
        ("POST", "op=Runs&query=x", JSON),
        ("POST", "%71uery=x", JSON),
        ("POST", "", JSON | {"content-type": "text/plain; application/json"}),
        ("POST", "", JSON | {"content-type": "application/graphql"}),
        ("POST", "", {}),
    ):
        with pytest.raises(RefusedError):
            check_use(method, path, query, headers, by_cookie=by_cookie, forms=True)


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "Multipart/Form-Data; boundary=x", "application/x-www-form-urlencoded"]
)
def test_what_any_page_may_send_is_refused_where_a_cookie_speaks(kind: str) -> None:
    headers = {"content-type": kind, "origin": "http://127.0.0.1:3000"}
    with pytest.raises(RefusedError) as refused:
        check_use("POST", "/api", "", headers, by_cookie=True, forms=False)
    assert refused.value.status == 415
    check_use("POST", "/api", "", headers, by_cookie=True, forms=True)
    check_use("POST", "/api", "", headers, by_cookie=False, forms=False)


def test_a_cookie_alone_changes_nothing() -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        with pytest.raises(RefusedError, match="which page"):
            check_use(method, "/api", "", {"content-type": "application/json"}, by_cookie=True, forms=True)


def test_tries_run_out_and_come_back_one_by_one() -> None:
    now = [0.0]
    tries = Tries(lambda: now[0])
    assert [tries.take() for _ in range(11)] == [True] * 10 + [False]
    now[0] = 6.5
    assert [tries.take(), tries.take()] == [True, False]
    now[0] = 10_000
    tries.give_back()
    assert [tries.take() for _ in range(11)] == [True] * 10 + [False]
