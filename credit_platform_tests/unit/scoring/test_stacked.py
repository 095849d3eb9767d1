"""A stack is the weighted sum of its parts, on disk as in memory; encoders that agree share their columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from credit_platform.errors import ScorerError
from credit_platform.modelling.candidates import get_candidate
from credit_platform.scoring import FeatureEncoder, FittedModel, StackedModel, StackedPart, join_encoders, load_model
from credit_platform_tests.unit.scoring.samples import FEATURES, toy


def stack() -> tuple[FittedModel, list[FittedModel], list[float]]:
    frame, target = toy()
    names, weights = ["logistic_regression", "xgboost", "lightgbm", "scorecard"], [0.5, 0.2, 0.7, 0.1]
    parts = [get_candidate(name).fit(frame, target, FEATURES, {}, seed=1, threads=1) for name in names]
    encoder, columns = join_encoders([part.encoder for part in parts])
    model = StackedModel(
        [
            StackedPart(name, part.model, tuple(own), weight)
            for name, part, own, weight in zip(names, parts, columns, weights, strict=True)
        ],
        -0.4,
    )
    return FittedModel(encoder, model), parts, weights


def test_the_margin_and_contributions_are_weighted_sums_of_the_parts(tmp_path: Path) -> None:
    frame, _ = toy(seed=4)
    stacked, parts, weights = stack()

    assert stacked.margin(frame) == pytest.approx(
        -0.4 + sum(w * part.margin(frame) for w, part in zip(weights, parts, strict=True)), abs=1e-12
    )
    contributions = stacked.contributions(frame)
    assert contributions.shape == (frame.height, len(FEATURES) + 1)
    assert np.abs(contributions.sum(axis=1) - stacked.margin(frame)).max() < 1e-9
    ages = sum(
        w * part.contributions(frame)[:, part.features.index("age")] for w, part in zip(weights, parts, strict=True)
    )
    assert contributions[:, stacked.features.index("age")] == pytest.approx(ages, abs=1e-12)

    stacked.save(tmp_path)
    again = FittedModel.load(tmp_path)
    assert again.margin(frame).tobytes() == stacked.margin(frame).tobytes()
    assert again.contributions(frame).tobytes() == contributions.tobytes()
    assert again.files() == stacked.files()


def test_what_is_encoded_alike_is_encoded_once() -> None:
    frame, _ = toy()
    kept, filled = FeatureEncoder.fit(frame, FEATURES), FeatureEncoder.fit(frame, FEATURES, impute="median", scale=True)

    joint, columns = join_encoders([kept, filled, kept])

    matrix = joint.transform(frame)
    assert columns[0] == columns[2]
    assert matrix.shape[1] == len(kept.columns) + len(filled.columns)
    for encoder, own in ((kept, columns[0]), (filled, columns[1])):
        assert np.array_equal(matrix[:, own], encoder.transform(frame), equal_nan=True)
    assert joint.features == [feature.name for feature in FEATURES]
    assert FeatureEncoder.from_json(joint.to_json()) == joint


def test_a_stack_that_lacks_a_part_is_refused(tmp_path: Path) -> None:
    stacked, _, _ = stack()
    stacked.save(tmp_path)
    (tmp_path / "xgboost.model.ubj").unlink()
    with pytest.raises(ScorerError, match=r"lacks xgboost\.model\.ubj"):
        load_model(tmp_path)
