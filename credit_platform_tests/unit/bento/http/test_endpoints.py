"""`/predict_batch`, `/explain` and reduced applications, in process, with a real scorer."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest

from bento.http.access import Gatekeeper
from bento.http.app import create_app
from bento.http.handling import ServiceState
from bento.runtime.engine import Engine, load_engine
from bento.runtime.recorder import answer_json
from bento.runtime.settings import ServiceSettings
from credit_platform.api_keys import KeyFile, KeyRing, Scope, new_key
from credit_platform.features.inputs import unused_columns, used_columns
from credit_platform.monitoring.decision_log import Conflict, DecisionRecord, Recorded
from credit_platform.scoring import Request
from credit_platform_tests.small_scorer import save_small_scorer

CSV = {"Content-Type": "text/csv"}
PARQUET = {"Content-Type": "application/vnd.apache.parquet"}


class Memory:
    """A decision log that only remembers."""

    problem = None

    def __init__(self) -> None:
        self.records: list[DecisionRecord] = []

    async def append(self, records: Sequence[DecisionRecord]) -> Sequence[Recorded | Conflict]:
        self.records += records
        return [Recorded(record.answer, repeated=False) for record in records]

    def stop(self) -> None:
        """Nothing waits."""


class Service:
    """The application around a scorer, asked in this process."""

    def __init__(self, engine: Engine, **settings: Any) -> None:
        self.engine = engine
        self.log = Memory()
        state = ServiceState(ServiceSettings(**settings))
        state.use(engine, self.log)
        self.app = create_app(state)

    def post(self, path: str, **options: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=True)
            async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
                return await client.post(path, **options)

        return asyncio.run(ask())


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("scorer") / "scorer"
    save_small_scorer(folder, "xgboost")
    return load_engine(folder)


@pytest.fixture
def service(engine: Engine) -> Service:
    return Service(engine)


def example(engine: Engine, name: str = "refused", **changes: object) -> dict[str, Any]:
    return {**engine.portfolio.examples[name], **changes}


def test_a_batch_decides_each_row_as_if_it_were_alone(service: Service) -> None:
    names = ["refused", "accepted", "refused"]
    bodies = [{"application": example(service.engine, name), "applicant_id": f"a{n}"} for n, name in enumerate(names)]
    answer = service.post("/predict_batch", json=bodies, headers={"X-Request-ID": "b"}).json()
    assert (answer["rows"], answer["scored"], answer["failed"], answer["request_id"]) == (3, 3, 0, "b")
    for row, (body, result) in enumerate(zip(bodies, answer["results"], strict=True)):
        alone = asyncio.run(service.engine.predict(json.dumps(body).encode(), f"b:{row}"))
        assert result["row"] == row
        assert result["decision"] == json.loads(answer_json(alone.decision, alone.notes))
    assert [record.request_id for record in service.log.records] == ["b:0", "b:1", "b:2"]


def test_a_row_at_fault_has_its_error_and_the_others_their_decision(service: Service) -> None:
    rows = [{"application": example(service.engine)}, {"application": example(service.engine, amount=-1)}, 7]
    answer = service.post("/predict_batch", json=rows).json()
    assert [("decision" in r, r.get("error", {}).get("code")) for r in answer["results"]] == [
        (True, None),
        (False, "out_of_range"),
        (False, "wrong_type"),
    ]
    assert answer["results"][1]["error"]["field"] == "application.amount"
    assert len(service.log.records) == answer["scored"] == 1


def test_csv_and_parquet_give_what_json_gives(service: Service) -> None:
    frame = pl.DataFrame([{"applicant_id": f"c{n}", **example(service.engine, n)} for n in ("refused", "accepted")])
    parquet = io.BytesIO()
    frame.write_parquet(parquet)
    answers = [
        service.post("/predict_batch", content=frame.write_csv(), headers=CSV | {"X-Request-ID": "x"}),
        service.post("/predict_batch", content=parquet.getvalue(), headers=PARQUET | {"X-Request-ID": "x"}),
    ]
    bodies = [{"applicant_id": f"c{n}", "application": example(service.engine, n)} for n in ("refused", "accepted")]
    expected = service.post("/predict_batch", json=bodies, headers={"X-Request-ID": "x"}).json()
    assert [answer.json() for answer in answers] == [expected, expected]


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"amount\n", CSV, 400, "invalid_file"),
        (b"", CSV, 400, "invalid_file"),
        (b"PAR1 no", PARQUET, 400, "invalid_file"),
        (b"[]", {}, 422, "wrong_type"),
        (b"{}", {}, 422, "wrong_type"),
        (b"[1", {}, 400, "invalid_json"),
        (b"amount\n1\n2\n3\n4\n", CSV, 413, "body_too_large"),
        (b"x", {"Content-Type": "text/html"}, 415, "unsupported_media_type"),
    ],
)
def test_what_is_no_batch_is_refused(
    engine: Engine, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    response = Service(engine, max_batch_rows=3).post("/predict_batch", content=content, headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


def test_the_rows_of_a_batch_count_for_the_rate(engine: Engine, tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys.json")
    text, stored = new_key("batches", [Scope.SCORE], rate=0.01)
    file.add(stored)
    service = Service(engine, max_batch_rows=50)
    service.app.state.service.gatekeeper = Gatekeeper(KeyRing(file))
    rows = [{"application": example(engine)}] * 20
    headers = {"X-API-Key": text}
    assert service.post("/predict_batch", json=rows, headers=headers).status_code == 200
    refused = service.post("/predict_batch", json=rows, headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "rate_limited")
    assert int(refused.headers["retry-after"]) >= 1900
    assert len(service.log.records) == 20


def test_a_batch_that_takes_too_long_is_not_decided(engine: Engine) -> None:
    service = Service(engine, batch_seconds=0.000001)
    response = service.post("/predict_batch", json=[{"application": example(engine)}] * 3)
    assert (response.status_code, response.json()["error"]["code"]) == (413, "body_too_large")
    assert service.log.records == []


def test_bodies_that_find_no_room_are_asked_to_come_again(engine: Engine) -> None:
    service = Service(engine, max_bodies_bytes=100_000)
    large = b"[" + b" " * 90_000 + b"1]"
    assert service.post("/predict_batch", content=large).status_code == 200
    state = service.app.state.service
    assert state.bodies.taken == 0
    held = state.bodies.more(0, 70_000)
    response = service.post("/predict_batch", content=large)
    assert (response.status_code, response.json()["error"]["code"]) == (503, "busy")
    assert response.headers["retry-after"] == "1"
    state.bodies.give_back(held)
    assert service.post("/predict_batch", content=large).status_code == 200
    assert state.bodies.taken == 0


def test_cells_that_are_no_numbers_are_named(service: Service) -> None:
    rows = service.post("/predict_batch", content=b"checking_account,amount\noverdrawn,many\n", headers=CSV).json()
    assert [row["error"]["field"] for row in rows["results"]] == ["application.amount"]


def test_columns_that_no_application_has_are_named_at_once(service: Service) -> None:
    frame = pl.DataFrame({"amount": [1], "foreign_worker": ["yes"], "sex": [None], "default": [0], "colour": [1]})
    parquet = io.BytesIO()
    frame.write_parquet(parquet)
    for content, headers in ((frame.write_csv().encode(), CSV), (parquet.getvalue(), PARQUET)):
        answer = service.post("/predict_batch", content=content, headers=headers)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["field"]) == (
            422,
            "protected_field",
            "application.foreign_worker",
        )
        assert all(name in error["message"] for name in ("foreign_worker", "sex", "default: the outcome", "colour"))
    assert service.log.records == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"amount,purpose\n1\n", "has 1 fields on line 2, where its header has 2"),
        (b"amount,purpose\n1,car\n1,car,3\n", "has 3 fields on line 3"),
        (b"amount,purpose\n1,car\n2,ca", "cut off: its last line, 3"),
        (b"amount,purpose\n1,car\n\n", "blank line, 3"),
        (b"amount;purpose\n1;car\n", "by semicolon"),
        (b",amount\n0,1\n", "first column without a name"),
        (b"amount,amount\n1,1\n", "holds twice the column (line 1)"),
        ("amount,purpose\n1,é\n".encode("cp1252"), "not UTF-8 text: line 2"),
        ("amount,purpose\n1,car\n".encode("utf-16"), "is UTF-16 text. Send it as UTF-8."),
        (b"PK\x03\x04....[Content_Types].xml", "Excel workbook"),
        (b"\x1f\x8b\x08", "packed with gzip. Send it unpacked."),
        (b"PAR1xxxx", "is a Parquet file. Send it as Parquet"),
        (b"", "is empty"),
    ],
)
def test_a_csv_that_is_broken_as_a_whole_is_refused_with_its_line(service: Service, content: bytes, says: str) -> None:
    answer = service.post("/predict_batch", content=content, headers=CSV)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_file")
    assert says in answer.json()["error"]["message"]
    assert service.log.records == []


def test_parquet_with_lists_or_without_rows_is_refused(service: Service) -> None:
    for frame, says in (
        (pl.DataFrame({"amount": [[1]]}), "columns are nested or hold lists"),
        (pl.DataFrame({"amount": []}, schema={"amount": pl.Int64}), "no rows"),
    ):
        parquet = io.BytesIO()
        frame.write_parquet(parquet)
        answer = service.post("/predict_batch", content=parquet.getvalue(), headers=PARQUET)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_file")
        assert says in answer.json()["error"]["message"]


def test_what_no_feature_reads_may_be_left_out_is_checked_and_is_not_kept(service: Service) -> None:
    plain = example(service.engine)
    unused = unused_columns(service.engine.portfolio)
    assert unused
    assert not unused & plain.keys()
    more = {**plain, "age_years": 30, "dependants": 2}
    answers = [service.post("/predict", json={"application": one}).json() for one in (plain, more)]
    assert answers[0]["probability_of_default"] == answers[1]["probability_of_default"]
    assert [answer["missing_inputs"] for answer in answers] == [[], []]
    first, second = service.log.records
    # With it or without it the request is the same, so one sent again under its id gets the stored answer.
    assert first.inputs_digest == second.inputs_digest
    assert not any(name in str(second.inputs) for name in unused)
    wrong = service.post("/predict", json={"application": {**plain, "age_years": 500}})
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (422, "application.age_years")
    header, row = ",".join(plain), ",".join(str(value) for value in plain.values())
    batch = service.post("/predict_batch", content=f"{header}\n{row}\n".encode(), headers=CSV).json()
    assert batch["scored"] == 1


def test_a_reduced_application_is_scored_and_says_what_was_missing(service: Service) -> None:
    express = service.engine.portfolio.express_columns
    reduced = {name: value for name, value in example(service.engine).items() if name in express}
    answer = service.post("/predict", json={"application": reduced}).json()
    assert set(answer["missing_inputs"]) == used_columns(service.engine.portfolio) - set(express)
    assert answer["histories"] == "none"
    whole = service.post("/predict", json={"application": example(service.engine)}).json()
    assert whole["missing_inputs"] == []
    refused = service.post("/predict", json={"application": {**reduced, "amount": None}})
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "application.amount")
    del reduced["amount"]
    assert service.post("/predict", json={"application": reduced}).json()["error"]["code"] == "missing_field"


def test_an_explanation_adds_up_and_is_not_logged(service: Service) -> None:
    answer = service.post("/explain", json={"application": example(service.engine)}).json()
    assert service.log.records == []
    total = answer["base_value"] + sum(c["contribution"] for c in answer["contributions"])
    assert total == pytest.approx(answer["log_odds"], abs=1e-9)
    assert [c["feature"] for c in answer["contributions"]] != []
    steps = answer["waterfall"]
    assert steps[0]["start"] == answer["base_value"]
    assert all(a["end"] == b["start"] for a, b in pairwise(steps))
    assert steps[-1]["end"] == pytest.approx(answer["log_odds"], abs=1e-9)


def test_counterfactuals_touch_only_what_the_lender_advises_and_are_true(service: Service) -> None:
    scorer = service.engine.scorer
    advised = {c.name for c in scorer.portfolio.application_columns if c.advice is not None}
    application = example(service.engine, "refused", checking_account="no account", credit_history="past delays")
    options = service.post("/explain", json={"application": application}).json()["counterfactuals"]
    assert options
    for option in options:
        changes = {change["field"]: change["to"] for change in option["changes"]}
        assert set(changes) <= advised
        again = scorer.score(Request(application={**application, **changes}))
        assert again.probability_of_default == option["probability_of_default"]
        assert (again.decision == "accepted") == option["accepted"]
    assert (
        service.post("/explain", json={"application": example(service.engine, "accepted")}).json()["counterfactuals"]
        == []
    )


def test_model_info_is_complete(service: Service) -> None:
    info = json.loads(service.engine.model_info)
    assert info["training_metrics"] == {"auc": 0.8}
    assert info["data_versions"] == {"german_credit/raw/applications": 0}
    assert info["accepts_reduced_applications"] is True
    assert (info["candidate"], info["stored_applicants"], info["stored_histories"]) == ("xgboost", 0, None)
