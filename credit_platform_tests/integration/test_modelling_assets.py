"""What the modelling half of a finished run leaves: tables, pictures, the decision in writing, the study in MLflow."""

from __future__ import annotations

import csv

import polars as pl
import pytest

from credit_platform.modelling.tracking import Tracking
from credit_platform.scoring import calibrator_from_json
from credit_platform_tests.finished_run import TRIALS, FinishedRun

MODELS = "german_credit/models"


def test_strategies_against_imbalance_are_compared(finished: FinishedRun) -> None:
    stored = finished.lakehouse.read(f"{MODELS}/imbalance")
    table = stored.frame.collect()
    assert set(table["strategy"]) == {"none", "weights", "smote"}
    assert stored.summary["conclusion"]


def test_the_comparison_says_who_is_distinguishable(finished: FinishedRun) -> None:
    stored = finished.lakehouse.read(f"{MODELS}/comparison")
    table = stored.frame.collect()
    with (finished.settings.reports_folder("german_credit") / "models_comparison.csv").open() as file:
        assert [row["candidate"] for row in csv.DictReader(file)] == table["candidate"].to_list()
    assert table["against_winner"][0] == "selected"
    assert len(stored.summary["differences"]) == table.height - 1


def test_every_trial_is_a_child_run(finished: FinishedRun) -> None:
    settings = finished.settings
    stored = finished.lakehouse.read(f"{MODELS}/tuned")
    tracking = Tracking(settings.mlflow_uri, str(settings.home / "mlflow"), "german_credit")
    parent = stored.summary["mlflow_run_id"]
    found = tracking.client.search_runs([tracking.experiment_id], f"tags.`mlflow.parentRunId` = '{parent}'")
    assert len(found) == TRIALS == stored.summary["trials"]
    assert [run.data.tags["best"] for run in found].count("true") == 1
    assert all(run.data.params for run in found)
    artefacts = {item.path for item in tracking.client.list_artifacts(parent)}
    assert {"tuning_history.png", "trials.csv", "roc.png", "precision_recall.png", "cost_curve.png"} <= artefacts


def test_the_calibration_is_chosen_by_its_rule(finished: FinishedRun) -> None:
    stored = finished.lakehouse.read(f"{MODELS}/calibration")
    assert [row["calibration"] for row in stored.summary["compared"]] == ["none", "platt", "isotonic"]
    assert stored.summary["method"] == "platt"  # some 240 defaults are too few for a free curve
    assert "fewer than the 1000" in stored.summary["reason"]
    oof = stored.frame.collect()
    fitted_on_all = calibrator_from_json(stored.summary["calibrator"]).probability(oof["margin"].to_numpy())
    assert oof["probability"].to_numpy() == pytest.approx(fitted_on_all, abs=0.05)


def test_the_threshold_is_written_down_for_an_auditor(finished: FinishedRun) -> None:
    stored = finished.lakehouse.read(f"{MODELS}/threshold")
    summary = stored.summary
    folder = finished.settings.reports_folder("german_credit")
    text = (folder / "threshold_decision.md").read_text(encoding="utf-8")
    page = (folder / "threshold_decision.html").read_text(encoding="utf-8")
    for said in (f"{summary['threshold']:.2%}", finished.portfolio.economics.source, finished.portfolio.costs.source):
        assert said in text
        assert said in page
    assert page.count("data:image/png;base64,") == 2
    assert summary["profit_low"] < summary["profit_per_applicant"] < summary["profit_high"]
    assert [row["cost_ratio"] for row in summary["sensitivity"]] == [5.0, 10.0, 20.0]
    assert summary["review"] is None
    assert {"profit_per_applicant", "return_on_lent"} <= set(stored.frame.collect_schema().names())
    grid = pl.read_csv(folder / "threshold_grid.csv")
    assert grid.height == 17
