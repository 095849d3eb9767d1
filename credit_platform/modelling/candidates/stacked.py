"""Stacked ensemble: a weighted sum of the margins of other candidates.

What is here: the candidate. The weights are learnt from margins that are out of fold *within the training rows given*:
these are dealt to inner folds, each scored by base models trained on the others. So when the stack itself is
cross-validated, nothing about an applicant it is judged on went into its base models or its weights.
What must not be here: margins stored by other assets: their base models have seen outcomes of the fold being judged.

Sources: D. Wolpert, Stacked generalization, Neural Networks 5 (1992) 241-259; L. Breiman, Stacked regressions, Machine
Learning 24 (1996) 49-64 (weights not below zero).
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.errors import ModellingError
from credit_platform.modelling.candidates._base import BaseCandidate, suggest_imbalance
from credit_platform.modelling.candidates._candidate import Candidate, Profile, Trial
from credit_platform.modelling.candidates._linear import signed_logistic
from credit_platform.modelling.candidates._training import IMBALANCE, Training
from credit_platform.portfolios.feature_group import Feature
from credit_platform.scoring import FittedModel, StackedModel, StackedPart, join_encoders

Floats = NDArray[np.float64]

_BASES = ("logistic_regression", "random_forest", "lightgbm")
"""Three that err differently: linear, averaged deep trees, boosted shallow trees."""


class Stacked(BaseCandidate):
    """Logistic regression, weights not below zero, on the standardised margins of the base candidates."""

    name = "stacked"
    title = "Stacked ensemble"
    imbalance = f"{IMBALANCE} Here it concerns the weighing only: base candidates follow their own default."

    def default_params(self, profile: Profile = "quick") -> dict[str, Any]:
        """Base candidates with the profile's parameters, inner folds, rows for learning the weights, penalty."""
        return {
            "bases": list(_BASES),
            "profile": profile,
            "inner_folds": 2,
            "inner_rows": 15_000,
            "c": 0.02,
            "imbalance": "none",
        }

    def search_space(self, trial: Trial) -> dict[str, Any]:
        """Which candidates to stack, penalty, imbalance."""
        bases = trial.suggest_categorical("bases", ["+".join(_BASES), "+".join(_BASES[:2]), "+".join(_BASES[::2])])
        return {
            "bases": bases.split("+"),
            "profile": "quick",
            "inner_folds": 2,
            "inner_rows": 15_000,
            "c": trial.suggest_float("c", 1e-4, 1.0, log=True),
            "imbalance": suggest_imbalance(trial),
        }

    def train(self, training: Training) -> FittedModel:
        """Train; see `Candidate.fit`.

        Raises:
            ModellingError: also when a class has fewer rows than inner folds, or a stack is to be stacked.
        """
        chosen = training.params
        fit = _BaseFit(training.features, chosen["profile"], training.seed, training.threads)
        if chosen["imbalance"] == "smote":
            raise ModellingError(
                "A stack weighs real applicants only: synthetic ones would stand in several inner folds at once.",
                "Use imbalance `weights` or `none`.",
            )
        bases = [_base(name) for name in chosen["bases"]]
        inner = _inner_rows(training.target, chosen["inner_rows"], training.seed)
        outcome = training.target[inner]
        margins = np.column_stack(
            [
                training.reused(
                    ("inner", base.name, chosen["profile"], chosen["inner_folds"], chosen["inner_rows"]),
                    partial(_out_of_fold, base, training.frame[inner], outcome, fit, folds=chosen["inner_folds"]),
                )
                for base in bases
            ]
        )
        weights, intercept = _weigh(margins, outcome, training.weights[inner], chosen["c"])
        # A base candidate without weight would only cost time.
        used = [(base, w) for base, w in zip(bases, weights.tolist(), strict=True) if w > 0]
        fitted = [
            training.reused(("base", base.name, chosen["profile"]), partial(fit, base, training.frame, training.target))
            for base, _ in used
        ]
        encoder, columns = join_encoders([one.encoder for one in fitted])
        parts = [
            StackedPart(base.name, one.model, tuple(own), weight)
            for (base, weight), one, own in zip(used, fitted, columns, strict=True)
        ]
        return FittedModel(encoder, StackedModel(parts, intercept))


@dataclass(frozen=True)
class _BaseFit:
    """Trains base candidates, each with its own default parameters."""

    features: Sequence[Feature]
    profile: Profile
    seed: int
    threads: int

    def __call__(self, base: Candidate, frame: pl.DataFrame, target: NDArray[np.int8]) -> FittedModel:
        params = base.default_params(self.profile)
        return base.fit(frame, target, self.features, params, seed=self.seed, threads=self.threads)


def _weigh(margins: Floats, target: NDArray[np.int8], rows: Floats, c: float) -> tuple[Floats, float]:
    """Weight of each margin, (bases,), none below 0, and intercept; fitted on standardised margins.

    Where no margin deserves a weight, all are weighed alike: a stack of bases that know nothing knows nothing.
    """
    center, deviation = margins.mean(axis=0), margins.std(axis=0)
    scale = np.where(deviation > 0, deviation, 1.0)
    own, intercept = signed_logistic((margins - center) / scale, target, rows, c=c)
    weights: Floats = (own if own.any() else np.full(own.size, 1.0 / own.size)) / scale
    return weights, intercept - float(weights @ center)


def _base(name: str) -> Candidate:
    if name == Stacked.name:
        raise ModellingError("A stack cannot be one of its own base candidates.", "Name others in `bases`.")
    candidate: Candidate = importlib.import_module(f"{__package__}.{name}").CANDIDATE
    return candidate


def _inner_rows(target: NDArray[np.int8], most: int, seed: int) -> NDArray[np.int64]:
    """Positions of at most about `most` rows, ascending, both outcomes in proportion."""
    if target.size <= most:
        return np.arange(target.size)
    random = np.random.default_rng(seed)
    share = most / target.size
    parts = [random.permutation(np.flatnonzero(target == value)) for value in (0, 1)]
    return np.sort(np.concatenate([part[: round(part.size * share)] for part in parts]))


def _inner_folds(target: NDArray[np.int8], folds: int, seed: int) -> NDArray[np.int64]:
    """Fold of each row, (n,), both outcomes dealt evenly."""
    if min(int(target.sum()), int((target == 0).sum())) < folds:
        raise ModellingError(
            f"A class has fewer than {folds} training rows, too few for the inner folds of a stack.",
            "Give more data, or leave the stack out.",
        )
    random = np.random.default_rng(seed)
    fold = np.empty(target.size, dtype=np.int64)
    for value in (0, 1):
        positions = random.permutation(np.flatnonzero(target == value))
        fold[positions] = np.arange(positions.size) % folds
    return fold


def _out_of_fold(
    base: Candidate, frame: pl.DataFrame, target: NDArray[np.int8], fit: _BaseFit, *, folds: int
) -> Floats:
    """Margin of each row, (rows,), by models of the other inner folds."""
    fold = _inner_folds(target, folds, fit.seed)
    margins = np.empty(target.size)
    for number in range(folds):
        held = fold == number
        margins[held] = fit(base, frame.filter(~held), target[~held]).margin(frame.filter(held))
    return margins


CANDIDATE = Stacked()
