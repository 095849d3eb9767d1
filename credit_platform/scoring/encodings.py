"""The treatments of single features: from a column to columns of the matrix.

What is here: the encodings of a number and of a category, how each is fitted, and all kinds with their JSON.
What to add here: another treatment of a feature, with its name in `_KINDS` and its fields as they are in the JSON.
What must not be here: the matrix as a whole (`encoder.py`), and anything that looks at the target.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.portfolios.feature_group import Feature
from credit_platform.scoring.woe import WoeEncoding

Floats = NDArray[np.float64]
Impute = Literal["median"]


@dataclass(frozen=True, kw_only=True)
class NumericEncoding:
    """One number: null replaced by `fill` (None keeps NaN), clipped, with a "was null" column if `indicator`."""

    name: str
    fill: float | None = None
    lower: float | None = None
    upper: float | None = None
    indicator: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the matrix columns."""
        return (self.name, f"{self.name}=null") if self.indicator else (self.name,)

    def write(self, column: pl.Series, block: Floats) -> None:
        """Write the matrix columns of `column` into `block` (rows, columns)."""
        values = (column if column.dtype == pl.Float64 else column.cast(pl.Float64)).to_numpy()
        missing = np.isnan(values)
        block[:, 0] = values if self.fill is None else np.where(missing, self.fill, values)
        if self.lower is not None and self.upper is not None:
            np.clip(block[:, 0], self.lower, self.upper, out=block[:, 0])
        if self.indicator:
            block[:, 1] = missing


@dataclass(frozen=True, kw_only=True)
class CategoricalEncoding:
    """One category: `categories` in sorted order; one-hot columns with their training `shares`, or one code."""

    name: str
    categories: tuple[str, ...]
    one_hot: bool
    shares: tuple[float, ...] = ()
    """Share of each category (and of null last, if `null_column`) in the training rows."""
    null_column: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the matrix columns."""
        if not self.one_hot:
            return (self.name,)
        names = tuple(f"{self.name}={category}" for category in self.categories)
        return (*names, f"{self.name}=null") if self.null_column else names

    @cached_property
    def _codes(self) -> dict[str | None, float]:
        return {category: float(code) for code, category in enumerate(self.categories)}

    def write(self, column: pl.Series, block: Floats) -> None:
        """Write the matrix columns of `column` into `block` (rows, columns)."""
        # A dictionary, not an expression: for one applicant an expression costs more than the rest of the encoding.
        self.write_texts((column if column.dtype == pl.String else column.cast(pl.String)).to_list(), block)

    def write_texts(self, texts: Sequence[Any], block: Floats) -> None:
        """As `write`, for a list of texts and None."""
        code_of, unknown = self._codes.get, float("nan")
        codes = np.array([code_of(text, unknown) for text in texts])
        if not self.one_hot:
            block[:, 0] = codes
            return
        missing = np.isnan(codes)
        known = np.flatnonzero(~missing)
        block[:] = 0.0
        block[known, codes[known].astype(np.intp)] = 1.0
        if self.null_column:
            block[missing, -1] = 1.0
        else:
            block[missing] = self.shares

    def add_texts(self, texts: Sequence[Any], block: Floats) -> None:
        """As `write_texts`, into a `block` of zeros; quicker for a few rows."""
        for row, text in enumerate(texts):
            code = self._codes.get(text)
            if not self.one_hot:
                block[row, 0] = np.nan if code is None else code
            elif code is not None:
                block[row, int(code)] = 1.0
            elif self.null_column:
                block[row, -1] = 1.0
            else:
                block[row] = self.shares


Encoding = NumericEncoding | CategoricalEncoding | WoeEncoding
_KINDS: dict[str, type[Encoding]] = {
    "numeric": NumericEncoding,
    "categorical": CategoricalEncoding,
    "woe": WoeEncoding,
}


def fit_number(frame: pl.DataFrame, feature: Feature, *, impute: Impute | None, clip: float) -> NumericEncoding:
    """Median, clipping bounds, and whether there were nulls, of the training rows; `FeatureEncoder.fit` says more."""
    # Nulls leave by NumPy: every expression on a single column is a query of its own, which costs more than its work.
    values = frame[feature.name].cast(pl.Float64).to_numpy()
    known = pl.Series(values[~np.isnan(values)])
    bounded = clip > 0 and len(known) > 0
    median = known.median()
    return NumericEncoding(
        name=feature.name,
        fill=None if impute is None else float(median) if isinstance(median, float) else 0.0,
        lower=known.quantile(clip) if bounded else None,
        upper=known.quantile(1 - clip) if bounded else None,
        indicator=impute is not None and len(known) < len(values),
    )


def fit_category(frame: pl.DataFrame, feature: Feature, *, one_hot: bool) -> CategoricalEncoding:
    """Categories and shares of the training rows."""
    values = frame[feature.name].cast(pl.String)
    rows_of = dict(values.alias("category").value_counts(name="rows").iter_rows())
    nulls: int = rows_of.pop(None, 0)
    categories = tuple(sorted(rows_of))
    null_column = one_hot and (nulls > 0 or not categories)
    counts = [rows_of[category] for category in categories] + [nulls] * null_column
    return CategoricalEncoding(
        name=feature.name,
        categories=categories,
        one_hot=one_hot,
        shares=tuple(count / len(values) for count in counts) if one_hot else (),
        null_column=null_column,
    )


def encoding_to_json(encoding: Encoding) -> dict[str, Any]:
    """Plain values, the kind among them."""
    kind = next(name for name, one in _KINDS.items() if one is type(encoding))
    return {"kind": kind, **asdict(encoding)}


def encoding_from_json(value: Mapping[str, Any]) -> Encoding:
    """Make the encoding that `encoding_to_json` described."""
    fields: dict[str, Any] = {name: _frozen(item) for name, item in value.items() if name != "kind"}
    return _KINDS[value["kind"]](**fields)


def _frozen(item: Any) -> Any:
    return tuple(_frozen(part) for part in item) if isinstance(item, list) else item
