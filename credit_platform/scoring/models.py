"""Models as they are stored and applied: margins and contributions from a matrix, without the training library.

What is here: linear models and trees, one class per file format. Each is made from the very text or bytes that `save`
writes, so that a model just trained and the same model loaded from disk cannot differ.
What to add here: a class with its file name, and its line in `loading.py`.
What must not be here: training, encoding, calibration; a format that runs code when it is read (pickle, joblib).
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from credit_platform.scoring._model import Floats, StoredModel

_ROWS_AT_ONCE = 8192
"""Rows whose products are held in memory together by a linear model."""


class LinearModel(StoredModel):
    """Margin = intercept + coefficients . row. Contributions are relative to the mean of the training rows.

    Products are summed row by row in one fixed order (no BLAS), so that a row scored alone and the same row in a
    batch give the same bits.
    """

    kind: ClassVar[str] = "linear"
    file_name: ClassVar[str] = "model.linear.json"

    def __init__(self, coefficients: Floats, intercept: float, means: Floats) -> None:
        """Coefficients (k,), intercept in log-odds, and means (k,) of the training matrix."""
        self.coefficients = np.asarray(coefficients, dtype=np.float64)
        self.intercept = float(intercept)
        self.means = np.asarray(means, dtype=np.float64)
        self.base_value = self.intercept + float((self.means * self.coefficients).sum())

    def margin(self, matrix: Floats) -> Floats:
        """Log-odds of default, (n,)."""
        starts = range(0, len(matrix), _ROWS_AT_ONCE)
        parts = [self._products(matrix[start : start + _ROWS_AT_ONCE]).sum(axis=1) for start in starts]
        return (np.concatenate(parts) if parts else np.empty(0)) + self.base_value

    def contributions(self, matrix: Floats) -> Floats:
        """(n, k + 1): coefficient times distance from the training mean; last the margin at the mean."""
        base = np.full((len(matrix), 1), self.base_value)
        return np.hstack([self._products(matrix), base])

    def _products(self, matrix: Floats) -> Floats:
        products: Floats = np.ascontiguousarray((matrix - self.means) * self.coefficients)
        return products

    def files(self) -> dict[str, bytes]:
        """One JSON file; floats survive JSON to the last bit."""
        value = {
            "intercept": self.intercept,
            "coefficients": self.coefficients.tolist(),
            "means": self.means.tolist(),
        }
        return {self.file_name: json.dumps(value, sort_keys=True).encode()}

    @classmethod
    def from_content(cls, content: bytes) -> LinearModel:
        """Make the model from the content of its file."""
        value = json.loads(content)
        return cls(np.array(value["coefficients"]), value["intercept"], np.array(value["means"]))


class XGBoostModel(StoredModel):
    """Trees in XGBoost's UBJSON format: gradient boosting, or a forest grown in one round.

    XGBoost adds up leaves and TreeSHAP values in float32. What the contributions lack of the margin by rounding (some
    1e-6) is put into the base value, so that rows add up.
    """

    kind: ClassVar[str] = "xgboost"
    file_name: ClassVar[str] = "model.ubj"

    def __init__(self, content: bytes) -> None:
        """Content of a `.ubj` file, as `Booster.save_raw("ubj")` gives it."""
        self.content = bytes(content)

    @cached_property
    def _booster(self) -> Any:
        import xgboost

        booster = xgboost.Booster(params={"nthread": 1})
        booster.load_model(bytearray(self.content))
        booster.set_param({"nthread": 1})
        return booster

    def margin(self, matrix: Floats) -> Floats:
        """Log-odds of default, (n,), as XGBoost gives them in float32."""
        return self._margin(self._data(matrix))

    def contributions(self, matrix: Floats) -> Floats:
        """(n, k + 1): exact TreeSHAP values (path-dependent); last the expected margin of the training rows.

        Source: Lundberg et al., From local explanations to global understanding with explainable AI for trees (2020).
        """
        return self.explain(matrix)[1]

    def explain(self, matrix: Floats) -> tuple[Floats, Floats]:
        """`margin` and `contributions` of one copy of the data."""
        data = self._data(matrix)
        margin = self._margin(data)
        raw = self._booster.predict(data, pred_contribs=True, validate_features=False)
        contributions: Floats = np.asarray(raw, dtype=np.float64).reshape(len(matrix), matrix.shape[1] + 1)
        contributions[:, -1] += margin - contributions.sum(axis=1)
        return margin, contributions

    def _data(self, matrix: Floats) -> Any:
        # Not inplace_predict: it starts a thread for each processor, however few the booster may use, and one
        # applicant then waits for all of them (measured on two busy cores: 12 ms instead of 1 ms).
        import xgboost

        return xgboost.DMatrix(matrix, nthread=1)

    def _margin(self, data: Any) -> Floats:
        raw = self._booster.predict(data, output_margin=True, validate_features=False)
        return np.asarray(raw, dtype=np.float64).reshape(-1)

    def files(self) -> dict[str, bytes]:
        """One `.ubj` file."""
        return {self.file_name: self.content}

    @classmethod
    def from_content(cls, content: bytes) -> XGBoostModel:
        """Make the model from the content of its file."""
        return cls(content)


class LightGBMModel(StoredModel):
    """Trees in LightGBM's text format; all sums in float64."""

    kind: ClassVar[str] = "lightgbm"
    file_name: ClassVar[str] = "model.lightgbm.txt"

    def __init__(self, content: str) -> None:
        """Content of a model file, as `Booster.model_to_string()` gives it."""
        self.content = content

    @cached_property
    def _booster(self) -> Any:
        import lightgbm

        return lightgbm.Booster(model_str=self.content)

    def margin(self, matrix: Floats) -> Floats:
        """Log-odds of default, (n,)."""
        raw = self._booster.predict(matrix, raw_score=True, num_threads=1)
        return np.asarray(raw, dtype=np.float64)

    def contributions(self, matrix: Floats) -> Floats:
        """(n, k + 1): exact TreeSHAP values (path-dependent); last the expected margin of the training rows.

        Source: Lundberg et al., From local explanations to global understanding with explainable AI for trees (2020).
        """
        raw = self._booster.predict(matrix, pred_contrib=True, num_threads=1)
        return np.asarray(raw, dtype=np.float64)

    def files(self) -> dict[str, bytes]:
        """One text file."""
        return {self.file_name: self.content.encode()}

    @classmethod
    def from_content(cls, content: bytes) -> LightGBMModel:
        """Make the model from the content of its file."""
        return cls(content.decode())
