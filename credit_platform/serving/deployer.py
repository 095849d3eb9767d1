"""Bringing a promoted Bento to where it answers applicants, whatever that target is.

What is here: the protocol `Deployer`, and `Deployment`: what came of one attempt.
What to add here: what every target has in common.
What must not be here: a target; this machine is `local/blue_green.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from credit_platform.serving.promoted import PromotedBento


class Verdict(StrEnum):
    """What became of a deployment."""

    SUCCEEDED = "succeeded"
    """The Bento answers, and passed the smoke test."""
    FAILED = "failed"
    """It does not answer applicants; what answered before still does, where anything did."""
    INCONCLUSIVE = "inconclusive"
    """Nothing speaks against it, and it cannot be said that it is well: too few decisions, or nowhere to serve it. The
    message says which, and what answers; the next attempt judges again."""


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
