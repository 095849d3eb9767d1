"""Bands of points partition the applicants and order them by risk."""

from __future__ import annotations

import polars as pl
import pytest

from credit_platform.governance.evidence import Evidence
from credit_platform.governance.records import ScorecardRecord
from credit_platform.governance.scorecard import MOST_BANDS, score_bands, scorecard_of
from credit_platform.governance.subject import load_scorer
from credit_platform.portfolios.economics import PointsScale
from credit_platform.portfolios.keys import governance_key, model_key
from credit_platform.scoring.points import points
from credit_platform_tests.finished_run import FinishedRun
from credit_platform_tests.unit.governance.samples import THRESHOLD, gate_input

SCALE = PointsScale()


def test_bands_partition_the_applicants_riskiest_first() -> None:
    given = gate_input().pooled

    table = score_bands(given, SCALE)

    assert table["applicants"].sum() == given.y.size
    assert table["defaults"].sum() == int(given.y.sum())
    assert float(table["share"].sum()) == pytest.approx(1.0)
    assert (table["points_to"] < table["points_from"].shift(-1).fill_null(10_000)).all()
    assert table["predicted"].is_sorted(descending=True)
    rates = table["default_rate"].to_list()
    assert min(rates[:2]) > max(rates[-2:])
    assert table.height <= MOST_BANDS + 1


def test_points_of_a_band_are_those_of_its_probabilities() -> None:
    for row in score_bands(gate_input().pooled, SCALE).iter_rows(named=True):
        for probability in (row["probability_low"], row["probability_high"]):
            assert row["points_from"] <= points(probability, SCALE) <= row["points_to"]
        if row["probability_low"] >= THRESHOLD:
            assert row["refused"] == 1.0


def test_equal_scores_make_one_band() -> None:
    one = Evidence.at_threshold([0, 1, 0, 1], [0.3] * 4, 0.5)
    table = score_bands(one, SCALE)
    assert isinstance(table, pl.DataFrame)
    assert table["applicants"].to_list() == [4]
    assert table["default_rate"].to_list() == [0.5]


def test_the_scorecard_of_a_run_is_the_one_that_was_stored(finished: FinishedRun) -> None:
    name, lakehouse = finished.portfolio.name, finished.lakehouse
    scorer, stored = lakehouse.read(model_key(name, "scorer")), lakehouse.read(governance_key(name, "scorecard"))
    made = scorecard_of(
        load_scorer(scorer, finished.portfolio, finished.shelf),
        lakehouse.scan(model_key(name, "calibration")).collect(),
        scorer.frame.collect(),
    )
    assert made.record == ScorecardRecord.of(stored)
    assert made.bands.equals(stored.frame.collect())
