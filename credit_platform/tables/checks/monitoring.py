"""Checks of what is watched after promotion: the rows are the log's, the feed is whole, decisions still come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import polars as pl

from credit_platform.lakehouse import Lakehouse, StoredTable, Verdict
from credit_platform.monitoring.decisions import judges
from credit_platform.monitoring.decisions.schema import NAME as DECISIONS
from credit_platform.monitoring.decisions.schema import DecisionsRecord
from credit_platform.monitoring.outcomes import judges as outcome_judges
from credit_platform.monitoring.outcomes.contract import NAME as OUTCOMES
from credit_platform.monitoring.outcomes.contract import REJECTED
from credit_platform.monitoring.outcomes.records import OutcomesRecord
from credit_platform.monitoring.performance import judges as performance_judges
from credit_platform.monitoring.performance.records import NAME as PERFORMANCE
from credit_platform.monitoring.performance.records import PerformanceRecord
from credit_platform.monitoring.retraining import judges as retraining_judges
from credit_platform.monitoring.retraining.records import DECISION as RETRAINING
from credit_platform.monitoring.retraining.records import TAKEN_IN, DecidedRecord, RetrainRecord
from credit_platform.portfolios.keys import monitoring_key, raw_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.tables.judging import StoredCheck, Submission, WriteCheck


def monitoring_write_checks(portfolio: Portfolio, name: str) -> list[WriteCheck]:
    """What has to hold of table `monitoring/<name>` before it is written."""
    if name == OUTCOMES:
        return [_accounted(portfolio), _OUTCOMES_REJECTED]
    found = {
        DECISIONS: [_ROWS, _FEED, _VALUES],
        RETRAINING: [_FOLLOWS],
        TAKEN_IN: [_TAKEN_ACCOUNTED, _nobody_named(portfolio)],
    }
    return found.get(name, [])


def outcomes_beside(portfolio: Portfolio, lakehouse: Lakehouse, kept: StoredTable) -> Mapping[str, pl.LazyFrame]:
    """Rows that were set aside by the run that stored `kept`."""
    key = monitoring_key(portfolio.name, REJECTED)
    made = [version for version in lakehouse.versions(key) if version.run_id == kept.version.run_id]
    return {key: lakehouse.scan(key, made[0].version)} if made else {}


def monitoring_stored_checks(portfolio: Portfolio, name: str) -> list[StoredCheck]:
    """What is only told of table `monitoring/<name>`."""
    found = {
        DECISIONS: [_FRESH],
        OUTCOMES: [_OUTCOMES_MATCHED, _outcomes_fresh(portfolio)],
        RETRAINING: [_NO_INCIDENT, _DECISION_FRESH],
        PERFORMANCE: [_CALIBRATION, _DISCRIMINATION, _CONCEPT, _performance_fresh(portfolio)],
    }
    return found.get(name, [])


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
    judge=lambda decisions, _: judges.fresh(decisions.frame),
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
        today = datetime.now(portfolio.monitoring.zone).date()
        return outcome_judges.fresh(outcomes.record(OutcomesRecord), today)

    return StoredCheck(
        name="fresh", description="The newest observation is not older than two months: lenders tell.", judge=judge
    )


def _performance_fresh(portfolio: Portfolio) -> StoredCheck:
    policy = portfolio.monitoring

    def judge(performance: Submission, _: Lakehouse) -> Verdict:
        record, today = performance.record(PerformanceRecord), datetime.now(policy.zone).date()
        return performance_judges.fresh(record, policy.maturity_months, today)

    return StoredCheck(
        name="fresh", description="The newest month that counts is about as new as maturity allows.", judge=judge
    )


_FOLLOWS = WriteCheck(
    name="follows_from_evidence",
    description="A refit is answered only where something speaks for it and no check refuses data; the hash is that of "
    "the evidence.",
    judge=lambda decision, _: retraining_judges.follows_from_evidence(decision.record(RetrainRecord)),
)
_NO_INCIDENT = StoredCheck(
    name="no_incident",
    description="No feed is broken and no check refuses the newest data: the model may be trained again at all.",
    judge=lambda decision, _: retraining_judges.no_incident(decision.record(RetrainRecord)),
)
_DECISION_FRESH = StoredCheck(
    name="fresh",
    description="It was asked in the last two days whether to train again.",
    judge=lambda decision, _: retraining_judges.decision_fresh(decision.record(RetrainRecord), datetime.now(UTC)),
)
_TAKEN_ACCOUNTED = WriteCheck(
    name="all_accounted",
    description="Every loan with a mature outcome is trained on, or counted with the reason why not.",
    judge=lambda taken, _: retraining_judges.all_accounted(taken.frame, taken.record(DecidedRecord)),
)


def _nobody_named(portfolio: Portfolio) -> WriteCheck:
    key = raw_key(portfolio.name, portfolio.training_table)
    return WriteCheck(
        name="nobody_named",
        description="Keys are unique, and none is that of an applicant of the raw file.",
        judge=lambda taken, lakehouse: retraining_judges.nobody_named(portfolio, taken.frame, lakehouse.scan(key)),
        needs=(key,),
    )
