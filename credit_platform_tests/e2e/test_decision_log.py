"""What the decision log promises, with a real service and real databases: nothing answered is ever lost."""

from __future__ import annotations

import http.client
import json
import os
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from credit_platform.errors import ServiceError
from credit_platform.monitoring.decision_log import DecisionStore, Filter
from credit_platform.monitoring.decision_log.replay import ScorerShelf, replay
from credit_platform.serving.local.service_process import RunningService, start_service
from credit_platform.serving.service_client import Asked
from credit_platform.settings import Settings
from credit_platform_tests.e2e.conftest import Served
from credit_platform_tests.postgres import Postgres, postgres
from credit_platform_tests.small_scorer import raw_applications

__all__ = ["postgres"]

pytestmark = pytest.mark.e2e

KILLS = int(os.environ.get("CREDIT_PLATFORM_TEST_KILLS", "2"))
"""How often the service is killed under load; `CREDIT_PLATFORM_TEST_KILLS=10 pytest -k kill_9` before a release."""


@dataclass
class Load:
    """Clients that ask as fast as they get answers, each under ids of its own."""

    service: RunningService
    body: bytes
    name: str
    clients: int = 8
    answered: dict[str, str] = field(default_factory=dict)
    """Request id to the answer."""
    unanswered: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    retry_after: set[str | None] = field(default_factory=set)
    _end: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Load:
        self._threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(self.clients)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join(20)

    def wait_for(self, answers: int) -> None:
        deadline = time.monotonic() + 30
        while len(self.answered) < answers:
            assert time.monotonic() < deadline, f"only {len(self.answered)} answers"
            time.sleep(0.01)

    def _ask(self, number: int) -> None:
        host = self.service.url.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=10)
        count = 0
        while not self._end.is_set():
            request_id = f"{self.name}-{number}-{count}"
            count += 1
            headers = {**self.service.headers, "Content-Type": "application/json", "X-Request-ID": request_id}
            try:
                connection.request("POST", "/predict", self.body, headers)
                response = connection.getresponse()
                content = response.read().decode()
            except (OSError, http.client.HTTPException):
                self.unanswered.append(request_id)
                break
            self.statuses[response.status] += 1
            if response.status == 200:
                self.answered[request_id] = content
            else:
                self.unanswered.append(request_id)
                self.retry_after.add(response.headers["Retry-After"])
                time.sleep(0.02)
        connection.close()


def body_of(served: Served) -> bytes:
    return json.dumps({"application": served.scorer.portfolio.examples["refused"], "applicant_id": "A-1"}).encode()


def logged(store: DecisionStore) -> dict[str, str]:
    """Request id to the stored answer; fails on a request that is there twice."""
    rows = [(one.request_id, one.answer) for one in store.each()]
    assert len({request_id for request_id, _ in rows}) == len(rows)
    return dict(rows)


def test_kill_9_under_load_loses_no_answered_decision(served: Served, tmp_path: Path) -> None:
    """And the service that takes the place of the killed one gives the same answers."""
    settings = Settings(home=tmp_path / "home")
    store = DecisionStore(settings.decision_log)
    example = served.scorer.portfolio.examples["refused"]
    answered: dict[str, str] = {}
    unanswered: list[str] = []
    decided: list[dict[str, Any]] = []
    port: int | None = None
    for kill in range(KILLS):
        with start_service(served.bento.path, port=port, settings=settings) as service:
            port = int(service.url.rpartition(":")[2])
            decided.append({**service.client.predict(Asked(example)), "request_id": ""})
            if unanswered:
                _retry(service, body_of(served), unanswered[:5], store)
            with Load(service, body_of(served), f"k{kill}") as load:
                load.wait_for(150)
                service.process.kill()
                service.process.wait()
            with pytest.raises(ServiceError, match="does not answer"):
                service.client.predict(Asked(example))
            answered |= load.answered
            unanswered = load.unanswered
            assert set(load.statuses) == {200}
    assert decided == [decided[0]] * KILLS
    found = logged(store)
    missing = set(answered) - set(found)
    assert missing == set()
    assert all(found[request_id] == answer for request_id, answer in answered.items())
    assert len(answered) >= 150 * KILLS


def _retry(service: RunningService, body: bytes, ids: list[str], store: DecisionStore) -> None:
    """Whoever got no answer asks again: one decision, whether or not it was logged before the kill."""
    with httpx.Client(base_url=service.url, headers=service.headers, trust_env=False) as client:
        for request_id in ids:
            before = store.find(request_id)
            headers = {"X-Request-ID": request_id, "Content-Type": "application/json"}
            answer = client.post("/predict", content=body, headers=headers)
            after = store.find(request_id)
            assert after is not None
            assert answer.text == after.answer
            assert before is None or before == after


