"""What is asked of a release before it may stay, over the way that its clients take.

What is here: `models_of` (which model answers, before and after), `smoke_test_all`, `load_all`.
What to add here: another gate: a function that raises `FailedError`, and its line in `GATES` of `deploy.py`.
What must not be here: what follows from a gate that fails (`deploy.py`).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Final

from credit_platform.benchmarks.running import bench_running, objections
from credit_platform.errors import ServiceError
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.serving.service_client import ServiceClient
from credit_platform.serving.service_problems import NoAnswerError, Problem
from credit_platform.serving.smoke_test import require_answers, require_ready
from scripts.delivery.environments import Environment, Service
from scripts.delivery.outcome import FailedError, RefusedError

_OURS: Final = frozenset({Problem.KEY, Problem.SCOPE})
_PASSING: Final = frozenset(
    {Problem.DOWN, Problem.SLOW, Problem.CUT, Problem.BUSY, Problem.UNAVAILABLE, Problem.FOREIGN}
)
"""Why a service that is ready may not be reached yet; FOREIGN is a gateway that does not know it."""
_LOOK_SECONDS: Final = 0.5
_LOG: Final = "the log of its pods"


def models_of(environment: Environment, key: str) -> dict[str, str]:
    """Digest of the model at each address that answers.

    Raises:
        RefusedError: the key is not known there, or may not ask.
    """
    found = {}
    for service in environment.services:
        try:
            with _client(service, key) as client:
                found[service.url] = str(client.model_info()["digest"])
        except NoAnswerError as error:
            if error.kind in _OURS:
                raise RefusedError(f"{error} The key is that of CREDIT_PLATFORM_DELIVERY_KEY.") from None
        except (ServiceError, KeyError):
            continue
    return found


def smoke_test_all(environment: Environment, key: str, models: dict[str, str]) -> None:
    """Ask each service: health, the model, which must be the one of before, and the examples by `/explain`.

    Raises:
        FailedError: one does not answer as it should.
    """
    for service in environment.services:

        def tried(service: Service = service) -> None:
            with _client(service, key) as client:
                require_ready(client, service.url, log=_LOG)
                digest = client.model_info().get("digest")
                before = models.get(service.url)
                if before is not None and digest != before:
                    raise ServiceError(f"{service.url} serves the model {str(digest)[:12]}, not {before[:12]}.", "")
                require_answers(client, log=_LOG)

        _patiently(tried, environment.patience_seconds)


def load_all(environment: Environment, key: str) -> None:
    """Load each service as `credit-platform bench serving --url … --p95 …` does.

    Raises:
        FailedError: an error, or answers that are too slow.
    """
    asked = environment.load
    for service in environment.services:
        where = f"{service.url} under {asked.clients} clients"
        try:
            found = bench_running(
                service.url,
                key,
                clients=asked.clients,
                seconds=asked.seconds,
                route=asked.route,
                connect_to=service.connect_to,
            )
        except ServiceError as error:
            raise FailedError(f"{where}: {error}") from None
        figures = ", ".join(f"{one.name.rpartition(': ')[2]} {one.value:.0f}" for one in found.figures)
        sys.stderr.write(f"{where}: {figures}\n")
        if said := objections(found, asked.p95_ms):
            raise FailedError(f"{where}: {' '.join(said)}")


def _client(service: Service, key: str) -> ServiceClient:
    return ServiceClient(ServiceAccess("", service.url, key), connect_to=service.connect_to)


def _patiently(ask: Callable[[], None], seconds: float) -> None:
    """Ask again for a while where no answer may be a matter of moments."""
    until = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except NoAnswerError as error:
            if error.kind not in _PASSING or time.monotonic() > until:
                raise FailedError(str(error).strip()) from None
        except ServiceError as error:
            raise FailedError(str(error).strip()) from None
        time.sleep(_LOOK_SECONDS)
