"""Made-up defaults between real ones (SMOTE), for the training rows of one fit.

What is here: `with_smote`, on the feature table itself, so that every candidate can be trained with it.
What must not be here: rows a model is judged on; they are never resampled.

Source: N. Chawla et al., SMOTE: synthetic minority over-sampling technique, JAIR 16 (2002) 321-357 (with SMOTE-NC for
categories).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.errors import ModellingError
from credit_platform.portfolios.feature_group import Feature, FeatureKind

Floats = NDArray[np.float64]

_NEIGHBOURS = 5
_NONE = "\0null"
"""Stands for a null category among neighbours; no category of a portfolio holds a NUL."""


def with_smote(
    frame: pl.DataFrame, target: NDArray[np.int8], features: Sequence[Feature], *, seed: int
) -> tuple[pl.DataFrame, NDArray[np.int8]]:
    """The rows given, then synthetic defaults until there are as many as repaid loans.

    Neighbours are looked for among standardised numbers (null as the median) and categories; the rows given keep their
    nulls, the synthetic ones have none among their numbers.

    Raises:
        ModellingError: there are fewer than two rows of the rarer class, so nothing lies between them.
    """
    from imblearn.over_sampling import SMOTE, SMOTENC

    rarer = int(min(target.sum(), (target == 0).sum()))
    if rarer < 2:  # noqa: PLR2004  # a synthetic row lies between two real ones
        raise ModellingError(
            f"SMOTE needs two rows of the rarer outcome; there are {rarer}.", "Use imbalance `weights` or `none`."
        )
    numbers = [f.name for f in features if f.kind is not FeatureKind.CATEGORICAL]
    categories = [f.name for f in features if f.kind is FeatureKind.CATEGORICAL]
    values, center, scale = _standardised(frame, numbers)
    levels = {name: frame[name].cast(pl.String).fill_null(_NONE).unique().sort().to_list() for name in categories}
    whole = np.column_stack([values, *(_codes(frame[name], level) for name, level in levels.items())])
    neighbours = min(_NEIGHBOURS, rarer - 1)
    sampler = (
        SMOTENC(list(range(len(numbers), whole.shape[1])), random_state=seed, k_neighbors=neighbours)
        if categories and numbers
        else SMOTE(random_state=seed, k_neighbors=neighbours)
    )
    grown, outcome = sampler.fit_resample(whole, target)
    made = grown[frame.height :]
    columns = dict(zip(numbers, (made[:, : len(numbers)] * scale + center).T, strict=True))
    texts = {name: _texts(made[:, len(numbers) + i], level) for i, (name, level) in enumerate(levels.items())}
    order = [f.name for f in features]
    real = frame.select(order).with_columns(pl.col(numbers).cast(pl.Float64))
    synthetic = pl.DataFrame({**columns, **texts}, schema_overrides=dict.fromkeys(categories, pl.String)).select(order)
    return pl.concat([real, synthetic.cast({name: frame.schema[name] for name in categories})]), outcome.astype(np.int8)


def _standardised(frame: pl.DataFrame, names: Sequence[str]) -> tuple[Floats, Floats, Floats]:
    """Numbers (rows, names) with the median for null, on mean 0 and deviation 1; and those means and deviations."""
    known = frame.select(pl.col(names).cast(pl.Float64).fill_nan(None)).with_columns(
        pl.all().fill_null(pl.all().median()).fill_null(0.0)
    )
    values = known.to_numpy() if names else np.empty((frame.height, 0))
    center, deviation = values.mean(axis=0), values.std(axis=0)
    scale = np.where(deviation > 0, deviation, 1.0)
    return (values - center) / scale, center, scale


def _codes(column: pl.Series, level: Sequence[str]) -> Floats:
    known = {text: float(code) for code, text in enumerate(level)}
    return np.array([known[text] for text in column.cast(pl.String).fill_null(_NONE).to_list()])


def _texts(codes: Floats, level: Sequence[str]) -> list[str | None]:
    chosen = [level[round(code)] for code in codes.tolist()]
    return [None if text == _NONE else text for text in chosen]
