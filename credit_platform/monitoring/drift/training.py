"""The reference of a model, made from the scorer and the rows it was trained on.

What is here: `make_reference`, and `freeze`, which asks no scorer.
What to add here: another stratum of the training rows.
What must not be here: choosing rows out of tables (`tables/`, `orchestration`), comparing.

Features are counted among the rows that the model was trained on. Scores, decisions and outcomes are counted among the
holdout: a model scores those whom it learnt from better than it ever scores strangers, and every stranger would look
like drift. A refit learnt of the accepted alone: for it everybody who applied then counts (`decided_population.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from credit_platform.errors import FeatureError, ModellingError
from credit_platform.monitoring.decisions.schema import feature_column
from credit_platform.monitoring.drift.cells import (
    Cells,
    Counts,
    Floats,
    Kind,
    Role,
    as_categories,
    as_numbers,
    cells_of_categories,
    cells_of_numbers,
)
from credit_platform.monitoring.drift.reference import DECISION, SCORE, STRATA, TARGET, Reference
from credit_platform.portfolios.feature_group import FeatureKind
from credit_platform.scoring import Scorer
from credit_platform.scoring.rule import ACCEPTED, DecisionRule, decided

MOST_EXPLAINED = 2000
"""Importance of features is measured on this many rows; more would not change a share."""
_TARGETS = ("0", "1")
_KINDS = {FeatureKind.NUMERIC: Kind.NUMBER, FeatureKind.CATEGORICAL: Kind.CATEGORY}


def make_reference(
    scorer: Scorer,
    training: Mapping[str, pl.DataFrame],
    holdout: Mapping[str, pl.DataFrame],
    applied: Mapping[str, pl.DataFrame] | None = None,
) -> Reference:
    """Freeze what a model learnt from.

    Args:
        scorer: the model.
        training: stratum to feature rows that the model was trained on; the cells are those of the first stratum.
        holdout: the same strata, of rows that it was not trained on; with a column `target` (0, 1 or null) where
            outcomes are known.
        applied: source of histories to everybody who applied while a refit's loans were granted, as from
            `decided_population`; they stand in the place of training and holdout.

    Raises:
        ModellingError: there are no rows in a stratum.
        FeatureError: a feature of the model is missing.
    """
    if empty := [name for name, rows in (*training.items(), *holdout.items()) if rows.is_empty()]:
        raise ModellingError(
            f"There is nobody in {', '.join(empty)} to freeze a reference of.",
            "Give training rows and holdout of each stratum.",
        )
    seen, scored = _placed({**training, **(applied or {})}), _placed({**holdout, **(applied or {})})
    rule = DecisionRule(threshold=scorer.threshold, review=scorer.review)
    kinds = {feature.name: _KINDS[feature.kind] for feature in scorer.portfolio.features}
    names = scorer.fitted.features
    return freeze(
        scorer.digest,
        rule,
        kinds={feature_column(name): kinds[name] for name in names},
        training={stratum: as_stored(rows, names) for stratum, rows in seen.items()},
        scored={stratum: _scored(scorer, rows, rule) for stratum, rows in scored.items()},
        importance=_importance(scorer, next(iter(seen.values()))),
        known=as_stored(next(iter(training.values())), names) if applied else None,
    )


def freeze(
    model: str,
    rule: DecisionRule,
    *,
    kinds: Mapping[str, Kind],
    training: Mapping[str, pl.DataFrame],
    scored: Mapping[str, pl.DataFrame],
    importance: Floats,
    known: pl.DataFrame | None = None,
) -> Reference:
    """Freeze rows in cells.

    Args:
        model: digest that decisions carry.
        rule: by which it decides.
        kinds: column to kind, of each feature.
        training: stratum to rows with these columns; the cells are those of the first stratum.
        scored: the same strata: `probability`, `decision`, and `target` as text, null where it is not known.
        importance: (features,) share of each.
        known: further rows that the model learnt from: what they hold is no new category.
    """
    first = next(iter(training.values()))
    features = [
        cells_of_numbers(name, as_numbers(first[name]))
        if kind is Kind.NUMBER
        else cells_of_categories(name, _with_known(first[name], known))
        for name, kind in kinds.items()
    ]
    probability = np.concatenate([rows[SCORE].to_numpy() for rows in scored.values()])
    score = cells_of_numbers(SCORE, probability, role=Role.SCORE, cuts=_cuts(rule))
    others = (score, _fixed(DECISION, Role.DECISION, _decisions(rule)), _fixed(TARGET, Role.TARGET, _TARGETS))
    counts = {
        stratum: [*(_counted(one, rows) for one in features), *(_counted(one, scored[stratum]) for one in others)]
        for stratum, rows in training.items()
    }
    return Reference(
        model=model,
        rule=rule,
        cells=(*features, *others),
        importance=np.concatenate([importance, np.zeros(len(others))]),
        counts={stratum: np.concatenate(parts) for stratum, parts in counts.items()},
        score_means=_means(score, probability),
    )


def _placed(strata: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """In the order of `STRATA`."""
    return {name: strata[name] for name in sorted(strata, key=STRATA.index)}


def _with_known(values: pl.Series, known: pl.DataFrame | None) -> pl.Series:
    """Values, and each that only other rows hold once: it makes a cell, and hardly moves a bin."""
    if known is None:
        return values
    every = as_categories(values)
    others = as_categories(known[values.name]).drop_nulls().unique()
    return pl.concat([every, others.filter(~others.is_in(every.drop_nulls().unique().implode()))])


def as_stored(rows: pl.DataFrame, features: Sequence[str]) -> pl.DataFrame:
    """Features under the names of their columns in `monitoring/decisions`.

    Raises:
        FeatureError: one is missing.
    """
    if absent := [name for name in features if name not in rows.columns]:
        raise FeatureError(
            f"The feature table lacks {', '.join(absent)}.",
            "Build the features again with the same version of credit_platform as the model.",
        )
    return rows.select(pl.col(name).alias(feature_column(name)) for name in features)


def _scored(scorer: Scorer, rows: pl.DataFrame, rule: DecisionRule) -> pl.DataFrame:
    found = rows[SCORE] if SCORE in rows.columns else pl.Series(SCORE, scorer.score_features(rows))
    scores = found.to_frame().with_columns(decided(pl.col(SCORE), rule.threshold, rule.review).alias(DECISION))
    known = rows[TARGET].cast(pl.Int64) if TARGET in rows.columns else pl.Series([None] * rows.height, dtype=pl.Int64)
    return scores.with_columns(
        pl.when(pl.col(DECISION) == ACCEPTED).then(known.cast(pl.String).alias(TARGET)).alias(TARGET)
    )


def _cuts(rule: DecisionRule) -> tuple[float, ...]:
    """Edges at which decisions change: a cell's upper edge belongs to it, a threshold to what is refused."""
    return tuple(float(np.nextafter(cut, 0.0)) for cut in (rule.threshold, *(rule.review or ())))


