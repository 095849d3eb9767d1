"""Request ids through the doors that decide, with a real log: each client's own, and never two equal."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest

from bento.http.access import Gatekeeper
from bento.http.app import create_app
from bento.http.handling import ServiceState
from bento.runtime.engine import Engine
from bento.runtime.settings import ServiceSettings
from credit_platform.api_keys import KeyFile, KeyRing, Scope, new_key
from credit_platform.monitoring.decision_log import DecisionStore, DecisionWriter, verify
from credit_platform_tests.unit.bento.http.test_endpoints import CSV, PARQUET, Service, engine, example
from credit_platform_tests.unit.monitoring.decision_log.conftest import ACT

__all__ = ["engine"]
LONGEST = "i" * 64


class Logged(Service):
    """A service with a log in SQLite."""

    def __init__(self, engine: Engine, url: str, keys: KeyFile | None = None) -> None:
        self.engine = engine
        self.store = DecisionStore(url)
        self.writer = DecisionWriter(self.store)
        self.writer.start()
        state = ServiceState(ServiceSettings())
        state.use(engine, self.writer)
        if keys is not None:
            state.gatekeeper = Gatekeeper(KeyRing(keys))
        self.app = create_app(state)

    def one(self, request_id: str, name: str = "refused", **headers: str) -> httpx.Response:
        body = {"application": example(self.engine, name)}
        return self.post("/predict", json=body, headers={"X-Request-ID": request_id, **headers})

    def many(self, request_id: str, rows: list[Any], **headers: str) -> httpx.Response:
        return self.post("/predict_batch", json=rows, headers={"X-Request-ID": request_id, **headers})

    @property
    def logged(self) -> list[str]:
        return [one.request_id for one in self.store.each()]


@pytest.fixture
def keys(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "keys.json")


@pytest.fixture
def service(engine: Engine, tmp_path: Path) -> Iterator[Logged]:
    made = Logged(engine, f"sqlite:///{tmp_path / 'log' / 'decisions.db'}")
    yield made
    made.writer.stop()
    assert verify(made.store).is_clean


@pytest.fixture
def guarded(engine: Engine, tmp_path: Path, keys: KeyFile) -> Iterator[Logged]:
    made = Logged(engine, f"sqlite:///{tmp_path / 'log' / 'decisions.db'}", keys)
    yield made
    made.writer.stop()
    assert verify(made.store).is_clean


def rows(engine: Engine, *names: str) -> list[Any]:
    return [{"application": example(engine, name), "applicant_id": f"a{n}"} for n, name in enumerate(names)]


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json().get("error", {}).get("code", "")


def key_of(keys: KeyFile, name: str) -> dict[str, str]:
    text, stored = new_key(name, [Scope.SCORE])
    keys.add(stored)
    return {"X-API-Key": text}


def test_ids_that_differ_only_at_their_end_are_two(service: Logged) -> None:
    batch = rows(service.engine, "refused", "accepted")
    first, second = LONGEST[:-1] + "1", LONGEST[:-1] + "2"
    assert service.many(first, batch).status_code == 200
    assert service.many(second, batch[::-1]).status_code == 200
    assert service.logged == [f"{first}:0", f"{first}:1", f"{second}:0", f"{second}:1"]


def test_the_same_batch_again_is_answered_letter_for_letter_whatever_its_form(service: Logged) -> None:
    frame = pl.DataFrame([{"applicant_id": f"a{n}", **example(service.engine, n)} for n in ("refused", "accepted")])
    parquet = io.BytesIO()
    frame.write_parquet(parquet)
    bodies = [{"applicant_id": f"a{n}", "application": example(service.engine, n)} for n in ("refused", "accepted")]
    first = service.many("b", bodies)
    again = [
        service.many("b", bodies),
        service.post("/predict_batch", content=frame.write_csv(), headers=CSV | {"X-Request-ID": "b"}),
        service.post("/predict_batch", content=parquet.getvalue(), headers=PARQUET | {"X-Request-ID": "b"}),
    ]
    assert [one.content for one in again] == [first.content] * 3
    assert service.logged == ["b:0", "b:1"]


@pytest.mark.parametrize("change", ["more", "fewer", "other", "order", "wrong row more", "other wrong row", "one"])
def test_the_same_id_with_other_rows_is_a_conflict_and_nothing_is_written(service: Logged, change: str) -> None:
    wrong = {"application": example(service.engine, amount=-1)}
    batch = [*rows(service.engine, "refused", "accepted"), wrong]
    first = service.many("b", batch)
    other = {
        "more": [*batch, *rows(service.engine, "refused")],
        "fewer": batch[:-1],
        "other": [batch[0], batch[0], wrong],
        "order": [batch[1], batch[0], wrong],
        "wrong row more": [*batch, wrong],
        "other wrong row": [*batch[:-1], {"application": example(service.engine, amount=-2)}],
        "one": batch[:1],
    }[change]
    for _ in range(2):
        assert code(service.many("b", other)) == (409, "request_id_conflict")
    assert service.logged == ["b:0", "b:1"]
    assert service.many("b", batch).content == first.content


def test_an_id_names_a_single_request_or_a_batch(service: Logged) -> None:
    wrong = {"application": example(service.engine, amount=-1)}
    assert service.one("x").status_code == 200
    assert code(service.many("x", rows(service.engine, "refused"))) == (409, "request_id_conflict")
    assert service.many("y", [wrong, *rows(service.engine, "refused")]).status_code == 200
    assert code(service.one("y")) == (409, "request_id_conflict")
    assert code(service.many("y", rows(service.engine, "refused"))) == (409, "request_id_conflict")
    assert service.logged == ["x", "y:1"]


@pytest.mark.parametrize("row", [0, 1])
def test_an_id_that_looks_like_that_of_a_row_takes_it(service: Logged, row: int) -> None:
    batch = rows(service.engine, "refused", "refused")
    assert service.one(f"x:{row}", "accepted").status_code == 200
    conflict = service.many("x", batch)
    assert code(conflict) == (409, "request_id_conflict")
    assert "the one of a row" in conflict.json()["error"]["message"]
    assert service.many("y", batch).status_code == 200
    assert code(service.one(f"y:{row}", "accepted")) == (409, "request_id_conflict")
    assert service.one("z:00").status_code == 200
    assert service.many("z", batch).status_code == 200
    assert service.logged == [f"x:{row}", "y:0", "y:1", "z:00", "z:0", "z:1"]


def test_a_batch_of_which_nothing_was_decided_takes_no_id(service: Logged) -> None:
    assert service.many("b", [{}]).status_code == 200
    assert service.many("b", rows(service.engine, "refused")).status_code == 200


def test_each_client_has_ids_of_its_own_and_learns_nothing_of_others(guarded: Logged, keys: KeyFile) -> None:
    bank, branch = key_of(keys, "bank"), key_of(keys, "branch")
    guarded.app.state.service.gatekeeper = Gatekeeper(KeyRing(keys))
    batch = rows(guarded.engine, "refused", "accepted")
    for _ in range(2):
        assert guarded.one("r", "refused", **bank).json()["decision"] == "refused"
        assert guarded.one("r", "accepted", **branch).json()["decision"] == "accepted"
        assert guarded.many("b", batch, **bank).status_code == 200
        assert guarded.many("b", batch[:1], **branch).status_code == 200
        assert code(guarded.one("r", "accepted", **bank)) == (409, "request_id_conflict")
    assert guarded.logged == ["r", "r", "b:0", "b:1", "b:0"]
    assert [one.client_name for one in guarded.store.find_all("r")] == ["bank", "branch"]


def test_a_key_that_replaces_another_of_its_name_goes_on_with_its_ids(guarded: Logged, keys: KeyFile) -> None:
    old, new = key_of(keys, "bank"), key_of(keys, "bank")
    guarded.app.state.service.gatekeeper = Gatekeeper(KeyRing(keys))
    assert guarded.one("r", **old).content == guarded.one("r", **new).content
    assert guarded.logged == ["r"]


@pytest.mark.parametrize(
    "given", ["", "i" * 65, "i" * 10_000, "a b", "é", "a\x7f", "a/b", "-a", "Ａ", "a\u200b", "a:b;"]
)
def test_an_id_beyond_its_form_is_refused_and_the_limit_is_said(service: Logged, given: str) -> None:
    batch = rows(service.engine, "refused")
    body = {"application": example(service.engine)}
    headers = [(b"x-request-id", given.encode())]
    for path, content in (("/predict", body), ("/predict_batch", batch), ("/explain", body)):
        response = service.post(path, json=content, headers=headers)
        assert code(response) == (422, "wrong_type")
        assert "1 to 64 ASCII letters" in response.json()["error"]["message"]
    assert service.logged == []


def test_two_ids_are_none(service: Logged) -> None:
    body = {"application": example(service.engine)}
    twice = [(b"x-request-id", b"a"), (b"x-request-id", b"b")]
    assert code(service.post("/predict", json=body, headers=twice)) == (422, "wrong_type")


def test_ids_in_capitals_are_others(service: Logged) -> None:
    assert service.one("Case", "refused").status_code == service.one("case", "accepted").status_code == 200


def test_what_was_erased_from_a_batch_is_decided_anew_and_the_rest_is_as_it_was(service: Logged) -> None:
    batch = rows(service.engine, "refused", "accepted")
    first = service.many("b", batch)
    assert service.store.erase("a0", ACT) == 1
    assert service.many("b", batch).content == first.content
    assert service.logged == ["b:1", "b:0"]
