"""What is noticed: a problem, or that it is over; and the notice that people get of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Severity = Literal["error", "warning"]
"""`error`: something stopped, or will be missing. `warning`: it went on, and somebody should look."""

Kind = Literal["problem", "resolved"]
KINDS: Final[tuple[Kind, ...]] = ("problem", "resolved")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something that is wrong. It carries no personal data and no secret."""

    key: str
    """What it is about, as `check:german_credit/raw/applications:no_outliers`: one incident while it is open."""
    title: str
    message: str
    """A sentence that says what is wrong, and the cure where there is one."""
    at: float
    """When, in seconds since 1970: news older than what is known already is ignored."""
    severity: Severity = "error"
    link: str = ""
    """Where to look: an address, or a command."""
    owner: str = ""
    """Who answers for it, as `team:operations`."""
    portfolio: str = ""
    """Which portfolio it is about, where its key does not say so."""
    not_by: str = ""
    """A channel that need not be tried: the problem is with itself."""


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """Something is as it should be."""

    key: str
    at: float
    message: str
    """How it is known."""


Observation = Problem | Recovery


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What one channel is to say of one incident."""

    delivery: int
    incident: int
    kind: Kind
    key: str
    title: str
    message: str
    severity: Severity
    link: str
    owner: str
    opened: float
    at: float
    times: int
    attempts: int

    @property
    def heading(self) -> str:
        """Title, with what it is."""
        return f"Resolved: {self.title}" if self.kind == "resolved" else self.title
