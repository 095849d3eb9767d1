"""Promotions as they happened: the records, what a person may add to them, and which model was in production before.

What is here: `history`, `policy_for`, `approver_of`, `champion_table`, `previous_champion`, `promoted_since`,
`require_promotion`, and `approved`, `overridden` and `rolled_back`: the record after a person spoke.
What to add here: another question that an auditor asks of the history.
What must not be here: acting on MLflow or a Bento (`orchestration.promotion`), the gate's checks.

The history is the versions of two tables: `governance/promotion_decision` holds a record per decision, approval,
override and rollback; `serving/promoted_model` the model in production from then on. Neither is ever rewritten.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
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
from credit_platform.governance.assurance import NEVER_OVERRIDDEN
from credit_platform.governance.decision import GateCheck, PromotionDecision
from credit_platform.governance.records import PromotedModel, RegisteredModel, promoted
from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.portfolios.approval import ApprovalPolicy, Level
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
                return f"{_who(decision)} on {decision.decided_at:%Y-%m-%d} ({decision.comment})"
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


def _who(decision: PromotionDecision) -> str:
    return f"{decision.person}, account {decision.account}" if decision.account else str(decision.person)


def approved(
    decision: PromotionDecision, *, by: str, reason: str, at: datetime, account: str | None = None
) -> PromotionDecision:
    """`decision` with a person's approval.

    Raises:
        PromotionRefusedError: the decision does not wait for approval, or other checks failed; name or reason is empty.
    """
    _require_words(by, reason)
    _require_open(decision)
    others = [check for check in decision.failed if check.name != APPROVAL]
    if others:
        raise PromotionRefusedError(
            f"{decision.challenger} failed {', '.join(check.name for check in others)}: approving does not mend that.",
            "Mend what failed, or answer for it with --override.",
        )
    checks = tuple(
        replace(check, passed=True, message=f"Approved by {by}: {reason}") if check.name == APPROVAL else check
        for check in decision.checks
    )
    return replace(decision, checks=checks, event="approval", person=by, comment=reason, account=account, decided_at=at)


def overridden(
    decision: PromotionDecision, *, by: str, reason: str, at: datetime, account: str | None = None
) -> PromotionDecision:
    """`decision` with failed checks overridden by a person who answers for it; the record keeps what failed.

    Raises:
        PromotionRefusedError: nothing failed, a check failed that nobody may override, or name or reason is empty.
    """
    _require_words(by, reason)
    _require_open(decision)
    wrong = [check.name for check in decision.failed if check.name in NEVER_OVERRIDDEN]
    if wrong:
        raise PromotionRefusedError(
            f"{', '.join(wrong)} cannot be overridden: the model or its evidence is wrong.",
            "Mend what the check names and run the portfolio again.",
        )
    return replace(decision, event="override", person=by, comment=reason, account=account, decided_at=at)


def rolled_back(
    portfolio: str,
    restored: PromotedModel,
    replaced: PromotedModel,
    *,
    by: str,
    reason: str,
    at: datetime,
    account: str | None = None,
) -> PromotionDecision:
    """The record of a person who puts the model `restored` in place of `replaced`."""
    check = GateCheck(
        name="rollback", passed=True, blocking=True, value=None, bound=None, message=f"Rolled back by {by}: {reason}"
    )
    return PromotionDecision(
        portfolio=portfolio,
        challenger=restored.contender,
        champion=replaced.contender,
        checks=(check,),
        decided_by=by,
        decided_at=at,
        run_id=f"rollback-{uuid.uuid4()}",
        digests={"restored": restored.digest, "replaced": replaced.digest},
        event="rollback",
        person=by,
        comment=reason,
        account=account,
    )


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


def promoted_since(lakehouse: Lakehouse, portfolio: str, digest: str) -> str:
    """When the scorer of this digest became the champion (ISO 8601): now, unless it is the champion already."""
    champion = promoted(champion_table(lakehouse, portfolio))
    if champion is not None and champion.digest == digest and champion.promoted_at is not None:
        return champion.promoted_at
    return datetime.now(UTC).isoformat(timespec="seconds")


def require_promotion(
    portfolio: str,
    digest: str,
    decision: PromotionDecision,
    champion: PromotedModel | None = None,
    policy: ApprovalPolicy = _ANY,
) -> None:
    """Refuse to promote the scorer of this digest where the gate refused it, never judged it, or judged something else.

    Args:
        portfolio: its name.
        digest: of the scorer.
        decision: the newest record.
        champion: the model in production now.
        policy: of approval, as it is now; it may be stricter than when the gate was asked.

    Raises:
        PromotionRefusedError: with the reason of the gate.
    """
    judged = decision.challenger.digest
    if decision.event == "rollback" and judged != digest:
        raise PromotionRefusedError(
            f"{_who(decision)} rolled back to {decision.challenger} since the gate was asked: {decision.comment}.",
            f"The model that was restored stays. To promote another one all the same: credit-platform run {portfolio}",
        )
    if judged != digest:
        raise PromotionRefusedError(
            f"The gate judged scorer {judged[:12]}, not {digest[:12]}.",
            f"Materialise {decision_key(portfolio)} again.",
        )
    if not decision.promoted:
        raise PromotionRefusedError(
            f"The gate refused the challenger: {decision.reason}",
            "Mend what the failed checks name and run the portfolio again; the champion stays in place.",
        )
    present = None if champion is None else champion.digest
    compared = None if decision.champion is None else decision.champion.digest
    if decision.event != "rollback" and present not in {compared, digest}:
        raise PromotionRefusedError(
            f"The gate compared the challenger with {decision.champion or 'no champion'}; since then "
            f"{'none' if champion is None else champion.contender} is the champion.",
            f"Ask the gate again: materialise {decision_key(portfolio)}.",
        )
    if (
        decision.event != "rollback"
        and present != digest
        and policy.and_also(_policy_then(decision)) != _policy_then(decision)
    ):
        raise PromotionRefusedError(
            f"{policy.sentence} That was not so when the gate was asked.",
            f"Ask the gate again: materialise {decision_key(portfolio)}; then the model waits for approval.",
        )


def require_registered(registered: RegisteredModel, digest: str) -> None:
    """Refuse to promote under the registry's version of another scorer, as when two runs register at once.

    Raises:
        PromotionRefusedError: the registered version is of another scorer than this.
    """
    if registered.digest != digest:
        raise PromotionRefusedError(
            f"Version {registered.version} of {registered.model} in MLflow is scorer {registered.digest[:12]}, not "
            f"{digest[:12]}: another run has registered its own meanwhile.",
            f"Run it again: credit-platform run {registered.model} --from governance/registered_model",
        )


def _policy_then(decision: PromotionDecision) -> ApprovalPolicy:
    """What was asked for when the record was made; records of before it was kept show only whether somebody spoke."""
    spoken: Level = "automatic" if decision.event == "decision" else "manual"
    return ApprovalPolicy.of(decision.policy.get("level", spoken))


def _require_words(by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise PromotionRefusedError("A name or a reason is missing.", "Give both: --by NAME --reason TEXT.")


def _require_open(decision: PromotionDecision) -> None:
    if not decision.promoted:
        return
    if decision.event in ("approval", "override"):
        said = f"{_who(decision)} spoke for {decision.challenger} already, on {decision.decided_at:%Y-%m-%d %H:%M} UTC."
        again = f"credit-platform run {decision.portfolio} --from serving/promoted_model"
        raise PromotionRefusedError(said, f"If it is not the champion yet: {again}")
    raise PromotionRefusedError(
        f"{decision.challenger} was promoted already.", f"See credit-platform promotions {decision.portfolio}."
    )
