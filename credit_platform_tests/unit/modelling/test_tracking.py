from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from credit_platform.errors import ModellingError, ScorerError
from credit_platform.features import build_features
from credit_platform.modelling._first_use import first_use
from credit_platform.modelling.tracking import Tracking
from credit_platform.portfolios import get_portfolio
from credit_platform.scoring import Scorer
from credit_platform_tests.registered_scorer import download
from credit_platform_tests.small_scorer import raw_applications, save_small_scorer

NAME = "german_credit"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def tracking(home: Path) -> Tracking:
    return Tracking(f"sqlite:///{home}/mlflow/mlflow.db", str(home / "mlflow" / "artifacts"), NAME)


@pytest.fixture(scope="module")
def scorer(home: Path) -> Scorer:
    return save_small_scorer(home / "scorer")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_run_holds_what_was_logged_and_ends_finished(tracking: Tracking, home: Path, tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "a.txt").write_text("a")
    with tracking.run("xgboost", params={"c": 0.1, "long": "x" * 9000}, tags={"synthetic": False}) as run:
        run.log_metrics({"auc": 0.79})
        for fold in range(3):
            run.log_metrics({"fold_auc": 0.7 + fold / 10}, step=fold)
        run.log_figure("charts/roc.png", b"\x89PNG")
        run.log_table("table.csv", "a,b\n1,2\n")
        run.log_folder(tmp_path / "report", "report")
        run.set_tags({"late": 1})
    stored = tracking.client.get_run(run.run_id)
    assert stored.info.status == "FINISHED"
    assert stored.info.run_name == "xgboost"
    assert stored.data.params["c"] == "0.1"
    assert stored.data.metrics["auc"] == 0.79
    assert (stored.data.tags["synthetic"], stored.data.tags["late"]) == ("False", "1")
    folds = tracking.client.get_metric_history(run.run_id, "fold_auc")
    assert [(metric.step, round(metric.value, 1)) for metric in folds] == [(0, 0.7), (1, 0.8), (2, 0.9)]
    artifacts = home / "mlflow" / "artifacts" / NAME / run.run_id / "artifacts"
    files = {path.relative_to(artifacts).as_posix() for path in artifacts.rglob("*") if path.is_file()}
    assert files == {"charts/roc.png", "table.csv", "report/a.txt"}
    assert [path.name for path in tmp_path.iterdir()] == ["report"], "nothing is written to the working folder"


def test_a_run_that_raises_ends_failed(tracking: Tracking) -> None:
    seen = []

    def work() -> None:
        with tracking.run("bad") as run:
            seen.append(run.run_id)
            raise KeyError("boom")

    with pytest.raises(KeyError, match="boom"):
        work()
    assert tracking.client.get_run(seen[0]).info.status == "FAILED"


def test_a_child_run_names_its_parent_and_an_ended_run_can_be_added_to(tracking: Tracking) -> None:
    with tracking.run("study") as parent, tracking.run("trial", parent=parent.run_id) as child:
        pass
    assert tracking.client.get_run(child.run_id).data.tags["mlflow.parentRunId"] == parent.run_id
    tracking.reopen(parent.run_id).log_metrics({"best": 0.5})
    stored = tracking.client.get_run(parent.run_id)
    assert (stored.data.metrics["best"], stored.info.status) == (0.5, "FINISHED")


def test_a_registered_scorer_comes_back_equal(tracking: Tracking, scorer: Scorer, home: Path, tmp_path: Path) -> None:
    with tracking.run("models/scorer") as run:
        version = tracking.register(home / "scorer", NAME, {"stage": "staging"}, run.run_id, description="First.")
    tags = tracking.version_tags(NAME, version)
    assert (tags["digest"], tags["stage"]) == (scorer.digest, "staging")
    folder = download(tracking, NAME, version, tmp_path / "got")
    assert Scorer.load(folder, expected_digest=tags["digest"]).digest == scorer.digest
    assert tracking.register(home / "scorer", NAME, {"stage": "production"}) == version, "the same scorer"
    assert tracking.version_tags(NAME, version)["stage"] == "production"
    stored = tracking.client.get_model_version(NAME, version)
    assert (stored.run_id, stored.description) == (run.run_id, "First.")


