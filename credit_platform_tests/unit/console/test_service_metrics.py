"""Where the metrics of a service are asked: at their own port where the home knows it, else at the service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bento.runtime.metrics import ServiceMetrics
from credit_platform.console.service_metrics import ask_metrics
from credit_platform.errors import ServiceError
from credit_platform.monitoring.scrape_targets import SERVICE_JOB, Target, announced_targets
from credit_platform.serving.running_services import ServiceAccess, announced
from credit_platform.serving.service_client import ServiceClient
from credit_platform.serving.service_problems import NoAnswerError
from credit_platform.settings import Settings

ACCESS = ServiceAccess("german_credit", "http://service:3001", "cp_1_owner")
OWN_PORT = "127.0.0.1:9"


class Answers:
    """Tells metrics at the hosts that are up, and notes who was asked with which key."""

    def __init__(self) -> None:
        metrics = ServiceMetrics()
        metrics.arrived()
        metrics.answered("POST", "/predict", 200, 0.01)
        self.text = metrics.exposition().decode()
        self.asked: list[tuple[str, str | None]] = []
        self.down: set[str] = set()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.url.netloc.decode(), request.headers.get("Authorization")))
        if request.url.host in self.down:
            raise httpx.ConnectError("refused")
        return httpx.Response(200, text=self.text)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def answers(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    found = Answers()
    monkeypatch.setattr(ServiceClient, "transport", httpx.MockTransport(found))
    with announced_targets(settings, [Target(SERVICE_JOB, OWN_PORT, {"portfolio": "german_credit"})]):
        yield found


def test_the_port_for_metrics_comes_first_and_sees_no_key(settings: Settings, answers: Answers) -> None:
    with announced(settings, [ACCESS]):
        assert ask_metrics(settings, ACCESS).requests == 1
    assert answers.asked == [(OWN_PORT, None)]


def test_a_port_that_is_gone_leaves_the_service_itself(settings: Settings, answers: Answers) -> None:
    answers.down.add("127.0.0.1")
    with announced(settings, [ACCESS]):
        assert ask_metrics(settings, ACCESS).requests == 1
    assert answers.asked == [(OWN_PORT, None), ("service:3001", "Bearer cp_1_owner")]


def test_of_a_service_elsewhere_the_port_of_this_home_says_nothing(settings: Settings, answers: Answers) -> None:
    assert ask_metrics(settings, ACCESS).requests == 1
    assert answers.asked == [("service:3001", "Bearer cp_1_owner")]


def test_nobody_answers_or_somebody_else(settings: Settings, answers: Answers) -> None:
    answers.text = "<html>"
    with pytest.raises(ServiceError, match="text format"):
        ask_metrics(settings, ACCESS)
    answers.down.add("service")
    with pytest.raises(NoAnswerError, match="does not answer"):
        ask_metrics(settings, ACCESS)
