"""The gate's checks on `governance/promotion_decision`: one asset check per rule; some only advise."""

import dagster as dg
import polars as pl

from credit_platform.governance.assurance import advises
from credit_platform.governance.decision import PromotionDecision
from credit_platform.governance.gate import CHECK_NAMES
from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.orchestration.checks.together import TableCheck, check_together
from credit_platform.orchestration.policies import asset_key
from credit_platform.portfolios.portfolio import Portfolio

QUESTIONS = {
    "enough_outcomes": "Has the holdout enough defaults and enough repaid loans for any figure to mean something?",
    "beats_accept_all": "Does the model cost less on the holdout than granting every application?",
    "beats_refuse_all": "Does the model cost less on the holdout than refusing every application?",
    "cost_evidence": "Is its cost below that of the cheaper of these two rules beyond chance (95%, paired bootstrap, "
    "development and holdout together)?",
    "auc_floor": "Does the lower end of the 95% interval of the AUC reach the portfolio's floor?",
    "auc_holds": "Is the AUC on the holdout no worse than in development, but for chance?",
    "calibration_slope": "Are probabilities neither too extreme nor too timid (slope on the holdout, 0.8 to 1.25)?",
    "calibration_level": "Is the mean predicted probability on the holdout the default rate, but for chance?",
    "not_worse_than_champion": "Does the model cost no more than the champion on the same holdout (paired bootstrap)?",
    "evidence_matches": "Were all audits and documents made for this very scorer, on the features it was trained on?",
    "folds_usable": "Does every fold hold defaults and repaid loans?",
    "no_leak": "Is the model free of a feature that tells the outcome by itself?",
    "features_vary": "Does every feature of the model vary? Advice: something upstream may have broken.",
    "scores_stable": "Are scores distributed in the holdout as in training (PSI)?",
    "features_stable": "Are the strongest features distributed in the holdout as in training (PSI)?",
    "features_keep_sign": "Does each strong feature raise or lower the risk in the holdout as it does in training?",
    "reasons_exhaustive": "Has every feature of the model a reason in French and in English?",
    "reasons_true": "Is every sentence that applicants are told true of them, by their raw rows?",
    "contributions_add_up": "Do the contributions of the features add up to the score?",
    "scorer_parity": "Do single requests from raw rows get the scores and decisions of the batch?",
    "scoring_latency": "Are single requests answered quickly enough to serve?",
    "fairness": "Is no protected group granted less than four fifths as often as the best-off one, beyond chance?",
    "approval": "Has a person approved this scorer by name, where the setting asks for it?",
}
"""What each rule of the gate asks; how it is measured stands in `credit_platform.governance.gate` and `.assurance`."""


def build_gate_checks(portfolio: Portfolio) -> list[dg.AssetChecksDefinition]:
    """One check per rule of the gate: a refused challenger stops there, and the UI says why."""
    asset = asset_key(portfolio.name, "governance", "promotion_decision")
    return [check_together(asset, [_check(portfolio, name) for name in CHECK_NAMES], in_memory=True)]


def _check(portfolio: Portfolio, name: str) -> TableCheck:
    blocking = not advises(name, portfolio.fairness_severity)

    def judge(promotion_decision: StoredTable, _: Lakehouse) -> dg.AssetCheckResult:
        rows = promotion_decision.frame.filter(pl.col("check") == name).collect()
        if rows.is_empty():
            return dg.AssetCheckResult(
                check_name=name, passed=True, description=PromotionDecision.of(promotion_decision).reason
            )
        row = rows.row(0, named=True)
        return dg.AssetCheckResult(
            check_name=name,
            passed=row["passed"],
            severity=dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN,
            metadata={key: row[key] for key in ("value", "bound") if row[key] is not None},
            description=row["message"],
        )

    return TableCheck(name=name, description=QUESTIONS[name], judge=judge, blocking=blocking)
