"""Promotions as they happened: the records, and which model was in production before.

What is here: `history`, `policy_for`, `approver_of`, `champion_table`, `previous_champion`, `promoted_since`.
What to add here: another question that an auditor asks of the history.
What must not be here: what a person adds to it (`promotion_acts.py`), acting on MLflow or a Bento
(`orchestration.promotion`), the gate's checks.

The history is the versions of two tables: `governance/promotion_decision` holds a record per decision, approval,
override and rollback; `serving/promoted_model` the model in production from then on. Neither is ever rewritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from credit_platform.errors import PromotionRefusedError
from credit_platform.governance.approval import (
    Approver,
    PolicyInForce,
    Trainer,
    home_policies,
    is_second_person,
    policy_in_force,
)
from credit_platform.governance.decision import PromotionDecision
from credit_platform.governance.records import PromotedModel, promoted
from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.portfolios.approval import ApprovalPolicy
from credit_platform.portfolios.keys import champion_key, decision_key
from credit_platform.portfolios.portfolio import Portfolio

APPROVAL = "approval"
"""The check that waits for a person."""
_ANY = ApprovalPolicy()


@dataclass(frozen=True, kw_only=True)
class Record:
    """One version of the promotion decision."""

    version: int
    decision: PromotionDecision


def history(lakehouse: Lakehouse, portfolio: str) -> list[Record]:
    """Every record that can still be read, newest first; empty before the first decision."""
    key = decision_key(portfolio)
    return [
        Record(version=v.version, decision=PromotionDecision.of(lakehouse.read(key, v.version)))
        for v in lakehouse.versions(key)
    ]


def newest(lakehouse: Lakehouse, portfolio: str) -> PromotionDecision:
    """The newest record; see `newest_stored`."""
    return PromotionDecision.of(newest_stored(lakehouse, portfolio))


def newest_stored(lakehouse: Lakehouse, portfolio: str) -> StoredTable:
    """The newest record as it is stored, with its version, which what a person adds must come right after.

    Raises:
        PromotionRefusedError: nothing was decided yet.
    """
    key = decision_key(portfolio)
    if not lakehouse.exists(key):
        raise PromotionRefusedError(
            f"Nothing was decided yet about {portfolio}.", f"Run it first: credit-platform run {portfolio}"
        )
    return lakehouse.read(key)


def policy_for(
    lakehouse: Lakehouse, portfolio: Portfolio, digest: str, setting: Literal["automatic", "manual"] | None = None
) -> PolicyInForce:
    """What it takes to promote the scorer of this digest: the policy in force, or approval, if it waits for that.

    A model that waits goes on waiting when whoever asked for approval is silent: a run without the variable, a looser
    portfolio. Only an approval ends it, or a looser policy of the home, which somebody answers for.

    Raises:
        RecordError: a record, or the policy of the home, cannot be read.
    """
    found = policy_in_force(lakehouse, portfolio, setting)
    since = None if found.policy.required else _waiting_since(lakehouse, portfolio.name, digest)
    if since is None or any(changed.changed_at > since for changed in home_policies(lakehouse)[:1]):
        return found
    basis = f"This model has waited for approval since {since:%Y-%m-%d %H:%M} UTC."
    return PolicyInForce(policy=ApprovalPolicy(required=True), basis=basis)


def approver_of(
    lakehouse: Lakehouse, portfolio: str, digest: str, policy: ApprovalPolicy = _ANY, trainers: Sequence[Trainer] = ()
) -> str | None:
    """Who approved the scorer of this digest as `policy` asks for; None when nobody did, or it was rolled back since.

    An equal scorer need not be approved twice; one that was taken out of production must be.

    Args:
        lakehouse: holds the history.
        portfolio: its name.
        digest: of the scorer.
        policy: where it asks for four eyes, an approval by a trainer does not count.
        trainers: who made the scorer.
    """
    for record in history(lakehouse, portfolio):
        decision = record.decision
        if decision.event == "rollback" and decision.digests.get("replaced") == digest:
            return None
        if decision.event == "approval" and decision.challenger.digest == digest:
            approver = Approver(name=decision.person or "", account=decision.account or "")
            if not policy.four_eyes or (decision.account and is_second_person(approver, trainers)):
                return f"{who(decision)} on {decision.decided_at:%Y-%m-%d} ({decision.comment})"
    return None


def _waiting_since(lakehouse: Lakehouse, portfolio: str, digest: str) -> datetime | None:
    """When the gate last said of this scorer that a person must approve it, and nobody did since."""
    for record in history(lakehouse, portfolio):
        decision = record.decision
        if decision.challenger.digest == digest and decision.event in ("approval", "override", "rollback"):
            return None
        if decision.challenger.digest == digest:
            waits = any(check.name == APPROVAL and check.blocking and not check.passed for check in decision.checks)
            return decision.decided_at if waits else None
    return None


def who(decision: PromotionDecision) -> str:
    """Who spoke, with the account of the machine where it is known."""
    return f"{decision.person}, account {decision.account}" if decision.account else str(decision.person)


def previous_champion(lakehouse: Lakehouse, portfolio: str) -> StoredTable:
    """The model that was in production before the present one, as it was stored.

    A restored model counts as of the version it was restored from: rolling back twice goes two models back.

    Raises:
        PromotionRefusedError: no model was promoted, or there was no other before.
    """
    key = champion_key(portfolio)
    versions = lakehouse.versions(key)
    if not versions:
        raise PromotionRefusedError(
            f"No model of {portfolio} is in production.", f"Run it first: credit-platform run {portfolio}"
        )
    present = PromotedModel.of(lakehouse.read(key))
    at = versions[0].version if present.restored_version is None else present.restored_version
    for version in versions:
        if version.version < at:
            before = lakehouse.read(key, version.version)
            model = PromotedModel.of(before)
            if model.digest != present.digest:
                return before
            at = at if model.restored_version is None else model.restored_version
    raise PromotionRefusedError(
        f"There is no model before {present.contender} to go back to.",
        f"See credit-platform promotions {portfolio}.",
    )


def champion_table(lakehouse: Lakehouse, portfolio: str) -> StoredTable | None:
    """The promoted model as it was stored, with its scores of the holdout; None before the first promotion."""
    key = champion_key(portfolio)
    return lakehouse.read(key) if lakehouse.exists(key) else None


def promoted_since(lakehouse: Lakehouse, portfolio: str, digest: str, now: datetime) -> str:
    """When the scorer of this digest became the champion (ISO 8601): `now`, unless it is the champion already."""
    champion = promoted(champion_table(lakehouse, portfolio))
    if champion is not None and champion.digest == digest and champion.promoted_at is not None:
        return champion.promoted_at
    return now.isoformat(timespec="seconds")


def promoted_through(lakehouse: Lakehouse, portfolio: str, digest: str, run_id: str) -> str:
    """Id of the run that made the scorer of this digest the champion: `run_id`, unless it is the champion already."""
    key, through = champion_key(portfolio), run_id
    for version in lakehouse.versions(key):  # newest first
        champion = PromotedModel.of(lakehouse.read(key, version.version))
        if champion.digest != digest:
            break
        if champion.promoted_by is not None:
            return champion.promoted_by
        through = version.run_id or through  # of before this was kept
    return through
