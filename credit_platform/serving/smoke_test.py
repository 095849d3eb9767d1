"""The smoke test of a service before clients reach it.

What is here: `smoke_test`.
What to add here: another check that a new process must pass before clients reach it.
What must not be here: what happens when it fails (whoever deploys goes back to the Bento before).
"""

from __future__ import annotations

from credit_platform.errors import ServiceError
from credit_platform.serving.local.service_process import RunningService
from credit_platform.serving.promoted import PromotedBento

_OUTCOMES = ("accepted", "refused", "review")


def smoke_test(service: RunningService, bento: PromotedBento) -> None:
    """Ask a process for what it will be asked, with the examples that it publishes itself; nothing is logged.

    Raises:
        ServiceError: it serves another model, or an example gets no valid decision.
    """
    digest = service.client.model_info().get("digest")
    if digest != bento.digest:
        raise ServiceError(
            f"{bento.path} serves the scorer {str(digest)[:12]}, not {bento.digest[:12]}.", "Build the Bento again."
        )
    content = service.client.openapi()["paths"]["/predict"]["post"]["requestBody"]["content"]
    for name, example in content["application/json"]["examples"].items():
        answer = service.client.post("/explain", example["value"])
        valid = 0 <= answer["probability_of_default"] <= 1 and answer["decision"] in _OUTCOMES and answer["reasons"]
        if not valid:
            raise ServiceError(f"The example {name!r} gets no valid decision.", f"Look at {service.log}.")
