"""Bringing a promoted Bento to where it answers applicants, whatever that target is.

What is here: the protocol `Deployer`, and `Deployment`: what came of one attempt, with its `Verdict` (`verdict.py`).
What to add here: what every target has in common.
What must not be here: a target; this machine is `local/`, a cluster `kubernetes/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from credit_platform.serving.promoted import PromotedBento
from credit_platform.serving.verdict import Verdict

__all__ = ["LEAST_REQUESTS", "Deployer", "Deployment", "Verdict"]

LEAST_REQUESTS = 100
"""Requests for decisions of which a share of one failure in a hundred can be told from none."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One attempt to bring a Bento to a target."""

    bento: PromotedBento
    verdict: Verdict
    message: str
    """For a person: what happened, and what answers applicants now."""
    before: str | None = None
    """Digest of what pods were told to serve before; None where there was nothing, or the target does not say."""
    requests: int | None = None
    """Requests for decisions that the first pod answered while it was watched; None where none was."""
    errors: int | None = None
    """How many of them it failed."""


class Deployer(Protocol):
    """Brings Bentos to one target: roll out, wait, smoke test, and back to the one before when that fails."""

    def deploy(self, bento: PromotedBento) -> Deployment:
        """Put `bento` in the place of what answers now, and say what came of it.

        That it does not answer is told, not raised.

        Raises:
            ServiceError: the target itself cannot be asked; called again, it goes on where it stopped.
        """
        ...
