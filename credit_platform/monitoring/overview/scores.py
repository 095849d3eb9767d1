"""Scores in production against those of the holdout, by the model in use.

What is here: `ScoreComparison`, `compare_scores`.
What to add here: another figure of the two distributions.
What must not be here: whether they differ for certain: `monitoring/drift` asks that of the score as of each feature.

Like is compared with like: scores of one model, the one in use. What another model decided is counted and left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from credit_platform.governance.promotion_history import champion_table
from credit_platform.governance.records import PromotedModel, promoted
from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring.rule import ACCEPTED, decided

BINS = 20


@dataclass(frozen=True, kw_only=True)
class Champion:
    """The model in use, and what it said of the holdout."""

    model: PromotedModel
    holdout: pl.Series
    """Probabilities of default of applicants whom no fitting saw."""

    @property
    def acceptance(self) -> float | None:
        """Share of the holdout whom it accepts; None without any."""
        if self.holdout.is_empty():
            return None
        rule = self.model.rule
        said = self.holdout.to_frame("p").select(decided(pl.col("p"), rule.threshold, rule.review) == ACCEPTED)
        return float(said.to_series().mean() or 0.0)  # type: ignore[arg-type]  # of booleans


@dataclass(frozen=True, kw_only=True)
class ScoreComparison:
    """Two distributions of probabilities of default."""

    bins: pl.DataFrame
    """low and high (bounds of the probability), holdout and production (shares; null where there is nobody),
    holdout_applicants and decisions (counts)."""
    holdout: int
    decisions: int
    """By the model in use."""
    others: int
    """Decisions by other models, which are not compared."""
    holdout_mean: float | None
    production_mean: float | None


def champion(lakehouse: Lakehouse, portfolio: Portfolio) -> Champion | None:
    """The model in use; None before the first promotion."""
    stored = champion_table(lakehouse, portfolio.name)
    model = promoted(stored)
    if stored is None or model is None:
        return None
    return Champion(model=model, holdout=stored.frame.select("probability").collect().to_series())


def compare_scores(of: Champion, decisions: pl.DataFrame) -> ScoreComparison:
    """Compare; `decisions` has the columns of `log.LOG_COLUMNS`."""
    own = decisions.filter(pl.col("model_digest") == of.model.digest)["probability"]
    before, now = _counts(of.holdout), _counts(own)
    edges = pl.Series(range(BINS), dtype=pl.Float64)
    bins = pl.DataFrame(
        {
            "low": edges / BINS,
            "high": (edges + 1) / BINS,
            "holdout": before / of.holdout.len() if of.holdout.len() else None,
            "production": now / own.len() if own.len() else None,
            "holdout_applicants": before,
            "decisions": now,
        },
        schema_overrides={"holdout": pl.Float64, "production": pl.Float64},
    )
    return ScoreComparison(
        bins=bins,
        holdout=of.holdout.len(),
        decisions=own.len(),
        others=decisions.height - own.len(),
        holdout_mean=_mean(of.holdout),
        production_mean=_mean(own),
    )


def _counts(probabilities: pl.Series) -> pl.Series:
    """How many lie in each of `BINS` equal parts; 1 lies in the last."""
    places = (probabilities * BINS).floor().clip(0, BINS - 1).cast(pl.Int64).alias("place")
    counted = places.to_frame().group_by("place").len("n")
    every = pl.DataFrame({"place": range(BINS)}, schema={"place": pl.Int64})
    counts = every.join(counted, on="place", how="left").sort("place")["n"]
    return counts.fill_null(0).cast(pl.Int64)


def _mean(values: pl.Series) -> float | None:
    mean = values.mean()
    return None if mean is None else float(mean)  # type: ignore[arg-type]  # of floats
