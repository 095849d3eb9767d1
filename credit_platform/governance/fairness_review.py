"""Everything that is measured about the fairness of one scorer, into one record.

What is here: `review_fairness`, which brings together the audit, alternatives, exclusion and omissions.
What to add here: another question about groups, with its field of the record.
What must not be here: how one of them is measured (`fairness.py`, `fairness_alternatives.py`, `fairness_omission.py`),
judging (`assurance.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from credit_platform.governance.attributes import attribute_sentences, audited_attributes
from credit_platform.governance.evidence import Evidence
from credit_platform.governance.fairness import LEAST_MEMBERS, FairnessAudit, audit_fairness
from credit_platform.governance.fairness_alternatives import (
    EQUAL_COST,
    MOST_ROWS,
    Alternative,
    ExclusionCost,
    at_most,
    cost_of_exclusion,
    judged_groups,
    less_discriminatory,
)
from credit_platform.governance.fairness_omission import Omission, without_attribute
from credit_platform.governance.records import FairnessRecord
from credit_platform.governance.subject import load_scorer, rows_of_applicants
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.lakehouse.versions import StoredTable
from credit_platform.modelling.candidates import get_candidate
from credit_platform.modelling.cross_validation import cross_validate
from credit_platform.modelling.records import ScorerRecord, TunedRecord
from credit_platform.modelling.splits import HOLDOUT
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings


@dataclass(frozen=True, kw_only=True)
class ReviewedTables:
    """Tables that the review is made of."""

    applicants: StoredTable
    protected_attributes: StoredTable
    split: StoredTable
    tuned: StoredTable
    calibration: StoredTable
    scorer: StoredTable
    candidates: Mapping[str, StoredTable]
    """Out-of-fold scores of every candidate, by name."""


@dataclass(frozen=True, kw_only=True)
class FairnessReview:
    """What was found."""

    record: FairnessRecord
    audit: FairnessAudit
    exclusion: ExclusionCost
    sentences: tuple[str, ...]
    """What could be done, one sentence each; empty when nothing at equal cost."""


def review_fairness(portfolio: Portfolio, settings: Settings, tables: ReviewedTables) -> FairnessReview:
    """Audit who is granted by group, out of sample, and look for what could be done about a difference.

    Args:
        portfolio: whose applicants they are.
        settings: give seed and threads, and where the scorer lies.
        tables: what the graph has stored so far.

    Raises:
        ModellingError: a comparison cannot be made on these rows.
    """
    scorer, tuned = ScorerRecord.of(tables.scorer), TunedRecord.of(tables.tuned)
    threshold = scorer.rule.threshold
    everyone, groups = _scored_groups(portfolio, tables)
    evidence = Evidence.at_threshold(everyone["target"], everyone["probability"], threshold)
    audit = audit_fairness(evidence, groups)
    in_folds = (everyone["fold"] >= 0).to_numpy()
    inside = groups.filter(pl.Series(in_folds))
    alternatives = less_discriminatory(
        Evidence.at_threshold(everyone["target"].to_numpy()[in_folds], evidence.probability[in_folds], threshold),
        threshold,
        inside,
        _other_scores(portfolio, everyone.filter(pl.col("fold") >= 0), tables.candidates, tuned.candidate),
        portfolio.costs,
        name=tuned.candidate,
        attributes=_uneven(audit),
    )
    exclusion, omissions = _left_out(portfolio, settings, tables, tuned, threshold=threshold)
    record = FairnessRecord(
        digest=scorer.digest,
        data_hash=tables.applicants.version.content_hash,
        **_of_audit(portfolio, audit, evidence),
        alternatives=tuple(one.to_dict() for one in alternatives),
        alternatives_applicants=int(in_folds.sum()),
        **_not_found(_uneven(audit), alternatives, inside),
        attributes=tuple(attribute_sentences(portfolio, _features_of(portfolio, settings, tables))),
        least_members=LEAST_MEMBERS,
        equal_cost=EQUAL_COST,
        exclusion=exclusion.to_dict(),
        omissions=tuple(one.to_dict() for one in omissions),
    )
    sentences = (*(one.sentence for one in alternatives), *(one.sentence for one in omissions))
    return FairnessReview(record=record, audit=audit, exclusion=exclusion, sentences=sentences)


def _features_of(portfolio: Portfolio, settings: Settings, tables: ReviewedTables) -> Sequence[str]:
    return load_scorer(tables.scorer, portfolio, Shelf.of(settings)).fitted.features


def _left_out(
    portfolio: Portfolio, settings: Settings, tables: ReviewedTables, tuned: TunedRecord, *, threshold: float
) -> tuple[ExclusionCost, list[Omission]]:
    """What the protected attributes would add as inputs, and what the model is without those it reads."""
    candidate, params, key = get_candidate(tuned.candidate), tuned.params, portfolio.applicant_key
    compared = at_most(tables.split.frame.filter(pl.col("fold") != HOLDOUT).collect(), key, MOST_ROWS)
    frame = rows_of_applicants(portfolio, tables.applicants.frame, compared)
    groups = tables.protected_attributes.frame.collect()
    machine: Any = {"seed": settings.seed, "threads": settings.threads}
    now = tuned.with_rows(tables.tuned.frame)
    if not now.oof[key].equals(compared.sort(key)[key]):
        now = cross_validate(candidate, frame, compared, portfolio, params, **machine)
    exclusion = cost_of_exclusion(
        candidate, frame, compared, groups, portfolio, params, threshold=threshold, without=now, **machine
    )
    omissions = [
        without_attribute(
            candidate, frame, compared, groups, portfolio, params, audited=one, now=now, threshold=threshold, **machine
        )
        for one in audited_attributes(portfolio)
        if 0 < len(one.features) < len(portfolio.features)
    ]
    return exclusion, omissions


def _scored_groups(portfolio: Portfolio, tables: ReviewedTables) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Everybody's out-of-sample score (fold -1: holdout), and their groups in the same order."""
    key, columns = portfolio.applicant_key, ("target", "probability")
    inside = tables.calibration.frame.select(key, *columns, pl.col("fold").cast(pl.Int8))
    outside = tables.scorer.frame.select(key, *columns, pl.lit(HOLDOUT, pl.Int8).alias("fold"))
    everyone = pl.concat([inside, outside], how="vertical_relaxed").collect()
    audit = tables.protected_attributes.frame.collect()
    groups = everyone.select(key).join(audit, on=key, how="left", maintain_order="left").drop(key)
    return everyone, groups


