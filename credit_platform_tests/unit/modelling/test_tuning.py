"""Tuning is never worse than not tuning, prunes, repeats itself, and goes on where a kill stopped it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import polars as pl
import pytest

from credit_platform.errors import ModellingError
from credit_platform.modelling import tuning
from credit_platform.modelling.candidates import Candidate, Trial
from credit_platform.modelling.splits import split
from credit_platform.modelling.tuning import Tuning, tune
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.feature_group import Feature
from credit_platform.scoring import FeatureEncoder, FittedModel, LinearModel

PORTFOLIO = get_portfolio("german_credit")
FEATURE = Feature(name="signal", expression=None, description="", reason="")  # type: ignore[arg-type]  # not computed here
Fitted = list[Mapping[str, Any]]


class Noisy:
    """A candidate whose parameter `noise` says how much it spoils a signal; nothing is learnt, so it is quick."""

    name = "noisy"
    title = "Noisy"
    imbalance = "None."

    def __init__(self, default: float = 1.0, *, low: float = 0.0, kill_at: int | None = None) -> None:
        self.default, self.low, self.kill_at = default, low, kill_at
        self.fitted: Fitted = []

    def default_params(self, profile: str = "quick") -> dict[str, Any]:
        return {"noise": self.default if profile == "quick" else 3.0}

    def search_space(self, trial: Trial) -> dict[str, Any]:
        return {"noise": trial.suggest_float("noise", self.low, self.low + 4.0)}

    def fit(
        self,
        frame: pl.DataFrame,
        target: np.ndarray[Any, Any],
        features: Sequence[Feature],
        params: Mapping[str, Any],
        *,
        seed: int,
        threads: int,
    ) -> FittedModel:
        self.fitted.append(params)
        if params["noise"] < 0:
            raise ModellingError("Nothing can be learnt.", "Use other parameters.")
        if len(self.fitted) == self.kill_at:
            signal.raise_signal(signal.SIGKILL)
        encoder = FeatureEncoder.fit(frame, [FEATURE], one_hot=True, scale=False, impute="median")
        return _Spoilt(encoder, LinearModel(np.array([1.0]), 0.0, np.array([0.0])), params["noise"])  # type: ignore[return-value]  # as far as is needed here


class _Spoilt:
    """A model that adds seeded noise to what another says."""

    def __init__(self, encoder: FeatureEncoder, model: LinearModel, noise: float) -> None:
        self.inner, self.noise = FittedModel(encoder, model), noise

    def margin(self, frame: pl.DataFrame) -> np.ndarray[Any, Any]:
        margin = self.inner.margin(frame)
        return margin + self.noise * np.random.default_rng(len(margin)).normal(size=len(margin))


def data(rows: int = 300) -> tuple[pl.DataFrame, pl.DataFrame]:
    random = np.random.default_rng(1)
    signal_values = random.normal(-1.0, 1.5, size=rows)
    target = (random.random(rows) < 1 / (1 + np.exp(-signal_values))).astype(np.int8)
    frame = pl.DataFrame(
        {PORTFOLIO.applicant_key: np.arange(rows), PORTFOLIO.target: target, "signal": signal_values},
    )
    return frame, split(frame, PORTFOLIO, seed=7)


def study(
    folder: Path, candidate: Noisy, *, trials: int, name: str, seed: int = 7, storage: str = "", **more: Any
) -> Tuning:
    frame, folds = data()
    typed: Candidate = candidate
    return tune(
        typed,
        frame,
        folds,
        PORTFOLIO,
        trials=trials,
        storage_url=storage or f"sqlite:///{folder / 'study.db'}",
        study_name=name,
        seed=seed,
        threads=1,
        features=[FEATURE],
        **more,
    )


def comparable(found: Tuning, trials: int | None = None) -> pl.DataFrame:
    return found.trials.drop("seconds", "best").head(trials or found.trials.height)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One storage for all studies here: making its tables takes longer than a study."""
    return tmp_path_factory.mktemp("studies")


@pytest.fixture(scope="module")
def uninterrupted(folder: Path) -> Tuning:
    """What six trials come to: the defaults, the first that are drawn at random, and one by what these taught."""
    return study(folder, Noisy(), trials=6, name="uninterrupted")


KILL_AT = (3, 8)
"""The fit in which a study is killed: in the middle of the first trial, and of the second."""


