"""What has to hold of the tables of retraining.

What is here: judges of `retrain_decision` and `decided_applicants`.
What to add here: another thing that must hold, with its check in `tables/checks/monitoring.py`.
What must not be here: deciding.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from credit_platform.lakehouse import Verdict
from credit_platform.monitoring.retraining.records import DecidedRecord, RetrainRecord
from credit_platform.monitoring.retraining.rule import Answer
from credit_platform.portfolios.portfolio import Portfolio

_FRESH = timedelta(days=2)


def follows_from_evidence(record: RetrainRecord) -> Verdict:
    """Whether a refit is only answered where data are sound, and the hash is that of the evidence."""
    evidence = record.evidence
    wrong = []
    if record.evidence_hash != evidence.hash:
        wrong.append(f"the hash {record.evidence_hash} is not that of the evidence, {evidence.hash}")
    if record.answer is not Answer.NONE and (evidence.incidents or evidence.failing or evidence.unmade):
        wrong.append("it is to be trained on data that a check refuses")
    if record.answer is Answer.REFIT and not evidence.grounds:
        wrong.append("nothing speaks for a refit")
    return Verdict(
        check="follows_from_evidence",
        passed=not wrong,
        numbers={"grounds": len(evidence.grounds)},
        message=f"{'; '.join(wrong)}." if wrong else record.message,
        final=True,
    )


def no_incident(record: RetrainRecord) -> Verdict:
    """Whether data are sound, so that the model may be trained again at all; only told."""
    found = (*record.evidence.incidents, *record.evidence.failing, *record.evidence.unmade)
    return Verdict(
        check="no_incident",
        passed=not found,
        warns=True,
        numbers={"incidents": len(found)},
        message=record.message,
    )


def decision_fresh(record: RetrainRecord, now: datetime) -> Verdict:
    """Whether somebody asked lately; only told."""
    return Verdict(
        check="fresh",
        passed=now - record.decided_at < _FRESH,
        warns=True,
        message=f"Decided on {record.decided_at:%Y-%m-%d %H:%M} UTC. {record.message}",
    )


def all_accounted(frame: pl.LazyFrame, record: DecidedRecord) -> Verdict:
    """Whether every mature loan is in the table, or counted with the reason why not."""
    rows = frame.select(pl.len()).collect().item()
    aside = sum(record.left_out.values())
    wrong = rows != record.applicants or record.applicants + aside > record.loans
    return Verdict(
        check="all_accounted",
        passed=not wrong,
        numbers={"loans": record.loans, "rows": rows, "left_out": aside},
        message=f"{rows} rows and {aside} left out of {record.loans} loans do not add up." if wrong else record.message,
        final=True,
    )


def nobody_named(portfolio: Portfolio, frame: pl.LazyFrame, applications: pl.LazyFrame) -> Verdict:
    """Whether keys are unique, and none is one of the raw file: nobody is here under their name."""
    key = portfolio.applicant_key
    rows = frame.select(key).collect()
    twice = rows.height - rows[key].n_unique()
    named = rows.lazy().join(applications.select(key), on=key, how="semi").select(pl.len()).collect().item()
    return Verdict(
        check="nobody_named",
        passed=not (twice or named),
        numbers={"rows": rows.height, "twice": twice, "of_the_raw_file": named},
        message=f"{twice} keys are there twice, {named} are those of applicants of the raw file."
        if twice or named
        else f"{rows.height:,} keys, each once, and none of the raw file.",
        final=True,
    )
