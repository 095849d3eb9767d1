"""Made again of what a run stored, a scorer is the same, and so is what it says of the holdout."""

from __future__ import annotations

from pathlib import Path

from credit_platform.lakehouse.shelf import Shelf
from credit_platform.modelling.candidates import get_candidate
from credit_platform.modelling.records import CalibrationRecord, ScorerRecord, ThresholdRecord, TunedRecord
from credit_platform.modelling.refit import labelled, make_scorer, points_of_bins
from credit_platform.portfolios.keys import applicants_key, model_key
from credit_platform.scoring import Scorer
from credit_platform_tests.finished_run import FinishedRun


def test_a_refit_of_the_same_tables_is_the_same_scorer(finished: FinishedRun, tmp_path: Path) -> None:
    name, lakehouse = finished.portfolio.name, finished.lakehouse
    tables = {one: lakehouse.read(model_key(name, one)) for one in ("split", "tuned", "calibration", "threshold")}
    stored = lakehouse.read(model_key(name, "scorer"))
    before = Scorer.load(ScorerRecord.of(stored).folder(finished.shelf))
    settings = finished.settings.model_copy(update={"home": tmp_path})
    made = make_scorer(
        finished.portfolio,
        settings,
        lakehouse.read(applicants_key(name)),
        tables["split"].frame,
        tuned=TunedRecord.of(tables["tuned"]),
        calibration=CalibrationRecord.of(tables["calibration"]),
        threshold=ThresholdRecord.of(tables["threshold"]),
        code_version=before.metadata["code_version"],
        dagster_run_id="another",
    )
    assert made.record.digest == before.digest
    assert made.record.key == f"{name}/scorers/{before.digest[:16]}"
    assert made.record.folder(Shelf.of(settings)).is_relative_to(tmp_path.resolve())
    assert made.holdout.equals(stored.frame.collect())
    assert made.record.holdout_metrics == ScorerRecord.of(stored).holdout_metrics


def test_points_are_told_of_scorecards_only(finished: FinishedRun) -> None:
    portfolio, lakehouse = finished.portfolio, finished.lakehouse
    rows = labelled(portfolio, lakehouse.scan(applicants_key(portfolio.name)))
    split = lakehouse.scan(model_key(portfolio.name, "split")).collect()
    found = {}
    for name in ("logistic_regression", "scorecard"):
        candidate = get_candidate(name)
        params = candidate.default_params("quick")
        found[name] = points_of_bins(candidate, rows, split, portfolio, params, seed=7, threads=1)
    assert found["logistic_regression"] is None
    assert found["scorecard"] is not None
    assert "points" in found["scorecard"].columns
