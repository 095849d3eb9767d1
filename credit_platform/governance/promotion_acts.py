"""What may be added to the history of promotions: a person's word, and a promotion that the newest record allows.

What is here: `approved`, `overridden` and `rolled_back` (the record after a person spoke), `require_promotion` and
`require_registered` (what is refused).
What to add here: another thing that a person may say of a decision.
What must not be here: reading the history (`promotion_history.py`), acting on MLflow or a Bento (`orchestration`).
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from credit_platform.errors import PromotionRefusedError
from credit_platform.governance.assurance import NEVER_OVERRIDDEN
from credit_platform.governance.decision import GateCheck, PromotionDecision
from credit_platform.governance.promotion_history import APPROVAL, who
from credit_platform.governance.records import PromotedModel, RegisteredModel
from credit_platform.portfolios.approval import ApprovalPolicy, Level
from credit_platform.portfolios.keys import decision_key

_ANY = ApprovalPolicy()


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
            f"{who(decision)} rolled back to {decision.challenger} since the gate was asked: {decision.comment}.",
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
        said = f"{who(decision)} spoke for {decision.challenger} already, on {decision.decided_at:%Y-%m-%d %H:%M} UTC."
        again = f"credit-platform run {decision.portfolio} --from serving/promoted_model"
        raise PromotionRefusedError(said, f"If it is not the champion yet: {again}")
    raise PromotionRefusedError(
        f"{decision.challenger} was promoted already.", f"See credit-platform promotions {decision.portfolio}."
    )
