"""What a registry of models holds, for those who must not know that it is MLflow's.

What is here: `RegisteredVersion`, `Registry`.
What must not be here: MLflow (`tracking.py`), which versions may go (`governance/superseded_versions.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class RegisteredVersion:
    """A scorer as the registry holds it."""

    model: str
    version: str
    digest: str
    made_at: datetime
    aliased: bool
    """Whether `champion`, `challenger` or another alias points at it."""


class Registry(Protocol):
    """What removing versions needs; `Tracking` is one."""

    def versions(self, name: str) -> list[RegisteredVersion]:
        """Versions of a model that were registered from a scorer."""
        ...

    def delete_version(self, name: str, version: str) -> bool:
        """Delete one with its files, unless an alias points at it; whether it was deleted."""
        ...
