"""What a simulation sends, and to whom, settled before anything is sent.

What is here: `plan`, which chooses the service, the applicants and their drift, and names the run.
What must not be here: sending (`sending.py`), words of a command (`cli`).
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.settings import Settings
from credit_platform.simulation.applicants import PREFIX, requests, stored_applicants
from credit_platform.simulation.drifts import find_drift
from credit_platform.simulation.sending import choose_service


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """A run that can be sent."""

    access: ServiceAccess
    portfolio: Portfolio
    run: str
    """How its applicants' names begin; no other run has it."""
    applications: int
    """How many stored applications are drawn from."""
    bodies: Iterator[dict[str, Any]]
    """Of `POST /predict`, without end."""


def plan(
    settings: Settings,
    *,
    portfolio: str | None = None,
    drift: str | None = None,
    seed: int = 7,
    access: ServiceAccess | None = None,
) -> Simulation:
    """Choose who is sent where.

    Args:
        settings: where applications are stored and running services are announced.
        portfolio: whose service, when several run.
        drift: name of a shift of the applicants.
        seed: same seed, same applicants.
        access: the service; by default one that `credit-platform up` runs.

    Raises:
        ServiceError: no service runs, or several do and none was chosen.
        GenerationError: there is no such drift, or there are no applications to draw from.
    """
    chosen = access or choose_service(settings, portfolio)
    declared = get_portfolio(chosen.portfolio)
    shifts = find_drift(declared, drift).shifts if drift is not None else ()
    applicants = stored_applicants(declared, settings)
    run = f"{PREFIX}{secrets.token_hex(3)}-"
    return Simulation(
        access=chosen,
        portfolio=declared,
        run=run,
        applications=len(applicants.applications),
        bodies=requests(applicants, declared, shifts, random.Random(seed), run),  # noqa: S311  # a simulation, no secret
    )
