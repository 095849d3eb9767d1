"""Which policy of approval holds for a portfolio in a home, and who may be the person that approves.

What is here: `policy_in_force`, `HomePolicy` with `home_policies` and `set_home_policy`, `trainers_of`,
`require_second_person`.
What to add here: another place from which a policy may come, or another rule about the person.
What must not be here: what was approved (`promotion_history.py`), the policies themselves (`portfolios.approval`).

A policy is declared by the portfolio. A home may hold one of its own, which holds for all its portfolios and can only
be stricter: it lies among the tables, under a key of its own, so that every process that works on the home sees the
same, on a disk or in an object store, and each change is a version with who made it, when and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import polars as pl

from credit_platform.accounts import account, same_person
from credit_platform.errors import PromotionRefusedError
from credit_platform.governance.records import AboutScorer
from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.lakehouse.records import Record
from credit_platform.modelling.records import ScorerRecord
from credit_platform.portfolios.approval import ApprovalPolicy, Level
from credit_platform.portfolios.keys import governance_key, scorer_key
from credit_platform.portfolios.portfolio import Portfolio

HOME = "_home"
"""Stands where keys name the portfolio: no portfolio can be called so."""
POLICY_KEY = governance_key(HOME, "approval_policy")
VARIABLE = "CREDIT_PLATFORM_APPROVAL"


@dataclass(frozen=True, kw_only=True, slots=True)
class HomePolicy(Record):
    """The policy of a home, and who made it so."""

    level: Level
    person: str
    """As they gave it."""
    account: str
    """Of the machine."""
    reason: str
    changed_at: datetime

    @property
    def policy(self) -> ApprovalPolicy:
        """The policy itself."""
        return ApprovalPolicy.of(self.level)


@dataclass(frozen=True, kw_only=True)
class PolicyInForce:
    """What it takes to promote a model of one portfolio, and where that is said."""

    policy: ApprovalPolicy
    basis: str
    """A sentence: who asks for it."""

    def to_dict(self) -> dict[str, Any]:
        """As a promotion decision records it."""
        return {**asdict(self.policy), "level": self.policy.level, "basis": self.basis}


NO_APPROVAL = PolicyInForce(policy=ApprovalPolicy(), basis="Neither the portfolio nor this home asks for more.")


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """Who made a scorer."""

    account: str
    name: str | None = None
    """Of the person, as the machine knows it."""

    def __str__(self) -> str:
        """`ada (Ada Lovelace)`."""
        return self.account if self.name is None else f"{self.account} ({self.name})"


@dataclass(frozen=True, kw_only=True)
class Approver:
    """Who approves: the name that was given, and the account of the machine, which nobody chooses."""

    name: str
    account: str = field(default_factory=account)


def home_policies(lakehouse: Lakehouse) -> list[HomePolicy]:
    """Every policy that the home had, newest first; empty where nobody set one.

    Raises:
        RecordError: one cannot be read, so that nobody knows what it asks for.
    """
    return [HomePolicy.from_summary(summary, POLICY_KEY) for _, summary in lakehouse.records(POLICY_KEY)]


def set_home_policy(
    lakehouse: Lakehouse, level: Level, *, by: str, reason: str, at: datetime | None = None
) -> HomePolicy:
    """Make this the policy of the home, with who asked for it.

    Raises:
        PromotionRefusedError: a name or a reason is missing, or somebody else changed it meanwhile.
    """
    if not by.strip() or not reason.strip():
        raise PromotionRefusedError("A name or a reason is missing.", "Give both: --by NAME --reason TEXT.")
    before = lakehouse.latest(POLICY_KEY)
    record = HomePolicy(
        level=level, person=by.strip(), account=account(), reason=reason.strip(), changed_at=at or datetime.now(UTC)
    )
    frame = pl.DataFrame({name: [value] for name, value in record.to_summary().items()})
    lakehouse.write(POLICY_KEY, frame, summary=record.to_summary(), info=CommitInfo(), after=before)
    return record


def policy_in_force(
    lakehouse: Lakehouse, portfolio: Portfolio, setting: Literal["automatic", "manual"] | None = None
) -> PolicyInForce:
    """What it takes to promote a model of `portfolio`: what portfolio, home and the old setting ask for together.

    Args:
        lakehouse: holds the policy of the home.
        portfolio: declares its own.
        setting: what `CREDIT_PLATFORM_APPROVAL` says; it can add to the policy, never take from it.

    Raises:
        RecordError: the policy of the home cannot be read.
    """
    asked: list[tuple[ApprovalPolicy, str]] = [(portfolio.approval, f"The portfolio {portfolio.name} declares it.")]
    if found := home_policies(lakehouse):
        newest = found[0]
        who = f"{newest.person}, account {newest.account}, on {newest.changed_at:%Y-%m-%d %H:%M} UTC: {newest.reason}"
        asked.append((newest.policy, f"It is the policy of this home ({who})."))
    if setting == "manual":
        asked.append((ApprovalPolicy(required=True), f"{VARIABLE}=manual asks for it."))
    strictest = asked[0][0]
    for policy, _ in asked:
        strictest = strictest.and_also(policy)
    if not strictest.required:
        return NO_APPROVAL
    basis = " ".join(said for policy, said in asked if policy == strictest)
    if setting == "automatic":
        basis += f" {VARIABLE}=automatic does not loosen it."
    return PolicyInForce(policy=strictest, basis=basis)


def adopt_setting(lakehouse: Lakehouse, setting: Literal["automatic", "manual"] | None) -> HomePolicy | None:
    """Write `CREDIT_PLATFORM_APPROVAL=manual` into the home, so that a process without the variable sees it, too.

    Returns:
        The new policy; None where the home asks for as much already, or the variable asks for nothing.

    Raises:
        RecordError: the policy of the home cannot be read.
    """
    before = home_policies(lakehouse)
    if setting != "manual" or (before and before[0].policy.required):
        return None
    return set_home_policy(lakehouse, "manual", by=f"{VARIABLE}=manual", reason="set where a process of this home ran")


def trainers_of(lakehouse: Lakehouse, portfolio: str, digest: str) -> tuple[Trainer, ...]:
    """Everybody who made the scorer of this digest, by the versions of models/scorer, removed ones included.

    Who trains an equal model again does not undo who trained it first. Empty where no version says who it was.
    """
    found: dict[Trainer, None] = {}
    for version, summary in lakehouse.records(scorer_key(portfolio)):
        if AboutScorer.from_summary(summary).digest == digest:
            made = ScorerRecord.from_summary(summary, f"{version.key} version {version.version}")
            if made.trained_by is not None:
                found[Trainer(account=made.trained_by, name=made.trainer_name)] = None
    return tuple(found)


def require_second_person(policy: ApprovalPolicy, approver: Approver, trainers: Sequence[Trainer]) -> None:
    """Refuse an approver who trained the model, where four eyes are asked for.

    Raises:
        PromotionRefusedError: account or name is that of a trainer, or nobody knows who trained it.
    """
    if not policy.four_eyes:
        return
    if not trainers:
        raise PromotionRefusedError(
            "Four eyes are asked for, and it is not recorded who trained this model: it was made by an older version.",
            "Run the portfolio again, from models/scorer at the latest: who does it is recorded.",
        )
    told = "Who trained a model may not be the one who approves it"
    cure = "Let another person approve, under their own account."
    for trainer in trainers:
        if approver.account == trainer.account:
            raise PromotionRefusedError(f"{told}: it was trained under the account {trainer}, which is yours.", cure)
        if _is_called(approver.name, trainer):
            raise PromotionRefusedError(f"{told}: it was trained by {trainer}, and {approver.name} is that name.", cure)


def is_second_person(approver: Approver, trainers: Sequence[Trainer]) -> bool:
    """Whether four eyes would accept this approver of what these trained."""
    try:
        require_second_person(ApprovalPolicy.of("four-eyes"), approver, trainers)
    except PromotionRefusedError:
        return False
    return True


def _is_called(name: str, trainer: Trainer) -> bool:
    known: Iterable[str] = (known for known in (trainer.account, trainer.name) if known)
    return any(same_person(name, one) for one in known)
