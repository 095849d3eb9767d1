"""The records of a run that happened say what its tables say, no more and no less; and make what was stored again."""

from __future__ import annotations

import numpy as np
import pytest

from credit_platform.errors import RecordError
from credit_platform.features.records import FeatureTableRecord
from credit_platform.governance.decision import PromotionDecision
from credit_platform.governance.records import (
    DocumentsRecord,
    ExplanationsRecord,
    FairnessRecord,
    PromotedModel,
    ReasonsRecord,
    RegisteredModel,
    ScorecardRecord,
    SoundnessRecord,
    SwapSetRecord,
)
from credit_platform.lakehouse import Record
from credit_platform.modelling.records import (
    CalibrationRecord,
    ComparisonRecord,
    CrossValidationRecord,
    ImbalanceRecord,
    ScorerRecord,
    SplitRecord,
    ThresholdRecord,
    TunedRecord,
    cross_validation_of,
)
from credit_platform.portfolios.keys import model_key, table_key
from credit_platform.quality import IngestRecord
from credit_platform.quality.records import ReportRecord
from credit_platform.scoring import Scorer
from credit_platform.serving.records import BentoRecord
from credit_platform_tests.finished_run import FinishedRun
from credit_platform_tests.records import scorer_record

RECORDS: dict[tuple[str, str], type[Record]] = {
    ("raw", "applications"): IngestRecord,
    ("quality", "report"): ReportRecord,
    ("features", "applicants"): FeatureTableRecord,
    ("models", "split"): SplitRecord,
    ("models", "xgboost"): CrossValidationRecord,
    ("models", "comparison"): ComparisonRecord,
    ("models", "imbalance"): ImbalanceRecord,
    ("models", "tuned"): TunedRecord,
    ("models", "calibration"): CalibrationRecord,
    ("models", "threshold"): ThresholdRecord,
    ("models", "scorer"): ScorerRecord,
    ("governance", "explanations"): ExplanationsRecord,
    ("governance", "fairness"): FairnessRecord,
    ("governance", "soundness"): SoundnessRecord,
    ("governance", "reasons"): ReasonsRecord,
    ("governance", "scorecard"): ScorecardRecord,
    ("governance", "validation_report"): DocumentsRecord,
    ("governance", "model_card"): DocumentsRecord,
    ("governance", "registered_model"): RegisteredModel,
    ("governance", "swap_set"): SwapSetRecord,
    ("governance", "promotion_decision"): PromotionDecision,
    ("serving", "promoted_model"): PromotedModel,
    ("serving", "bento"): BentoRecord,
}
BESIDE = "verdict"
"""What checks said of a table stands in its summary, too, and is no part of its record."""


@pytest.mark.parametrize(("layer", "name"), RECORDS)
def test_a_record_holds_all_that_its_table_says(finished: FinishedRun, layer: str, name: str) -> None:
    stored = finished.lakehouse.read(table_key(finished.portfolio.name, layer, name))
    record = RECORDS[layer, name].of(stored)
    assert record.to_summary() == {field: value for field, value in stored.summary.items() if field != BESIDE}


def test_every_table_that_says_anything_has_a_record(finished: FinishedRun) -> None:
    said = {key for key in finished.lakehouse.keys("") if set(finished.lakehouse.read(key).summary) - {BESIDE}}
    known = {table_key(finished.portfolio.name, *names) for names in RECORDS}
    assert said - known <= {model_key(finished.portfolio.name, name) for name in finished.portfolio.candidates}


def test_the_threshold_is_the_same_from_its_choice_to_the_champion(finished: FinishedRun) -> None:
    name, lakehouse = finished.portfolio.name, finished.lakehouse
    chosen = ThresholdRecord.of(lakehouse.read(model_key(name, "threshold"))).rule
    scorer = ScorerRecord.of(lakehouse.read(model_key(name, "scorer")))
    champion = PromotedModel.of(lakehouse.read(table_key(name, "serving", "promoted_model")))
    assert chosen == scorer.rule == champion.rule
    assert Scorer.load(champion.folder(finished.shelf)).threshold == chosen.threshold


def test_a_cross_validation_comes_back_with_its_rows(finished: FinishedRun) -> None:
    stored = finished.lakehouse.read(model_key(finished.portfolio.name, "tuned"))
    result = cross_validation_of(stored)
    assert result.candidate == TunedRecord.of(stored).candidate
    assert result.oof.equals(stored.frame.collect())


def test_a_calibrator_comes_back_as_it_was_fitted(finished: FinishedRun) -> None:
    record = CalibrationRecord.of(finished.lakehouse.read(model_key(finished.portfolio.name, "calibration")))
    assert record.fitted().to_json() == record.calibrator
    assert np.all(record.fitted().probability(np.array([-1.0, 0.0, 1.0])) < 1)


def test_metrics_that_others_read_are_asked_for() -> None:
    summary = scorer_record().to_summary()
    lacking = {**summary, "holdout_metrics": {"auc": 0.7}}
    with pytest.raises(RecordError, match=r"holdout_metrics cannot be read: .*gini, ks, brier, cost_per_applicant is"):
        ScorerRecord.from_summary(lacking, "p/models/scorer version 1")


def test_a_scorer_of_before_the_feature_table_was_recorded_is_read() -> None:
    summary = {name: value for name, value in scorer_record().to_summary().items() if name != "table_version"}
    assert ScorerRecord.from_summary(summary).table_version is None
