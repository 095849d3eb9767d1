"""What becomes of a study: where it is kept, and whether its best parameters hold on everybody.

What is here: `better_on_everybody`, `study_storage` and `study_name`.
What to add here: another condition under which tuned parameters are not kept.
What must not be here: the study itself (`tuning.py`).
"""

from __future__ import annotations

import polars as pl

from credit_platform.lakehouse.versions import TableVersion
from credit_platform.modelling.candidates import Candidate
from credit_platform.modelling.cross_validation import CrossValidation, cross_validate
from credit_platform.modelling.threshold import choose_threshold
from credit_platform.modelling.tuning import Tuning
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.settings import Settings

_HASH_DIGITS = 12


def better_on_everybody(
    candidate: Candidate,
    frame: pl.DataFrame,
    folds: pl.DataFrame,
    *,
    portfolio: Portfolio,
    settings: Settings,
    tuning: Tuning,
    default: CrossValidation,
) -> CrossValidation:
    """The best parameters on everybody, or the defaults where these cost less: the study may have seen a sample only.

    The defaults have been cross-validated already, by the candidate's own asset, on the same rows, folds and seed; so
    has the best trial, where the study saw everybody and was not begun by another process.

    Args:
        candidate: that was tuned.
        frame: feature table, see `cross_validate`.
        folds: as from `splits.split`.
        portfolio: gives features and costs.
        settings: give seed and threads.
        tuning: the study.
        default: cross-validation of the default parameters, on all of `folds`.
    """
    if tuning.best_params == default.params:
        return default
    best = tuning.best
    if best is None or best.oof.height < default.oof.height:
        params, threads = tuning.best_params, settings.threads
        best = cross_validate(candidate, frame, folds, portfolio, params, seed=settings.seed, threads=threads)
    return min((best, default), key=lambda result: _cost(result, portfolio, settings))


def _cost(result: CrossValidation, portfolio: Portfolio, settings: Settings) -> float:
    y, p, fold = (result.oof[name].to_numpy() for name in ("target", "probability", "fold"))
    return choose_threshold(y, p, portfolio.costs, fold, seed=settings.seed).cost_per_applicant_cross_fitted


def study_storage(settings: Settings, portfolio: Portfolio) -> str:
    """Address of the database of studies: the one that the settings name, else a file of the home."""
    if settings.tuning_database is not None:
        return settings.tuning_database
    path = (settings.home / "optuna" / f"{portfolio.name}.db").resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    # Optuna fills in its schema's version where an address says so in braces; doubled ones stand for themselves.
    return f"sqlite:///{path}".replace("{", "{{").replace("}", "}}")


def study_name(
    portfolio: Portfolio, candidate: str, applicants: TableVersion, split: TableVersion, code_version: str
) -> str:
    """A study goes on only while data, folds and code stay the same: trials of others do not compare."""
    hashes = (version.content_hash[:_HASH_DIGITS] for version in (applicants, split))
    return "-".join((portfolio.name, candidate, *hashes, code_version))
