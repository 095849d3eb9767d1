"""What `serving/deployment` came to: whether the Bento answers applicants, and what its shadow showed before.

What is here: `build_deployment_checks`. The table is written whatever they say: it is the record of what was tried.
What must not be here: judging (`serving/deployments.py`, `monitoring/shadow_evidence.py`).
"""

import dagster as dg

from credit_platform.lakehouse import Lakehouse, StoredTable, Verdict
from credit_platform.orchestration.assets.deployment import deployment_asset
from credit_platform.orchestration.checks.together import TableCheck, check_together, shown
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.serving.records import DeploymentRecord
from credit_platform.serving.verdict import Verdict as Outcome


def build_deployment_checks(portfolio: Portfolio) -> list[dg.AssetChecksDefinition]:
    """Both checks, in one step; a deployment that failed fails its run."""
    return [check_together(deployment_asset(portfolio.name), [_SUCCEEDED, _EVIDENCE], in_memory=False)]


def _succeeded(deployment: StoredTable, _: Lakehouse) -> dg.AssetCheckResult:
    record = DeploymentRecord.of(deployment)
    counted = {"requests": record.requests, "errors": record.errors}
    return shown(
        Verdict(
            check=_SUCCEEDED.name,
            passed=record.verdict is Outcome.SUCCEEDED,
            message=record.message,
            numbers={name: count for name, count in counted.items() if count is not None},
            warns=record.verdict is Outcome.INCONCLUSIVE,
        )
    )


def _evidence(deployment: StoredTable, _: Lakehouse) -> dg.AssetCheckResult:
    record = DeploymentRecord.of(deployment)
    found = record.evidence
    figures = (
        {}
        if found is None
        else {
            "decisions": found.decisions,
            "acceptance_champion": found.acceptance_champion,
            "acceptance_challenger": found.acceptance_challenger,
            "score_shift": found.score_shift,
            "reason_shift": found.reason_shift,
            "latency_champion_ms": found.latency_champion_ms,
            "latency_challenger_ms": found.latency_challenger_ms,
        }
    )
    return shown(
        Verdict(
            check=_EVIDENCE.name,
            passed=found is None or (found.suffices and not found.objections),
            message=record.evidence_sentence,
            numbers={name: figure for name, figure in figures.items() if figure is not None},
            warns=True,
        )
    )


_SUCCEEDED = TableCheck(
    name="answers_applicants",
    description="The Bento passed the smoke test where it was brought, and nothing that it answered speaks against it; "
    "one that fails was taken back.",
    judge=_succeeded,
)
_EVIDENCE = TableCheck(
    name="shadow_evidence",
    description="At 500 decisions or more at which it scored along before, it accepted about as many, with scores and "
    "reasons distributed alike, and as quickly.",
    judge=_evidence,
    blocking=False,
)
