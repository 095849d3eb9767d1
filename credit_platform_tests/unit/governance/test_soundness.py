"""Measured again on what a run stored, soundness is what the run recorded."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
from polars.testing import assert_frame_equal

from credit_platform.governance.records import ExplanationsRecord, SoundnessRecord
from credit_platform.governance.soundness import fold_outcomes, measure_soundness
from credit_platform.governance.subject import load_scorer
from credit_platform.portfolios.keys import applicants_key, governance_key, model_key, raw_key
from credit_platform_tests.finished_run import FinishedRun


def test_soundness_is_measured_as_it_was_recorded(finished: FinishedRun) -> None:
    name, lakehouse = finished.portfolio.name, finished.lakehouse
    explanations, scorer = (
        lakehouse.read(governance_key(name, "explanations")),
        lakehouse.read(model_key(name, "scorer")),
    )
    stored = lakehouse.read(governance_key(name, "soundness"))
    found = measure_soundness(
        load_scorer(scorer, finished.portfolio, finished.shelf),
        applicants=lakehouse.read(applicants_key(name)),
        split=lakehouse.scan(model_key(name, "split")),
        calibration=lakehouse.read(model_key(name, "calibration")),
        ranked=explanations.frame.collect()["feature"].to_list(),
        dominant=ExplanationsRecord.of(explanations).dominant.feature,
        raw={table.name: lakehouse.scan(raw_key(name, table.name)) for table in finished.portfolio.tables},
        holdout_applicants=scorer.version.rows,
    )
    recorded = SoundnessRecord.of(stored)
    # The time that requests took is another each time.
    assert replace(found.record, parity=recorded.parity) == recorded
    assert found.record.parity.differing == recorded.parity.differing == ()
    # A PSI is a sum over groups in no order of their own, so its last bits differ from run to run.
    assert_frame_equal(found.shifts, stored.frame.collect(), rel_tol=1e-12, abs_tol=0.0)
    assert tuple(found.sensitivity.to_dicts()) == recorded.sensitivity


def test_outcomes_are_counted_per_fold() -> None:
    split = pl.DataFrame({"fold": [-1, -1, 0, 0, 0], "target": [1, 0, 0, 0, 1]}, schema_overrides={"target": pl.Int8})
    assert fold_outcomes(split) == {-1: (1, 1), 0: (1, 2)}
