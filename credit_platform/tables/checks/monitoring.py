"""Checks of what is watched after promotion: the rows are the log's, the feed is whole, decisions still come."""

from __future__ import annotations

from credit_platform.lakehouse import Lakehouse, Verdict
from credit_platform.monitoring.decisions import judges
from credit_platform.monitoring.decisions.schema import NAME as DECISIONS
from credit_platform.monitoring.decisions.schema import DecisionsRecord
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.tables.judging import StoredCheck, Submission, WriteCheck


def monitoring_write_checks(_: Portfolio, name: str) -> list[WriteCheck]:
    """What has to hold of table `monitoring/<name>` before it is written."""
    return [_ROWS, _FEED, _VALUES] if name == DECISIONS else []


def monitoring_stored_checks(_: Portfolio, name: str) -> list[StoredCheck]:
    """What is only told of table `monitoring/<name>`."""
    return [_FRESH] if name == DECISIONS else []


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
