"""MLflow on a real PostgreSQL: runs, versions, tags and aliases, from a promotion to a rollback of it."""

from __future__ import annotations

from pathlib import Path

from credit_platform.modelling.tracking import CHALLENGER, Tracking
from credit_platform.orchestration.promotion import promote
from credit_platform.scoring import Scorer
from credit_platform.settings import Settings
from credit_platform_tests.postgres import Postgres
from credit_platform_tests.registered_scorer import download
from credit_platform_tests.small_scorer import save_small_scorer

NAME = "german_credit"


def test_a_model_is_registered_promoted_and_rolled_back_on_postgresql(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.new_database()
    settings = Settings(home=tmp_path, mlflow_tracking_uri=url, mlflow_artifact_root=str(tmp_path / "artefacts"))
    tracking = Tracking(settings.mlflow_uri, settings.mlflow_artifacts, NAME)
    scorers = [save_small_scorer(tmp_path / name, name) for name in ("logistic_regression", "lightgbm")]
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "model_card.md").write_text("# Card")

    versions = []
    for scorer in scorers:
        with tracking.run(scorer.candidate, params={"c": 1}, tags={"data_version": 3}) as run:
            run.log_metrics({"auc": 0.79})
            run.log_folder(tmp_path / "papers", "documents")
        tags: dict[str, object] = {"auc": "0.7900", "threshold": "0.1667", "data_version": 3}
        versions.append(tracking.register(tmp_path / scorer.candidate, NAME, tags=tags, run_id=run.run_id))
        tracking.set_alias(NAME, CHALLENGER, versions[-1])
        promote(tracking, NAME, versions[-1])

    # What another process finds, in the database and the artefact store.
    other = Tracking(settings.mlflow_uri, settings.mlflow_artifacts, NAME)
    assert (other.champion(NAME), other.challenger(NAME)) == ("2", "2")
    assert other.version_tags(NAME, "1")["stage"] == "archived"
    promote(other, NAME, versions[0])
    assert tracking.champion(NAME) == "1"
    found = tracking.version_tags(NAME, "1")
    assert (found["stage"], found["threshold"], found["data_version"]) == ("production", "0.1667", "3")
    assert found["digest"] == scorers[0].digest
    fetched = download(other, NAME, "1", tmp_path / "fetched")
    assert Scorer.load(fetched, expected_digest=found["digest"]).digest == scorers[0].digest
    assert [one.path for one in other.client.list_artifacts(run.run_id, "documents")] == ["documents/model_card.md"]
    assert not (tmp_path / "mlflow").exists(), "nothing is written where the default store would be"
