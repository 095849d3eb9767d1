"""`FittedModel`: an encoder and a model that belong together; what a candidate's `fit` returns.

What is here: margins and contributions of a feature table or of the feature values of a few applicants.
What to add here: nothing that a single model cannot answer.
What must not be here: calibration, thresholds, reasons: those make it a `Scorer`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.errors import ScorerError
from credit_platform.scoring._model import Model
from credit_platform.scoring.encoder import FeatureEncoder
from credit_platform.scoring.loading import load_model
from credit_platform.scoring.row_encoder import FeatureValues, RowEncoder

Floats = NDArray[np.float64]

Features = pl.DataFrame | Sequence[FeatureValues]
"""A feature table, or the feature values of a few applicants: the answers are the same to the last bit, and few rows
are quicker as values."""

ENCODER_FILE = "encoder.json"


@dataclass(frozen=True)
class FittedModel:
    """An encoder with the model trained on its matrix."""

    encoder: FeatureEncoder
    model: Model

    @property
    def features(self) -> list[str]:
        """Features the model uses, in the order of `contributions`."""
        return self.encoder.features

    def margin(self, features: Features) -> Floats:
        """Log-odds of default, (rows,), before calibration."""
        return self.model.margin(self._matrix(features))

    def contributions(self, features: Features) -> Floats:
        """Contribution of each feature to the margin, base value last: (rows, features + 1).

        The columns into which a feature was encoded are added back onto it. Rows add up to `margin`.
        """
        return self.explain(features)[1]

    def explain(self, features: Features) -> tuple[Floats, Floats]:
        """`margin` and `contributions`, encoding the features once."""
        margin, columns = self.model.explain(self._matrix(features))
        # reduceat, not a matrix product: its order of summation does not depend on the number of rows.
        merged: Floats = np.add.reduceat(columns, [*self.encoder.starts, columns.shape[1] - 1], axis=1)
        return margin, merged

    @cached_property
    def _rows(self) -> RowEncoder:
        return RowEncoder(self.encoder)

    def _matrix(self, features: Features) -> Floats:
        """Matrix of the model, whichever way the features came."""
        if isinstance(features, pl.DataFrame):
            return self.encoder.transform(features)
        return self._rows.transform(features)

    def files(self) -> dict[str, bytes]:
        """What `save` writes: file name to content."""
        encoder = json.dumps(self.encoder.to_json(), sort_keys=True, ensure_ascii=False)
        return {ENCODER_FILE: encoder.encode(), **self.model.files()}

    def save(self, folder: Path) -> None:
        """Write encoder and model into an existing folder."""
        for name, content in self.files().items():
            (folder / name).write_bytes(content)

    @classmethod
    def load(cls, folder: Path) -> FittedModel:
        """Load what `save` wrote.

        Raises:
            ScorerError: the encoder or the model is missing.
        """
        path = folder / ENCODER_FILE
        if not path.is_file():
            raise ScorerError(f"{path} is missing.", "Build the scorer again, or copy the whole folder.")
        return cls(FeatureEncoder.from_json(json.loads(path.read_bytes())), load_model(folder))
