"""Searching for parameters of a candidate that cost the lender less.

What is here: one Optuna study per candidate, data and code: TPE sampler, pruning after each fold, storage that survives
a kill.
What to add here: another objective or sampler.
What must not be here: search spaces (each candidate has its own), MLflow, and the holdout.

The objective is the cross-fitted cost per applicant (`threshold.py`) less `AUC_WEIGHT` times AUC. The weight is so
small that AUC only decides between parameters which cost the same: one applicant decided otherwise outweighs any AUC
among up to a thousand applicants. The default parameters are the first trial, so on the objective tuning is never worse
than not tuning. The least of many noisy costs flatters its owner, the more so the more trials there are: the cost to
believe is that of the holdout, which no trial sees.

A study survives `kill -9`. Every finished trial is in the storage; the one that was running is marked failed and done
again. Each trial's seed is made from the seed of the study and the number of trials finished before it, so a study
that was killed and resumed makes the same trials as one that was not.

Source: T. Akiba et al., Optuna, KDD 2019, 2623-2631; J. Bergstra et al., Algorithms for hyper-parameter optimization,
NIPS 2011 (TPE).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import optuna
import polars as pl
from optuna.trial import FrozenTrial, TrialState

from credit_platform.errors import ModellingError
from credit_platform.modelling.calibration import fit_platt
from credit_platform.modelling.candidates import Candidate, Profile, reusing
from credit_platform.modelling.cross_validation import CrossValidation, Fold, cross_validate_folds, training_folds
from credit_platform.modelling.metrics import applicant_costs, roc_auc
from credit_platform.modelling.threshold import choose_threshold
from credit_platform.portfolios.economics import CostMatrix
from credit_platform.portfolios.feature_group import Feature
from credit_platform.portfolios.portfolio import Portfolio

AUC_WEIGHT = 1e-3
"""What a whole unit of AUC is worth, in cost per applicant."""
_RANDOM_TRIALS = 5
"""Trials drawn at random before TPE has enough to learn from; also before a trial may be pruned."""
_ENOUGH_FOR_IMPORTANCE = 5
_FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclass(frozen=True)
class Tuning:
    """What a study found."""

    best_params: dict[str, Any]
    best_cost: float
    """Cross-fitted cost per applicant of the best trial; flattering, see the module's docstring."""
    best_auc: float
    default_cost: float
    """The same of the candidate's default parameters, the first trial."""
    trials: pl.DataFrame
    """A row per finished trial, in order: trial (from 0), state (complete, pruned), objective, cost_per_applicant, auc,
    folds (fitted), seconds, best, params (JSON)."""
    best: CrossValidation | None
    """Of the best trial, where this process made it; None when an earlier process did."""
    importance: pl.DataFrame
    """parameter, importance (share of the variance of the objective that it explains, fANOVA), most important first;
    empty while fewer than `_ENOUGH_FOR_IMPORTANCE` suggested trials are complete."""


def tune(
    candidate: Candidate,
    frame: pl.DataFrame,
    split: pl.DataFrame,
    portfolio: Portfolio,
    *,
    trials: int,
    storage_url: str,
    study_name: str,
    seed: int,
    threads: int,
    profile: Profile = "quick",
    features: Sequence[Feature] | None = None,
) -> Tuning:
    """Run the study called `study_name` until it has `trials` finished trials; those it has already count.

    Args:
        candidate: gives the default parameters and the search space.
        frame: feature table, see `cross_validate`.
        split: as from `splits.split`; the holdout is not used.
        portfolio: gives key, features and costs.
        trials: finished trials wanted, complete or pruned.
        storage_url: SQLAlchemy URL such as `sqlite:////…/study.db`; the tables are made when absent.
        study_name: names everything that makes trials comparable: candidate, data, folds, code.
        seed: of the sampler, the models and the bootstraps.
        threads: threads that one model may use.
        profile: which default parameters are the first trial.
        features: features to use; all of the portfolio when not given.

    Raises:
        ModellingError: the default parameters cannot be trained on these data; or as `cross_validate`.
    """
    # The study makes the same folds sixty times over: they are cut once, and what trials make of their rows is kept.
    folds = tuple(training_folds(frame, split, portfolio))
    search = _Search(candidate, folds, portfolio, seed, threads, profile, features)
    with _open_study(storage_url, study_name) as study, reusing([fold.train for fold in folds]):
        _fail_interrupted(study)
        while (done := len(_finished(study))) < trials:
            study.sampler = optuna.samplers.TPESampler(n_startup_trials=_RANDOM_TRIALS, seed=_trial_seed(seed, done))
            search.run_trial(study, default=done == 0)
        return _result(_finished(study), _importance(study, seed), search.made)


