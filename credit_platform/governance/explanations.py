"""What drives a model, for all applicants and for one.

What is here: native importance, mean contributions by feature and by reason family, and the choice of applicants whose
decision is shown step by step. Everything is computed from the scorer's own exact contributions, the same that
reasons are made of, so that figures and decisions agree.
What to add here: another summary of contributions.
What must not be here: drawing (`explanation_plots.py`), another approximation of the contributions than the scorer's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from credit_platform.errors import ModellingError
from credit_platform.governance.reason_review import review_reasons, unexplained_features
from credit_platform.governance.records import Dominant, ExplanationsRecord
from credit_platform.governance.stability import dominant_feature
from credit_platform.modelling.metrics import Floats
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import FittedModel, LinearModel, Scorer
from credit_platform.scoring.explanation import Explanation
from credit_platform.scoring.models import LightGBMModel, XGBoostModel

MOST_APPLICANTS = 2000
"""A summary of this many applicants is as good as one of all, and a tenth of the work."""
TOP = 30
"""Features listed and drawn by importance."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """An applicant of the holdout whose decision is explained."""

    kind: str
    """`predicted_default` or `good_applicant`."""
    row: int
    """Position in the explained rows."""
    applicant: str
    probability: float
    decision: str
    defaulted: bool

    @property
    def title(self) -> str:
        """Who it is: true also where nobody of the wanted kind was there."""
        decided = {"review": "left to a person"}.get(self.decision, self.decision)
        contrary = (self.decision == "refused") != self.defaulted and self.decision != "review"
        outcome = "defaulted" if self.defaulted else "repaid"
        return f"An applicant who was {decided}, {'but' if contrary else 'and'} {outcome}"


@dataclass(frozen=True, kw_only=True)
class ModelExplanation:
    """Why the model scores as it does."""

    features: pl.DataFrame
    """A row per feature, by `mean_absolute` descending: feature, description, family, importance (native, where the
    model has one), importance_rank, mean_absolute and mean (contribution to the calibrated log-odds of default),
    share."""
    families: pl.DataFrame
    """A row per reason family: family, features, mean_absolute (of the family's summed contribution), share."""
    importance_kind: str
    """What importance is, for this kind of model."""
    largest_gap: float
    """Largest distance, over the rows, between the sum of contributions and the log-odds; rounding only."""
    examples: tuple[Example, ...]
    explanation: Explanation
    rows: pl.DataFrame
    """The explained rows of the feature table."""


def explain_model(
    scorer: Scorer, rows: pl.DataFrame, target: Sequence[int] | pl.Series, *, most: int = MOST_APPLICANTS
) -> ModelExplanation:
    """Explain the scorer on rows of the feature table that it was not trained on.

    Args:
        scorer: what to explain.
        rows: applicant key and features; at most `most` rows are used.
        target: outcome of each row.
        most: applicants to use at most.

    Raises:
        ModellingError: there is no row.
    """
    if rows.is_empty():
        raise ModellingError("There is no applicant to explain.", "Give rows of the holdout.")
    used, outcomes = rows.head(most), pl.Series("target", target).head(most)
    explanation = scorer.explanation(scorer.margins(used))
    gap = np.abs(explanation.contributions.sum(axis=1) + explanation.base_value - explanation.log_odds)
    kind, importance = native_importance(scorer.fitted) or (
        f"mean absolute contribution: a {scorer.fitted.model.kind} model has no importance of its own",
        np.abs(explanation.contributions).mean(axis=0),
    )
    return ModelExplanation(
        features=_feature_table(scorer.portfolio, explanation, importance),
        families=_family_table(scorer.portfolio, explanation),
        importance_kind=kind,
        largest_gap=float(gap.max()),
        examples=choose_examples(scorer, used, outcomes),
        explanation=explanation,
        rows=used,
    )


def native_importance(fitted: FittedModel) -> tuple[str, Floats] | None:
    """What importance is called, and (features,) its values: the library's own where the model has one.

    Trees: total gain of the splits on a feature (XGBoost: mean gain times number of splits). Linear: absolute
    coefficients of standardised columns. Columns of one feature are added up. None for a model without an importance
    of its own (a stack, a neural network): mean contributions are then the only ranking.
    """
    own = _OWN_IMPORTANCE.get(type(fitted.model))
    if own is None:
        return None
    name, values = own(fitted.model, len(fitted.encoder.column_features))
    merged: Floats = np.add.reduceat(values, fitted.encoder.starts)
    return name, merged


def _linear(model: Any, columns: int) -> tuple[str, Floats]:
    del columns
    return "absolute coefficient of the standardised columns", np.abs(model.coefficients)


def _xgboost(model: Any, columns: int) -> tuple[str, Floats]:
    import xgboost

    booster = xgboost.Booster()
    booster.load_model(bytearray(model.content))
    gains = np.zeros(columns)
    for name, gain in booster.get_score(importance_type="total_gain").items():
        gains[int(name.removeprefix("f"))] = gain
    return "total gain of the splits", gains


def _lightgbm(model: Any, columns: int) -> tuple[str, Floats]:
    import lightgbm

    del columns
    booster = lightgbm.Booster(model_str=model.content)
    return "total gain of the splits", np.asarray(booster.feature_importance("gain"), dtype=np.float64)


_OWN_IMPORTANCE: Mapping[type, Callable[[Any, int], tuple[str, Floats]]] = {
    LinearModel: _linear,
    XGBoostModel: _xgboost,
    LightGBMModel: _lightgbm,
}


def choose_examples(scorer: Scorer, rows: pl.DataFrame, target: pl.Series) -> tuple[Example, ...]:
    """One applicant who was refused and defaulted, and one who was accepted and repaid, each the median of its kind.

    The median, because the most extreme applicant is an exception. Where a kind has nobody of that outcome, anybody
    so decided is taken; where nobody is so decided, the riskiest (or safest) applicant.
    """
    probability = scorer.score_features(rows)
    decided = np.array([scorer.outcome(p) for p in probability.tolist()])
    examples = []
    for kind, outcome, wanted in (("predicted_default", 1, "refused"), ("good_applicant", 0, "accepted")):
        so_decided = decided == wanted
        both = so_decided & (target.to_numpy() == outcome)
        pool = np.flatnonzero(both if both.any() else so_decided)
        if pool.size:
            row = int(pool[np.argsort(probability[pool], kind="stable")[pool.size // 2]])
        else:
            row = int(np.argmax(probability) if outcome else np.argmin(probability))
        applicant = str(rows[scorer.portfolio.applicant_key][row])
        examples.append(
            Example(
                kind=kind,
                row=row,
                applicant=applicant,
                probability=float(probability[row]),
                decision=str(decided[row]),
                defaulted=bool(target[row]),
            )
        )
    return tuple(examples)


def _feature_table(portfolio: Portfolio, explanation: Explanation, importance: Floats) -> pl.DataFrame:
    declared = {feature.name: feature for feature in portfolio.features}
    used = [declared[name] for name in explanation.features]
    mean_absolute = np.abs(explanation.contributions).mean(axis=0)
    return (
        pl.DataFrame(
            {
                "feature": explanation.features,
                "description": [feature.description for feature in used],
                "family": [feature.reason for feature in used],
                "importance": importance,
                "mean_absolute": mean_absolute,
                "mean": explanation.contributions.mean(axis=0),
                "share": mean_absolute / max(float(mean_absolute.sum()), 1e-300),
            }
        )
        .with_columns(importance_rank=pl.col("importance").rank("min", descending=True).cast(pl.Int64))
        .sort("mean_absolute", "feature", descending=[True, False])
    )


def _family_table(portfolio: Portfolio, explanation: Explanation) -> pl.DataFrame:
    """Contributions are added up by family before the absolute value is taken, as for the reasons of a decision."""
    family = {feature.name: feature.reason for feature in portfolio.features}
    of = np.array([family[name] for name in explanation.features])
    names = sorted(set(of.tolist()))
    sums = [np.abs(explanation.contributions[:, of == name].sum(axis=1)).mean() for name in names]
    total = max(float(np.sum(sums)), 1e-300)
    return pl.DataFrame(
        {
            "family": names,
            "features": [int((of == name).sum()) for name in names],
            "mean_absolute": [float(value) for value in sums],
            "share": [float(value) / total for value in sums],
        }
    ).sort("mean_absolute", "family", descending=[True, False])


def explanations_record(
    portfolio: Portfolio, explained: ModelExplanation, digest: str, data_hash: str
) -> ExplanationsRecord:
    """What to store beside the features of an explanation.

    Args:
        portfolio: whose reasons are reviewed.
        explained: as from `explain_model`.
        digest: of the scorer that was explained.
        data_hash: of the feature table.
    """
    features = explained.explanation.features
    shares = dict(zip(explained.features["feature"], explained.features["share"], strict=True))
    dominant, share = dominant_feature(shares)
    return ExplanationsRecord(
        digest=digest,
        data_hash=data_hash,
        applicants=explained.rows.height,
        features=len(features),
        importance_kind=explained.importance_kind,
        largest_gap=explained.largest_gap,
        unexplained_features=tuple(unexplained_features(portfolio, features)),
        reason_findings=tuple(review_reasons(portfolio)),
        dominant=Dominant(feature=dominant, share=share),
        families=tuple(explained.families.to_dicts()),
        examples=tuple(
            {"kind": one.kind, "applicant": one.applicant, "probability": one.probability, "decision": one.decision}
            for one in explained.examples
        ),
    )
