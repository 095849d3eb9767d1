"""Points scorecard: features in optimal bins, weight of evidence, logistic regression.

What is here: the candidate; optbinning chooses the bins, `scoring.WoeEncoding` and `scoring.LinearModel` apply them,
`scoring.points_table` shows the points of every bin.
What must not be here: optbinning at scoring time.

Sources: N. Siddiqi, Credit Risk Scorecards (2006); G. Navas-Palencia, Optimal binning: mathematical programming
formulation (2020, arXiv:2001.08025).
"""

from __future__ import annotations

import logging
import warnings
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.modelling.candidates._base import BaseCandidate, suggest_imbalance
from credit_platform.modelling.candidates._candidate import Params, Profile, Trial
from credit_platform.modelling.candidates._linear import signed_logistic
from credit_platform.modelling.candidates._screening import weights_of_evidence
from credit_platform.modelling.candidates._training import IMBALANCE, MAX_ROWS, ROWS, SCREENED, Training
from credit_platform.portfolios.feature_group import Feature, FeatureKind
from credit_platform.scoring import FeatureEncoder, FittedModel, LinearModel, WoeEncoding

_MOST_CATEGORIES = 60
"""A feature of more categories is no scorecard line; its rarest go to the group of unknown ones."""


class Scorecard(BaseCandidate):
    """Every feature in a few bins of monotone risk; points for each bin that add up to the score."""

    name = "scorecard"
    title = "Scorecard (WoE)"
    imbalance = f"{IMBALANCE} {SCREENED} {ROWS}"

    def default_params(self, profile: Profile = "quick") -> dict[str, Any]:
        """Features, bins, rows at most, penalty (`c`, inverse), imbalance; `full` takes more features."""
        return {
            "top_features": 60 if profile == "full" else 25,
            "max_bins": 5,
            "min_bin_share": 0.05,
            "c": 0.1,
            "max_rows": MAX_ROWS,
            "imbalance": "none",
        }

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Number of features and bins, penalty, imbalance."""
        return {
            "top_features": trial.suggest_int("top_features", 10, 80, step=5),
            "max_bins": trial.suggest_int("max_bins", 3, 8),
            "min_bin_share": trial.suggest_float("min_bin_share", 0.02, 0.1),
            "c": trial.suggest_float("c", 1e-3, 10.0, log=True),
            "max_rows": MAX_ROWS,
            "imbalance": suggest_imbalance(trial),
        }

    def train(self, training: Training) -> FittedModel:
        """Train; see `Candidate.fit`. Features that add nothing to better ones are left out of the model."""
        chosen = training.params
        encodings = [
            _bin(training.frame[feature.name], training.target, feature, chosen) for feature in training.features
        ]
        # A feature that falls into one bin for everybody has nothing to say.
        encodings = [one for one in encodings if sum(count > 0 for count in one.counts) > 1] or encodings[:1]
        matrix = FeatureEncoder(encodings=tuple(encodings)).transform(training.frame)
        with training.limited_threads(matrix):
            # The weight of evidence rises with safety: the risk rises with its negative.
            risk, intercept = signed_logistic(-matrix, training.target, training.weights, c=chosen["c"])
        kept = np.flatnonzero(risk) if risk.any() else np.array([0])
        encoder = FeatureEncoder(encodings=tuple(encodings[column] for column in kept))
        return FittedModel(encoder, LinearModel(-risk[kept], intercept, matrix[:, kept].mean(axis=0)))


def _bin(column: pl.Series, target: NDArray[np.int8], feature: Feature, params: Params) -> WoeEncoding:
    """Choose the bins of a feature and measure the weight of evidence of each."""
    splits: tuple[float, ...] | None = None
    groups: tuple[tuple[str, ...], ...] = ()
    if feature.kind is FeatureKind.CATEGORICAL:
        groups = _category_groups(column.cast(pl.String), target, params)
        bins = len(groups)
    else:
        splits = _number_splits(column, target, feature, params)
        bins = len(splits) + 1
    empty = (0.0,) * (bins + 1)
    none = (0,) * (bins + 1)
    shape = WoeEncoding(name=feature.name, splits=splits, groups=groups, woe=empty, counts=none, defaults=none)
    where = shape.bin_of(column)
    total = np.bincount(where, minlength=bins + 1)
    defaults = np.bincount(where, weights=target, minlength=bins + 1)
    woe = np.where(total > 0, weights_of_evidence(total, defaults), 0.0)
    return WoeEncoding(
        name=feature.name,
        splits=splits,
        groups=groups,
        woe=tuple(woe.tolist()),
        counts=tuple(total.tolist()),
        defaults=tuple(defaults.astype(np.int64).tolist()),
    )


def _number_splits(column: pl.Series, target: NDArray[np.int8], feature: Feature, params: Params) -> tuple[float, ...]:
    values = column.cast(pl.Float64).to_numpy()
    known = ~np.isnan(values)
    if np.unique(values[known][:1000]).size < 2 and np.unique(values[known]).size < 2:  # noqa: PLR2004  # one value has no border
        return ()
    trend = {1: "ascending", -1: "descending"}.get(feature.monotone, "auto_asc_desc")
    binning = _optimal(values[known], target[known], "numerical", params, monotonic_trend=trend)
    return tuple(float(split) for split in binning.splits)


def _category_groups(column: pl.Series, target: NDArray[np.int8], params: Params) -> tuple[tuple[str, ...], ...]:
    counts = column.drop_nulls().value_counts(sort=True).head(_MOST_CATEGORIES)
    common = sorted(counts[column.name].to_list())
    if len(common) < 2:  # noqa: PLR2004  # one category has nothing to be grouped with
        return (tuple(common),) if common else ()
    known = column.is_in(common).fill_null(value=False).to_numpy()
    binning = _optimal(column.to_numpy()[known].astype(object), target[known], "categorical", params)
    return tuple(tuple(str(category) for category in group) for group in binning.splits)


def _optimal(values: NDArray[Any], target: NDArray[np.int8], dtype: str, params: Params, **more: Any) -> Any:
    """Solve for the bins of one feature."""
    binning = _optimal_binning()(
        dtype=dtype,
        solver="cp",
        max_n_bins=params["max_bins"],
        min_bin_size=params["min_bin_share"],
        max_n_prebins=12,
        **more,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numerical remarks about bins that the solver then does not choose
        return binning.fit(values, target.astype(np.int64))


@cache
def _optimal_binning() -> Any:
    """The class of optbinning. A library that it uses reports on import which solvers are not there; none is needed."""
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from optbinning import OptimalBinning
    finally:
        logging.disable(logging.NOTSET)
    return OptimalBinning


CANDIDATE = Scorecard()
