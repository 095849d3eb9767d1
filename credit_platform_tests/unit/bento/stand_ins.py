"""What tests of the service's routes share: a client in this process, and stand-ins for the scorer and the log."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import httpx
from starlette.types import ASGIApp

from bento.http.handling import ServiceState
from bento.runtime.recorder import Scored
from bento.runtime.settings import ServiceSettings
from credit_platform.monitoring.decision_log import Conflict, DecisionRecord, Recorded
from credit_platform.portfolios import get_portfolio
from credit_platform.scoring import Decision, ModelInfo, ReasonGiven, Request

if TYPE_CHECKING:
    from bento.runtime.engine import Engine

DECISION = Decision(
    request_id="r",
    applicant_id=None,
    probability_of_default=0.25,
    decision="refused",
    threshold=0.2,
    points=500,
    reasons=(ReasonGiven(code="amount", text="Zu hoch, élevé", contribution=0.5),),
    model=ModelInfo(name="m", version="1", feature_version="2"),
)


class Client:
    """Talks to an application in this process; an exception that reached the server would be raised here."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=True)
            async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
                return await client.request(method, path, **options)

        return asyncio.run(ask())

    def get(self, path: str) -> httpx.Response:
        return self.request("GET", path)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)


class StandIn:
    """Answers like an engine, or fails as told."""

    openapi = b"{}"
    model_info = b"{}"
    promoted_by = "run-1"
    portfolio = SimpleNamespace(name="p")
    scorer = SimpleNamespace(
        name="m",
        version="1",
        feature_version="2",
        digest="d",
        portfolio=replace(get_portfolio("german_credit"), name="p"),
    )

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.seen: list[tuple[bytes, str | None]] = []

    async def predict(self, body: bytes, request_id: str | None) -> Scored:
        self.seen.append((body, request_id))
        if self.failure is not None:
            raise self.failure
        return Scored(Request(application={"amount": 1}), DECISION, {"amount": 1.0})


class LogStandIn:
    """Takes every decision, or none."""

    problem: str | None = None

    def __init__(self) -> None:
        self.records: list[DecisionRecord] = []
        self.outcome: Recorded | Conflict | Exception | None = None
        self.stopped = False

    async def append(self, records: Sequence[DecisionRecord]) -> list[Recorded | Conflict]:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        self.records += records
        return [self.outcome or Recorded(record.answer, repeated=False) for record in records]

    def stop(self) -> None:
        self.stopped = True


def ready_state(settings: ServiceSettings, engine: StandIn | None = None) -> ServiceState:
    state = ServiceState(settings)
    state.use(cast("Engine", engine or StandIn()), LogStandIn())
    return state


def log_of(state: ServiceState) -> LogStandIn:
    assert isinstance(state._log, LogStandIn)
    return state._log


def error_of(response: httpx.Response) -> dict[str, Any]:
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) <= {"code", "message", "field"}
    error: dict[str, Any] = body["error"]
    return error
