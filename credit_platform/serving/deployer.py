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
    """Nothing can be said yet: it waits to be tried again."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One attempt to bring a Bento to a target."""

    bento: PromotedBento
    verdict: Verdict
    message: str
    """For a person: what happened, and what answers applicants now."""


class Deployer(Protocol):
    """Brings Bentos to one target: roll out, wait, smoke test, and back to the one before when that fails."""

    def deploy(self, bento: PromotedBento) -> Deployment:
        """Put `bento` in the place of what answers now, and say what came of it; a failure is told, not raised."""
        ...