def _other_scores(
    portfolio: Portfolio, everyone: pl.DataFrame, candidates: Mapping[str, StoredTable], own: str
) -> dict[str, Any]:
    """Out-of-fold probabilities of the other candidates in the order of `everyone`."""
    key = portfolio.applicant_key
    found = {}
    for name, stored in candidates.items():
        if name != own:
            scores = stored.frame.select(key, pl.col("probability").alias("other")).collect()
            joined = everyone.select(key).join(scores, on=key, how="left", maintain_order="left")
            found[name] = joined["other"].to_numpy()
    return found


def _uneven(audit: FairnessAudit) -> list[str]:
    """Attributes with a group below four fifths."""
    rows = audit.table.filter(~pl.col("intersection") & pl.col("verdict").is_in(["watch", "adverse"]))
    return rows["attribute"].unique(maintain_order=True).to_list()


def _not_found(attributes: list[str], alternatives: list[Alternative], groups: pl.DataFrame) -> dict[str, Any]:
    """Attributes without an alternative, and those that fewer applicants than the audit's do not let compare."""
    found = {one.attribute for one in alternatives}
    left = [name for name in attributes if name not in found]
    comparable = {name: len(judged_groups(groups[name])[1]) > 1 for name in left}
    return {
        "without_alternative": tuple(name for name in left if comparable[name]),
        "alternatives_not_comparable": tuple(name for name in left if not comparable[name]),
    }


def _of_audit(portfolio: Portfolio, audit: FairnessAudit, evidence: Evidence) -> dict[str, Any]:
    """Fields of the record that the audit gives."""
    small = audit.table.filter(~pl.col("intersection") & (pl.col("verdict") == "too_few"))
    untrue = ~pl.col("intersection") & (pl.col("verdict") != "too_few") & ~pl.col("calibrated")
    return {
        "applicants": int(evidence.y.size),
        "severity": portfolio.fairness_severity,
        "adverse": tuple(audit.adverse),
        "watched": tuple(audit.watched),
        "small_groups": tuple(
            f"{row['attribute']} {row['group']} ({row['members']})" for row in small.iter_rows(named=True)
        ),
        "least_ratio": audit.least_ratio,
        "miscalibrated": audit.table.filter(untrue).height,
    }
