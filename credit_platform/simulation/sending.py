"""Sending requests to a scoring service at a steady rate.

What is here: `choose_service`, `send`, and `Outcome`: what came back.
What to add here: nothing that measures the service at its limit (`benchmarks`).
What must not be here: who applies (`applicants.py`), printing.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass, field
from typing import Any

from credit_platform.errors import ServiceError
from credit_platform.serving.running_services import ServiceAccess, running_services
from credit_platform.serving.service_client import ServiceClient
from credit_platform.serving.service_problems import NoAnswerError, Problem
from credit_platform.settings import Settings

_WORKERS = 32
_TIMEOUT = 10.0
_UNANSWERED = {
    Problem.DOWN: "not reachable",
    Problem.SLOW: "no answer in time",
    Problem.CUT: "connection cut",
    Problem.FOREIGN: "not a scoring service",
}


@dataclass
class Outcome:
    """What came back."""

    decisions: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    """Time from sending to answer of each request that was answered."""
    took: float = 0.0
    """Seconds until the last one was on its way or, where that was later, answered."""

    @property
    def sent(self) -> int:
        """Requests that were sent."""
        return self.decisions.total() + self.errors.total()

    def quantile(self, share: float) -> float:
        """Latency in milliseconds that `share` of the answers do not exceed; NaN without answers."""
        if not self.seconds:
            return math.nan
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


def choose_service(settings: Settings, portfolio: str | None) -> ServiceAccess:
    """The running service of `portfolio`, or the only one.

    Raises:
        ServiceError: there is none, or several and none was chosen.
    """
    running = running_services(settings)
    found = [one for one in running if portfolio in (None, one.portfolio)]
    if not found:
        whose = f" of {portfolio}" if portfolio else ""
        raise ServiceError(f"No scoring service{whose} is running here.", "Start it: make up. Or name one: --service.")
    if len(found) > 1:
        names = ", ".join(one.portfolio for one in found)
        raise ServiceError(f"Several services are running: {names}.", "Choose one with --portfolio.")
    return found[0]


def requests_in(rate: float, seconds: float) -> int:
    """How many requests `send` sends, at least one."""
    return max(1, round(rate * seconds))


def send(
    access: ServiceAccess,
    bodies: Iterator[dict[str, Any]],
    *,
    rate: float,
    seconds: float,
    sent: Callable[[], None] = lambda: None,
) -> Outcome:
    """Send on schedule, whether earlier answers have come or not.

    Args:
        access: the service.
        bodies: of `POST /predict`; as many as needed are taken.
        rate: requests a second.
        seconds: for how long.
        sent: told of each request that is on its way.
    """
    outcome = Outcome()
    with (
        ServiceClient(access, timeout=_TIMEOUT) as client,
        ThreadPoolExecutor(_WORKERS) as pool,
    ):
        started = time.monotonic()
        futures: list[Future[tuple[str, str, float]]] = []
        for number in range(requests_in(rate, seconds)):
            time.sleep(max(0.0, started + number / rate - time.monotonic()))
            futures.append(pool.submit(_ask, client, next(bodies)))
            sent()
        wait_for(futures)
    # The last request stands for its share of the time as well: ten a second for one second take one second.
    outcome.took = max(seconds, time.monotonic() - started)
    for future in futures:
        decision, error, took = future.result()
        if decision:
            outcome.decisions[decision] += 1
            outcome.seconds.append(took)
        else:
            outcome.errors[error] += 1
    return outcome


def _ask(client: ServiceClient, body: Mapping[str, Any]) -> tuple[str, str, float]:
    """Decision, or what went wrong, and the time it took in seconds."""
    started = time.perf_counter()
    try:
        answer = client.post("/predict", body)
    except NoAnswerError as error:
        return "", _UNANSWERED.get(error.kind, f"{error.status} {error.code or 'no message'}"), 0.0
    if "decision" not in answer:
        return "", _UNANSWERED[Problem.FOREIGN], 0.0
    return str(answer["decision"]), "", time.perf_counter() - started
