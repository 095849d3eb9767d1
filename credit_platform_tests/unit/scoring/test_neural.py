"""Integrated gradients of one hidden layer have a closed form: compared with a fine sum along the path."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from credit_platform.scoring import NeuralModel

NUMBERS = st.floats(-5, 5)


def network(seed: int = 0, columns: int = 4, units: int = 3) -> NeuralModel:
    rng = np.random.default_rng(seed)
    return NeuralModel(
        rng.normal(size=(columns, units)), rng.normal(size=units), rng.normal(size=units), 0.3, rng.normal(size=columns)
    )


def test_margin_is_the_network() -> None:
    model, rows = network(), np.random.default_rng(1).normal(size=(600, 4))
    expected = np.maximum(rows @ model.hidden + model.hidden_bias, 0) @ model.output + model.output_bias
    assert model.margin(rows) == pytest.approx(expected, abs=1e-12)
    assert model.margin(np.empty((0, 4))).shape == (0,)
    assert model.contributions(np.empty((0, 4))).shape == (0, 5)


@settings(deadline=None, max_examples=60)
@given(
    row=arrays.arrays(np.float64, 4, elements=NUMBERS),
    hidden=arrays.arrays(np.float64, (4, 3), elements=NUMBERS),
    bias=arrays.arrays(np.float64, 3, elements=NUMBERS),
    output=arrays.arrays(np.float64, 3, elements=NUMBERS),
    means=arrays.arrays(np.float64, 4, elements=NUMBERS),
)
def test_contributions_add_up_whatever_the_weights(
    row: np.ndarray, hidden: np.ndarray, bias: np.ndarray, output: np.ndarray, means: np.ndarray
) -> None:
    model = NeuralModel(hidden, bias, output, -0.5, means)
    assert model.contributions(row[None]).sum() == pytest.approx(model.margin(row[None])[0], abs=1e-8)


def test_contributions_are_integrated_gradients() -> None:
    model, row = network(3), np.array([1.5, -2.0, 0.7, 3.0])
    steps = (np.arange(20_000) + 0.5) / 20_000
    path = model.means + steps[:, None] * (row - model.means)
    active = (path @ model.hidden + model.hidden_bias > 0) * model.output
    gradient = (active @ model.hidden.T).mean(axis=0)
    assert model.contributions(row[None])[0, :-1] == pytest.approx(gradient * (row - model.means), abs=1e-3)
    assert model.contributions(model.means[None])[0].tolist() == [0.0] * 4 + [model.base_value]


def test_an_array_of_objects_is_not_read() -> None:
    buffer = io.BytesIO()
    np.savez(buffer, **dict.fromkeys(NeuralModel.arrays, np.array([{}], dtype=object)))  # type: ignore[arg-type]  # numpy types its switch too
    with pytest.raises(ValueError, match="allow_pickle=False"):
        NeuralModel.from_content(buffer.getvalue())
