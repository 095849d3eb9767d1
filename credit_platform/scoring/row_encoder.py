"""Encoding a few applicants at once, without data frames: what `FeatureEncoder.transform` gives, to the last bit.

What is here: `RowEncoder`, which treats all numbers of a row in one go.
What must not be here: fitting, and treatments of its own: those of `encodings.py` hold. A treatment that is not known
here is asked to encode its column itself.

For one applicant and 700 features, a call for each feature costs more than everything else together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.scoring.encoder import FeatureEncoder
from credit_platform.scoring.encodings import CategoricalEncoding, NumericEncoding

Floats = NDArray[np.float64]
FeatureValues = Mapping[str, float | str | None]


class RowEncoder:
    """Turns feature values of a few applicants into the matrix of a model."""

    def __init__(self, encoder: FeatureEncoder) -> None:
        """Lay out once where each feature goes."""
        self._width = len(encoder.columns)
        placed = [(e, block.start) for e, block in zip(encoder.encodings, encoder.blocks, strict=True)]
        numbers = [(e, start) for e, start in placed if isinstance(e, NumericEncoding)]
        self._numbers = [e.name for e, _ in numbers]
        self._columns = np.array([start for _, start in numbers], dtype=np.intp)
        self._fill = np.array([np.nan if e.fill is None else e.fill for e, _ in numbers])
        bounded = [(e.lower, e.upper) if e.lower is not None and e.upper is not None else None for e, _ in numbers]
        self._lower = np.array([-np.inf if b is None else b[0] for b in bounded])
        self._upper = np.array([np.inf if b is None else b[1] for b in bounded])
        self._clipped = any(b is not None for b in bounded)
        flagged = [place for place, (e, _) in enumerate(numbers) if e.indicator]
        self._flagged = np.array(flagged, dtype=np.intp)
        self._flags = self._columns[self._flagged] + 1
        self._others: list[tuple[Any, slice]] = [
            (e, slice(start, start + len(e.columns))) for e, start in placed if not isinstance(e, NumericEncoding)
        ]
        self._affine = (
            None
            if encoder.center is None or encoder.scale is None
            else (np.array(encoder.center), np.array(encoder.scale))
        )

    def transform(self, rows: Sequence[FeatureValues]) -> Floats:
        """Matrix (rows, columns), float64, C order."""
        matrix = np.zeros((len(rows), self._width))
        values = np.array([[row[name] for name in self._numbers] for row in rows], dtype=np.float64)
        values = values.reshape(len(rows), len(self._numbers))
        missing = np.isnan(values)
        filled = np.where(missing, self._fill, values)
        if self._clipped:
            np.clip(filled, self._lower, self._upper, out=filled)
        matrix[:, self._columns] = filled
        matrix[:, self._flags] = missing[:, self._flagged]
        for encoding, block in self._others:
            texts = [row[encoding.name] for row in rows]
            if isinstance(encoding, CategoricalEncoding):
                encoding.add_texts(texts, matrix[:, block])
            else:
                encoding.write(pl.Series(texts, strict=False), matrix[:, block])
        if self._affine is not None:
            matrix -= self._affine[0]
            matrix /= self._affine[1]
        return matrix
