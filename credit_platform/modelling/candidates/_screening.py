"""Which features a candidate that cannot use hundreds of them is given.

What is here: `screen`, a choice by information value that is made anew from the training rows of every fit, so that
nothing is learnt outside the folds.
What must not be here: anything that looks at rows a model is judged on.

Source: N. Siddiqi, Credit Risk Scorecards (2006), chapter 5 (information value).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.modelling.candidates._reuse import reused
from credit_platform.portfolios.feature_group import Feature, FeatureKind

Floats = NDArray[np.float64]

_ROWS = 20_000
"""Rows on which features are ranked: the order of the best does not change with more."""
_BINS = 10
_LEAST_COUNT = 0.5
"""Added to each count, so that an empty bin has a finite weight of evidence."""
_TWIN = 0.95
"""A feature whose weight of evidence correlates more than this with a better one's says nothing new."""


def screen(frame: pl.DataFrame, target: NDArray[np.int8], features: Sequence[Feature], top: int) -> tuple[Feature, ...]:
    """The `top` features of highest information value, near copies of better ones left out; all if there are no more.

    The information value is that of ten quantile bins (categories are their own bins) with null apart, less what a
    feature without information would reach by chance. The order of `features` is kept.
    """
    if len(features) <= top:
        return tuple(features)
    names = tuple(feature.name for feature in features)
    ranked = reused(frame, ("ranked", target.tobytes(), *names), lambda: _rank(frame, target, features))
    chosen: list[Feature] = []
    kept = np.empty((top, ranked[0][2].size), dtype=np.float32)
    for feature, value, woe in ranked:
        if len(chosen) == top or value <= 0.0:
            break
        if np.abs(kept[: len(chosen)] @ woe).max(initial=0.0) < _TWIN:
            kept[len(chosen)] = woe
            chosen.append(feature)
    best = chosen or [ranked[0][0]]
    return tuple(feature for feature in features if feature in best)


_Ranked = tuple[Feature, float, NDArray[np.float32]]


def _rank(frame: pl.DataFrame, target: NDArray[np.int8], features: Sequence[Feature]) -> list[_Ranked]:
    """Features with their information value, highest first, and the weight of evidence of each row of a sample."""
    step = max(1, -(-frame.height // _ROWS))
    sample, outcome = frame[::step], target[::step]
    ranked = [(feature, *_evidence(sample[feature.name], feature, outcome)) for feature in features]
    return sorted(ranked, key=lambda item: -item[1])


def _evidence(column: pl.Series, feature: Feature, target: NDArray[np.int8]) -> tuple[float, NDArray[np.float32]]:
    """Information value above chance, and the weight of evidence of each row, centred and of length 1."""
    codes = _codes(column, categorical=feature.kind is FeatureKind.CATEGORICAL)
    total = np.bincount(codes).astype(np.float64)
    defaults = np.bincount(codes, weights=target)
    used = total > 0
    woe = np.where(used, weights_of_evidence(total, defaults), 0.0)
    repaid_share = (total - defaults) / (total - defaults).sum()
    value = float(((repaid_share - defaults / defaults.sum()) * woe).sum())
    chance = (int(used.sum()) - 1) * (1 / defaults.sum() + 1 / (total - defaults).sum())
    rows = woe[codes] - woe[codes].mean()
    length = float(np.linalg.norm(rows))
    return value - chance, (rows / length if length > 0 else rows).astype(np.float32)


def weights_of_evidence(total: NDArray[Any], defaults: NDArray[Any]) -> Floats:
    """ln(share of repaid / share of defaulted) of each bin with `total` rows; half a row is added to each count."""
    good, bad = total - defaults + _LEAST_COUNT, defaults + _LEAST_COUNT
    woe: Floats = np.log(good / good.sum()) - np.log(bad / bad.sum())
    return woe


def _codes(column: pl.Series, *, categorical: bool) -> NDArray[np.int64]:
    """Bin of each row from 0; null has its own."""
    if categorical:
        return column.cast(pl.String).rank("dense").fill_null(0).to_numpy().astype(np.int64)
    values = column.cast(pl.Float64).to_numpy()
    known = values[~np.isnan(values)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1])) if known.size else np.empty(0)
    codes = np.searchsorted(edges, values, side="left") + 1
    return np.where(np.isnan(values), 0, codes).astype(np.int64)
