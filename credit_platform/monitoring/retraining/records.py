"""What stands beside the tables of retraining: a typed record each.

What is here: `RetrainRecord` and `DecidedRecord`.
What to add here: a field that a check, a page or a sensor reads; `LEFT_OUT` where older tables lack it.
What must not be here: how a record is written and read (`lakehouse/records.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from credit_platform.lakehouse.records import Record
from credit_platform.monitoring.retraining.evidence import Evidence
from credit_platform.monitoring.retraining.rule import Answer, Decided

DECISION: Final = "retrain_decision"
"""Name of the table that says whether to train again."""
TAKEN_IN: Final = "decided_applicants"
"""Name of the table of those whom the newest refit took into the feature table."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RetrainRecord(Record):
    """Of monitoring/retrain_decision."""

    evidence_hash: str
    """Of what decided: a refit starts once for each."""
    answer: Answer
    message: str
    """The answer with its reasons, in English."""
    message_fr: str
    """The same in French."""
    evidence: Evidence
    decided: Decided
    decided_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class DecidedRecord(Record):
    """Of monitoring/decided_applicants."""

    evidence_hash: str
    """What the refit began for."""
    began_at: datetime
    maturity_months: int
    """Months on book at which it counted whether a loan had defaulted."""
    loans: int
    """Granted loans of mature months whose outcome was known."""
    applicants: int
    """Of them, those that were taken in."""
    defaults: int
    left_out: dict[str, int]
    """The others by reason."""
    feature_version: str
    message: str
    """All of it as a sentence."""
