"""Sending requests to a scoring service at a steady rate.

What is here: `choose_service`, `named_service`, `send`, and `Outcome`: what came back.
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

import httpx

from credit_platform.errors import ServiceError
from credit_platform.serving.running_services import ServiceAccess, running_services
from credit_platform.settings import Settings

_WORKERS = 32
_TIMEOUT = 10.0


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


def named_service(url: str, key: str | None) -> ServiceAccess:
    """The service at `url`, whichever portfolio it scores.

    Raises:
        ServiceError: it does not answer, or does not know the key.
    """
    access = ServiceAccess("", url.rstrip("/"), key)
    cure = "Name a running service, and its key in CREDIT_PLATFORM_CONSOLE_API_KEY."
    try:
        answer = httpx.get(f"{access.url}/model-info", headers=access.headers, timeout=_TIMEOUT, trust_env=False)
    except httpx.TransportError:
        raise ServiceError(f"The service at {access.url} does not answer.", cure) from None
    if answer.is_error:
        raise ServiceError(f"The service at {access.url} answers with {answer.status_code}.", cure)
    return ServiceAccess(str(answer.json()["portfolio"]), access.url, key)


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
        httpx.Client(base_url=access.url, headers=access.headers, timeout=_TIMEOUT, trust_env=False) as client,
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


def _ask(client: httpx.Client, body: Mapping[str, Any]) -> tuple[str, str, float]:
    """Decision, or what went wrong, and the time it took in seconds."""
    started = time.perf_counter()
    try:
        response = client.post("/predict", json=body)
        content = response.json()
    except httpx.TimeoutException:
        return "", "no answer in time", 0.0
    except (httpx.TransportError, ValueError):
        return "", "not reachable", 0.0
    if response.is_error:
        return "", f"{response.status_code} {content['error']['code']}", 0.0
    return str(content["decision"]), "", time.perf_counter() - started
