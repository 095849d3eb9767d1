"""Checks of the modelling layer: the split is sound, probabilities are probabilities, the scorer is the one saved."""

import dagster as dg

from credit_platform.lakehouse import Lakehouse, Verdict
from credit_platform.modelling import judges
from credit_platform.modelling.records import CalibrationRecord, ScorerRecord, SplitRecord
from credit_platform.orchestration.checks.together import check_together
from credit_platform.orchestration.judging import Submission, WriteCheck
from credit_platform.orchestration.policies import asset_key, table_key
from credit_platform.orchestration.tables import StoredTable
from credit_platform.portfolios.portfolio import Portfolio

MAX_CALIBRATION_ERROR = 0.05
"""Mean distance between predicted and observed default rate, by applicant, above which probabilities mislead."""


def build_model_checks(portfolio: Portfolio) -> list[dg.AssetChecksDefinition]:
    """Split, out-of-fold scores of each candidate, scorer, calibration."""
    judged = ["split", *portfolio.candidates, "tuned", "scorer"]
    return [
        *(
            check_together(
                asset_key(portfolio.name, "models", name), model_write_checks(portfolio, name), in_memory=False
            )
            for name in judged
        ),
        _calibration_check(portfolio),
    ]


def model_write_checks(portfolio: Portfolio, name: str) -> list[WriteCheck]:
    """What has to hold of table `models/<name>` before it is written."""
    if name == "split":
        return [_everyone_once(portfolio)]
    if name == "scorer":
        return [_scores_again(portfolio)]
    return [_OUT_OF_FOLD] if name in (*portfolio.candidates, "tuned") else []


def _everyone_once(portfolio: Portfolio) -> WriteCheck:
    def judge(split: Submission, lakehouse: Lakehouse) -> Verdict:
        key = table_key(asset_key(portfolio.name, "features", "applicants"))
        # A split of before this was recorded is held against the newest feature table.
        applicants = lakehouse.scan(key, SplitRecord.from_summary(split.summary, split.key).table_version)
        return judges.everyone_once(portfolio, split.frame, applicants)

    return WriteCheck(
        name="everyone_once",
        description="Every applicant with a known outcome is in the holdout or in exactly one fold.",
        judge=judge,
    )


_OUT_OF_FOLD = WriteCheck(
    name="out_of_fold_scores",
    description="Every out-of-fold score is a probability, and together they are no worse than chance.",
    judge=lambda scores, _: judges.out_of_fold_scores(scores.frame),
)


def _scores_again(portfolio: Portfolio) -> WriteCheck:
    def judge(scorer: Submission, lakehouse: Lakehouse) -> Verdict:
        key = table_key(asset_key(portfolio.name, "features", "applicants"))
        record = ScorerRecord.from_summary(scorer.summary, scorer.key)
        applicants = lakehouse.scan(key, record.table_version)
        return judges.scores_again(portfolio, record.folder, record.digest, scorer.frame, applicants)

    return WriteCheck(
        name="scores_again",
        description="The saved scorer loads, has the digest that is recorded, and scores the holdout as recorded.",
        judge=judge,
    )


def _calibration_check(portfolio: Portfolio) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=asset_key(portfolio.name, "models", "calibration"),
        name="calibration_error",
        description="Predicted and observed default rates agree over groups of applicants, out of fold.",
    )
    def calibration_error(calibration: StoredTable) -> dg.AssetCheckResult:
        error = CalibrationRecord.of(calibration).report.expected_calibration_error
        return dg.AssetCheckResult(
            passed=error <= MAX_CALIBRATION_ERROR,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"expected_calibration_error": error, "allowed": MAX_CALIBRATION_ERROR},
            description=f"Mean distance {error:.3f}, allowed {MAX_CALIBRATION_ERROR}.",
        )

    return calibration_error