@pytest.fixture(scope="module")
def killed(folder: Path) -> dict[int, int]:
    """How the process of each study ended. They come from one that has imported everything: that takes longest."""
    script = (
        "import os\n"
        "from pathlib import Path\n"
        "from credit_platform_tests.unit.modelling.test_tuning import KILL_AT, Noisy, study\n"
        "for kill_at in KILL_AT:\n"
        "    child = os.fork()\n"
        "    if not child:\n"
        f"        study(Path({str(folder)!r}), Noisy(kill_at=kill_at), trials=3, name=f'killed at {{kill_at}}')\n"
        "        os._exit(0)\n"
        "    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    return dict(zip(KILL_AT, map(int, done.stdout.split()), strict=True))


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    before = optuna.logging.get_verbosity()
    yield
    optuna.logging.set_verbosity(before)


def test_the_best_trial_is_the_one_of_least_objective(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    found = study(folder, Noisy(default=2.0), trials=5, name="best")

    complete = found.trials.filter(pl.col("state") == "complete")
    best = found.trials.row(by_predicate=pl.col("best"), named=True)
    assert found.trials["trial"].to_list() == list(range(5))
    assert found.best is not None
    assert found.best.params == found.best_params
    assert best["objective"] == complete["objective"].min()
    assert best["objective"] == pytest.approx(found.best_cost - tuning.AUC_WEIGHT * found.best_auc)
    assert json.loads(best["params"]) == found.best_params
    assert found.best_cost < found.default_cost
    assert capfd.readouterr().err == ""


def test_the_default_parameters_are_the_first_trial(folder: Path) -> None:
    # Every other trial drowns the signal in noise.
    found = study(folder, Noisy(default=0.0, low=20.0), trials=4, name="default")

    assert json.loads(found.trials["params"][0]) == {"noise": 0.0}
    assert found.best_params == {"noise": 0.0}
    assert found.best_cost == found.default_cost


def test_the_profile_gives_the_default_parameters(folder: Path) -> None:
    found = study(folder, Noisy(), trials=1, name="profile", profile="full")

    assert found.best_params == {"noise": 3.0}


def test_hopeless_trials_are_pruned_before_all_folds_are_fitted(folder: Path) -> None:
    found = study(folder, Noisy(default=0.0), trials=8, name="pruned")

    pruned = found.trials.filter(pl.col("state") == "pruned")
    assert not pruned.is_empty()
    assert (pruned["folds"] < 5).all()
    assert pruned["objective"].is_null().all()
    assert (found.trials.filter(pl.col("state") == "complete")["folds"] == 5).all()


def test_same_seed_same_trials(folder: Path, uninterrupted: Tuning) -> None:
    again = study(folder, Noisy(), trials=6, name="again")
    other = study(folder, Noisy(), trials=2, name="other seed", seed=8)

    assert comparable(again).equals(comparable(uninterrupted))
    assert other.trials["params"][1] != again.trials["params"][1]


def test_importance_is_that_of_the_suggested_parameters(folder: Path, uninterrupted: Tuning) -> None:
    few = study(folder, Noisy(), trials=2, name="few")
    assert few.importance.is_empty()
    assert few.importance.columns == ["parameter", "importance"]

    assert uninterrupted.importance["parameter"].to_list() == ["noise"]
    assert uninterrupted.importance["importance"].to_list() == [pytest.approx(1.0)]


def test_finished_trials_count(folder: Path, uninterrupted: Tuning) -> None:
    study(folder, Noisy(), trials=3, name="grown")
    candidate = Noisy()

    again = study(folder, candidate, trials=3, name="grown")
    assert (again.trials.height, candidate.fitted) == (3, [])
    assert again.best is None, "another process made it"

    more = study(folder, candidate, trials=6, name="grown")
    assert comparable(more).equals(comparable(uninterrupted))


@pytest.mark.parametrize("kill_at", KILL_AT)
def test_a_killed_study_ends_like_one_that_was_not(
    folder: Path, uninterrupted: Tuning, killed: dict[int, int], kill_at: int
) -> None:
    name = f"killed at {kill_at}"
    assert killed[kill_at] == -signal.SIGKILL

    candidate = Noisy()
    resumed = study(folder, candidate, trials=3, name=name)

    finished_before = (kill_at - 1) // 5
    assert len(candidate.fitted) == 5 * (3 - finished_before)
    assert comparable(resumed).equals(comparable(uninterrupted, 3))
    storage = optuna.storages.RDBStorage(f"sqlite:///{folder / 'study.db'}")
    states = [trial.state.name for trial in optuna.load_study(study_name=name, storage=storage).trials]
    storage.engine.dispose()
    assert (states.count("FAIL"), states.count("RUNNING")) == (1, 0)


def test_parameters_with_which_nothing_can_be_learnt_are_a_bad_trial(folder: Path) -> None:
    found = study(folder, Noisy(low=-5.0), trials=3, name="fragile")

    assert found.trials["state"].to_list() == ["complete", "pruned", "pruned"]
    assert found.best_params == {"noise": 1.0}
    assert (found.trials["folds"] == 0).to_list() == [False, True, True]


def test_defaults_with_which_nothing_can_be_learnt_are_a_fault(folder: Path) -> None:
    for _ in range(2):  # the second time the study exists already
        with pytest.raises(ModellingError, match="Nothing can be learnt"):
            study(folder, Noisy(default=-1.0), trials=3, name="fault")
