"""What outcomes say of the champion, as checks of monitoring/performance; none of them holds anything up.

What is here: `calibration`, `discrimination`, `concept`, `fresh`.
What to add here: another question that the record answers.
What must not be here: measuring (`verdicts.py`), Dagster.
"""

from __future__ import annotations

from datetime import date

from credit_platform.lakehouse import Verdict
from credit_platform.monitoring.performance.records import PerformanceRecord
from credit_platform.monitoring.performance.verdicts import Answer, Judgement

_MORE_MONTHS = 3
"""Months beyond maturity after which the newest mature month should be another one."""


def calibration(record: PerformanceRecord) -> Verdict:
    """Whether probabilities are high enough in every band of points."""
    return _told("calibration", record.verdicts.calibration, record)


def discrimination(record: PerformanceRecord) -> Verdict:
    """Whether the champion separates as well as on the holdout that it accepts."""
    return _told("discrimination", record.verdicts.discrimination, record)


def concept(record: PerformanceRecord) -> Verdict:
    """Whether outcomes are what the probabilities said."""
    return _told("concept", record.verdicts.concept, record)


def fresh(record: PerformanceRecord, maturity_months: int, today: date) -> Verdict:
    """Whether the newest month that counts is about as new as maturity lets it be."""
    if not record.mature_months:
        return Verdict(check="fresh", passed=True, message=f"Nothing to compare: {record.message}")
    year, month = (int(part) for part in record.mature_months[-1].split("-"))
    age, bound = 12 * (today.year - year) + today.month - month, maturity_months + _MORE_MONTHS
    said = (
        f"The newest month that counts is {record.mature_months[-1]}, {age} months ago; {bound} are expected at most."
    )
    return Verdict(
        check="fresh", passed=age <= bound, message=said, numbers={"months": age, "bound": bound}, warns=True
    )


def _told(name: str, judgement: Judgement, record: PerformanceRecord) -> Verdict:
    return Verdict(
        check=name,
        passed=judgement.answer is not Answer.FAILS,
        message=f"{judgement.answer.value.capitalize()}. {judgement.reason}",
        numbers={"mature_outcomes": record.mature_outcomes, "mature_defaults": record.mature_defaults},
        warns=True,
    )
