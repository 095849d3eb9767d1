"""What the console reads of the lakehouse: scores of the portfolio, known applicants, the figures of the threshold.

What is here: functions from a lakehouse and a portfolio to small frames and figures; None where a table is not there.
What to add here: another stored figure that a page shows.
What must not be here: Streamlit, and computing what an asset has computed already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import polars as pl

from credit_platform.errors import TableNotFoundError
from credit_platform.features.inputs import used_columns
from credit_platform.governance.approval import policy_in_force
from credit_platform.governance.decision import PromotionDecision
from credit_platform.governance.promotion_history import champion_table
from credit_platform.governance.records import PromotedModel, promoted
from credit_platform.lakehouse import Lakehouse
from credit_platform.modelling.records import ScorerRecord, ThresholdRecord
from credit_platform.portfolios.approval import Level
from credit_platform.portfolios.keys import champion_key, decision_key, model_key, raw_key
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.values import identify

MOST_COMPARED = 5_000
"""Applicants that one is compared with, at most; enough for shares within one percentage point."""
ALIKE = 50


@dataclass(frozen=True)
class StoredScores:
    """Scores of applicants by models that had not seen them."""

    frame: pl.DataFrame
    """applicant key, target (1 = default, 0 = repaid), probability of default."""
    out_of_fold: bool
    """Whether the training applicants are among them; else the holdout alone."""
    synthetic: bool


@dataclass(frozen=True)
class Figures:
    """What is stored about the model in use."""

    threshold: ThresholdRecord | None = None
    """Of models/threshold; None when it belongs to another model than the one in use."""
    curve: pl.DataFrame = field(default_factory=pl.DataFrame)
    """Columns threshold and cost_per_applicant."""


@dataclass(frozen=True)
class Approval:
    """Who must say yes to a model, and who did to the one in use."""

    level: Level
    person: str | None = None
    """Who approved, overrode or restored it; None when the gate alone decided."""
    at: datetime | None = None


def stored_scores(lakehouse: Lakehouse, portfolio: Portfolio) -> StoredScores | None:
    """Scores of the model in use: of the holdout, and out of fold of the training applicants where they are its own."""
    champion = champion_key(portfolio.name)
    if not lakehouse.exists(champion):
        return None
    stored = lakehouse.read(champion)
    columns = [portfolio.applicant_key, "target", "probability"]
    parts = [stored.frame.select(columns)]
    out_of_fold = _is_in_use(lakehouse, portfolio, PromotedModel.of(stored))
    if out_of_fold:
        parts.append(lakehouse.scan(model_key(portfolio.name, "calibration")).select(columns))
    frame = pl.concat(parts, how="vertical_relaxed").collect()
    return StoredScores(frame, out_of_fold, bool(stored.version.synthetic))


def figures(lakehouse: Lakehouse, portfolio: Portfolio) -> Figures:
    """Costs, acceptance and cost curve of the threshold in use; empty when the newest tables are another model's."""
    champion = champion_key(portfolio.name)
    if not lakehouse.exists(champion) or not _is_in_use(
        lakehouse, portfolio, PromotedModel.of(lakehouse.read(champion))
    ):
        return Figures()
    stored = lakehouse.read(model_key(portfolio.name, "threshold"))
    return Figures(ThresholdRecord.of(stored), stored.frame.select("threshold", "cost_per_applicant").collect())


def _is_in_use(lakehouse: Lakehouse, portfolio: Portfolio, champion: PromotedModel) -> bool:
    """Whether the newest tables of models/ are those of the champion: a challenger's say nothing about it."""
    keys = [model_key(portfolio.name, name) for name in ("scorer", "calibration", "threshold")]
    return all(map(lakehouse.exists, keys)) and ScorerRecord.of(lakehouse.read(keys[0])).digest == champion.digest


def approval(
    lakehouse: Lakehouse, portfolio: Portfolio, setting: Literal["automatic", "manual"] | None
) -> Approval | None:
    """Which policy of approval holds, and who last spoke for the model in use; None where none is in use."""
    champion = promoted(champion_table(lakehouse, portfolio.name))
    if champion is None:
        return None
    policy = policy_in_force(lakehouse, portfolio, setting).policy
    for _, summary in lakehouse.records(decision_key(portfolio.name)):
        decision = PromotionDecision.from_summary(summary, decision_key(portfolio.name))
        if decision.promoted and decision.challenger.digest == champion.digest:
            by_gate = decision.event == "decision"
            return Approval(policy.level) if by_gate else Approval(policy.level, decision.person, decision.decided_at)
    return Approval(policy.level)


def applications(lakehouse: Lakehouse, portfolio: Portfolio) -> pl.LazyFrame | None:
    """Stored applications, with the applicant key and what a decision uses; None when nothing is stored."""
    used = used_columns(portfolio)
    columns = [c.name for c in portfolio.application_columns if c.name in used]
    names = [portfolio.training_table, *([portfolio.scoring_table] if portfolio.scoring_table else [])]
    frames = []
    for name in names:
        try:
            frames.append(lakehouse.scan(raw_key(portfolio.name, name)).select(portfolio.applicant_key, *columns))
        except TableNotFoundError:
            continue
    return pl.concat(frames, how="vertical_relaxed") if frames else None


def find_application(stored: pl.LazyFrame, portfolio: Portfolio, applicant: str) -> dict[str, Any] | None:
    """What an applicant is known to have said; None when nobody has this number."""
    key = pl.col(portfolio.applicant_key)
    rows = (
        stored.filter(key.cast(pl.String) == identify(portfolio, applicant.strip()))
        .drop(portfolio.applicant_key)
        .head(1)
        .collect()
    )
    return rows.row(0, named=True) if rows.height else None


def most_alike(
    stored: pl.DataFrame, portfolio: Portfolio, application: Mapping[str, object], count: int = ALIKE
) -> pl.Series:
    """Keys of the applicants whose answers are nearest to an application.

    Distance of Gower: the mean over the given fields of 0 or 1 for a category, and of the difference as a share of the
    range from the 5th to the 95th percentile, at most 1, for a number; 1 where the other gave no answer.

    Source: J. C. Gower, A General Coefficient of Similarity and Some of Its Properties, Biometrics 27 (1971).
    """
    kinds = {column.name: column.type for column in portfolio.application_columns}
    distances = []
    for name, value in application.items():
        if value is None or name not in stored.columns:
            continue
        column = pl.col(name)
        if kinds[name].is_numeric and isinstance(value, int | float):
            spread = (column.quantile(0.95) - column.quantile(0.05)).cast(pl.Float64)
            # Where 90 % say the same, any other answer is as far as can be.
            span = pl.when(spread > 0).then(spread).otherwise(1.0)
            distance = ((column.cast(pl.Float64) - float(value)).abs() / span).clip(0.0, 1.0)
        else:
            distance = (column != pl.lit(value)).cast(pl.Float64)
        distances.append(distance.fill_null(1.0))
    if not distances:
        return stored[portfolio.applicant_key].head(0)
    keyed = stored.select(portfolio.applicant_key, distance=pl.mean_horizontal(distances))
    return keyed.sort("distance", maintain_order=True)[portfolio.applicant_key].head(count)