@pytest.mark.xdist_group("postgres")
def test_a_database_that_is_stopped_under_load_is_told_and_found_again(
    served: Served, postgres: Postgres, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path / "home", decision_log_url=postgres.new_database())
    with (
        start_service(served.bento, settings=settings) as service,
        httpx.Client(base_url=service.url, timeout=10, trust_env=False) as client,
    ):
        with Load(service, body_of(served), "db", clients=4) as load:
            load.wait_for(50)
            postgres.stop()
            try:
                time.sleep(float(os.environ.get("CREDIT_PLATFORM_TEST_OUTAGE_SECONDS", "1.5")))
                health = client.get("/health")
                assert (health.status_code, health.json()["ready"]) == (503, False)
                assert "decision log" in health.json()["reason"]
                during = dict(load.statuses)
            finally:
                postgres.start()
            load.wait_for(len(load.answered) + 50)
            assert client.get("/health").json()["ready"]
            pid = service.pid
            assert service.process.poll() is None
        # What happens when whoever started it is killed: the pipe closes, and the service ends by itself.
        assert service.process.stdin is not None
        service.process.stdin.close()
        assert service.process.wait(20) is not None
        service.stop()
        service.stop()
    assert during.get(503, 0) > 0
    assert set(load.statuses) == {200, 503}
    assert load.retry_after == {"1"}
    assert service.pid == pid
    found = logged(DecisionStore(settings.decision_log))
    assert set(load.answered) - set(found) == set()


def test_the_same_request_twice_is_one_decision(served: Served) -> None:
    store = DecisionStore(served.settings.decision_log)
    service = served.service
    body = json.loads(body_of(served))
    with httpx.Client(base_url=service.url, headers=service.headers, trust_env=False) as client:
        headers = {"X-Request-ID": "twice-1"}
        first = client.post("/predict", json=body, headers=headers)
        # The same request, with its keys in another order.
        shuffled = {"applicant_id": "A-1", "application": dict(reversed(list(body["application"].items())))}
        second = client.post("/predict", json=shuffled, headers=headers)
        assert (second.status_code, second.content) == (200, first.content)
        other = client.post("/predict", json={**body, "applicant_id": "A-2"}, headers=headers)
    assert other.status_code == 409
    assert other.json()["error"]["code"] == "request_id_conflict"
    assert store.count() == len(logged(store))
    found = store.find("twice-1")
    assert found is not None
    assert found.applicant_id == "A-1"


def test_the_log_says_what_was_asked_used_and_answered(served: Served) -> None:
    service, scorer = served.service, served.scorer
    example = scorer.portfolio.examples["accepted"]
    answer = service.client.predict(Asked(example, "A-77"), "fr")
    found = DecisionStore(served.settings.decision_log).find(answer["request_id"])
    assert found is not None
    plain = found.to_dict()
    assert plain["answer"] == answer
    assert plain["inputs"]["application"] == example
    assert (found.applicant_id, found.language, found.portfolio) == ("A-77", "fr", "german_credit")
    assert (found.probability, found.decision) == (answer["probability_of_default"], answer["decision"])
    assert (found.threshold, found.points) == (answer["threshold"], answer["points"])
    assert (found.model_version, found.model_digest) == (scorer.version, scorer.digest)
    assert found.feature_version == scorer.feature_version
    assert set(plain["features"]) >= set(scorer.fitted.features)
    assert 0 < found.latency_ms < 10_000
    assert service.key is not None
    assert found.client == service.key.split("_")[1]


def test_replay_gives_equal_decisions_and_finds_altered_ones(served: Served, tmp_path: Path) -> None:
    portfolio = served.scorer.portfolio
    names = {column.name for column in portfolio.application_columns if column.protected is None}
    for number, row in enumerate(raw_applications(portfolio).sample(40, seed=2).to_dicts()):
        application = {name: value for name, value in row.items() if name in names}
        served.service.client.predict(Asked(application, f"replay-{number}"), "fr" if number % 2 else "en")
    store = DecisionStore(served.settings.decision_log)
    decisions = [one for one in store.each() if (one.applicant_id or "").startswith("replay-")]
    report = replay(decisions, ScorerShelf([served.settings.home]))
    assert report.differences == []
    assert (report.equal, report.unknown, report.is_clean) == (40, {}, True)
    none = replay(store.each(Filter(applicant_id="replay-1")), ScorerShelf([tmp_path]))
    assert not none.is_clean
    assert none.unknown[served.scorer.version][0] == 1
