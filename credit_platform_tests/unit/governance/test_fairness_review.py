"""Reviewed again on what a run stored, fairness is what the run recorded."""

from __future__ import annotations

from credit_platform.governance.fairness_review import ReviewedTables, review_fairness
from credit_platform.governance.records import FairnessRecord
from credit_platform.portfolios.keys import applicants_key, feature_key, governance_key, model_key
from credit_platform_tests.finished_run import CANDIDATES, FinishedRun


def test_fairness_is_reviewed_as_it_was_recorded(finished: FinishedRun) -> None:
    name, lakehouse = finished.portfolio.name, finished.lakehouse
    tables = ReviewedTables(
        applicants=lakehouse.read(applicants_key(name)),
        protected_attributes=lakehouse.read(feature_key(name, "protected_attributes")),
        split=lakehouse.read(model_key(name, "split")),
        tuned=lakehouse.read(model_key(name, "tuned")),
        calibration=lakehouse.read(model_key(name, "calibration")),
        scorer=lakehouse.read(model_key(name, "scorer")),
        candidates={one: lakehouse.read(model_key(name, one)) for one in CANDIDATES},
    )
    review = review_fairness(finished.portfolio, finished.settings, tables)
    stored = lakehouse.read(governance_key(name, "fairness"))
    assert review.record.to_summary() == FairnessRecord.of(stored).to_summary()
    assert review.audit.table.equals(stored.frame.collect())
    written = [*review.record.alternatives, *review.record.omissions]
    assert list(review.sentences) == [one["sentence"] for one in written]
