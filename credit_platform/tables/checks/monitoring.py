"""Checks of what is watched after promotion: rows are the log's, feeds are whole, everybody is counted.

The checks of `monitoring/drift` are in `orchestration/checks/drift.py`: the table is written whatever they say.
"""

from __future__ import annotations

from credit_platform.lakehouse import Lakehouse, Verdict
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
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.tables.judging import StoredCheck, Submission, WriteCheck


def monitoring_write_checks(_: Portfolio, name: str) -> list[WriteCheck]:
    """What has to hold of table `monitoring/<name>` before it is written."""
    return _BEFORE.get(name, [])


def monitoring_stored_checks(_: Portfolio, name: str) -> list[StoredCheck]:
    """What is only told of table `monitoring/<name>`."""
    return _AFTER.get(name, [])


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


def _evidently(report: Submission, _: Lakehouse) -> Verdict:
    record = report.record(EvidentlyRecord)
    return drift_judges.evidently_written(record.page, record.message)


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
