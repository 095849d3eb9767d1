"""Everybody who was decided about while a refit's loans were granted: what its applicants look like, not its accepted.

What is here: `decided_population`, and `broken_days`.
What to add here: another thing that is known of everybody decided about.
What must not be here: cells (`training.py`), which loans a refit learns from (`monitoring/retraining`).

A refit has outcomes of the accepted only, and everybody who applies would look different from them. Features need no
outcome: so the reference of a refit holds all who applied in the newest months that it learnt from, the refused among
them. No weight of the accepted could stand for these, because a rule accepts nobody like them (ADR 0046).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

import numpy as np
import polars as pl

from credit_platform.features.decided import DECIDED, MARK, ORIGIN, has_decided
from credit_platform.lakehouse import Lakehouse, StoredTable
from credit_platform.modelling.records import ScorerRecord
from credit_platform.monitoring.decisions.marks import mark_of
from credit_platform.monitoring.decisions.schema import DAY, decisions_key, feature_column
from credit_platform.monitoring.drift.records import DRIFT, DriftRecord
from credit_platform.monitoring.drift.reference import NONE, SCORE, TARGET
from credit_platform.portfolios.keys import model_key, monitoring_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Scorer
from credit_platform.scoring.rule import ACCEPTED

ENOUGH = 2_000
"""Decisions after which no older month is added: those who come now are held against the newest that were learnt."""
LEAST = 250
"""Decisions from one source of histories below which training applicants stand for it: fewer show no shift."""
_MONTH = "month"
_IDENTITY = ("log", "row", "decided_at")


@dataclass(frozen=True, kw_only=True)
class Population:
    """Who applied."""

    strata: Mapping[str, pl.DataFrame]
    """Source of histories to features, `probability` by a model that had not seen the applicant, and `target` (null
    where no mature outcome was learnt from)."""
    months: tuple[str, ...]
    """Of decision, as in 2031-03, the first one first."""


def decided_population(
    lakehouse: Lakehouse, portfolio: Portfolio, scorer: Scorer, model: StoredTable, applicants: pl.LazyFrame
) -> Population | None:
    """Who applied in the newest months that a model learnt loans of; None where it learnt of raw files only.

    Also None where the decisions of then are gone, or were of other feature definitions: nobody knows then.

    Args:
        lakehouse: holds `monitoring/decisions`.
        portfolio: whose.
        scorer: the model.
        model: the table that says where it lies.
        applicants: the feature table that it was trained on.
    """
    key, record = decisions_key(portfolio.name), ScorerRecord.of(model)
    if not has_decided(applicants) or not lakehouse.exists(key):
        return None
    decisions = lakehouse.scan(key).filter(
        pl.col("feature_version") == record.feature_version, ~pl.col(DAY).is_in(broken_days(lakehouse, portfolio))
    )
    if any(feature_column(name) not in decisions.collect_schema() for name in scorer.fitted.features):
        return None
    learnt = _learnt(lakehouse, portfolio, model, applicants)
    months = _months(decisions, learnt)
    if not months:
        return None
    rows = _rows(decisions.filter(_month().is_in(months)), scorer, learnt)
    strata = {str(source): part for (source,), part in rows.partition_by("histories", as_dict=True).items()}
    kept = {source: part for source, part in strata.items() if part.height >= LEAST}
    return Population(strata=kept, months=tuple(months)) if kept else None


def broken_days(lakehouse: Lakehouse, portfolio: Portfolio) -> list[date]:
    """Days on which a feed was broken, by `monitoring/drift`: damage is mended, not learnt from."""
    key = monitoring_key(portfolio.name, DRIFT)
    days = DriftRecord.of(lakehouse.read(key)).days if lakehouse.exists(key) else {}
    return [date.fromisoformat(day) for day, models in days.items() if any(one.incidents for one in models)]


def _learnt(
    lakehouse: Lakehouse, portfolio: Portfolio, model: StoredTable, applicants: pl.LazyFrame
) -> dict[str, tuple[int, float | None]]:
    """Mark of each decision that was learnt from to its target, and the probability out of fold where it is stored."""
    decided = applicants.filter(pl.col(ORIGIN) == DECIDED)
    rows = decided.select(portfolio.applicant_key, MARK, portfolio.target)
    key = model_key(portfolio.name, "calibration")
    then = (one for one in lakehouse.versions(key) if one.timestamp <= model.version.timestamp)
    version = next(then, None)
    if version is None:
        scored = rows.with_columns(pl.lit(None, dtype=pl.Float64).alias(SCORE))
    else:
        scores = lakehouse.read(key, version.version).frame.select(portfolio.applicant_key, SCORE)
        scored = rows.join(scores, on=portfolio.applicant_key, how="left")
    found = scored.select(MARK, portfolio.target, SCORE).collect()
    return {mark: (int(target), score) for mark, target, score in found.iter_rows()}


def _month() -> pl.Expr:
    return pl.col(DAY).dt.strftime("%Y-%m")


def _marks(decisions: pl.DataFrame) -> pl.Series:
    return pl.Series(MARK, [mark_of(*row) for row in decisions.select(_IDENTITY).iter_rows()], dtype=pl.String)


def _months(decisions: pl.LazyFrame, learnt: Mapping[str, object]) -> list[str]:
    """The newest months with a loan that was learnt from, until they hold enough decisions."""
    counts = decisions.group_by(_month().alias(_MONTH)).len().collect()
    granted = decisions.filter(pl.col("decision") == ACCEPTED).select(*_IDENTITY, _month().alias(_MONTH)).collect()
    with_loans = granted.filter(_marks(granted).is_in(list(learnt)))[_MONTH].unique()
    ordered = counts.filter(pl.col(_MONTH).is_in(with_loans.implode())).sort(_MONTH, descending=True)
    before = [0, *accumulate(ordered["len"].to_list())]
    return sorted(month for month, held in zip(ordered[_MONTH], before, strict=False) if held < ENOUGH)


def _rows(decisions: pl.LazyFrame, scorer: Scorer, learnt: Mapping[str, tuple[int, float | None]]) -> pl.DataFrame:
    """Features under their own names, `probability`, `target` and where histories came from."""
    names = scorer.fitted.features
    found = decisions.collect()
    rows = found.select(
        pl.col("histories").fill_null(NONE), *(pl.col(feature_column(name)).alias(name) for name in names)
    )
    known = [learnt.get(mark) for mark in _marks(found)]
    # Of those whom it learnt from a model is too sure: their scores are of models that had not seen them.
    strange = pl.Series([None if one is None else one[1] for one in known], dtype=pl.Float64)
    own = pl.Series(np.asarray(scorer.score_features(rows)))
    return rows.with_columns(
        strange.fill_null(own).alias(SCORE),
        pl.Series(TARGET, [None if one is None else one[0] for one in known], dtype=pl.Int64),
    )
