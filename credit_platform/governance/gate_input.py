"""What the gate is given: the stored tables of one run, and the champion's, as the gate takes them.

What is here: `gather_assurance` and `gather_gate_input`.
What to add here: where another fact that a check reads is stored.
What must not be here: judging (`gate.py`, `assurance.py`), measuring.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from credit_platform.governance.approval import PolicyInForce
from credit_platform.governance.assurance import Assurance
from credit_platform.governance.decision import Contender
from credit_platform.governance.evidence import Evidence, GateInput
from credit_platform.governance.records import (
    DocumentsRecord,
    EvidenceRecord,
    ExplanationsRecord,
    FairnessRecord,
    PromotedModel,
    ReasonsRecord,
    RegisteredModel,
    ScorecardRecord,
    SoundnessRecord,
)
from credit_platform.governance.stability import Shift
from credit_platform.governance.subject import load_scorer
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.lakehouse.versions import StoredTable
from credit_platform.modelling.records import ScorerRecord
from credit_platform.portfolios.portfolio import Portfolio

EVIDENCE = ("explanations", "fairness", "soundness", "reasons")
PAPERS = ("scorecard", "validation_report", "model_card")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who asks the gate, when, and how."""

    decided_by: str
    decided_at: datetime
    run_id: str
    approval: PolicyInForce
    """What it takes to promote the challenger."""
    approved_by: str | None
    """Who approved this scorer by name before; None when nobody did."""
    seed: int


def challenger_of(tables: Mapping[str, StoredTable]) -> Contender:
    """The challenger, by the tables `scorer` and `registered_model`."""
    scorer, registered = ScorerRecord.of(tables["scorer"]), RegisteredModel.of(tables["registered_model"])
    return Contender(name=scorer.candidate, version=registered.version, digest=scorer.digest)


def gather_gate_input(
    portfolio: Portfolio, tables: Mapping[str, StoredTable], champion: StoredTable | None, asked: Asked, shelf: Shelf
) -> GateInput:
    """What the gate looks at.

    Args:
        portfolio: whose challenger it is.
        tables: applicants, scorer, calibration, registered_model, swap_set, and those of `EVIDENCE` and `PAPERS`.
        champion: serving/promoted_model; None before the first promotion.
        asked: who asks.
        shelf: where the scorer lies.

    Raises:
        RecordError: a table's record does not fit.
        ModellingError: champion and challenger were scored on different applicants.
        ScorerError: the scorer is gone or altered.
    """
    scorer = tables["scorer"]
    model = None if champion is None else PromotedModel.of(champion)
    return GateInput(
        portfolio=portfolio,
        challenger=challenger_of(tables),
        development=_development(portfolio, tables["calibration"], asked.seed),
        holdout=_evidence(portfolio, scorer, champion),
        champion=None if model is None else model.contender,
        champion_holdout=None if champion is None else _evidence(portfolio, champion, scorer),
        assurance=gather_assurance(portfolio, tables, shelf, approval=asked.approval, approved_by=asked.approved_by),
        decided_by=asked.decided_by,
        decided_at=asked.decided_at,
        run_id=asked.run_id,
        digests={name: stored.version.content_hash for name, stored in sorted(tables.items())},
        seed=asked.seed,
    )


def gather_assurance(
    portfolio: Portfolio,
    tables: Mapping[str, StoredTable],
    shelf: Shelf,
    *,
    approval: PolicyInForce,
    approved_by: str | None,
) -> Assurance:
    """The measured facts of the evidence, as the gate takes them.

    Raises:
        RecordError: a table's record does not fit.
        ScorerError: the scorer is gone or altered.
    """
    explained = ExplanationsRecord.of(tables["explanations"])
    fair, sound = FairnessRecord.of(tables["fairness"]), SoundnessRecord.of(tables["soundness"])
    told = ReasonsRecord.of(tables["reasons"])
    rows = tables["soundness"].frame.collect().iter_rows(named=True)
    shifts = [Shift(name=row["name"], psi=row["psi"], bound=row["bound"]) for row in rows]
    return Assurance(
        digests=_digests(tables),
        data_hashes=_data_hashes(portfolio, tables, shelf),
        fold_outcomes=sound.fold_outcomes,
        strongest_alone=(sound.strongest_alone.feature, sound.strongest_alone.auc),
        alone_interval=sound.strongest_alone.interval,
        dominant_by_chance=sound.dominant_by_chance,
        dominant=(explained.dominant.feature, explained.dominant.share),
        unrelated=sound.unrelated,
        constant_features=sound.constant_features,
        features=sound.features,
        unexplained_features=explained.unexplained_features,
        answers_checked=told.answers,
        untrue_reasons=told.findings,
        largest_gap=explained.largest_gap,
        score_shift=shifts[0],
        feature_shifts=tuple(shifts[1:]),
        flipped_features=sound.flipped_features,
        parity_applicants=sound.parity.applicants,
        parity_differing=sound.parity.differing,
        p95_milliseconds=sound.parity.p95_milliseconds,
        adverse_groups=fair.adverse,
        watched_groups=fair.watched,
        small_groups=fair.small_groups,
        fairness_severity=portfolio.fairness_severity,
        approval=approval,
        approved_by=approved_by,
    )


def _digests(tables: Mapping[str, StoredTable]) -> dict[str, str]:
    """The scorer that each table says it is about."""
    return {
        "scorer": ScorerRecord.of(tables["scorer"]).digest,
        "registered_model": RegisteredModel.of(tables["registered_model"]).digest,
        **{name: EvidenceRecord.of(tables[name]).digest for name in EVIDENCE},
        "scorecard": ScorecardRecord.of(tables["scorecard"]).digest,
        **{name: DocumentsRecord.of(tables[name]).digest for name in ("validation_report", "model_card")},
    }


def _data_hashes(portfolio: Portfolio, tables: Mapping[str, StoredTable], shelf: Shelf) -> dict[str, str]:
    """The feature table that each table says it was made of."""
    return {
        "scorer": load_scorer(tables["scorer"], portfolio, shelf).metadata["data_hash"],
        "applicants": tables["applicants"].version.content_hash,
        **{name: EvidenceRecord.of(tables[name]).data_hash for name in EVIDENCE},
    }


def _development(portfolio: Portfolio, calibration: StoredTable, seed: int) -> Evidence:
    oof = calibration.frame.collect()
    y, p, fold = (oof[name].to_numpy() for name in ("target", "probability", "fold"))
    return Evidence.cross_fitted(y, p, fold, portfolio.costs, seed=seed)


def _evidence(portfolio: Portfolio, own: StoredTable, other: StoredTable | None) -> Evidence:
    """Scores and decisions of `own` on the holdout applicants whom `other` scored too, sorted by applicant.

    The champion was scored on the holdout of its day. The holdout only grows, so what both scored is nearly all of it.
    """
    frame = own.frame.collect().sort(portfolio.applicant_key)
    if other is not None:
        frame = frame.join(other.frame.collect(), on=portfolio.applicant_key, how="semi", maintain_order="left")
    return Evidence.at_threshold(frame["target"], frame["probability"], ScorerRecord.of(own).rule.threshold)
