"""Checks of the modelling layer: the split is sound, probabilities are probabilities, the scorer is the one saved."""

from __future__ import annotations

from pathlib import Path

from credit_platform.lakehouse import Lakehouse, Verdict
from credit_platform.modelling import judges
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.tables.judging import StoredCheck, Submission, WriteCheck
from credit_platform.tables.names import key_of


def model_write_checks(portfolio: Portfolio, name: str) -> list[WriteCheck]:
    """What has to hold of table `models/<name>` before it is written."""
    if name == "split":
        return [_everyone_once(portfolio)]
    if name == "scorer":
        return [_scores_again(portfolio)]
    return [_OUT_OF_FOLD] if name in (*portfolio.candidates, "tuned") else []


def _everyone_once(portfolio: Portfolio) -> WriteCheck:
    def judge(split: Submission, lakehouse: Lakehouse) -> Verdict:
        key = key_of(portfolio, "features", "applicants")
        # A split of before this was recorded is held against the newest feature table.
        applicants = lakehouse.scan(key, split.summary.get("table_version"))
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
        key = key_of(portfolio, "features", "applicants")
        applicants = lakehouse.scan(key, scorer.summary.get("table_version"))
        folder, digest = Path(scorer.summary["path"]), scorer.summary["digest"]
        return judges.scores_again(portfolio, folder, digest, scorer.frame, applicants)

    return WriteCheck(
        name="scores_again",
        description="The saved scorer loads, has the digest that is recorded, and scores the holdout as recorded.",
        judge=judge,
    )


def model_stored_checks(_: Portfolio, name: str) -> list[StoredCheck]:
    """What is only told of table `models/<name>`."""
    return [_CALIBRATION_ERROR] if name == "calibration" else []


_CALIBRATION_ERROR = StoredCheck(
    name="calibration_error",
    description="Predicted and observed default rates agree over groups of applicants, out of fold.",
    judge=lambda calibration, _: judges.calibration_error(calibration.summary["report"]["expected_calibration_error"]),
)
