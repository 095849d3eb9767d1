"""Checks of the modelling layer pass what a run stored and refuse it altered."""

from __future__ import annotations

import polars as pl

from credit_platform_tests.finished_run import CANDIDATES, FinishedRun
from credit_platform_tests.unit.tables.checks.stored import refused, verdicts

MODELS = "german_credit/models/{}"


def test_what_a_run_stored_passes(finished: FinishedRun) -> None:
    for name in ("split", "comparison", "imbalance", "calibration", "threshold", "tuned", "scorer", *CANDIDATES):
        found = verdicts(finished, MODELS.format(name))
        assert found, name
        assert [check for check in refused(found) if not found[check].warns] == [], name


def test_an_applicant_without_a_fold_or_in_another_holdout_is_noticed(finished: FinishedRun) -> None:
    key = MODELS.format("split")
    rows = finished.lakehouse.scan(key)
    assert "everyone_once" in refused(verdicts(finished, key, rows.head(990)))
    assert "held_out_by_hash" in refused(verdicts(finished, key, rows.with_columns(pl.col("fold").reverse())))


def test_probabilities_that_are_none_or_worse_than_chance_are_refused(finished: FinishedRun) -> None:
    key = MODELS.format("calibration")
    rows = finished.lakehouse.scan(key)
    for altered in (pl.col("probability") + 1, 1 - pl.col("probability")):
        assert "out_of_fold_scores" in refused(verdicts(finished, key, rows.with_columns(probability=altered)))


def test_a_scorer_that_scores_otherwise_than_recorded_is_refused(finished: FinishedRun) -> None:
    key = MODELS.format("scorer")
    rows = finished.lakehouse.scan(key).with_columns(pl.col("probability") * 0.99)
    assert refused(verdicts(finished, key, rows)) == ["scores_again"]


def test_a_threshold_off_its_curve_is_refused(finished: FinishedRun) -> None:
    key = MODELS.format("threshold")
    assert "on_the_curve" in refused(verdicts(finished, key, threshold=0.123456))


def test_a_dearer_candidate_is_not_selected(finished: FinishedRun) -> None:
    key = MODELS.format("comparison")
    rows = finished.lakehouse.scan(key).with_columns(selected=~pl.col("selected"))
    assert "least_cost_selected" in refused(verdicts(finished, key, rows))
