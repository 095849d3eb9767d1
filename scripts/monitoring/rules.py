"""The shape of rules: what an alert must say before it may wake anybody.

What is here: `Alert`, `Recording`, `Severity`, `Owner`, and how they look in a rule file of Prometheus.
What to add here: another thing that every alert must state.
What must not be here: an alert.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from textwrap import dedent

REPOSITORY = "https://github.com/pret-a-depenser/credit_platform/blob/main"


class Severity(StrEnum):
    """What an alert asks for."""

    CRITICAL = "critical"
    """Wake somebody: customers notice, or nothing is watched."""
    WARNING = "warning"
    """A ticket: look at it on the next working day."""
    NONE = "none"
    """Always there: the Watchdog."""


class Owner(StrEnum):
    """Who has to act."""

    PLATFORM = "platform"
    """Service, databases, machines."""
    DATA = "data"
    """Ingestion, checks, Dagster."""
    MODEL = "model"
    """Drift, performance, the challenger."""
    BUSINESS = "business"
    """Volumes and acceptance."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """A query whose answer Prometheus keeps under a name, `level:metric:operation`."""

    record: str
    expression: str

    def rule(self) -> dict[str, object]:
        """As a rule file has it."""
        return {"record": self.record, "expr": tidy(self.expression)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """One alert; its runbook is `docs/runbooks/<name>.md`."""

    name: str
    expression: str
    wait: str
    """How long the expression must hold (`for`); empty only for the Watchdog."""
    severity: Severity
    owner: Owner
    summary: str
    """One line, with the labels in it."""
    description: str
    """What it means and the first thing to look at; `$value` where a number helps."""
    dashboard: str
    """`uid` of the dashboard that shows it."""

    @property
    def runbook(self) -> str:
        """Where its runbook lies, from the top of the repository."""
        return f"docs/runbooks/{self.name}.md"

    def rule(self) -> dict[str, object]:
        """As a rule file has it."""
        return {
            "alert": self.name,
            "expr": tidy(self.expression),
            **({"for": self.wait} if self.wait else {}),
            "labels": {"severity": self.severity.value, "owner": self.owner.value},
            "annotations": {
                "summary": self.summary,
                "description": self.description,
                "runbook": self.runbook,
                "runbook_url": f"{REPOSITORY}/{self.runbook}",
                "dashboard": self.dashboard,
            },
        }


def tidy(expression: str) -> str:
    """The expression without the margins that it has in Python."""
    return dedent(expression).strip()


def group(name: str, rules: list[Alert] | list[Recording], interval: str = "") -> dict[str, object]:
    """A group of a rule file; its rules are computed one after another."""
    return {"name": name, **({"interval": interval} if interval else {}), "rules": [rule.rule() for rule in rules]}
