"""From a request to the run that promoted its model, and nothing that a client sent: with the real service."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest

from credit_platform.lakehouse.shelf import Shelf
from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform.portfolios.keys import champion_key
from credit_platform.serving.local.service_process import RunningService, start_service
from credit_platform.serving.promoted import PromotedBento, promoted_bento
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import FinishedRun
from credit_platform_tests.logged import found_in_logs, lines_when_there, log_files, log_lines

pytestmark = pytest.mark.e2e

DOCS = Path(__file__).parents[2] / "docs" / "observability.md"
REQUEST_ID = "loan-4711"
CANARY = "CANARY-Dupont-0815"
AMOUNT = 87_654
"""A value that no example has."""


@dataclass(frozen=True)
class Home:
    """A home whose promoted model answers."""

    settings: Settings
    service: RunningService
    bento: PromotedBento
    application: dict[str, Any]


@pytest.fixture(scope="module")
def home(finished: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    settings = Settings(home=tmp_path_factory.mktemp("logs") / "a home, été")
    bento = promoted_bento(finished.settings, finished.portfolio.name)
    assert bento is not None
    # The lines of its runs, without what tests of other files do to that home.
    shutil.copytree(finished.settings.home / "logs", settings.home / "logs")
    with start_service(bento.brought(Shelf.of(finished.settings)), settings=settings) as service:
        yield Home(settings, service, bento, dict(finished.portfolio.examples["refused"]))


def ask(home: Home, path: str, request_id: str, **options: Any) -> httpx.Response:
    headers = {**home.service.headers, "X-Request-ID": request_id, **options.pop("headers", {})}
    return httpx.post(f"{home.service.url}{path}", headers=headers, timeout=30, trust_env=False, **options)


def line_of(home: Home, request_id: str) -> dict[str, Any]:
    (line,) = lines_when_there(home.settings.home, lambda line: line.get("request_id") == request_id)
    return line


def test_a_request_leads_to_its_decision_its_model_and_the_run_that_promoted_it(
    home: Home, finished: FinishedRun
) -> None:
    answer = ask(home, "/predict", REQUEST_ID, json={"application": home.application})
    assert answer.status_code == 200
    line = line_of(home, REQUEST_ID)
    promoted = finished.lakehouse.read(champion_key(finished.portfolio.name))
    assert line["run_id"] == promoted.version.run_id == finished.report.run_id
    assert (line["model_digest"], line["model_version"]) == (home.bento.digest, answer.json()["model"]["version"])
    (decision,) = DecisionStore(home.settings.decision_log).search()
    assert decision.request_id == REQUEST_ID
    with DecisionStore(home.settings.decision_log).connect() as connection:
        rows = connection.exec_driver_sql("SELECT writer, sequence FROM decisions WHERE request_id = 'loan-4711'")
        assert [f"{writer}:{sequence}" for writer, sequence in rows] == [line["decision"]]
    of_run = [one for one in log_lines(home.settings.home) if one.get("run_id") == line["run_id"] and "step" in one]
    assert {one["job"] for one in of_run} == {finished.portfolio.name}
    assert [one for one in of_run if one["message"] == "table" and one["asset"] == promoted.version.key]
    (ingested,) = [one for one in of_run if one["message"] == "file ingested"]
    facts = ("file", "table", "rows_in", "rows_kept", "rows_rejected")
    assert [ingested[name] for name in facts] == ["german_credit.csv", "german_credit/raw/applications", 1000, 1000, 0]
    assert ingested["seconds"] >= 0
    assert ingested["version"] >= 0
    # Given again, the same request is the same decision.
    ask(home, "/predict", REQUEST_ID, json={"application": home.application})
    again = lines_when_there(home.settings.home, lambda one: one.get("request_id") == REQUEST_ID, 2)
    assert [one["decision"] for one in again] == [line["decision"]] * 2


def test_the_example_of_the_docs_finds_the_lines_of_the_run(home: Home, finished: FinishedRun) -> None:
    ask(home, "/predict", REQUEST_ID, json={"application": home.application})
    line_when_there = lines_when_there(home.settings.home, lambda one: one.get("request_id") == REQUEST_ID)
    (example,) = re.findall(r"```sh[^\n]*\n([^`]*loan-4711[^`]*)```", DOCS.read_text(encoding="utf-8"))
    ran = example.replace(".credit_platform/logs", '"$LOGS"')
    assert ran != example
    done = subprocess.run(
        ["bash", "-eu", "-c", ran],
        env={"LOGS": str(home.settings.home / "logs"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["run_id"] for line in found} == {finished.report.run_id} == {line_when_there[0]["run_id"]}
    assert any(line.get("asset") == champion_key(finished.portfolio.name) for line in found)


def test_a_batch_names_its_decisions_from_the_first_to_the_last(home: Home) -> None:
    rows = [{"application": home.application}, {"application": {**home.application, "amount": CANARY}}] * 2
    answer = ask(home, "/predict_batch", "batch-1", json=rows)
    assert answer.status_code == 200, answer.text
    writer, _, numbers = line_of(home, "batch-1")["decision"].partition(":")
    first, last = map(int, numbers.split("-"))
    assert (last - first, len(writer)) == (1, 16)


def test_no_value_of_a_client_is_in_any_log_file(home: Home) -> None:
    """Good, bad and refused requests, batches with rows that fail, and lies in every header."""
    good = {**home.application, "amount": AMOUNT}
    bodies: list[Any] = [
        {"application": good, "applicant_id": CANARY},
        {"application": {**good, "purpose": CANARY}},
        {"application": {**good, CANARY: 1}},
        {"application": {**good, "amount": str(AMOUNT)}},
        {CANARY: good},
    ]
    for number, body in enumerate(bodies):
        for path in ("/predict", "/explain"):
            ask(home, path, f"{path[1:]}-{number}", json=body)
            ask(home, path, f"{path[1:]}-{number}-wrong", json=body, headers={"X-API-Key": CANARY, "Authorization": ""})
    ask(home, "/predict", "torn", content=json.dumps(bodies[0])[:-9], headers={"Content-Type": "application/json"})
    ask(home, f"/{CANARY}?amount={AMOUNT}", "lost", headers={"User-Agent": f"{CANARY} forged", "Referer": CANARY})
    for name, value in (("X-Request-ID", f"{CANARY} {AMOUNT}"), ("Content-Type", CANARY)):
        ask(home, "/predict", "headers", json=bodies[0], headers={name: value})
    table = pl.DataFrame([{**good, "applicant_id": CANARY}, {**good, "amount": 10**9, "applicant_id": f"{CANARY}2"}])
    csv, parquet = table.cast(pl.String).write_csv().encode(), io.BytesIO()
    table.write_parquet(parquet)
    for name, body_bytes in (("text/csv", csv), ("application/vnd.apache.parquet", parquet.getvalue())):
        for cut in (len(body_bytes), len(body_bytes) - 20):
            ask(home, "/predict_batch", f"batch-{cut}", content=body_bytes[:cut], headers={"Content-Type": name})
    ask(home, "/predict", "last", json=bodies[0])
    line_of(home, "last")
    values = [CANARY, str(AMOUNT), f"{AMOUNT}.0", str(10**9), str(home.service.key)]
    assert found_in_logs(home.settings.home, values) == []
    # The search finds what is there.
    planted = log_files(home.settings.home)[0].with_name("planted.log")
    planted.write_text(f'{{"message":"it was {AMOUNT}"}}\n')
    assert found_in_logs(home.settings.home, values) == [str(AMOUNT)]
    planted.unlink()


def test_a_wrong_level_is_said_by_the_service(
    home: Home, finished: FinishedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_LOG_LEVEL", "loud")
    source = home.bento.brought(Shelf.of(finished.settings)) / "src"
    done = subprocess.run(
        [sys.executable, "-m", "bento", "--port", "1"],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    (line,) = [json.loads(one) for one in done.stdout.splitlines()]
    assert (line["level"], done.stderr) == ("critical", "")
    for said in ("CREDIT_PLATFORM_LOG_LEVEL", "'loud'", "debug, info, warning, error, critical"):
        assert said in line["message"]
