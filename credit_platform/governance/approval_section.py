"""What model card and validation report say of who must say yes to the model.

What is here: one section.
What to add here: another fact about approval that is known before the gate is asked.
What must not be here: who approved: these documents are what that person reads. The promotion history has it.
"""

from __future__ import annotations

from credit_platform.governance.approval import NO_APPROVAL, PolicyInForce
from credit_platform.governance.document import Bullets, Facts, Paragraph, Section, text


def approval_section(facts: Facts, policy: PolicyInForce = NO_APPROVAL) -> Section:
    """Which policy holds when the document is written, and who trained the model.

    Args:
        facts: table `scorer`.
        policy: what it takes to promote the model.
    """
    said = f"{policy.policy.sentence} {policy.basis}".strip()
    if not facts.has("scorer", "trained_by"):
        trained = Paragraph(("It was not recorded under which account it was trained.",))
    elif facts.has("scorer", "trainer_name"):
        account, name = (facts.summary("scorer", field, "text") for field in ("trained_by", "trainer_name"))
        trained = text("Trained under the account {} ({}).", account, name)
    else:
        trained = text("Trained under the account {}.", facts.summary("scorer", "trained_by", "text"))
    after = "Who approves, overrides or rolls back is recorded in the promotion history, with account and reason."
    return Section("Approval", (Bullets((Paragraph((said,)), trained, Paragraph((after,)))),))
