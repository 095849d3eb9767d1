"""Checks of what is watched after promotion: rows are the log's, feeds are whole, everybody is counted.

The checks of `monitoring/drift` are in `orchestration/checks/drift.py`: the table is written whatever they say.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from credit_platform.lakehouse import Lakehouse, StoredTable, Verdict
from credit_platform.monitoring.decisions import judges
from credit_platform.monitoring.decisions.schema import NAME as DECISIONS
from credit_platform.monitoring.decisions.schema import DecisionsRecord
from credit_platform.monitoring.drift import judges as drift_judges
from credit_platform.monitoring.drift.days import COUNTS
from credit_platform.monitoring.drift.evidently_report import NAME as EVIDENTLY
from credit_platform.monitoring.drift.evidently_report import EvidentlyRecord
from credit_platform.monitoring.drift.freezing import NAME as REFERENCE
from credit_platform.monitoring.drift.population_shift import NAME as SHIFT
from credit_platform.monitoring.drift.records import CountsRecord, PopulationShiftRecord, ReferenceRecord
from credit_platform.monitoring.outcomes import judges as outcome_judges
from credit_platform.monitoring.outcomes.contract import NAME as OUTCOMES
from credit_platform.monitoring.outcomes.contract import REJECTED
from credit_platform.monitoring.outcomes.records import OutcomesRecord
from credit_platform.monitoring.performance import judges as performance_judges
from credit_platform.monitoring.performance.records import NAME as PERFORMANCE
from credit_platform.monitoring.performance.records import PerformanceRecord
from credit_platform.portfolios.keys import monitoring_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.tables.checks.incidents import incidents_stored_checks, incidents_write_checks
from credit_platform.tables.checks.retraining import retraining_stored_checks, retraining_write_checks
from credit_platform.tables.judging import StoredCheck, Submission, WriteCheck


def monitoring_write_checks(portfolio: Portfolio, name: str) -> list[WriteCheck]:
    """What has to hold of table `monitoring/<name>` before it is written."""
    if name == OUTCOMES:
        return [_accounted(portfolio), _OUTCOMES_REJECTED]
    return _BEFORE.get(name, retraining_write_checks(portfolio, name) + incidents_write_checks(name))


def outcomes_beside(portfolio: Portfolio, lakehouse: Lakehouse, kept: StoredTable) -> Mapping[str, pl.LazyFrame]:
    """Rows that were set aside by the run that stored `kept`."""
    key = monitoring_key(portfolio.name, REJECTED)
    made = [version for version in lakehouse.versions(key) if version.run_id == kept.version.run_id]
    return {key: lakehouse.scan(key, made[0].version)} if made else {}


def monitoring_stored_checks(portfolio: Portfolio, name: str) -> list[StoredCheck]:
    """What is only told of table `monitoring/<name>`."""
    found = {
        OUTCOMES: [_OUTCOMES_MATCHED, _outcomes_fresh(portfolio)],
        REJECTED: [_REASONS_GIVEN],
        PERFORMANCE: [_CALIBRATION, _DISCRIMINATION, _CONCEPT, _performance_fresh(portfolio)],
    }
    return found.get(name, _AFTER.get(name, retraining_stored_checks(name) + incidents_stored_checks(name)))


def _feed(decisions: Submission, lakehouse: Lakehouse) -> Verdict:
    newest = lakehouse.latest(decisions.key)
    stored = None if newest is None else lakehouse.read(decisions.key, newest.version)
    before = None if stored is None else (stored.frame, DecisionsRecord.of(stored))
    return judges.feed_whole(decisions.frame, decisions.record(DecisionsRecord), before)


_ROWS = WriteCheck(
    name="rows_equal_log",
    description="Each day that was read holds the decisions of every log, each once.",
    judge=lambda decisions, _: judges.rows_equal_log(decisions.frame, decisions.record(DecisionsRecord)),
    first=True,
)
_FEED = WriteCheck(
    name="feed_whole",
    description="Every feature that had values in the four weeks before has some on the newest day, and every log "
    "speaks: otherwise a feed broke, and nothing is concluded from it.",
    judge=_feed,
)
_VALUES = WriteCheck(
    name="values_fit",
    description="Every value is of the type of its column. Advice: what is not is null, and counted.",
    judge=lambda decisions, _: judges.values_fit(decisions.record(DecisionsRecord)),
)
_FRESH = StoredCheck(
    name="fresh",
    description="The newest decision is not older than twice the longest pause before it, or two days.",
    judge=lambda decisions, _: judges.fresh(decisions.frame, decisions.clock.now()),
)


def _accounted(portfolio: Portfolio) -> WriteCheck:
    rejected = monitoring_key(portfolio.name, REJECTED)

    def judge(outcomes: Submission, _: Lakehouse) -> Verdict:
        frame = outcomes.frame.lazy().select("observations").collect()
        aside = outcomes.beside[rejected].lazy().collect().height if rejected in outcomes.beside else 0
        record = outcomes.record(OutcomesRecord)
        return outcome_judges.all_accounted(record, frame.height, aside, int(frame["observations"].sum()))

    return WriteCheck(
        name="all_accounted",
        description="Every row of the files is behind an outcome, or set aside with its reason.",
        judge=judge,
        needs=(rejected,),
    )


_OUTCOMES_REJECTED = WriteCheck(
    name="rejected_share",
    description="No more rows of the files break the contract of outcomes than it allows.",
    judge=lambda outcomes, _: outcome_judges.rejected_share(outcomes.record(OutcomesRecord)),
)
_REASONS_GIVEN = StoredCheck(
    name="reasons_given",
    description="Each row that counts for no decision says why.",
    judge=lambda aside, _: outcome_judges.reasons_given(aside.frame.lazy().select("reason").collect()),
)
_OUTCOMES_MATCHED = StoredCheck(
    name="matched",
    description="Nearly all rows that keep the contract count for a decision; each that does not says why.",
    judge=lambda outcomes, _: outcome_judges.matched(outcomes.record(OutcomesRecord)),
)
_CALIBRATION = StoredCheck(
    name="calibration",
    description="In no band of points are probabilities too low for the defaults that came (Jeffreys, Holm).",
    judge=lambda performance, _: performance_judges.calibration(performance.record(PerformanceRecord)),
)
_DISCRIMINATION = StoredCheck(
    name="discrimination",
    description="The champion separates as well as on the holdout restricted to whom it accepts.",
    judge=lambda performance, _: performance_judges.discrimination(performance.record(PerformanceRecord)),
)
_CONCEPT = StoredCheck(
    name="concept",
    description="AUC and default rate that came lie where the probabilities said.",
    judge=lambda performance, _: performance_judges.concept(performance.record(PerformanceRecord)),
)


def _outcomes_fresh(portfolio: Portfolio) -> StoredCheck:
    def judge(outcomes: Submission, _: Lakehouse) -> Verdict:
        today = outcomes.clock.now().astimezone(portfolio.monitoring.zone).date()
        return outcome_judges.fresh(outcomes.record(OutcomesRecord), today)

    return StoredCheck(
        name="fresh", description="The newest observation is not older than two months: lenders tell.", judge=judge
    )


def _performance_fresh(portfolio: Portfolio) -> StoredCheck:
    policy = portfolio.monitoring

    def judge(performance: Submission, _: Lakehouse) -> Verdict:
        record, today = performance.record(PerformanceRecord), performance.clock.now().astimezone(policy.zone).date()
        return performance_judges.fresh(record, policy.maturity_months, today)

    return StoredCheck(
        name="fresh", description="The newest month that counts is about as new as maturity allows.", judge=judge
    )


_FROZEN = WriteCheck(
    name="frozen_whole",
    description="Each reference holds all of its applicants in each feature, and the importance of the features "
    "adds up to 1.",
    judge=lambda reference, _: drift_judges.frozen_whole(reference.frame, reference.record(ReferenceRecord)),
)
_COUNTED = WriteCheck(
    name="everybody_counted",
    description="Each decision is counted once in each feature.",
    judge=lambda counts, _: drift_judges.everybody_counted(counts.frame, counts.record(CountsRecord)),
)


def _shift_level(shift: Submission, _: Lakehouse) -> Verdict:
    record = shift.record(PopulationShiftRecord)
    return drift_judges.drift_level(record.shift, record.message)


_LEVEL = StoredCheck(
    name="drift_level",
    description="Fewer than three features are certainly and materially different from training.",
    judge=_shift_level,
)


def _evidently(report: Submission, lakehouse: Lakehouse) -> Verdict:
    record = report.record(EvidentlyRecord)
    page = None if record.page is None else str(lakehouse.shelf.local(record.page))
    return drift_judges.evidently_written(page, record.message)


_EVIDENTLY = WriteCheck(
    name="page_written",
    description="Evidently's page is there, where there was anybody to compare.",
    judge=_evidently,
)
_BEFORE: dict[str, list[WriteCheck]] = {
    DECISIONS: [_ROWS, _FEED, _VALUES],
    REFERENCE: [_FROZEN],
    COUNTS: [_COUNTED],
    EVIDENTLY: [_EVIDENTLY],
}
_AFTER: dict[str, list[StoredCheck]] = {DECISIONS: [_FRESH], SHIFT: [_LEVEL]}
