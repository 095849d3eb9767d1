"""From nothing to decisions; then the database, the store and the service each go away."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import httpx
import pytest

from credit_platform_tests.cluster.dagster_pages import Pages
from credit_platform_tests.compose.stack import Stack, until

pytestmark = [pytest.mark.compose, pytest.mark.timeout(3600)]
AWAY_SECONDS = 10.0


def test_a_decision_needs_the_key_and_is_logged(stack: Stack, application: dict[str, Any]) -> None:
    before = stack.logged()
    answer = stack.predict(application)
    assert answer.status_code == 200, answer.text
    assert stack.logged() == before + 1
    assert httpx.post(f"{stack.address('service', 3000)}/predict", json=application).status_code == 401


@pytest.mark.parametrize(
    ("service", "port", "path"),
    [("dagster-webserver", 3000, "/server_info"), ("mlflow", 5000, "/health"), ("console", 8501, "/_stcore/health")],
)
def test_pages_answer(stack: Stack, service: str, port: int, path: str) -> None:
    assert httpx.get(f"{stack.address(service, port)}{path}", timeout=30.0).status_code == 200


def test_dagster_knows_the_code(stack: Stack) -> None:
    query = "{ workspaceOrError { ... on Workspace { locationEntries { name loadStatus } } } }"
    answer = httpx.post(f"{stack.address('dagster-webserver', 3000)}/graphql", json={"query": query}, timeout=60.0)
    (entry,) = answer.json()["data"]["workspaceOrError"]["locationEntries"]
    assert entry == {"name": "credit_platform", "loadStatus": "LOADED"}


def test_metrics_are_scraped(stack: Stack) -> None:
    def up() -> set[str] | None:
        answer = httpx.get(f"{stack.address('prometheus', 9090)}/api/v1/query", params={"query": "up == 1"}).json()
        jobs = {sample["metric"]["job"] for sample in answer["data"]["result"]}
        return jobs if jobs >= wanted else None

    wanted = {"credit-platform-service", "credit-platform-exporter", "node", "postgres", "prometheus", "alertmanager"}
    assert until("every target is scraped", up)


def test_an_alert_reaches_the_platform(stack: Stack) -> None:
    address = f"{stack.address('alertmanager', 9093)}/api/v2/alerts"
    labels = {"alertname": "TriedByTest", "severity": "warning", "owner": "platform", "portfolio": "german_credit"}
    httpx.post(address, json=[{"labels": labels, "annotations": {"summary": "Tried.", "description": "Tried."}}])
    told = "SELECT count(*) FROM incidents.incidents WHERE key LIKE '%TriedByTest%'"
    assert until("Alertmanager told the platform", lambda: stack.sql(told) != "0")


def test_who_applied_is_watched(stack: Stack) -> None:
    """A person's way: simulated applicants by the command line of the host, then the nightly job in Dagster's pages."""
    before = stack.logged()
    sent = stack.command("simulate", "--rate", "20", "--duration", "12s", "--portfolio", "german_credit")
    assert "accepted" in sent
    assert stack.logged() >= before + 200
    pages = Pages(stack.address("dagster-webserver", 3000))
    run = pages.launch("german_credit_monitoring")
    ended = {"SUCCESS", "FAILURE", "CANCELED"}
    assert until("the job ends", lambda: pages.status(run) if pages.status(run) in ended else None, 600) == "SUCCESS"
    drift = json.loads(stack.platform("show", "german_credit/monitoring/drift", "--json"))
    assert drift["rows"] > 20
    report = json.loads(stack.platform("show", "german_credit/monitoring/evidently_report", "--json"))
    assert report["rows"] > 0


def test_a_database_that_is_away_means_503_and_loses_nothing(stack: Stack, application: dict[str, Any]) -> None:
    answered, ended = _Asking(stack, application), threading.Event()
    asker = threading.Thread(target=answered.ask_until, args=(ended,))
    before = stack.logged()
    asker.start()
    try:
        until("decisions are made", lambda: 200 in answered.codes)
        stack.compose("stop", "postgresql")
        until("it is said", lambda: 503 in answered.codes)
        time.sleep(AWAY_SECONDS)
        stack.compose("start", "postgresql")
        since = len(answered.codes)
        until("decisions are made again", lambda: 200 in answered.codes[since:])
    finally:
        ended.set()
        asker.join()
    assert set(answered.codes) <= {200, 503}
    assert stack.logged() >= before + answered.codes.count(200), "a decision that was answered is not in the log"


def test_a_store_that_is_away_stops_no_decision(stack: Stack, application: dict[str, Any]) -> None:
    stack.compose("stop", "object-store")
    try:
        assert stack.predict(application).status_code == 200
    finally:
        stack.compose("start", "object-store")
    until("the store is well", lambda: "healthy" in stack.compose("ps", "--format", "{{.Health}}", "object-store"))


def test_a_service_that_is_killed_comes_back(stack: Stack, application: dict[str, Any]) -> None:
    before = stack.logged()
    # Its own process, as the kernel would end it: what is killed by docker itself is not started again.
    stack.compose("exec", "-T", "service", "python", "-c", "import os, signal; os.kill(1, signal.SIGTERM)")

    def decided() -> bool:
        try:
            return stack.predict(application).status_code == 200
        except (httpx.HTTPError, AssertionError):
            return False

    until("it decides again", decided)
    assert stack.logged() > before


class _Asking:
    """Somebody who asks all the time, and remembers what was answered."""

    def __init__(self, stack: Stack, application: dict[str, Any]) -> None:
        self._application = application
        self._address = stack.address("service", 3000)
        self._key = stack.key()
        self.codes: list[int] = []

    def ask_until(self, ended: threading.Event) -> None:
        with httpx.Client(headers={"X-API-Key": self._key}, timeout=60.0, trust_env=False) as client:
            while not ended.wait(0.1):
                answer = client.post(f"{self._address}/predict", json=self._application)
                self.codes.append(answer.status_code)
