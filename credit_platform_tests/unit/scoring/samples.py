"""A toy feature table with nulls and categories, and models on it."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.portfolios.feature_group import Feature, FeatureKind


def feature(name: str, kind: FeatureKind = FeatureKind.NUMERIC, monotone: int = 0) -> Feature:
    return Feature(name=name, expression=nw.col(name), description="A toy.", reason="toy", kind=kind, monotone=monotone)


FEATURES = (
    feature("age", monotone=-1),
    feature("job", FeatureKind.CATEGORICAL),
    feature("income"),
    feature("home", FeatureKind.CATEGORICAL),
)


def toy(rows: int = 400, seed: int = 0) -> tuple[pl.DataFrame, NDArray[np.int8]]:
    """`age` has no null, `income` and `job` have some, `home` none; the target depends on all of them."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 75, rows)
    income = np.where(rng.random(rows) < 0.15, np.nan, rng.lognormal(7, 0.6, rows))
    job = rng.choice(["clerk", "cook", "smith", ""], rows)
    home = rng.choice(["own", "rent"], rows)
    log_odds = -0.06 * (age - 40) - 0.8 * np.nan_to_num(np.log(income) - 7) + (job == "cook") - (home == "own")
    target = (rng.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(np.int8)
    frame = pl.DataFrame({"age": age, "job": job, "income": income, "home": home, "unused": 1}).with_columns(
        pl.col("income").fill_nan(None), pl.col("job").replace({"": None})
    )
    return frame, target
