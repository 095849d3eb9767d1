"""What the service prints: JSON with the request id, and nothing that a client sent."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import pytest

from bento.http.app import create_app
from bento.http.handling import ServiceState
from bento.runtime.logs import configure_logging
from bento.runtime.recorder import place_of
from bento.runtime.settings import ServiceSettings
from credit_platform.monitoring.decision_log import Recorded
from credit_platform_tests.unit.bento.stand_ins import Client, StandIn, log_of, ready_state

if TYPE_CHECKING:
    from bento.runtime.engine import Engine


@pytest.fixture
def state() -> ServiceState:
    return ready_state(ServiceSettings())


@pytest.fixture
def client(state: ServiceState) -> Client:
    return Client(create_app(state))


@pytest.fixture
def printed() -> Iterator[io.StringIO]:
    root, ours = logging.getLogger(), logging.getLogger("credit_platform")
    before = (root.handlers[:], root.level, ours.level, threading.excepthook, sys.excepthook)
    stream = io.StringIO()
    configure_logging(stream)
    yield stream
    root.handlers, threading.excepthook, sys.excepthook = before[0], before[3], before[4]
    logging.captureWarnings(False)
    root.setLevel(before[1])
    ours.setLevel(before[2])


def lines_of(printed: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.getvalue().splitlines()]


def test_a_request_is_one_json_object(client: Client, printed: io.StringIO) -> None:
    client.post("/predict", json={}, headers={"X-Request-ID": "abc"})
    client.request("BREW", "/CANARY", content=b"CANARY")
    first, second = lines_of(printed)
    assert (first["level"], first["message"], first["request_id"], first["status"]) == (
        "info",
        "request",
        "abc",
        200,
    )
    assert (first["method"], first["route"], first["client"]) == ("POST", "/predict", None)
    assert first["ms"] >= 0
    assert datetime.fromisoformat(first["time"]).tzinfo is not None
    assert (second["method"], second["route"], second["error"]) == ("other", "other", "not_found")
    assert "CANARY" not in json.dumps(second)


def test_every_line_names_the_model_once_it_is_there_and_a_decision_its_place(
    printed: io.StringIO, client: Client, state: ServiceState
) -> None:
    log_of(state).outcome = Recorded("{}", repeated=False, place="w:7")
    state.use(cast("Engine", StandIn()), log_of(state))
    client.post("/predict", json={}, headers={"X-Request-ID": "abc"})
    logging.getLogger("credit_platform.service").warning("mind")
    request, other = lines_of(printed)
    model = {"portfolio": "p", "model_version": "1", "model_digest": "d", "run_id": "run-1"}
    assert model.items() <= request.items()
    assert model.items() <= other.items()
    assert request["decision"] == "w:7"


@pytest.mark.parametrize(
    ("places", "place"), [([], None), ([""], None), (["w:7"], "w:7"), (["w:7", "w:8", "w:9"], "w:7-9")]
)
def test_a_place_of_several_decisions_is_from_the_first_to_the_last(places: list[str], place: str | None) -> None:
    assert place_of(places) == place


def test_the_level_of_the_environment_holds_for_requests(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    before, stream = logging.getLogger("credit_platform").level, io.StringIO()
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setenv("CREDIT_PLATFORM_LOG_LEVEL", "warning")
    configure_logging(stream)
    client.post("/predict", json={})
    logging.getLogger("credit_platform.service").warning("mind")
    logging.getLogger("credit_platform").setLevel(before)
    logging.captureWarnings(False)
    assert [line["message"] for line in lines_of(stream)] == ["mind"]


def test_a_failure_names_place_and_request_but_no_value(
    client: Client, state: ServiceState, printed: io.StringIO
) -> None:
    cast("StandIn", state.engine).failure = ValueError("CANARY")
    client.post("/predict", json={}, headers={"X-Request-ID": "abc"})
    failure, request = lines_of(printed)
    assert (failure["level"], failure["request_id"], request["status"]) == ("error", "abc", 500)
    assert "ValueError" in failure["message"]
    assert "CANARY" not in json.dumps([failure, request])


def test_texts_of_exceptions_are_left_out_whoever_logs_them(printed: io.StringIO) -> None:
    try:
        raise ValueError("CANARY")  # noqa: TRY301  # caught at once: what is tested is the log
    except ValueError:
        logging.getLogger("uvicorn.error").exception("it failed")
    thread = threading.Thread(target=int, args=("CANARY",), name="worker")
    thread.start()
    thread.join()
    logged, died = lines_of(printed)
    assert (logged["failure"], logged["message"]) == ("ValueError", "it failed")
    assert "test_logs.py" in logged["traceback"]
    assert died["message"] == "thread worker died: ValueError"
    assert "CANARY" not in json.dumps([logged, died])


def test_it_can_be_turned_off(printed: io.StringIO) -> None:
    Client(create_app(ready_state(ServiceSettings(access_log=False)))).post("/predict", json={})
    assert lines_of(printed) == []
