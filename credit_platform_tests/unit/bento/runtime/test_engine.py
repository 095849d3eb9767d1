from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path

import pytest

from bento.errors import ApiError, ErrorCode
from bento.http.explain import explanation
from bento.published.openapi import example_requests
from bento.runtime.engine import Engine, load_engine
from bento.runtime.recorder import Scored
from credit_platform.features.request_rows import CheckedRow, RowReader
from credit_platform.scoring import FittedModel, Request, Scorer
from credit_platform_tests.small_scorer import save_small_scorer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scorer") / "scorer"
    save_small_scorer(folder)
    return folder


@pytest.fixture(scope="module")
def engine(folder: Path) -> Engine:
    return load_engine(folder)


def body_of(engine: Engine, **more: object) -> bytes:
    return json.dumps({"application": engine.portfolio.examples["refused"], **more}).encode()


def test_an_answer_does_not_depend_on_the_company(engine: Engine) -> None:
    bodies = [body_of(engine), body_of(engine, language="fr"), body_of(engine, applicant_id="a")]
    requests = [engine.reader.read(body, str(n)) for n, body in enumerate(bodies)]
    alone = [one for request in requests for one in engine.score_many([request])]
    assert engine.score_many(requests) == alone
    assert [asyncio.run(engine.predict(body, str(n))) for n, body in enumerate(bodies)] == alone


def test_who_cannot_be_scored_has_an_error_in_its_place(engine: Engine) -> None:
    request = engine.reader.read(body_of(engine), "r")
    broken = Request(application={"shoe_size": 42})
    first, second, third = engine.score_many([request, broken, request])
    assert isinstance(first, Scored)
    assert isinstance(second, ApiError)
    assert second.code is ErrorCode.NOT_SCORABLE
    assert first == third
    assert engine.score_many([]) == []


def test_warm_up_goes_the_way_of_a_live_request(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[bytes, str]] = []
    predict = Engine.predict

    async def watched(self: Engine, body: bytes, request_id: str | None) -> Scored:
        asyncio.get_running_loop()
        seen.append((body, threading.current_thread().name))
        return await predict(self, body, request_id)

    monkeypatch.setattr(Engine, "predict", watched)
    engine.warm_up()
    assert [body for body, _ in seen] == [
        json.dumps(one).encode() for one in example_requests(engine.portfolio).values()
    ]
    assert threading.current_thread().name not in {name for _, name in seen}


def test_an_engine_is_loaded_where_a_loop_is_running_already(folder: Path) -> None:
    async def load() -> Engine:
        return load_engine(folder)

    assert asyncio.run(load()).portfolio.name == "german_credit"


def test_what_goes_wrong_in_warm_up_keeps_the_engine_from_being_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FittedModel, "explain", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load_engine(folder)


def test_a_field_is_checked_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the reader; in scoring its rows are known, and what the reader has asked is not asked again."""
    checked: list[str] = []
    read = RowReader.read

    def watched(self: RowReader, row: object, path: str) -> CheckedRow:
        if not isinstance(row, CheckedRow):
            checked.append(path)
        return read(self, row, path)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(RowReader, "read", watched)
    monkeypatch.setattr(Scorer, "check", lambda *_: checked.append("door"))
    asyncio.run(engine.predict(body_of(engine), "r"))
    assert checked == ["application"]


def test_explaining_asks_the_model_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    explained: list[int] = []
    explain = FittedModel.explain

    def watched(self: FittedModel, features: list[object]) -> object:
        explained.append(len(features))
        return explain(self, features)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(FittedModel, "explain", watched)
    document = explanation(engine, body_of(engine), "r")
    assert explained == [1]
    assert document["counterfactuals"]
    assert document["decision"] == "refused"
