from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from credit_platform.errors import ScorerError
from credit_platform.scoring import FeatureEncoder, FittedModel, LinearModel
from credit_platform_tests.unit.scoring.samples import FEATURES, toy


def test_explain_gives_margin_and_contributions_of_one_encoding() -> None:
    frame, _ = toy(50)
    encoder = FeatureEncoder.fit(frame, FEATURES, impute="median")
    width = len(encoder.columns)
    model = FittedModel(encoder, LinearModel(np.arange(width, dtype=np.float64) - 3.0, 0.25, np.zeros(width)))
    margin, contributions = model.explain(frame)
    assert np.array_equal(margin, model.margin(frame))
    assert np.array_equal(contributions, model.contributions(frame))
    assert model.features == ["age", "job", "income", "home"]
    assert contributions[0, 0] == -3.0 * frame["age"][0]


def test_a_table_and_its_rows_get_the_same_to_the_last_bit() -> None:
    frame, _ = toy(50)
    encoder = FeatureEncoder.fit(frame, FEATURES, impute="median", scale=True)
    width = len(encoder.columns)
    model = FittedModel(encoder, LinearModel(np.arange(width, dtype=np.float64) - 3.0, 0.25, np.zeros(width)))
    rows = frame.to_dicts()
    assert model.margin(rows).tobytes() == model.margin(frame).tobytes()
    assert model.contributions(rows).tobytes() == model.contributions(frame).tobytes()


def test_a_missing_encoder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScorerError, match=r"encoder\.json is missing"):
        FittedModel.load(tmp_path)
