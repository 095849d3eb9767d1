"""From the feature table to the matrix of a model, the same in training and in the service.

What is here: `FeatureEncoder`, fitted on training rows, stored as JSON; several of them joined to one.
What to add here: another treatment of the matrix as a whole, with its field in the JSON.
What must not be here: the treatment of a single feature (`encodings.py`), features (they are declared in
`portfolios/`), and anything that looks at the target.

Nulls: kept as NaN for models that have a use for them; otherwise the training median, and a column of its own that
says "was null" when training rows had nulls. A category that training rows did not have counts as null. Where
training rows had no null either, a one-hot block takes its training mean: the model then says neither "better" nor
"worse" about it. (The service refuses values outside the contract before they get here.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.errors import FeatureError
from credit_platform.portfolios.feature_group import Feature, FeatureKind
from credit_platform.scoring.encodings import (
    Encoding,
    Impute,
    encoding_from_json,
    encoding_to_json,
    fit_category,
    fit_number,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class FeatureEncoder:
    """Turns the columns of a feature table into a float64 matrix; columns of one feature stand side by side.

    A feature may be encoded more than once (a stack of models does that): its encodings then follow one another.
    """

    encodings: tuple[Encoding, ...]
    center: tuple[float, ...] | None = None
    scale: tuple[float, ...] | None = None

    @classmethod
    def fit(
        cls,
        frame: pl.DataFrame,
        features: Sequence[Feature],
        *,
        one_hot: bool = True,
        scale: bool = False,
        impute: Impute | None = None,
        clip: float = 0.0,
    ) -> FeatureEncoder:
        """Learn categories, medians, clipping bounds, means and deviations from training rows.

        Args:
            frame: training rows; other columns than the features are ignored.
            features: features to encode, in this order.
            one_hot: one column per category; otherwise one column of codes (sorted order), NaN for null.
            scale: centre every column on its mean and give it unit deviation.
            impute: "median" replaces null numbers; None keeps them as NaN.
            clip: share of the training values beyond which numbers are clipped, at each end (0.005 = 0.5 %).

        Raises:
            FeatureError: `frame` has no row, or lacks a feature, or no feature is given.
        """
        if scale:
            return cls.fit_transform(frame, features, one_hot=one_hot, scale=True, impute=impute, clip=clip)[0]
        _require(frame, [feature.name for feature in features])
        encodings = tuple(
            fit_category(frame, feature, one_hot=one_hot)
            if feature.kind is FeatureKind.CATEGORICAL
            else fit_number(frame, feature, impute=impute, clip=clip)
            for feature in features
        )
        return cls(encodings=encodings)

    @classmethod
    def fit_transform(
        cls,
        frame: pl.DataFrame,
        features: Sequence[Feature],
        *,
        one_hot: bool = True,
        scale: bool = False,
        impute: Impute | None = None,
        clip: float = 0.0,
    ) -> tuple[FeatureEncoder, Floats]:
        """`fit`, and what `transform` makes of the training rows; their matrix is made once for both.

        Raises:
            FeatureError: as `fit`.
        """
        plain = cls.fit(frame, features, one_hot=one_hot, impute=impute, clip=clip)
        matrix = plain.transform(frame)
        if not scale:
            return plain, matrix
        deviation = matrix.std(axis=0)
        encoder = cls(
            encodings=plain.encodings,
            center=tuple(matrix.mean(axis=0).tolist()),
            scale=tuple(np.where(deviation > 0, deviation, 1.0).tolist()),
        )
        encoder._standardise(matrix)
        return encoder, matrix

    @cached_property
    def features(self) -> list[str]:
        """Names of the features, in the order of their columns."""
        return list(dict.fromkeys(encoding.name for encoding in self.encodings))

    @cached_property
    def columns(self) -> list[str]:
        """Names of the matrix columns."""
        return [column for encoding in self.encodings for column in encoding.columns]

    @cached_property
    def column_features(self) -> list[str]:
        """For each matrix column, the feature it comes from."""
        return [encoding.name for encoding in self.encodings for _ in encoding.columns]

    @cached_property
    def starts(self) -> NDArray[np.intp]:
        """For each feature, the position of its first matrix column."""
        owners = self.column_features
        return np.array([i for i, name in enumerate(owners) if i == 0 or owners[i - 1] != name], dtype=np.intp)

    @cached_property
    def blocks(self) -> list[slice]:
        """For each encoding, its matrix columns."""
        ends = np.cumsum([len(encoding.columns) for encoding in self.encodings]).tolist()
        return [slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]

    @cached_property
    def _affine(self) -> tuple[Floats, Floats] | None:
        return None if self.center is None else (np.array(self.center), np.array(self.scale))

    def transform(self, frame: pl.DataFrame) -> Floats:
        """Matrix (rows of `frame`, `columns`), float64, C order; row order is kept.

        Raises:
            FeatureError: `frame` lacks a feature.
        """
        try:
            columns = [frame.get_column(encoding.name) for encoding in self.encodings]
        except pl.exceptions.ColumnNotFoundError:
            _require(frame, self.features)
            raise
        matrix = np.empty((frame.height, len(self.columns)))
        for encoding, block, column in zip(self.encodings, self.blocks, columns, strict=True):
            encoding.write(column, matrix[:, block])
        self._standardise(matrix)
        return matrix

    def _standardise(self, matrix: Floats) -> None:
        """In place."""
        if self._affine is not None:
            center, scale = self._affine
            matrix -= center
            matrix /= scale

    def to_json(self) -> dict[str, Any]:
        """Plain values from which `from_json` makes an equal encoder; floats survive JSON to the last bit."""
        return {
            "encodings": [encoding_to_json(encoding) for encoding in self.encodings],
            "center": None if self.center is None else list(self.center),
            "scale": None if self.scale is None else list(self.scale),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> FeatureEncoder:
        """Make the encoder that `to_json` described."""
        return cls(
            encodings=tuple(encoding_from_json(item) for item in value["encodings"]),
            center=None if value["center"] is None else tuple(value["center"]),
            scale=None if value["scale"] is None else tuple(value["scale"]),
        )


def join_encoders(encoders: Sequence[FeatureEncoder]) -> tuple[FeatureEncoder, list[list[int]]]:
    """One encoder that gives the columns of all `encoders`, and for each of them its columns in the joint matrix.

    What two encoders make of a feature in the same way is made once.
    """
    own = [_treatments(encoder) for encoder in encoders]
    names = dict.fromkeys(treatment[0].name for several in own for treatment in several)
    by_feature: dict[str, dict[_Treatment, None]] = {name: {} for name in names}
    for treatment in (one for several in own for one in several):
        by_feature[treatment[0].name][treatment] = None
    joint = [treatment for several in by_feature.values() for treatment in several]
    ends = np.cumsum([len(encoding.columns) for encoding, _, _ in joint]).tolist()
    places = {one: range(end - len(one[0].columns), end) for one, end in zip(joint, ends, strict=True)}
    encoder = FeatureEncoder(
        encodings=tuple(encoding for encoding, _, _ in joint),
        center=tuple(value for _, center, _ in joint for value in center),
        scale=tuple(value for _, _, scale in joint for value in scale),
    )
    return encoder, [[column for one in several for column in places[one]] for several in own]


_Treatment = tuple[Encoding, tuple[float, ...], tuple[float, ...]]


def _treatments(encoder: FeatureEncoder) -> list[_Treatment]:
    """Each encoding with the centre and scale of its columns; 0 and 1, which change no bit, where there are none."""
    result, start = [], 0
    for encoding in encoder.encodings:
        end = start + len(encoding.columns)
        center = encoder.center[start:end] if encoder.center is not None else (0.0,) * (end - start)
        scale = encoder.scale[start:end] if encoder.scale is not None else (1.0,) * (end - start)
        result.append((encoding, center, scale))
        start = end
    return result


def _require(frame: pl.DataFrame, names: Sequence[str]) -> None:
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise FeatureError(
            f"The feature table lacks {', '.join(absent)}.",
            "Build the features again with the same version of credit_platform as the model.",
        )
    if not names or frame.is_empty():
        raise FeatureError("There is nothing to encode.", "Give at least one feature and one training row.")
