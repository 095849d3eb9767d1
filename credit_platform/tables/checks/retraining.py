"""Checks of the decision to train again, and of the applicants whom a refit takes in."""

from __future__ import annotations

from credit_platform.monitoring.retraining import judges as retraining_judges
from credit_platform.monitoring.retraining.records import DECISION as RETRAINING
from credit_platform.monitoring.retraining.records import TAKEN_IN, DecidedRecord, RetrainRecord
from credit_platform.portfolios.keys import raw_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.tables.judging import StoredCheck, WriteCheck


def retraining_write_checks(portfolio: Portfolio, name: str) -> list[WriteCheck]:
    """What has to hold of table `monitoring/<name>` before it is written."""
    return {RETRAINING: [_FOLLOWS], TAKEN_IN: [_TAKEN_ACCOUNTED, _nobody_named(portfolio)]}.get(name, [])


def retraining_stored_checks(name: str) -> list[StoredCheck]:
    """What is only told of table `monitoring/<name>`."""
    return [_NO_INCIDENT, _DECISION_FRESH] if name == RETRAINING else []


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
    judge=lambda decision, _: retraining_judges.decision_fresh(decision.record(RetrainRecord), decision.clock.now()),
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
