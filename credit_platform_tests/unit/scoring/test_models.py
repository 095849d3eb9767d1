from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from credit_platform.errors import ScorerError
from credit_platform.modelling.candidates import candidate_names, get_candidate
from credit_platform.scoring import FittedModel, LinearModel, load_model
from credit_platform_tests.unit.scoring.samples import FEATURES, toy

NAMES = candidate_names()
_FITTED: dict[str, FittedModel] = {}


def fitted(name: str) -> FittedModel:
    if name not in _FITTED:
        frame, target = toy()
        _FITTED[name] = get_candidate(name).fit(frame, target, FEATURES, {}, seed=1, threads=1)
    return _FITTED[name]


@pytest.mark.parametrize(("name", "tolerance"), [(name, 1e-9) for name in NAMES])
def test_contributions_add_up_to_the_margin(name: str, tolerance: float) -> None:
    frame, _ = toy(seed=5)
    model = fitted(name)
    matrix = model.encoder.transform(frame)
    margin = model.model.margin(matrix)
    columns = model.model.contributions(matrix)
    assert columns.shape == (frame.height, len(model.encoder.columns) + 1)
    assert np.abs(columns.sum(axis=1) - margin).max() < tolerance
    features = model.contributions(frame)
    assert features.shape == (frame.height, len(model.features) + 1)
    assert np.abs(features.sum(axis=1) - margin).max() < tolerance
    for position, name_of_feature in enumerate(model.features):
        own = [i for i, feature in enumerate(model.encoder.column_features) if feature == name_of_feature]
        assert features[:, position] == pytest.approx(columns[:, own].sum(axis=1), abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_base_value_is_the_same_for_everybody(name: str) -> None:
    frame, _ = toy(seed=5)
    assert np.ptp(fitted(name).contributions(frame)[:, -1]) < 1e-5  # XGBoost: float32 rounding is put there


@pytest.mark.parametrize("name", NAMES)
def test_saving_and_loading_changes_no_bit(name: str, tmp_path: Path) -> None:
    frame, _ = toy(seed=6)
    model = fitted(name)
    model.save(tmp_path)
    again = FittedModel.load(tmp_path)
    assert again.model.kind == model.model.kind
    assert again.margin(frame).tobytes() == model.margin(frame).tobytes()
    assert again.contributions(frame).tobytes() == model.contributions(frame).tobytes()
    assert again.files() == model.files()


@pytest.mark.parametrize("name", NAMES)
def test_a_row_alone_scores_like_the_same_row_in_a_batch(name: str) -> None:
    frame, _ = toy(60, seed=7)
    model = fitted(name)
    alone = np.concatenate([model.margin(frame[i]) for i in range(frame.height)])
    assert alone.tobytes() == model.margin(frame).tobytes()
    explained = np.vstack([model.contributions(frame[i]) for i in range(frame.height)])
    assert np.array_equal(explained, model.contributions(frame))


@pytest.mark.parametrize("name", NAMES)
def test_rows_without_a_data_frame_are_explained_alike(name: str) -> None:
    frame, _ = toy(40, seed=8)
    model = fitted(name)
    margin, contributions = model.explain(frame.to_dicts())
    assert margin.tobytes() == model.margin(frame).tobytes()
    assert np.array_equal(contributions, model.contributions(frame))


@settings(deadline=None, max_examples=50)
@given(
    data=arrays.arrays(np.float64, (7, 3), elements=st.floats(-1e6, 1e6)),
    coefficients=arrays.arrays(np.float64, 3, elements=st.floats(-100, 100)),
    means=arrays.arrays(np.float64, 3, elements=st.floats(-1e3, 1e3)),
    intercept=st.floats(-10, 10),
)
def test_linear_model_is_a_scalar_product_in_any_file(
    data: np.ndarray, coefficients: np.ndarray, means: np.ndarray, intercept: float
) -> None:
    model = LinearModel(coefficients, intercept, means)
    scale = 1 + np.abs(data).max() * np.abs(coefficients).max() + np.abs(means * coefficients).sum()
    assert np.abs(model.margin(data) - (data @ coefficients + intercept)).max() <= 1e-9 * scale
    assert np.abs(model.contributions(data).sum(axis=1) - model.margin(data)).max() <= 1e-9 * scale
    again = LinearModel.from_content(model.files()[LinearModel.file_name])
    assert again.margin(data).tobytes() == model.margin(data).tobytes()


def test_linear_contributions_are_relative_to_the_training_mean() -> None:
    model = LinearModel(np.array([2.0, -1.0]), 0.5, np.array([10.0, 4.0]))
    assert model.contributions(np.array([[11.0, 4.0]])).tolist() == [[2.0, 0.0, 16.5]]
    assert model.margin(np.empty((0, 2))).shape == (0,)


def test_a_large_batch_scores_like_its_parts() -> None:
    rng = np.random.default_rng(0)
    model = LinearModel(rng.normal(size=3), 0.1, rng.normal(size=3))
    data = rng.normal(size=(20_000, 3))
    parts = [model.margin(part) for part in np.array_split(data, 7)]
    assert np.concatenate(parts).tobytes() == model.margin(data).tobytes()


def test_a_folder_without_exactly_one_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScorerError, match="0 model files"):
        load_model(tmp_path)
    fitted("logistic_regression").save(tmp_path)
    fitted("lightgbm").save(tmp_path)
    with pytest.raises(ScorerError, match="2 model files"):
        FittedModel.load(tmp_path)