def _decisions(rule: DecisionRule) -> tuple[str, ...]:
    return ("accepted", "refused") if rule.review is None else ("accepted", "refused", "review")


def _fixed(name: str, role: Role, values: tuple[str, ...]) -> Cells:
    return Cells(
        name=name,
        role=role,
        kind=Kind.CATEGORY,
        edges=np.zeros(0),
        categories=values,
        bins=np.arange(len(values) + 2),
    )


def _counted(cells: Cells, rows: pl.DataFrame) -> Counts:
    values = rows[cells.name]
    if cells.kind is Kind.NUMBER:
        return cells.counts_of_sorted(np.sort(as_numbers(values)))
    return np.bincount(cells.cells_of_categories(as_categories(values)), minlength=cells.size).astype(np.int64)


def _means(cells: Cells, probability: Floats) -> Floats:
    """Mean probability in each cell; of an empty one the middle of its edges."""
    owner = np.searchsorted(cells.edges, probability, side="left") + 1
    counts = np.bincount(owner, minlength=cells.size)
    sums = np.bincount(owner, weights=probability, minlength=cells.size)
    bounds = np.clip(np.concatenate(([0.0, 0.0], cells.edges, [1.0])), 0.0, 1.0)
    middle = (bounds[:-1] + bounds[1:]) / 2
    return np.where(counts > 0, sums / np.maximum(counts, 1), middle)


def _importance(scorer: Scorer, rows: pl.DataFrame) -> Floats:
    """(features,) share of each in all absolute contributions to the calibrated log-odds."""
    sample = rows.gather_every(max(1, rows.height // MOST_EXPLAINED)).head(MOST_EXPLAINED)
    explained = scorer.explanation(scorer.margins(sample))
    mean = np.abs(explained.contributions).mean(axis=0)
    total = float(mean.sum())
    return mean / total if total > 0 else np.full(mean.size, 1 / max(mean.size, 1))
