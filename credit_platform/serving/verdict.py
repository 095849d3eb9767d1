"""What became of a deployment, in one word.

What is here: `Verdict`.
What must not be here: who says it (`deployer.py`, `deployments.py`).
"""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What became of a deployment."""

    SUCCEEDED = "succeeded"
    """The Bento answers, and passed the smoke test."""
    FAILED = "failed"
    """It does not answer applicants; what answered before still does, where anything did."""
    INCONCLUSIVE = "inconclusive"
    """Nothing speaks against it, and it cannot be said that it is well: too few decisions, or nowhere to serve it. The
    message says which, and what answers; the next attempt judges again."""
