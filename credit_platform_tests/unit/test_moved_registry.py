"""The MLflow store of a copied home names artefacts of that home; somebody's own root of artefacts is left alone."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from credit_platform.modelling.tracking import Tracking
from credit_platform.moved_registry import follow_home
from credit_platform.settings import Settings

NAME = "german_credit"


def tracking_of(home: Path) -> Tracking:
    settings = Settings(home=home)
    return Tracking(settings.mlflow_uri, settings.mlflow_artifacts, NAME)


def addresses(home: Path) -> str:
    """All that the database holds, as text."""
    with closing(sqlite3.connect(home / "mlflow" / "mlflow.db")) as connection:
        return "\n".join(connection.iterdump())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a run that has an artefact."""
    made = tmp_path / "l'original é #1"
    with tracking_of(made).run("one") as run:
        run.log_table("tables/a.csv", "a\n1\n")
    return made


@pytest.mark.parametrize("original_is", ["gone", "there"])
def test_a_copy_reads_and_writes_its_own(home: Path, tmp_path: Path, original_is: str) -> None:
    copy = tmp_path / "la copie"
    shutil.copytree(home, copy)
    if original_is == "gone":
        shutil.rmtree(home)
    else:
        for path in (home / "mlflow" / "artifacts").rglob("*.csv"):
            path.write_text("not yours")
    before = sorted(home.rglob("*"))
    tracking = tracking_of(copy)
    (run,) = tracking.client.search_runs([tracking.experiment_id])
    fetched = tracking.client.download_artifacts(run.info.run_id, "tables/a.csv", str(tmp_path))
    assert Path(fetched).read_text() == "a\n1\n"
    with tracking.run("two") as other:
        other.log_table("tables/b.csv", "b\n")
    assert list((copy / "mlflow" / "artifacts").rglob("b.csv"))
    assert sorted(home.rglob("*")) == before
    assert home.as_uri() not in addresses(copy)


def test_nothing_is_done_twice(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "la copie"
    shutil.copytree(home, copy)
    settings = Settings(home=copy)
    assert follow_home(settings.mlflow_uri, settings.mlflow_artifacts)
    assert not follow_home(settings.mlflow_uri, settings.mlflow_artifacts)


def test_mlflows_own_experiment_does_not_lie_where_somebody_happened_to_stand(home: Path) -> None:
    assert "/mlruns/0" in addresses(home)
    assert tracking_of(home).client.get_experiment("0").artifact_location == f"{home}/mlflow/artifacts/0"


def test_an_experiment_without_artefacts_follows_too(tmp_path: Path) -> None:
    """A run was killed before it stored anything: the next one must not write into the original."""
    assert tracking_of(tmp_path / "original").experiment_id
    shutil.copytree(tmp_path / "original", tmp_path / "copy")
    assert tracking_of(tmp_path / "copy").experiment_id
    assert (tmp_path / "original").as_uri() not in addresses(tmp_path / "copy")


def test_a_root_of_ones_own_is_left_alone(tmp_path: Path) -> None:
    own = tmp_path / "shared" / "mlflow" / "artifacts"
    settings = Settings(home=tmp_path / "home", mlflow_artifact_root=str(own))
    tracking = Tracking(settings.mlflow_uri, settings.mlflow_artifacts, NAME)
    with tracking.run("one") as run:
        run.log_table("a.csv", "a\n")
    assert not follow_home(settings.mlflow_uri, settings.mlflow_artifacts)
    # Also after the setting was taken away: what is there stays there.
    without = Settings(home=tmp_path / "home")
    follow_home(without.mlflow_uri, without.mlflow_artifacts)
    assert own.as_uri() in addresses(tmp_path / "home")


@pytest.mark.parametrize("content", [b"", b"garbage" * 100])
def test_what_is_no_store_is_left_to_mlflow(tmp_path: Path, content: bytes) -> None:
    settings = Settings(home=tmp_path)
    (tmp_path / "mlflow").mkdir()
    (tmp_path / "mlflow" / "mlflow.db").write_bytes(content)
    assert not follow_home(settings.mlflow_uri, settings.mlflow_artifacts)
    assert (tmp_path / "mlflow" / "mlflow.db").read_bytes() == content


def test_a_server_and_a_store_elsewhere_have_no_home(tmp_path: Path) -> None:
    assert not follow_home("http://127.0.0.1:5000", None)
    assert not follow_home(f"sqlite:///{tmp_path}/other.db", str(tmp_path / "artifacts"))
