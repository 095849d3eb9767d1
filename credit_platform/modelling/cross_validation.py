"""Out-of-fold scores of a candidate.

What is here: `cross_validate`, which gives each training applicant a score by a model that never saw them.
What to add here: another scheme of resampling.
What must not be here: metrics, thresholds (they read the result), and the holdout, which no fold contains.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.errors import ModellingError
from credit_platform.modelling.calibration import fit_platt
from credit_platform.modelling.candidates import Candidate
from credit_platform.modelling.splits import HOLDOUT
from credit_platform.portfolios.feature_group import Feature
from credit_platform.portfolios.portfolio import Portfolio

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class CrossValidation:
    """Out-of-fold scores of one candidate with one set of parameters."""

    candidate: str
    params: dict[str, Any]
    oof: pl.DataFrame
    """The applicant key (as in the data), `target` (int8), `fold` (int8), `margin`, `probability` (float64); one
    row per applicant outside the holdout, sorted by key. `probability` is calibrated on the other folds."""
    seconds: float
    """Wall time of all folds."""


@dataclass(frozen=True)
class Fold:
    """One turn of a cross-validation."""

    number: int
    train: pl.DataFrame
    """Rows of all other folds: key, `target`, `fold` and features."""
    target: NDArray[np.int8]
    """Of `train`."""
    test: pl.DataFrame
    """Rows of this fold, likewise."""


def cross_validate(
    candidate: Candidate,
    frame: pl.DataFrame,
    split: pl.DataFrame,
    portfolio: Portfolio,
    params: Mapping[str, Any],
    *,
    seed: int,
    threads: int,
    features: Sequence[Feature] | None = None,
    on_fold: Callable[[int, pl.DataFrame], None] | None = None,
) -> CrossValidation:
    """Train on all folds but one, score that one, in turn; then calibrate each fold by the others' scores.

    Everything that learns (encoding, imputation, the model) learns inside the folds. The calibrator of a fold is
    fitted on the out-of-fold margins of the other folds, so no probability has seen its own outcome.

    Args:
        candidate: what to train.
        frame: feature table with the portfolio's applicant key; may hold more rows than `split`.
        split: as from `splits.split`.
        portfolio: names the key and the features.
        params: parameters of the candidate; missing ones take their defaults.
        seed: of everything random.
        threads: threads to use at most.
        features: features to use; all of the portfolio when not given.
        on_fold: called after each fold with its number and its rows (key, target, fold, margin); an
            exception it raises ends the work (that is how a tuner prunes).

    Raises:
        ModellingError: a fold holds one outcome only (it is named), or applicants of `split` are not in `frame`.
    """
    folds = training_folds(frame, split, portfolio)
    return cross_validate_folds(
        candidate, folds, portfolio, params, seed=seed, threads=threads, features=features, on_fold=on_fold
    )


def cross_validate_folds(
    candidate: Candidate,
    folds: Iterable[Fold],
    portfolio: Portfolio,
    params: Mapping[str, Any],
    *,
    seed: int,
    threads: int,
    features: Sequence[Feature] | None = None,
    on_fold: Callable[[int, pl.DataFrame], None] | None = None,
) -> CrossValidation:
    """`cross_validate` on folds that are there already."""
    start = time.perf_counter()
    used = portfolio.features if features is None else tuple(features)
    parts = []
    for fold in folds:
        fitted = candidate.fit(fold.train, fold.target, used, params, seed=seed, threads=threads)
        scored = fold.test.select(portfolio.applicant_key, "target", "fold")
        parts.append(scored.with_columns(margin=pl.Series(fitted.margin(fold.test))))
        if on_fold is not None:
            on_fold(fold.number, parts[-1])
    oof = pl.concat(parts).sort(portfolio.applicant_key)
    probability = cross_fitted(oof["margin"].to_numpy(), oof["target"].to_numpy(), oof["fold"].to_numpy())
    return CrossValidation(
        candidate=candidate.name,
        params=dict(params),
        oof=oof.with_columns(probability=pl.Series(probability)),
        seconds=time.perf_counter() - start,
    )


def training_folds(frame: pl.DataFrame, split: pl.DataFrame, portfolio: Portfolio) -> Iterator[Fold]:
    """The folds, one after another, so that the rows of one only need be in memory.

    Raises:
        ModellingError: as `cross_validate`.
    """
    rows = training_rows(frame, split, portfolio)
    check_folds(rows)
    for number in rows["fold"].unique().sort().to_list():
        train, test = rows.filter(pl.col("fold") != number), rows.filter(pl.col("fold") == number)
        yield Fold(number, train, train["target"].to_numpy(), test)


def training_rows(frame: pl.DataFrame, split: pl.DataFrame, portfolio: Portfolio) -> pl.DataFrame:
    """Features of the applicants outside the holdout with their key, `target` and `fold`, sorted by key.

    Raises:
        ModellingError: `frame` lacks applicants that `split` names.
    """
    return _select(frame, split.filter(pl.col("fold") != HOLDOUT), portfolio)


def holdout_rows(frame: pl.DataFrame, split: pl.DataFrame, portfolio: Portfolio) -> pl.DataFrame:
    """The same for the applicants of the holdout.

    Raises:
        ModellingError: `frame` lacks applicants that `split` names.
    """
    return _select(frame, split.filter(pl.col("fold") == HOLDOUT), portfolio)


def _select(frame: pl.DataFrame, members: pl.DataFrame, portfolio: Portfolio) -> pl.DataFrame:
    key = portfolio.applicant_key
    overlap = [name for name in ("target", "fold", portfolio.target) if name in frame.columns]
    rows = members.join(frame.drop(overlap), on=key, how="inner").sort(key)
    if rows.height != members.height:
        raise ModellingError(
            f"The feature table of {portfolio.name} holds {rows.height} of the split's {members.height} applicants.",
            "Build the split again from the same version of the feature table.",
        )
    return rows


def check_folds(rows: pl.DataFrame) -> None:
    """Refuse folds on which nothing can be trained or measured.

    Raises:
        ModellingError: fewer than two folds, or a fold in which all applicants have the same outcome.
    """
    outcomes = rows.group_by("fold").agg(pl.col("target").n_unique()).sort("fold")
    if outcomes.height < 2:  # noqa: PLR2004  # training and measuring need a fold each
        raise ModellingError(f"The split has {outcomes.height} folds.", "Split into two folds or more.")
    for fold, classes in outcomes.iter_rows():
        if classes < 2:  # noqa: PLR2004  # defaulted and repaid
            raise ModellingError(
                f"All applicants of fold {fold} have the same outcome.", "Use fewer folds, or give more data."
            )


def cross_fitted(margin: Floats, target: NDArray[Any], fold: NDArray[Any]) -> Floats:
    """Calibrated probability of each row, (n,), by a calibrator fitted on the rows of the other folds."""
    probability = np.empty(len(margin))
    for number in np.unique(fold):
        here = fold == number
        probability[here] = fit_platt(margin[~here], target[~here]).probability(margin[here])
    return probability
