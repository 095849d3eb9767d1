"""The decision to train again, and the decided applicants of a refit, as tables.

What is here: `retrain_table`, `taken_in_table`, and `taken_in`: who of them goes into a feature table of today.
What must not be here: deciding and computing (`monitoring/retraining`), storing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import polars as pl

from credit_platform.code_versions import code_version
from credit_platform.errors import ModellingError
from credit_platform.features import feature_version
from credit_platform.lakehouse import CommitInfo, Lakehouse
from credit_platform.monitoring.decisions.forgetting import forget, forget_again
from credit_platform.monitoring.decisions.logs import HELD, NamedLog
from credit_platform.monitoring.outcomes.contract import NAME as OUTCOMES
from credit_platform.monitoring.retraining.admitting import Admitted, LeftOut, admit, name_of
from credit_platform.monitoring.retraining.evidence import Evidence
from credit_platform.monitoring.retraining.gathering import decided_on_sound_feeds, gather, past_refits, stored_loans
from credit_platform.monitoring.retraining.inputs import applicants_of
from credit_platform.monitoring.retraining.records import DECISION, TAKEN_IN, DecidedRecord, RetrainRecord
from credit_platform.monitoring.retraining.rule import Answer, Decided, decide
from credit_platform.monitoring.retraining.words import sentences
from credit_platform.portfolios.keys import monitoring_key, raw_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.tables.table import Table
from credit_platform.values import canonical_keys, has_number_as_key, key_column


def retraining_code() -> str:
    """Code version of deciding and taking in."""
    return code_version("credit_platform.monitoring.retraining")


def retrain_table(
    portfolio: Portfolio, lakehouse: Lakehouse, logs: Sequence[NamedLog], now: datetime, unmade: Sequence[str] = ()
) -> Table:
    """Whether to train again, by what is stored and logged at this moment.

    Args:
        portfolio: whose model.
        lakehouse: holds what is stored.
        logs: of all services.
        now: when it is asked.
        unmade: tables of what is watched that the newest run could not make.

    Raises:
        DecisionLogError: a log cannot be read.
        RecordError: a table was made by another version of the platform.
    """
    evidence = gather(portfolio, lakehouse, logs, unmade)
    decided = decide(evidence, portfolio.monitoring, past_refits(lakehouse, portfolio.name), now)
    record = RetrainRecord(
        evidence_hash=evidence.hash,
        answer=decided.answer,
        message=sentences(decided, "en"),
        message_fr=sentences(decided, "fr"),
        evidence=evidence,
        decided=decided,
        decided_at=now,
    )
    frame = _facts(evidence, decided)
    return Table(
        frame=frame,
        summary=record.to_summary(),
        info=CommitInfo(portfolio=portfolio.name, code_version=retraining_code()),
    )


def taken_in_table(
    portfolio: Portfolio, lakehouse: Lakehouse, logs: Sequence[NamedLog], now: datetime, *, expected: str | None = None
) -> Table:
    """The applicants that a refit takes in: those whom the newest decision to train again is about.

    Args:
        portfolio: whose.
        lakehouse: holds decisions, outcomes, and the decision to train again.
        logs: of all services.
        now: when it begins.
        expected: hash of the evidence for which the run was started; None for one that a person started.

    Raises:
        ModellingError: the newest decision is no ground, or another one than `expected`.
        DecisionLogError: a log cannot be read.
    """
    forget(lakehouse, portfolio.name, logs)
    said = _standing(portfolio, lakehouse, logs, now, expected)
    loans = stored_loans(portfolio, lakehouse)
    applications = lakehouse.scan(raw_key(portfolio.name, portfolio.training_table))
    sound = decided_on_sound_feeds(portfolio, lakehouse, loans)
    found = admit(portfolio, logs, sound, _named_in(portfolio, applications))
    if sound.height < loans.height:
        found = replace(found, left_out={**found.left_out, LeftOut.FEED: loans.height - sound.height})
    if found.frame.is_empty():
        raise ModellingError(
            f"None of {loans.height} loans with a mature outcome can be trained on: {_counted(found)}.",
            "Nothing was changed; what is left out, and why, stands in docs/monitoring.md.",
        )
    version = feature_version(portfolio)
    defaults = int(found.frame[portfolio.target].sum())
    record = DecidedRecord(
        evidence_hash=said.evidence_hash,
        began_at=now,
        maturity_months=portfolio.monitoring.maturity_months,
        loans=loans.height,
        applicants=found.frame.height,
        defaults=defaults,
        left_out=found.left_out,
        feature_version=version,
        message=f"{found.frame.height:,} of {loans.height:,} loans with a mature outcome are trained on, {defaults:,} "
        f"defaults among them; left out: {_counted(found)}.",
    )
    outcomes = lakehouse.read(monitoring_key(portfolio.name, OUTCOMES))
    return Table(
        frame=found.frame,
        summary=record.to_summary(),
        info=CommitInfo(
            portfolio=portfolio.name,
            code_version=version,
            synthetic=outcomes.version.synthetic,
            number_of_features=len(portfolio.features),
        ),
        # Whoever was erased while this was made goes at once.
        afterwards=partial(forget_again, lakehouse, portfolio.name, logs),
    )


@dataclass(frozen=True, kw_only=True)
class TakenIn:
    """The decided applicants of the newest refit, as they go into the feature table of today."""

    frame: pl.DataFrame
    """Key, target, features and mark, among others."""
    maturity_months: int
    synthetic: bool


def taken_in(
    portfolio: Portfolio,
    lakehouse: Lakehouse,
    logs: Sequence[NamedLog],
    applications: pl.LazyFrame,
    version: int | None,
) -> TakenIn | None:
    """Whom the newest refit took in and no raw file tells of since; None for nobody.

    Args:
        portfolio: whose.
        lakehouse: holds who was taken in.
        logs: of all services; where definitions of features changed since, features are computed anew of these.
        applications: the training table that the feature table is made of.
        version: of the table; None for the newest.

    Raises:
        DecisionLogError: a log cannot be read.
    """
    key = monitoring_key(portfolio.name, TAKEN_IN)
    if lakehouse.latest(key) is None:
        return None
    stored = lakehouse.read(key, version)
    record, rows, known = DecidedRecord.of(stored), stored.frame.collect(), _named_in(portfolio, applications)
    if record.feature_version == feature_version(portfolio):
        frame = rows.join(_told_of(portfolio, logs, rows, known), on=["log", "row"], how="anti")
    else:
        loans = rows.select(*HELD.names(), (pl.col(portfolio.target) == 1).alias("defaulted"))
        frame = admit(portfolio, logs, loans, known).frame
    if frame.is_empty():
        return None
    return TakenIn(frame=frame, maturity_months=record.maturity_months, synthetic=stored.version.synthetic)


def _told_of(portfolio: Portfolio, logs: Sequence[NamedLog], rows: pl.DataFrame, known: set[str]) -> pl.DataFrame:
    """Log and row of those who are in the raw file by now."""
    found = [
        (log.name, row) for log in logs for row, whose in applicants_of(log, rows) if name_of(portfolio, whose) in known
    ]
    return pl.DataFrame(found, schema={"log": pl.String, "row": pl.Int64}, orient="row")


def _standing(
    portfolio: Portfolio, lakehouse: Lakehouse, logs: Sequence[NamedLog], now: datetime, expected: str | None
) -> RetrainRecord:
    """The decision that this refit is for, asked again: since it was made a feed may have broken.

    A person may start one that is only suggested, too soon as it may be, but none that nothing can be trained on.
    """
    key = monitoring_key(portfolio.name, DECISION)
    if lakehouse.latest(key) is None:
        raise ModellingError(
            f"Nobody asked whether {portfolio.name} is to be trained again.",
            f"Ask first: credit-platform run {portfolio.name} --monitoring",
        )
    table = retrain_table(portfolio, lakehouse, logs, now)
    said = RetrainRecord.from_summary(table.summary, key)
    if expected is not None and (said.evidence_hash != expected or said.answer is not Answer.REFIT):
        raise ModellingError(
            f"This run was started for the evidence {expected}; now it is {said.evidence_hash}. {said.message}",
            "Nothing was changed: when there is a reason to train again, a run starts by itself.",
        )
    barriers = {reason.code for reason in said.decided.reasons}
    if said.answer is Answer.NONE or barriers & {"too few", "no inputs", "too few inputs"}:
        raise ModellingError(said.message, "Nothing was changed.")
    return said


def _named_in(portfolio: Portfolio, applications: pl.LazyFrame) -> set[str]:
    """Names of the applicants of the training table, whose outcome it knows."""
    keys = applications.select(portfolio.applicant_key).collect()[portfolio.applicant_key]
    names = canonical_keys(key_column(portfolio), keys)[0] if has_number_as_key(portfolio) else keys.cast(pl.String)
    return set(names.drop_nulls().to_list())


def _counted(found: Admitted) -> str:
    return ", ".join(f"{count:,} because {reason}" for reason, count in found.left_out.items()) or "nobody"


def _facts(evidence: Evidence, decided: Decided) -> pl.DataFrame:
    """The evidence as rows, for whoever looks at the table."""
    trainable = evidence.trainable
    facts: dict[str, object] = {
        "answer": decided.answer.value,
        "evidence": evidence.hash,
        "champion": evidence.champion,
        "grounds": ", ".join(evidence.grounds) or "none",
        "feeds that broke": ", ".join(evidence.incidents) or "none",
        "tables whose newest data were refused": ", ".join(evidence.failing) or "none",
        "tables that could not be made": ", ".join(evidence.unmade) or "none",
        "drift level": evidence.drift_level,
        "drift score": evidence.drift_score,
        "features that drifted": evidence.drifted,
        "mature months of the champion": ", ".join(evidence.mature_months) or "none",
        "mature outcomes of the champion": evidence.mature_outcomes,
        "mature defaults of the champion": evidence.mature_defaults,
        "mature outcomes of all models": trainable.outcomes,
        "of them with inputs in the log": trainable.with_inputs,
        "defaults with inputs in the log": trainable.defaults_with_inputs,
    }
    rows = [(name, None if value is None else str(value)) for name, value in facts.items()]
    return pl.DataFrame(rows, schema={"fact": pl.String, "says": pl.String}, orient="row")
