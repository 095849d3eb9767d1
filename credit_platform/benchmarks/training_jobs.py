"""Jobs of the training benchmark: each candidate's five folds, and LightGBM alone on the same numbers.

What is here: functions that `processes.measure` runs.
What to add here: another library on the same folds.
What must not be here: comparing, printing, the name of a column.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from credit_platform.lakehouse import Lakehouse
from credit_platform.modelling.candidates import Profile, get_candidate
from credit_platform.modelling.candidates.lightgbm import library_parameters
from credit_platform.modelling.cross_validation import Fold, cross_validate_folds, training_folds
from credit_platform.modelling.metrics import roc_auc
from credit_platform.modelling.splits import split
from credit_platform.orchestration.policies import asset_key, table_key
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.portfolio import Portfolio

Answer = Mapping[str, Any]
FLOOR_CANDIDATE = "lightgbm"


def five_folds(portfolio: str, lakehouse: str, candidate: str, *, profile: Profile, seed: int, threads: int) -> Answer:
    """Cross-validate a candidate with the profile's default parameters, as its asset does; reading is no part of it."""
    declared = get_portfolio(portfolio)
    chosen = get_candidate(candidate)
    params = chosen.default_params(profile)
    folds = _folds(declared, lakehouse, seed)
    ends = [time.perf_counter()]
    result = cross_validate_folds(
        chosen,
        folds,
        declared,
        params,
        seed=seed,
        threads=threads,
        on_fold=lambda *_: ends.append(time.perf_counter()),
    )
    y, margin = result.oof["target"].to_numpy(), result.oof["margin"].to_numpy()
    return {
        "seconds": result.seconds,
        "parts": {f"fold {number}": end - start for number, (start, end) in enumerate(pairwise(ends))},
        "auc": roc_auc(y, margin),
        "applicants": int(y.size),
    }


def bare_lightgbm(portfolio: str, lakehouse: str, *, profile: Profile, seed: int, threads: int) -> Answer:
    """The floor: LightGBM with the parameters and columns of its candidate, on matrices that are there already."""
    import lightgbm

    declared = get_portfolio(portfolio)
    candidate = get_candidate(FLOOR_CANDIDATE)
    seconds, margins, outcomes = 0.0, [], []
    for fold in _folds(declared, lakehouse, seed):
        params = candidate.default_params(profile)
        fitted = candidate.fit(
            fold.train, fold.target, declared.features, {**params, "rounds": 1}, seed=seed, threads=1
        )
        train, test = (fitted.encoder.transform(rows) for rows in (fold.train, fold.test))
        features = [feature for feature in declared.features if feature.name in fitted.features]
        own = library_parameters(params, fitted.encoder, train, features, seed=seed, threads=threads)
        started = time.perf_counter()
        booster = lightgbm.train(own, lightgbm.Dataset(train, label=fold.target), num_boost_round=params["rounds"])
        margins.append(np.asarray(booster.predict(test, raw_score=True)))
        seconds += time.perf_counter() - started
        outcomes.append(fold.test["target"].to_numpy())
    return {"seconds": seconds, "auc": roc_auc(np.concatenate(outcomes), np.concatenate(margins))}


def _folds(portfolio: Portfolio, lakehouse: str, seed: int) -> Iterator[Fold]:
    """The folds of the stored feature table, as `models/split` makes them; the table is read at once."""
    key = table_key(asset_key(portfolio.name, "features", "applicants"))
    frame = Lakehouse(lakehouse).scan(key).filter(pl.col(portfolio.target).is_not_null()).collect()
    return training_folds(frame, split(frame, portfolio, seed=seed), portfolio)
