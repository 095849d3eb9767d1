"""The smoke test of a service before clients reach it.

What is here: `smoke_test` of a Bento, and the parts of it that hold of any service: `require_ready`, `require_answers`.
What to add here: another check that a new process must pass before clients reach it.
What must not be here: what happens when it fails (whoever deploys goes back to what was before).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from credit_platform.errors import ServiceError
from credit_platform.serving.promoted import PromotedBento
from credit_platform.serving.service_client import ServiceClient

_OUTCOMES = ("accepted", "refused", "review")


def smoke_test(client: ServiceClient, bento: PromotedBento, *, log: str) -> None:
    """Ask a process for what it will be asked, with the examples that it publishes itself; nothing is logged.

    Args:
        client: asks the process, with a key of the scope explain.
        bento: what it should serve.
        log: where its log is, for a person.

    Raises:
        ServiceError: it is not ready, serves another model, or an example gets no valid decision.
    """
    require_ready(client, bento.name, log=log)
    digest = client.model_info().get("digest")
    if digest != bento.digest:
        raise ServiceError(
            f"{bento.path} serves the scorer {str(digest)[:12]}, not {bento.digest[:12]}.", "Build the Bento again."
        )
    require_answers(client, log=log)


def require_ready(client: ServiceClient, name: str, *, log: str) -> None:
    """See that it is ready.

    Raises:
        ServiceError: it is not, or does not answer.
    """
    health = client.health()
    if not health["ready"]:
        raise ServiceError(f"{name} is not ready: {health.get('reason')}.", f"Look at {log}.")


def require_answers(client: ServiceClient, *, log: str) -> None:
    """Ask for each of its examples by `/explain`; nothing is decided and nothing is logged.

    Raises:
        ServiceError: one gets no valid decision.
    """
    for name, example in examples(client.openapi()).items():
        if not _valid(client.post("/explain", example["value"])):
            raise ServiceError(f"The example {name!r} gets no valid decision.", f"Look at {log}.")


def examples(openapi: Mapping[str, Any]) -> dict[str, Any]:
    """What the service publishes as requests that it answers.

    Raises:
        ServiceError: nothing.
    """
    try:
        content = openapi["paths"]["/predict"]["post"]["requestBody"]["content"]
        return dict(content["application/json"]["examples"])
    except (KeyError, TypeError):
        raise ServiceError("The service publishes no examples at /openapi.json.", "Build the Bento again.") from None


def _valid(answer: Mapping[str, Any]) -> bool:
    probability = answer.get("probability_of_default")
    likely = isinstance(probability, int | float) and 0 <= probability <= 1
    return likely and answer.get("decision") in _OUTCOMES and bool(answer.get("reasons"))
