"""A neural network with one hidden layer, as numbers: no training library, exact contributions.

What is here: `NeuralModel`.
What must not be here: training (`modelling.candidates.mlp`), deeper networks: the closed form below is for one layer.
"""

from __future__ import annotations

import io
from typing import ClassVar

import numpy as np

from credit_platform.scoring._model import Floats, StoredModel

_ROWS_AT_ONCE = 256
"""Rows whose products with the hidden weights are held in memory together."""
_FLAT = 1e-12
"""A hidden unit that moves less than this between the reference and the row has the slope of its own side."""


class NeuralModel(StoredModel):
    """Margin = output . relu(hidden^T row + hidden_bias) + output_bias.

    Contributions are integrated gradients from the mean of the training rows to the row. Along that line each hidden
    unit crosses zero at most once, so the integral has a closed form: unit h passes on its mean slope
    (relu(z_row) - relu(z_mean)) / (z_row - z_mean), which is also DeepLIFT's rescale rule. They add up exactly: the
    base value is the margin at the mean.

    Products are summed row by row in one fixed order (no BLAS), so that a row scored alone and the same row in a
    batch give the same bits.

    Sources: M. Sundararajan, A. Taly, Q. Yan, Axiomatic attribution for deep networks, ICML 2017; A. Shrikumar,
    P. Greenside, A. Kundaje, Learning important features through propagating activation differences, ICML 2017.
    """

    kind: ClassVar[str] = "neural"
    file_name: ClassVar[str] = "model.neural.npz"
    arrays: ClassVar[tuple[str, ...]] = ("hidden", "hidden_bias", "output", "output_bias", "means")

    def __init__(self, hidden: Floats, hidden_bias: Floats, output: Floats, output_bias: float, means: Floats) -> None:
        """Weights hidden (k, h), hidden_bias (h,), output (h,), output_bias in log-odds; means (k,) of the training."""
        self.hidden = np.ascontiguousarray(hidden, dtype=np.float64)
        self.hidden_bias = np.asarray(hidden_bias, dtype=np.float64)
        self.output = np.asarray(output, dtype=np.float64)
        self.output_bias = float(output_bias)
        self.means = np.asarray(means, dtype=np.float64)
        self._at_means = self._before_relu(self.means[None, :])[0]
        self.base_value = float(self._after_relu(self._at_means[None, :])[0])

    def margin(self, matrix: Floats) -> Floats:
        """Log-odds of default, (n,)."""
        parts = [self._after_relu(self._before_relu(part)) for part in _parts(matrix)]
        return np.concatenate(parts) if parts else np.empty(0)

    def contributions(self, matrix: Floats) -> Floats:
        """(n, k + 1): integrated gradients from the training mean; last the margin at the mean."""
        parts = [self._explain(part) for part in _parts(matrix)]
        return np.vstack(parts) if parts else np.empty((0, self.means.size + 1))

    def _before_relu(self, matrix: Floats) -> Floats:
        products = np.ascontiguousarray(matrix)[:, :, None] * self.hidden
        values: Floats = products.sum(axis=1) + self.hidden_bias
        return values

    def _after_relu(self, before: Floats) -> Floats:
        values: Floats = np.ascontiguousarray(np.maximum(before, 0.0) * self.output).sum(axis=1) + self.output_bias
        return values

    def _explain(self, matrix: Floats) -> Floats:
        here, reference = self._before_relu(matrix), self._at_means
        moved = here - reference
        flat = np.abs(moved) < _FLAT
        rise = np.maximum(here, 0.0) - np.maximum(reference, 0.0)
        slope = np.where(flat, here > 0.0, rise / np.where(flat, 1.0, moved))
        passed = np.ascontiguousarray((slope * self.output)[:, None, :] * self.hidden)
        contributions = passed.sum(axis=2) * (matrix - self.means)
        return np.hstack([contributions, np.full((len(matrix), 1), self.base_value)])

    def files(self) -> dict[str, bytes]:
        """One NPZ file of plain arrays."""
        buffer = io.BytesIO()
        np.savez(
            buffer,
            hidden=self.hidden,
            hidden_bias=self.hidden_bias,
            output=self.output,
            output_bias=np.array(self.output_bias),
            means=self.means,
        )
        return {self.file_name: buffer.getvalue()}

    @classmethod
    def from_content(cls, content: bytes) -> NeuralModel:
        """Make the model from the content of its file; an array of objects (a pickle) is refused by NumPy."""
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            values = {name: stored[name] for name in cls.arrays}
        return cls(
            values["hidden"], values["hidden_bias"], values["output"], float(values["output_bias"]), values["means"]
        )


def _parts(matrix: Floats) -> list[Floats]:
    return [matrix[start : start + _ROWS_AT_ONCE] for start in range(0, len(matrix), _ROWS_AT_ONCE)]