def test_mlflow_scores_with_the_registered_model(tracking: Tracking, scorer: Scorer, home: Path) -> None:
    import mlflow.pyfunc  # noqa: PLC0415  # slow to import

    version = tracking.register(home / "scorer", NAME)
    portfolio = get_portfolio(NAME)
    raw = raw_applications(portfolio).head(30)
    features = build_features(portfolio, {portfolio.training_table: raw.lazy()}).collect()
    columns = features.select(feature.name for feature in portfolio.features)
    columns = columns.with_columns(pl.selectors.numeric().cast(pl.Float64))
    model = mlflow.pyfunc.load_model(tracking.client.get_model_version(NAME, version).source)
    predicted = model.predict(columns.to_pandas())["probability_of_default"]
    assert predicted.to_list() == scorer.score_features(features).tolist()


def test_no_pickle_is_in_the_registry(tracking: Tracking, scorer: Scorer, home: Path) -> None:
    tracking.register(home / "scorer", NAME)
    names = {path.suffix for path in (home / "mlflow" / "artifacts").rglob("*") if path.is_file()}
    assert not names & {".pkl", ".pickle", ".joblib"}


def test_aliases_move_and_can_be_taken_off(tracking: Tracking, scorer: Scorer, home: Path) -> None:
    first = tracking.register(home / "scorer", NAME)
    Scorer(scorer.portfolio, scorer.fitted, scorer.calibrator, 0.3).save(home / "second")
    second = tracking.register(home / "second", NAME)
    assert second != first
    source = tracking.client.get_run(tracking.client.get_model_version(NAME, second).run_id)
    assert (source.info.run_name, source.info.status) == ("register german_credit", "FINISHED")
    assert (tracking.champion(NAME), tracking.challenger(NAME)) == (None, None)
    tracking.set_alias(NAME, "champion", first)
    tracking.set_alias(NAME, "challenger", second)
    assert (tracking.champion(NAME), tracking.challenger(NAME)) == (first, second)
    tracking.set_alias(NAME, "champion", second)
    tracking.client.delete_registered_model_alias(NAME, "challenger")
    assert (tracking.champion(NAME), tracking.challenger(NAME)) == (second, None)
    with pytest.raises(ModellingError, match="has no version 99"):
        tracking.set_alias(NAME, "champion", "99")


def test_a_fresh_handle_can_register_at_once(scorer: Scorer, home: Path, tmp_path: Path) -> None:
    """The registry's lock was once taken twice when the store had not been opened before."""
    fresh = Tracking(f"sqlite:///{home}/mlflow/mlflow.db", str(home / "mlflow" / "artifacts"), NAME)
    assert fresh.register(home / "scorer", NAME) == fresh.register(home / "scorer", NAME)
    assert not list(tmp_path.iterdir()), "nothing is written to the working folder"


def test_an_unknown_model_has_no_champion_and_a_foreign_folder_is_not_registered(
    tracking: Tracking, tmp_path: Path
) -> None:
    assert tracking.champion("nobody") is None
    with pytest.raises(ScorerError, match="not a scorer folder"):
        tracking.register(tmp_path, NAME)


def test_a_second_process_finds_the_same_experiment(tracking: Tracking) -> None:
    again = Tracking(tracking.uri, tracking.artifact_root, NAME)
    assert again.experiment_id == tracking.experiment_id


def test_a_server_needs_no_lock_and_keeps_its_own_artifact_root() -> None:
    remote = Tracking("http://mlflow.invalid", "s3://bucket/mlflow/", "x")
    assert remote._artifact_location() == "s3://bucket/mlflow/x"
    with first_use(remote.uri):
        assert not list(Path().iterdir())


def test_importing_this_module_does_not_import_mlflow_and_telemetry_is_off(tracking: Tracking) -> None:
    code = "import sys, credit_platform.modelling.tracking; raise SystemExit('mlflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert tracking.client is not None
    assert (os.environ["MLFLOW_DISABLE_TELEMETRY"], os.environ["DO_NOT_TRACK"]) == ("true", "true")
