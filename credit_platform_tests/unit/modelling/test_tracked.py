"""What a cross-validation and a study leave in MLflow, and the record that names the run."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from credit_platform.modelling.candidates import get_candidate
from credit_platform.modelling.records import CrossValidationRecord, cross_validation_of
from credit_platform.modelling.tracked import log_cross_validation, log_study, tags_of_run
from credit_platform.modelling.tracking import Tracking
from credit_platform.modelling.tuning import Tuning
from credit_platform.portfolios.keys import applicants_key, model_key
from credit_platform_tests.finished_run import FinishedRun


@pytest.fixture
def tracking(tmp_path: Path) -> Tracking:
    return Tracking(f"sqlite:///{tmp_path}/mlflow/mlflow.db", str(tmp_path / "mlflow" / "artifacts"), "german_credit")


def test_a_cross_validation_and_its_study_are_logged_as_their_record_says(
    finished: FinishedRun, tracking: Tracking
) -> None:
    portfolio, lakehouse = finished.portfolio, finished.lakehouse
    stored = lakehouse.read(model_key(portfolio.name, "xgboost"))
    applicants = lakehouse.read(applicants_key(portfolio.name)).version
    tags = tags_of_run(portfolio, "xgboost", applicants, code_version="c", dagster_run_id="d")
    record = log_cross_validation(tracking, portfolio, cross_validation_of(stored), tags)
    assert record.metrics == CrossValidationRecord.of(stored).metrics
    run = tracking.client.get_run(record.mlflow_run_id)
    assert {name: run.data.tags[name] for name in tags} == tags
    assert run.data.tags["data_hash"] == applicants.content_hash
    assert run.data.metrics["cost_per_applicant"] == pytest.approx(record.metrics["cost_per_applicant"])
    assert len(tracking.client.get_metric_history(record.mlflow_run_id, "fold_auc")) == 5
    trial = {"trial": 0, "state": "complete", "objective": 0.5, "cost_per_applicant": 0.5, "auc": None, "folds": 5}
    trials = pl.DataFrame([{**trial, "seconds": 0.1, "best": True, "params": '{"c": 0.1}'}])
    study = Tuning(
        best_params={}, best_cost=0.5, best_auc=0.7, default_cost=0.6, trials=trials, best=None, importance=trials
    )
    log_study(tracking, record.mlflow_run_id, get_candidate("xgboost"), study, {"tuning_history": b"png"})
    assert tracking.client.get_run(record.mlflow_run_id).data.tags["trials"] == "1"
    children = [
        one
        for one in tracking.client.search_runs([run.info.experiment_id])
        if one.data.tags.get("mlflow.parentRunId") == record.mlflow_run_id
    ]
    assert [one.data.params for one in children] == [{"c": "0.1"}]
    assert "auc" not in children[0].data.metrics
