"""The record of a promotion: what was checked, what came out, who asked, when, and about which artefacts.

What is here: the plain values that the gate answers with and the promotion history keeps.
What to add here: a field that an auditor would ask for.
What must not be here: the checks themselves (`gate.py`), the clock (time is handed in, so equal input gives an equal
record).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import polars as pl

from credit_platform.lakehouse.records import Record

Event = Literal["decision", "approval", "override", "rollback"]


@dataclass(frozen=True, kw_only=True)
class Contender:
    """A model version before the gate."""

    name: str
    """Kind of model, as the candidate is called."""
    version: str
    """Version in the model registry."""
    digest: str
    """Digest of the scorer folder."""

    def __str__(self) -> str:
        """`lightgbm version 3`."""
        return f"{self.name} version {self.version}"


@dataclass(frozen=True, kw_only=True)
class GateCheck:
    """Outcome of one check."""

    name: str
    passed: bool
    blocking: bool
    """Whether failing it refuses the promotion; a check that does not block is advice."""
    value: float | None
    """What was measured; None when it could not be."""
    bound: float | None
    """What `value` was held against; None when there is no number."""
    message: str
    """A sentence for the person who reads the decision, with the figures."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check found, before it is known whether it blocks."""

    passed: bool
    value: float | None
    bound: float | None
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PromotionDecision(Record):
    """Whether the challenger may become the champion, and why."""

    portfolio: str
    challenger: Contender
    champion: Contender | None
    """The model in production when the decision was made; None before the first promotion."""
    checks: tuple[GateCheck, ...]
    decided_by: str
    """Who or what asked: a user, a schedule, a sensor."""
    decided_at: datetime
    """With its time zone."""
    run_id: str
    digests: Mapping[str, str] = field(default_factory=dict)
    """Content hash of each artefact that the decision rests on, by its name."""
    event: Event = "decision"
    """What happened: the gate decided, a person approved or overrode it, or the model before was restored."""
    person: str | None = None
    """Who approved, overrode or rolled back, by the name they gave."""
    comment: str | None = None
    """The reason they gave."""
    account: str | None = None
    """Account of the machine under which they did; None in records of before it was kept."""
    policy: Mapping[str, Any] = field(default_factory=dict)
    """What it took to promote this model when the record was made: `required`, `four_eyes`, `level`, and `basis`, the
    sentence that says who asks for it. Empty in records of before it was kept."""
    trained_by: tuple[str, ...] = ()
    """Accounts under which the challenger was trained, with the names of their people where the machine knows them."""
    swap_set: Mapping[str, Any] = field(default_factory=dict)
    """Whom the challenger decides about otherwise than the champion, as JSON values: `sentences`, and the swap sets
    `holdout` and `live` (None where there is none)."""

    @property
    def failed(self) -> tuple[GateCheck, ...]:
        """Blocking checks that did not pass."""
        return tuple(check for check in self.checks if check.blocking and not check.passed)

    @property
    def promoted(self) -> bool:
        """Whether every blocking check passed, or a person answers for those that did not."""
        return not self.failed or self.event == "override"

    @property
    def reason(self) -> str:
        """Why, in sentences."""
        if self.event == "rollback":
            return f"{self.person} restored {self.challenger} in place of {self.champion}: {self.comment}"
        if self.event == "override":
            failed = ", ".join(check.name for check in self.failed)
            return f"{self.person} overrode {failed} for {self.challenger}: {self.comment}"
        if self.promoted:
            against = f" and takes over from {self.champion}" if self.champion else ""
            advice = [check.name for check in self.checks if not check.passed]
            passed = (
                f"all {len(self.checks)} checks"
                if not advice
                else f"every blocking check (advice: {', '.join(advice)})"
            )
            approved = f"; approved by {self.person}: {self.comment}" if self.event == "approval" else "."
            return f"{self.challenger} passed {passed}{against}{approved}"
        failures = " ".join(check.message for check in self.failed)
        return f"{self.challenger} failed {len(self.failed)} of {len(self.checks)} checks. {failures}"

    def to_frame(self) -> pl.DataFrame:
        """A row per check, each with the whole record beside it, so that decisions can be stacked into a history.

        Returns:
            portfolio, decided_at (UTC), decided_by, run_id, challenger, challenger_version, challenger_digest,
            champion, champion_version, champion_digest, promoted, event, person, comment, account, approval_policy,
            trained_by, check, passed, blocking, value, bound, message.
        """
        champion = self.champion
        record = {
            "portfolio": self.portfolio,
            "decided_at": self.decided_at,
            "decided_by": self.decided_by,
            "run_id": self.run_id,
            "challenger": self.challenger.name,
            "challenger_version": self.challenger.version,
            "challenger_digest": self.challenger.digest,
            "champion": champion.name if champion else None,
            "champion_version": champion.version if champion else None,
            "champion_digest": champion.digest if champion else None,
            "promoted": self.promoted,
            "event": self.event,
            "person": self.person,
            "comment": self.comment,
            "account": self.account,
            "approval_policy": self.policy.get("level"),
            "trained_by": ", ".join(self.trained_by) or None,
        }
        rows = [
            {
                **record,
                "check": check.name,
                "passed": check.passed,
                "blocking": check.blocking,
                "value": check.value,
                "bound": check.bound,
                "message": check.message,
            }
            for check in self.checks
        ]
        return pl.DataFrame(rows, schema=_SCHEMA)

    def to_summary(self) -> dict[str, Any]:
        """The whole record as JSON values, with what follows from it; `digest` is the challenger's."""
        return {
            **Record.to_summary(self),
            "promoted": self.promoted,
            "reason": self.reason,
            "digest": self.challenger.digest,
            "failed": [check.name for check in self.failed],
        }


_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "portfolio": pl.String,
    "decided_at": pl.Datetime("us", "UTC"),
    "decided_by": pl.String,
    "run_id": pl.String,
    "challenger": pl.String,
    "challenger_version": pl.String,
    "challenger_digest": pl.String,
    "champion": pl.String,
    "champion_version": pl.String,
    "champion_digest": pl.String,
    "promoted": pl.Boolean,
    "event": pl.String,
    "person": pl.String,
    "comment": pl.String,
    "account": pl.String,
    "approval_policy": pl.String,
    "trained_by": pl.String,
    "check": pl.String,
    "passed": pl.Boolean,
    "blocking": pl.Boolean,
    "value": pl.Float64,
    "bound": pl.Float64,
    "message": pl.String,
}
