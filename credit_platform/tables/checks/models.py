"""Checks of the modelling layer: the split is sound, probabilities are probabilities, the scorer is the one saved."""

from __future__ import annotations

import polars as pl

from credit_platform.lakehouse import Lakehouse, Verdict
from credit_platform.modelling import judges
from credit_platform.modelling.records import (
    CalibrationRecord,
    ComparisonRecord,
    CrossValidationRecord,
    ScorerRecord,
    SplitRecord,
    ThresholdRecord,
)
from credit_platform.portfolios.keys import applicants_key, model_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.tables.judging import StoredCheck, Submission, WriteCheck, submission_of


def model_write_checks(portfolio: Portfolio, name: str) -> list[WriteCheck]:
    """What has to hold of table `models/<name>` before it is written."""
    asked = {
        "split": [_everyone_once(portfolio), _held_out_by_hash(portfolio)],
        "comparison": [_least_cost_selected(portfolio)],
        "imbalance": [_EVERY_STRATEGY],
        "threshold": [_ON_THE_CURVE],
        "scorer": [_scores_again(portfolio)],
    }
    out_of_fold = (*portfolio.candidates, "tuned", "calibration")
    return [_OUT_OF_FOLD] if name in out_of_fold else asked.get(name, [])


def _everyone_once(portfolio: Portfolio) -> WriteCheck:
    def judge(split: Submission, lakehouse: Lakehouse) -> Verdict:
        key = applicants_key(portfolio.name)
        # A split of before this was recorded is held against the newest feature table.
        applicants = lakehouse.scan(key, split.record(SplitRecord).table_version)
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
        key = applicants_key(portfolio.name)
        record = scorer.record(ScorerRecord)
        applicants = lakehouse.scan(key, record.table_version)
        return judges.scores_again(portfolio, record.folder(lakehouse.shelf), record.digest, scorer.frame, applicants)

    return WriteCheck(
        name="scores_again",
        description="The saved scorer loads, has the digest that is recorded, and scores the holdout as recorded.",
        judge=judge,
    )


def model_stored_checks(portfolio: Portfolio, name: str) -> list[StoredCheck]:
    """What is only told of table `models/<name>`."""
    told = {
        "calibration": [_CALIBRATION_ERROR, _CALIBRATION_SLOPE],
        "threshold": [_BEATS_TRIVIAL_RULES],
        "tuned": [_not_worse_than_untuned(portfolio)],
    }
    return told.get(name, [])


def _on_the_curve(curve: pl.LazyFrame, chosen: ThresholdRecord) -> Verdict:
    return judges.on_the_curve(curve, chosen.rule.threshold, chosen.method)


def _beats_trivial_rules(chosen: ThresholdRecord) -> Verdict:
    return judges.beats_trivial_rules(chosen.cost_per_applicant, chosen.accept_all_cost, chosen.refuse_all_cost)


_CALIBRATION_ERROR = StoredCheck(
    name="calibration_error",
    description="Predicted and observed default rates agree over groups of applicants, out of fold.",
    judge=lambda table, _: judges.calibration_error(table.record(CalibrationRecord).report.expected_calibration_error),
)
_CALIBRATION_SLOPE = StoredCheck(
    name="calibration_slope",
    description="Probabilities are neither too extreme nor too timid, out of fold.",
    judge=lambda table, _: judges.calibration_slope(table.record(CalibrationRecord).report.slope),
)
_ON_THE_CURVE = WriteCheck(
    name="on_the_curve",
    description="The threshold is a point of the cost curve, and its least where it was chosen as the least.",
    judge=lambda table, _: _on_the_curve(table.frame, table.record(ThresholdRecord)),
)
_BEATS_TRIVIAL_RULES = StoredCheck(
    name="beats_trivial_rules",
    description="Deciding by the model costs no more than granting, or refusing, everybody.",
    judge=lambda table, _: _beats_trivial_rules(table.record(ThresholdRecord)),
)
_EVERY_STRATEGY = WriteCheck(
    name="every_strategy_compared",
    description="Each candidate was validated with each treatment of rare defaults.",
    judge=lambda table, _: judges.every_strategy_compared(table.frame),
)


def _held_out_by_hash(portfolio: Portfolio) -> WriteCheck:
    return WriteCheck(
        name="held_out_by_hash",
        description="Who is in the holdout follows from the applicant's key alone, so it stays so as data grow.",
        judge=lambda split, _: judges.held_out_by_hash(portfolio, split.frame),
    )


def _least_cost_selected(portfolio: Portfolio) -> WriteCheck:
    def judge(table: Submission, _: Lakehouse) -> Verdict:
        winner = table.record(ComparisonRecord).winner
        return judges.least_cost_selected(table.frame, portfolio.candidates, winner)

    return WriteCheck(
        name="least_cost_selected",
        description="No candidate has two rows, all are declared ones, and the one that costs least is selected.",
        judge=judge,
    )


def _not_worse_than_untuned(portfolio: Portfolio) -> StoredCheck:
    def judge(tuned: Submission, lakehouse: Lakehouse) -> Verdict:
        key = model_key(portfolio.name, tuned.record(CrossValidationRecord).candidate)
        untuned = submission_of(lakehouse.read(key), {})
        return judges.not_worse_than_untuned(
            tuned.record(CrossValidationRecord).metrics["cost_per_applicant"],
            untuned.record(CrossValidationRecord).metrics["cost_per_applicant"],
        )

    return StoredCheck(
        name="not_worse_than_untuned",
        description="On the same folds the tuned model costs no more than the selected candidate did.",
        judge=judge,
    )
