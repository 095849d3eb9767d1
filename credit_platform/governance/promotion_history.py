"""Promotions as they happened: the records, what a person may add to them, and which model was in production before.

What is here: `history`, `approver_of`, `champion_table`, `previous_champion`, `promoted_since`, `require_promotion`,
and `approved`, `overridden` and `rolled_back`: the record after a person spoke.
What to add here: another question that an auditor asks of the history.
What must not be here: acting on MLflow or a Bento (`orchestration.promotion`), the gate's checks.

The history is the versions of two tables: `governance/promotion_decision` holds a record per decision, approval,
override and rollback; `serving/promoted_model` the model in production from then on. Neither is ever rewritten.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from credit_platform.errors import PromotionRefusedError
from credit_platform.governance.assurance import NEVER_OVERRIDDEN
from credit_platform.governance.decision import GateCheck, PromotionDecision
from credit_platform.governance.records import PromotedModel, promoted
from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.portfolios.keys import champion_key, decision_key

APPROVAL = "approval"
"""The check that waits for a person."""


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
    """The newest record.

    Raises:
        PromotionRefusedError: nothing was decided yet.
    """
    key = decision_key(portfolio)
    if not lakehouse.exists(key):
        raise PromotionRefusedError(
            f"Nothing was decided yet about {portfolio}.", f"Run it first: credit-platform run {portfolio}"
        )
    return PromotionDecision.of(lakehouse.read(key))


def approver_of(lakehouse: Lakehouse, portfolio: str, digest: str) -> str | None:
    """Who approved the scorer of this digest, and why; None when nobody did, or it was rolled back since.

    An equal scorer need not be approved twice; one that was taken out of production must be.
    """
    for record in history(lakehouse, portfolio):
        decision = record.decision
        if decision.event == "rollback" and decision.digests.get("replaced") == digest:
            return None
        if decision.event == "approval" and decision.challenger.digest == digest:
            return f"{decision.person} on {decision.decided_at:%Y-%m-%d} ({decision.comment})"
    return None


def approved(decision: PromotionDecision, *, by: str, reason: str, at: datetime) -> PromotionDecision:
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
    return replace(decision, checks=checks, event="approval", person=by, comment=reason, decided_at=at)


def overridden(decision: PromotionDecision, *, by: str, reason: str, at: datetime) -> PromotionDecision:
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
    return replace(decision, event="override", person=by, comment=reason, decided_at=at)


def rolled_back(
    portfolio: str, restored: PromotedModel, replaced: PromotedModel, *, by: str, reason: str, at: datetime
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


def require_promotion(portfolio: str, digest: str, decision: PromotionDecision) -> None:
    """Refuse to promote the scorer of this digest where the gate refused it, or never judged it.

    Raises:
        PromotionRefusedError: with the reason of the gate.
    """
    judged = decision.challenger.digest
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


def _require_words(by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise PromotionRefusedError("A name or a reason is missing.", "Give both: --by NAME --reason TEXT.")


def _require_open(decision: PromotionDecision) -> None:
    if decision.promoted:
        raise PromotionRefusedError(
            f"{decision.challenger} was promoted already.", f"See credit-platform promotions {decision.portfolio}."
        )
