"""The whole german_credit graph, from the shipped CSV to the Bento, as a finished run left it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import dagster as dg
import polars as pl

from credit_platform.lakehouse import Lakehouse
from credit_platform.modelling.records import ScorerRecord
from credit_platform.modelling.tracking import Tracking
from credit_platform.orchestration.runner import run_job
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Request, Scorer
from credit_platform.serving.freshness import is_current
from credit_platform.settings import Settings
from credit_platform.tables.column_descriptions import column_descriptions
from credit_platform_tests.finished_run import FinishedRun, tool_environment


def test_every_asset_was_materialised_and_every_check_passed(finished: FinishedRun) -> None:
    assert finished.report.success, finished.report.errors
    assert not [check for check in finished.report.failed_checks if check.blocking]
    assert set(finished.report.materialised) == set(finished.lakehouse.keys())


def test_every_column_of_every_table_is_described(finished: FinishedRun) -> None:
    undescribed = [
        f"{key}: {column}"
        for key in finished.lakehouse.keys("german_credit/")
        for column in finished.lakehouse.scan(key).collect_schema().names()
        if not column_descriptions(key)(column)
    ]
    assert undescribed == []


def test_the_best_candidate_reaches_the_bars_of_the_issue(finished: FinishedRun) -> None:
    """Cross-validated AUC >= 0.78 and cost per applicant < 0.55, out of fold, without protected attributes."""
    best = finished.lakehouse.scan("german_credit/models/comparison").filter("selected").collect()
    assert best["auc"].item() >= 0.78
    assert best["cost_per_applicant"].item() < 0.55


def test_no_protected_attribute_reaches_the_feature_table(finished: FinishedRun) -> None:
    columns = finished.lakehouse.scan("german_credit/features/applicants").collect_schema().names()
    assert not [c for c in columns if "sex" in c or "foreign" in c or "status" in c.split("__")[-1]]
    audit = finished.lakehouse.scan("german_credit/features/protected_attributes").collect_schema().names()
    assert {"personal_status_sex", "foreign_worker"} <= set(audit)


def test_rows_are_conserved_from_raw_to_features(finished: FinishedRun) -> None:
    counts = {
        name: finished.lakehouse.scan(f"german_credit/{name}").select(pl.len()).collect().item()
        for name in ("raw/applications", "raw/applications__rejected", "features/applicants", "models/split")
    }
    assert counts == {
        "raw/applications": 1000,
        "raw/applications__rejected": 0,
        "features/applicants": 1000,
        "models/split": 1000,
    }


def test_no_fitting_saw_the_holdout(finished: FinishedRun) -> None:
    split = finished.lakehouse.scan("german_credit/models/split").collect()
    holdout = set(split.filter(pl.col("fold") == -1)["applicant_id"])
    tuned = set(finished.lakehouse.scan("german_credit/models/tuned").collect()["applicant_id"])
    scorer = set(finished.lakehouse.scan("german_credit/models/scorer").collect()["applicant_id"])
    assert len(holdout) > 150
    assert not holdout & tuned
    assert scorer == holdout


def test_mlflow_holds_finished_runs_and_the_champion(finished: FinishedRun) -> None:
    summary = finished.lakehouse.read("german_credit/serving/promoted_model").summary
    settings = finished.settings
    tracking = Tracking(settings.mlflow_uri, str(settings.home / "mlflow" / "artifacts"), "german_credit")
    assert tracking.alias_version(summary["model"], "champion") == summary["version"]
    assert tracking.alias_version(summary["model"], "challenger") == summary["version"]


def test_the_stored_scorer_gives_the_stored_scores(finished: FinishedRun) -> None:
    stored = finished.lakehouse.read("german_credit/models/scorer")
    scorer = Scorer.load(ScorerRecord.of(stored).folder(finished.shelf), expected_digest=stored.summary["digest"])
    scores = stored.frame.collect()
    features = finished.lakehouse.scan("german_credit/features/applicants").collect()
    again = scorer.score_features(scores.select("applicant_id").join(features, on="applicant_id", how="left"))
    assert again.tolist() == scores["probability"].to_list()


def test_the_examples_of_the_portfolio_get_the_decisions_of_their_names(finished: FinishedRun) -> None:
    scorer = Scorer.load(ScorerRecord.of(finished.lakehouse.read("german_credit/models/scorer")).folder(finished.shelf))
    for name, application in finished.portfolio.examples.items():
        assert scorer.score(Request(application=application)).decision == name


def test_reports_are_written(finished: FinishedRun) -> None:
    folder = finished.settings.reports_folder("german_credit")
    names = {path.name for path in folder.iterdir()}
    assert {"models_comparison.csv", "models_comparison.png", "threshold_grid.csv", "cost_curve.png"} <= names
    assert {"feature_catalogue.md", "feature_catalogue.csv", "quality_report.html"} <= names
    grid = pl.read_csv(folder / "threshold_grid.csv")["threshold"].to_list()
    assert grid == [round(0.10 + 0.05 * step, 2) for step in range(17)]


def test_what_was_made_is_current_until_the_settings_change(finished: FinishedRun) -> None:
    assert is_current(finished.portfolio, finished.settings)
    assert not is_current(finished.portfolio, finished.settings.model_copy(update={"seed": 8}))


def test_a_pinned_version_is_read_instead_of_the_newest(german_credit: Portfolio, fresh: Settings) -> None:
    assert german_credit.bundled_raw is not None
    lines = (german_credit.bundled_raw / german_credit.tables[0].file_name).read_text(encoding="utf-8").splitlines()
    raw = fresh.raw_folder("german_credit") / german_credit.tables[0].file_name
    for rows in (600, 700):
        raw.write_text("\n".join(lines[: rows + 1]) + "\n", encoding="utf-8")
        assert run_job(german_credit, fresh, job="german_credit_ingestion").success
    pinned = fresh.model_copy(update={"pins": {"german_credit/raw/applications": 0}})
    assert run_job(german_credit, pinned, job="german_credit_features").success
    features = Lakehouse(fresh.lakehouse_root).scan("german_credit/features/applicants")
    assert features.select(pl.len()).collect().item() == 600


def test_a_refused_challenger_stops_the_run_and_the_champion_stays(
    finished: FinishedRun, tmp_path: Path, dagster_home: Path
) -> None:
    """On a copy of the finished home. Its MLflow store still names the artefact folder of the original, where this
    run adds files that nothing in the original refers to. It begins at the scorer, whose seed makes it another model.
    """
    settings = finished.settings.model_copy(update={"home": tmp_path / "home", "seed": 8})
    for name in ("lakehouse", "mlflow"):
        shutil.copytree(finished.settings.home / name, settings.home / name)
    demanding = replace(finished.portfolio, auc_floor=0.99)
    before = {key: finished.lakehouse.latest(key) for key in finished.lakehouse.keys("german_credit/serving/")}
    assert len(before) == 2
    with tool_environment(settings, dagster_home):
        report = run_job(demanding, settings, start="models/scorer")
        with dg.DagsterInstance.get() as instance:
            stored = instance.get_latest_materialization_event(
                dg.AssetKey(["german_credit", "governance", "promotion_decision"])
            )
    assert not report.success
    lakehouse = Lakehouse(settings.lakehouse_root)
    assert {key: lakehouse.latest(key) for key in before} == before, "something downstream of the gate ran"
    assert report.materialised[0] == "german_credit/models/scorer"
    assert "german_credit/serving/promoted_model" not in report.materialised
    decision = lakehouse.read("german_credit/governance/promotion_decision").summary
    assert not decision["promoted"]
    assert "0.99" in decision["reason"]
    stopped = [
        c for c in report.failed_checks if c.blocking and c.asset == "german_credit/governance/promotion_decision"
    ]
    assert any("0.99" in check.message for check in stopped)
    assert stored is not None
    assert stored.run_id == report.run_id
    assert stored.asset_materialization is not None
    assert stored.asset_materialization.metadata["reason"].value == decision["reason"]
    tracking = Tracking(settings.mlflow_uri, str(settings.home / "mlflow" / "artifacts"), "german_credit")
    assert tracking.alias_version("german_credit", "champion") == "1"
    assert tracking.alias_version("german_credit", "challenger") == "2"