@dataclass(frozen=True)
class _Search:
    """Everything that stays the same over the trials of a study."""

    candidate: Candidate
    folds: tuple[Fold, ...]
    portfolio: Portfolio
    seed: int
    threads: int
    profile: Profile
    features: Sequence[Feature] | None
    made: dict[int, CrossValidation] = field(default_factory=dict)
    """Complete trials of this process, by number: some scores each, so that the best one need not be done again."""

    def run_trial(self, study: optuna.Study, *, default: bool) -> None:
        """Make one trial and store its end, whatever it is."""
        trial = study.ask()
        params = self.candidate.default_params(self.profile) if default else self.candidate.search_space(trial)
        trial.set_user_attr("params", json.dumps(params, sort_keys=True))
        try:
            objective = self._objective(trial, params, prune=not default)
        except optuna.TrialPruned:
            study.tell(trial, state=TrialState.PRUNED)
        except ModellingError as error:
            # Parameters with which nothing can be learnt are a bad trial; defaults with which nothing can are a fault.
            if default:
                study.tell(trial, state=TrialState.FAIL)
                raise
            trial.set_user_attr("error", str(error))
            study.tell(trial, state=TrialState.PRUNED)
        else:
            study.tell(trial, objective)

    def _objective(self, trial: optuna.Trial, params: Mapping[str, Any], *, prune: bool) -> float:
        parts: list[pl.DataFrame] = []

        def on_fold(_: int, part: pl.DataFrame) -> None:
            parts.append(part)
            trial.report(_interim_objective(pl.concat(parts), self.portfolio.costs), step=len(parts))
            if prune and trial.should_prune():
                raise optuna.TrialPruned

        result = cross_validate_folds(
            self.candidate,
            self.folds,
            self.portfolio,
            params,
            seed=self.seed,
            threads=self.threads,
            features=self.features,
            on_fold=on_fold,
        )
        cost, auc = _cost_and_auc(result, self.portfolio.costs, self.seed)
        trial.set_user_attr("cost_per_applicant", cost)
        trial.set_user_attr("auc", auc)
        self.made[trial.number] = result
        return cost - AUC_WEIGHT * auc


def _interim_objective(scored: pl.DataFrame, costs: CostMatrix) -> float:
    """The objective as far as the folds done so far tell: one calibrator for all of them, threshold at break-even.

    It is only compared with other trials after as many folds, never with a final objective.
    """
    y, margin = scored["target"].to_numpy(), scored["margin"].to_numpy()
    probability = fit_platt(margin, y).probability(margin)
    cost = float(applicant_costs(y, probability >= costs.break_even, costs).mean())
    return cost - AUC_WEIGHT * roc_auc(y, margin)


def _cost_and_auc(result: CrossValidation, costs: CostMatrix, seed: int) -> tuple[float, float]:
    y, p, fold = (result.oof[name].to_numpy() for name in ("target", "probability", "fold"))
    return choose_threshold(y, p, costs, fold, seed=seed).cost_per_applicant_cross_fitted, roc_auc(y, p)


@contextmanager
def _open_study(storage_url: str, name: str) -> Iterator[optuna.Study]:
    """Open or make a study; its connections are closed afterwards."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = optuna.storages.RDBStorage(storage_url)
    try:
        yield optuna.create_study(
            storage=storage,
            study_name=name,
            load_if_exists=True,
            pruner=optuna.pruners.MedianPruner(n_startup_trials=_RANDOM_TRIALS, n_warmup_steps=1),
        )
    finally:
        storage.remove_session()
        storage.engine.dispose()


def _fail_interrupted(study: optuna.Study) -> None:
    """Mark failed what a killed process left running; nothing else writes to a study while it is tuned."""
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)


def _finished(study: optuna.Study) -> list[FrozenTrial]:
    return study.get_trials(deepcopy=False, states=_FINISHED)


def _trial_seed(seed: int, done: int) -> int:
    return int(np.random.SeedSequence([seed, done]).generate_state(1)[0])


def _value(trial: FrozenTrial) -> float:
    """Objective of a complete trial."""
    return float(trial.values[0])


def _seconds(trial: FrozenTrial) -> float:
    return trial.duration.total_seconds() if trial.duration is not None else 0.0


def _importance(study: optuna.Study, seed: int) -> pl.DataFrame:
    """Importance of each parameter among the complete trials that were suggested (the defaults were not)."""
    suggested = [trial for trial in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)) if trial.params]
    found: dict[str, float] = {}
    if len(suggested) >= _ENOUGH_FOR_IMPORTANCE and len({_value(trial) for trial in suggested}) > 1:
        memory = optuna.create_study()
        memory.add_trials(suggested)
        evaluator = optuna.importance.FanovaImportanceEvaluator(seed=seed)
        found = optuna.importance.get_param_importances(memory, evaluator=evaluator)
    rows = {"parameter": list(found), "importance": list(found.values())}
    return pl.DataFrame(rows, schema={"parameter": pl.String, "importance": pl.Float64})


def _result(finished: list[FrozenTrial], importance: pl.DataFrame, made: Mapping[int, CrossValidation]) -> Tuning:
    complete = [trial for trial in finished if trial.state == TrialState.COMPLETE]
    best = min(complete, key=_value)
    rows = [
        {
            "trial": number,
            "state": trial.state.name.lower(),
            "objective": _value(trial) if trial.state == TrialState.COMPLETE else None,
            "cost_per_applicant": trial.user_attrs.get("cost_per_applicant"),
            "auc": trial.user_attrs.get("auc"),
            "folds": len(trial.intermediate_values),
            "seconds": _seconds(trial),
            "best": trial is best,
            "params": trial.user_attrs["params"],
        }
        for number, trial in enumerate(finished)
    ]
    return Tuning(
        best_params=json.loads(best.user_attrs["params"]),
        best_cost=best.user_attrs["cost_per_applicant"],
        best_auc=best.user_attrs["auc"],
        default_cost=finished[0].user_attrs["cost_per_applicant"],
        trials=pl.DataFrame(rows, schema_overrides={"objective": pl.Float64, "auc": pl.Float64}),
        best=made.get(best.number),
        importance=importance,
    )
