"""The points of the bins add up to the score, and the table says what a bin holds."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from credit_platform.modelling.candidates import get_candidate
from credit_platform.portfolios.economics import PointsScale
from credit_platform.scoring import FeatureEncoder, LinearModel, WoeEncoding, points_table
from credit_platform_tests.unit.scoring.samples import FEATURES, toy

AGE = WoeEncoding(
    name="age", splits=(30.0, 50.0), groups=(), woe=(-0.5, 0.1, 0.8, 0.0), counts=(10, 20, 30, 0), defaults=(5, 5, 3, 0)
)
JOB = WoeEncoding(
    name="job",
    splits=None,
    groups=(("cook",), ("clerk", "smith")),
    woe=(-1.0, 0.4, -0.2),
    counts=(4, 8, 2),
    defaults=(2, 1, 1),
)


def test_values_fall_into_their_bins() -> None:
    frame = pl.DataFrame(
        {"age": [29.9, 30.0, 50.0, None, float("nan")], "job": ["cook", "smith", None, "pilot", "clerk"]}
    )
    matrix = FeatureEncoder(encodings=(AGE, JOB)).transform(frame)
    assert matrix[:, 0].tolist() == [-0.5, 0.1, 0.8, 0.0, 0.0]
    assert matrix[:, 1].tolist() == [-1.0, 0.4, -0.2, -0.2, 0.4]
    assert AGE.bins == ["below 30", "from 30 to below 50", "from 50", "missing or unknown"]
    assert JOB.bins == ["cook", "clerk, smith", "missing or unknown"]
    empty = WoeEncoding(name="x", splits=(), groups=(), woe=(0.0, 0.0), counts=(3, 0), defaults=(1, 0))
    assert empty.bins == ["any number", "missing or unknown"]


def test_an_encoding_survives_json() -> None:
    encoder = FeatureEncoder(encodings=(AGE, JOB))
    assert FeatureEncoder.from_json(encoder.to_json()) == encoder


def test_points_of_the_bins_add_up_to_the_score() -> None:
    frame, target = toy(800)
    fitted = get_candidate("scorecard").fit(frame, target, FEATURES, {}, seed=1, threads=1)
    scale = PointsScale()
    table = points_table(fitted.encoder.encodings, fitted.model, scale)
    assert table is not None
    by_feature = {str(key[0]): part["points_exact"].to_numpy() for key, part in table.group_by("feature")}
    matrix_points = np.zeros(frame.height)
    for encoding in fitted.encoder.encodings:
        assert isinstance(encoding, WoeEncoding)
        matrix_points += by_feature[encoding.name][encoding.bin_of(frame[encoding.name])]
    good_odds = -fitted.margin(frame)
    factor = scale.points_to_double_odds / math.log(2)
    assert matrix_points == pytest.approx(scale.base_points + factor * (good_odds - math.log(scale.base_odds)))


def test_the_table_describes_each_bin() -> None:
    table = points_table((AGE, JOB), LinearModel(np.array([-1.0, -0.5]), 0.2, np.zeros(2)), PointsScale())
    assert table is not None
    first = table.row(0, named=True)
    assert (first["feature"], first["bin"], first["woe"]) == ("age", "below 30", -0.5)
    assert (first["share"], first["default_rate"]) == (10 / 60, 0.5)
    ages = table.filter(pl.col("feature") == "age")
    assert ages["points"].to_list()[:3] == sorted(ages["points"].to_list()[:3])
    assert ages["default_rate"][3] is None


def test_another_model_has_no_points() -> None:
    frame, target = toy()
    fitted = get_candidate("logistic_regression").fit(frame, target, FEATURES, {}, seed=1, threads=1)
    assert points_table(fitted.encoder.encodings, fitted.model, PointsScale()) is None
