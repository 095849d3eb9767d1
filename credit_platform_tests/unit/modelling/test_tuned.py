"""Studies: each has its place and its name, and what it found is kept only where it holds on everybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from credit_platform.lakehouse import TableVersion
from credit_platform.modelling.candidates import get_candidate
from credit_platform.modelling.cross_validation import CrossValidation
from credit_platform.modelling.records import cross_validation_of
from credit_platform.modelling.tuned import better_on_everybody, study_name, study_storage
from credit_platform.modelling.tuning import Tuning
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.keys import model_key
from credit_platform.settings import Settings
from credit_platform_tests.finished_run import FinishedRun

GERMAN = get_portfolio("german_credit")


def version(content: str) -> TableVersion:
    at = datetime.now(UTC)
    return TableVersion(key="a/b/c", version=0, timestamp=at, rows=1, bytes=1, columns=1, content_hash=content * 16)


def test_a_study_goes_on_only_while_data_folds_and_code_stay() -> None:
    names = {
        study_name(GERMAN, candidate, version(data), version(folds), code)
        for candidate, data, folds, code in [
            ("mlp", "a", "b", "c"),
            ("svm", "a", "b", "c"),
            ("mlp", "x", "b", "c"),
            ("mlp", "a", "x", "c"),
            ("mlp", "a", "b", "x"),
        ]
    }
    assert len(names) == 5
    assert study_name(GERMAN, "mlp", version("a"), version("b"), "c") == f"german_credit-mlp-{'a' * 12}-{'b' * 12}-c"


def test_studies_lie_in_the_home_unless_the_settings_say_otherwise(tmp_path: Path) -> None:
    home = tmp_path / "{home}"
    assert study_storage(Settings(home=home), GERMAN).endswith("{{home}}/optuna/german_credit.db")
    assert (home / "optuna").is_dir()
    elsewhere = "postgresql://somewhere/studies"
    assert study_storage(Settings(home=home, tuning_storage=elsewhere), GERMAN) == elsewhere


def found(default: CrossValidation, best: CrossValidation | None) -> Tuning:
    params = {**default.params, "c": 0.123} if best is None else best.params
    empty = pl.DataFrame()
    return Tuning(
        best_params=params, best_cost=0.1, best_auc=0.8, default_cost=0.2, trials=empty, best=best, importance=empty
    )


def test_the_cheaper_on_everybody_is_kept(finished: FinishedRun) -> None:
    lakehouse, settings = finished.lakehouse, finished.settings
    default = cross_validation_of(lakehouse.read(model_key(GERMAN.name, "logistic_regression")))
    worse = replace(default, params={**default.params, "c": 9.0}, oof=default.oof.with_columns(probability=0.5))
    candidate = get_candidate("logistic_regression")

    def kept(tuning: Tuning) -> CrossValidation:
        return better_on_everybody(
            candidate,
            pl.DataFrame(),
            pl.DataFrame(),
            portfolio=GERMAN,
            settings=settings,
            tuning=tuning,
            default=default,
        )

    assert kept(found(default, default)) is default
    assert kept(found(default, worse)) is default
    better = replace(
        default,
        params={**default.params, "c": 9.0},
        oof=default.oof.with_columns(probability=pl.col("target") * 0.8 + 0.1),
    )
    assert kept(found(default, better)) is better
