"""Shadow mode for real: the Bento of the finished run, with a challenger beside it that nobody hears."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
import polars as pl
import pytest

from bento.runtime.engine import Engine, load_engine
from bento.runtime.recorder import answer_json
from credit_platform.errors import ServiceError
from credit_platform.governance.swap_set import swap_set
from credit_platform.monitoring.decision_log import DecisionStore
from credit_platform.monitoring.swap_sets import live_pairs
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Request, Scorer
from credit_platform.scoring.fitted import FittedModel
from credit_platform.scoring.models import LinearModel
from credit_platform.serving.local.service_process import RunningService, start_service
from credit_platform.serving.records import BentoRecord
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import FinishedRun
from credit_platform_tests.small_scorer import raw_applications, save_small_scorer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
SINGLE, TOGETHER = 40, 20


@pytest.fixture(scope="module")
def bento(finished: FinishedRun) -> Path:
    return BentoRecord.of(finished.lakehouse.read("german_credit/serving/bento")).folder(finished.shelf)


@pytest.fixture(scope="module")
def champion(bento: Path) -> Engine:
    return load_engine(bento / "src" / "scorer")


@pytest.fixture(scope="module")
def challenger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("challenger") / "scorer"
    save_small_scorer(folder)
    return folder


@pytest.fixture(scope="module")
def raising(challenger: Path) -> Path:
    """A challenger that loads, and then fails at every applicant."""
    scorer = Scorer.load(challenger)
    model = scorer.fitted.model
    assert isinstance(model, LinearModel)
    nothing = LinearModel(np.full_like(model.coefficients, np.nan), model.intercept, model.means)
    broken = replace(scorer.fitted, model=nothing)
    assert isinstance(broken, FittedModel)
    folder = challenger.with_name("raising")
    Scorer(scorer.portfolio, broken, scorer.calibrator, scorer.threshold).save(folder)
    return folder


@pytest.fixture(scope="module")
def bodies(finished: FinishedRun) -> list[dict[str, object]]:
    portfolio = finished.portfolio
    names = [column.name for column in portfolio.application_columns if column.protected is None]
    return [{"application": row} for row in raw_applications(portfolio).select(names).head(SINGLE).to_dicts()]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def ask(service: RunningService, bodies: list[dict[str, object]]) -> Iterator[str]:
    """Texts of the answers: each alone, explained in between, and some of them together."""
    with http(service) as client:
        for number, body in enumerate(bodies):
            answer = client.post("/predict", json=body, headers={"X-Request-ID": f"r{number}"})
            assert answer.status_code == 200
            yield answer.text
        assert client.post("/explain", json=bodies[0]).status_code == 200
        batch = client.post("/predict_batch", json=bodies[:TOGETHER], headers={"X-Request-ID": "b"})
        assert batch.status_code == 200
        yield from (json.dumps(row["decision"]) for row in batch.json()["results"])


def http(service: RunningService) -> httpx.Client:
    return httpx.Client(base_url=service.url, headers=service.headers, timeout=10.0, trust_env=False)


def expected(champion: Engine, bodies: list[dict[str, object]]) -> Iterator[str]:
    """The same answers from the champion alone, in this process."""
    ids = [*(f"r{n}" for n in range(SINGLE)), *(f"b:{n}" for n in range(TOGETHER))]
    for request_id, body in zip(ids, [*bodies, *bodies[:TOGETHER]], strict=True):
        scored = asyncio.run(champion.predict(json.dumps(body).encode(), request_id))
        text = answer_json(scored.decision, scored.notes)
        yield text if request_id.startswith("r") else json.dumps(json.loads(text))


def metric(service: RunningService, name: str) -> float:
    with http(service) as client:
        lines = client.get("/metrics").text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(f"credit_platform_shadow_{name}"))


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def compared(settings: Settings, portfolio: Portfolio, champion: Scorer, challenger: Scorer) -> pl.DataFrame:
    return live_pairs(settings, portfolio, champion=champion.digest, challenger=challenger.digest)


def test_a_challenger_scores_every_decision_and_changes_no_answer(
    bento: Path, champion: Engine, challenger: Path, bodies: list[dict[str, object]], settings: Settings
) -> None:
    other = Scorer.load(challenger)
    with start_service(bento, settings=settings, shadow=challenger) as service:
        assert list(ask(service, bodies)) == list(expected(champion, bodies))
        until(lambda: metric(service, "scored_total") == SINGLE + TOGETHER)
        assert metric(service, "errors_total") == metric(service, "dropped_total") == 0
    pairs = compared(settings, champion.portfolio, champion.scorer, other)
    assert pairs["applicant"].to_list() == [one.request_id for one in DecisionStore(settings.decision_log).each()]
    assert pairs.height == SINGLE + TOGETHER
    for pair, body in zip(pairs.head(SINGLE).iter_rows(named=True), bodies, strict=True):
        again = other.score(Request(application=body["application"]))  # type: ignore[arg-type]  # a dict of JSON values
        assert (pair["challenger_probability"], pair["challenger_decision"]) == (
            again.probability_of_default,
            again.decision,
        )
    found = swap_set(pairs, champion.portfolio.costs)
    counts = dict(found.table.select("cell", "applicants").iter_rows())
    assert counts["all"] == SINGLE + TOGETHER
    differing = pairs.filter(pl.col("champion_decision") != pl.col("challenger_decision")).height
    assert counts["swapped_in"] + counts["swapped_out"] == differing


def test_a_challenger_that_fails_changes_no_answer_either(
    bento: Path, champion: Engine, raising: Path, bodies: list[dict[str, object]], settings: Settings
) -> None:
    with start_service(bento, settings=settings, shadow=raising) as service:
        assert list(ask(service, bodies)) == list(expected(champion, bodies))
        until(lambda: metric(service, "errors_total") == SINGLE + TOGETHER)
        assert metric(service, "scored_total") == 0
        assert service.client.health()["ready"]
    assert compared(settings, champion.portfolio, champion.scorer, Scorer.load(raising)).is_empty()
    assert DecisionStore(settings.decision_log).count() == SINGLE + TOGETHER


def test_with_a_shadow_that_cannot_be_used_the_service_does_not_start(bento: Path, settings: Settings) -> None:
    with pytest.raises(ServiceError, match=r"not ready: The shadow scorer .* is the one that answers"):
        start_service(bento, settings=settings, shadow=bento / "src" / "scorer")
