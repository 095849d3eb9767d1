"""Applicants whose histories the service has stored, with the toy portfolio: what wins, and what is recomputed."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from starlette.requests import Request as HttpRequest

from bento.errors import ApiError, ErrorCode
from bento.http.batch import score_rows
from bento.requests.batch_body import read_rows
from bento.requests.bounds import Bounds
from bento.requests.media_types import CSV, PARQUET
from bento.requests.patience import Patience
from bento.runtime.engine import Engine
from bento.runtime.recorder import Scored
from credit_platform.features import feature_version
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Request
from credit_platform.scoring.stored_histories import (
    ROWS,
    HistoriesFacts,
    StoredHistories,
    erase_applicant,
    history_features,
    write_histories,
)
from credit_platform_tests.feature_parity import apart
from credit_platform_tests.small_scorer import answers_of
from credit_platform_tests.toy_scorer import PORTFOLIO, toy_scorer, toy_tables

TABLES, FEATURES = toy_tables()
NAMES = [feature.name for feature in PORTFOLIO.features]
APPLICATION = ("income", "days_worked", "children", "city")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bento") / "stored_histories"
    facts = HistoriesFacts(
        portfolio="toy",
        feature_version=feature_version(PORTFOLIO),
        table="toy/features/applicants",
        table_version=4,
        content_hash="abc",
        licence="synthetic",
        applicants=0,
        digest="d",
    )
    write_histories(path, PORTFOLIO, FEATURES.lazy(), facts)
    return path


@pytest.fixture
def engine(folder: Path) -> Iterator[Engine]:
    stored = StoredHistories(PORTFOLIO, folder)
    yield Engine(toy_scorer(FEATURES), stored)
    stored.close()


def application_of(person: int) -> dict[str, Any]:
    rows = [*TABLES["asked"].to_dicts(), *TABLES["scored"].to_dicts()]
    (row,) = (row for row in rows if row["person"] == person)
    return {name: row[name] for name in APPLICATION}


def histories_of(person: int) -> dict[str, list[dict[str, Any]]]:
    loans = TABLES["loans"].filter(person=person)
    payments = TABLES["payments"].join(loans.select("loan"), on="loan", how="semi")
    return {"loans": loans.drop("person").to_dicts(), "payments": payments.to_dicts()}


def batch_row(person: int) -> dict[str, Any]:
    return FEATURES.filter(person=person).select(NAMES).row(0, named=True)


def test_a_known_applicant_gets_what_the_batch_gives(engine: Engine) -> None:
    expected = {d.applicant_id: d for d in answers_of(engine.scorer, FEATURES)}
    for person in FEATURES["person"].to_list():
        request = Request(application=application_of(person), applicant_id=str(person))
        (scored,) = engine.score_many([request])
        assert isinstance(scored, Scored)
        batch = expected[str(person)]
        assert apart(scored.features, batch_row(person)) == []
        assert scored.decision.probability_of_default == pytest.approx(batch.probability_of_default, rel=1e-9)
        assert scored.decision.decision == batch.decision
        assert [r.code for r in scored.decision.reasons] == [r.code for r in batch.reasons]
        assert engine.notes(request)["histories"] == "stored"


def test_new_values_of_the_application_are_computed_and_the_histories_stay(engine: Engine) -> None:
    person = FEATURES.filter(FEATURES["loans__debt__sum"] > 0)["person"][0]
    before = batch_row(person)
    changed = {**application_of(person), "income": 50.0, "city": "B"}
    features = engine.features(Request(application=changed, applicant_id=str(person)))
    assert features["income"] == 50.0
    assert features["debt_to_income"] == pytest.approx(before["loans__debt__sum"] / 50.0)
    assert features["city_known"] == 1.0
    assert [features[name] for name in history_features(PORTFOLIO)] == [
        before[name] for name in history_features(PORTFOLIO)
    ]


def test_raw_histories_of_the_request_win(engine: Engine) -> None:
    one, other = FEATURES.filter(FEATURES["loans__count"] > 0)["person"].to_list()[:2]
    request = Request(application=application_of(one), applicant_id=str(other), histories=histories_of(one))
    assert apart(engine.features(request), batch_row(one)) == []
    assert engine.notes(request)["histories"] == "request"
    emptied = replace(request, applicant_id=str(one), histories={"loans": []})
    assert engine.features(emptied)["loans__count"] is None
    nothing_brought = replace(request, applicant_id=str(one), histories={})
    assert apart(engine.features(nothing_brought), batch_row(one)) == []


def batch(engine: Engine, content: bytes, media_type: str) -> list[Scored | ApiError]:
    bounds = Bounds.of(engine.portfolio, 10, 1 << 20)
    patience = Patience(HttpRequest({"type": "http"}), 60)
    return score_rows(engine, read_rows(content, media_type, engine.portfolio, bounds, patience), "r", patience)


@pytest.mark.parametrize("key", [5, 5.0, "5", "05", "5.0", " 5", "5e0"])
def test_a_key_in_any_spelling_is_the_same_person_in_a_batch(engine: Engine, key: object) -> None:
    """As a float in a Parquet file the key was another person, scored without histories."""
    frame = pl.DataFrame([{"person": key, **application_of(5)}])
    body = io.BytesIO()
    frame.write_parquet(body)
    for content, media_type in ((body.getvalue(), PARQUET), (frame.write_csv().encode(), CSV)):
        (scored,) = batch(engine, content, media_type)
        assert isinstance(scored, Scored)
        assert (scored.decision.applicant_id, (scored.notes or {})["histories"]) == ("5", "stored")
        assert apart(scored.features, batch_row(5)) == []


@pytest.mark.parametrize("key", ["5.5", "A-5", "5x", "1e300"])
def test_a_key_that_is_none_is_refused_by_name(engine: Engine, key: str) -> None:
    frame = pl.DataFrame([{"person": key, **application_of(5)}, {"person": "5", **application_of(5)}])
    refused, scored = batch(engine, frame.write_csv().encode(), CSV)
    assert isinstance(refused, ApiError)
    assert (refused.code, refused.field) == (ErrorCode.WRONG_TYPE, "person")
    assert isinstance(scored, Scored)


def test_a_key_and_another_identifier_are_refused_together(engine: Engine) -> None:
    rows = [{"person": "5", "applicant_id": name, **application_of(5)} for name in ("05", "6", None)]
    same, two, one = batch(engine, pl.DataFrame(rows).write_csv().encode(), CSV)
    assert isinstance(same, Scored)
    assert isinstance(one, Scored)
    assert isinstance(two, ApiError)
    assert (two.code, two.field) == (ErrorCode.NOT_ALLOWED, "applicant_id")


@pytest.mark.parametrize("applicant", [None, "unknown"])
def test_who_is_not_known_is_scored_without_histories(engine: Engine, applicant: str | None) -> None:
    request = Request(application=application_of(1), applicant_id=applicant)
    features = engine.features(request)
    assert all(features[name] is None for name in history_features(PORTFOLIO))
    assert engine.notes(request)["histories"] == "none"


def test_model_info_says_what_is_stored(engine: Engine) -> None:
    info = json.loads(engine.model_info)
    assert info["stored_applicants"] == FEATURES.height
    assert info["stored_histories"] == {
        "table": "toy/features/applicants",
        "table_version": 4,
        "content_hash": "abc",
        "licence": "synthetic",
        "applicants": FEATURES.height,
    }


def test_a_damaged_row_is_an_error_of_that_applicant_alone(
    engine: Engine, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with sqlite3.connect(folder / ROWS) as connection:
        connection.execute("UPDATE applicant SET numbers = x'00' WHERE key = '3'")
    requests = [Request(application=application_of(person), applicant_id=str(person)) for person in (3, 5)]
    damaged, whole = engine.score_many(requests)
    assert isinstance(damaged, ApiError)
    assert damaged.code is ErrorCode.INTERNAL_ERROR
    assert isinstance(whole, Scored)
    assert "applicants.db cannot be read" in caplog.text


def test_an_erased_applicant_is_a_stranger_at_once(engine: Engine, folder: Path) -> None:
    request = Request(application=application_of(6), applicant_id="6")
    assert engine.notes(request)["histories"] == "stored"
    erase_applicant(folder, "6")
    assert engine.notes(request)["histories"] == "none"
    assert all(engine.features(request)[name] is None for name in history_features(PORTFOLIO))


def test_the_toy_has_a_category_in_a_history(engine: Engine) -> None:
    portfolio: Portfolio = engine.portfolio
    texts = {f.name for f in portfolio.features if f.kind.value == "categorical"}
    assert texts & set(history_features(portfolio))
