"""Weight of evidence: what a scorecard knows of a feature, and the points it gives for it.

What is here: `WoeEncoding` (one feature in bins) and `points_table` (the scorecard that a committee reads).
What must not be here: choosing bins (`modelling.candidates.scorecard`).

Source: N. Siddiqi, Credit Risk Scorecards (2006), chapters 5 and 6.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.portfolios.economics import PointsScale

Floats = NDArray[np.float64]

MISSING = "missing or unknown"


@dataclass(frozen=True, kw_only=True)
class WoeEncoding:
    """One feature in bins, each with its weight of evidence ln(share of repaid / share of defaulted).

    A number belongs to the bin between two `splits` (the lower one included), a category to the group that lists it.
    Null, and a category that training rows did not have, take the last bin. Its weight is 0 (neither better nor worse)
    where training rows had no null.
    """

    name: str
    splits: tuple[float, ...] | None
    """Ascending, of a number; None for categories."""
    groups: tuple[tuple[str, ...], ...]
    """Categories of each bin; empty for a number."""
    woe: tuple[float, ...]
    """Weight of evidence of each bin; the last one is that of null."""
    counts: tuple[int, ...]
    """Training rows in each bin."""
    defaults: tuple[int, ...]
    """Of these, defaults."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Name of the matrix column."""
        return (self.name,)

    @property
    def bins(self) -> list[str]:
        """Each bin in words, null last."""
        if self.splits is None:
            return [*(", ".join(group) for group in self.groups), MISSING]
        edges = [f"{split:.6g}" for split in self.splits]
        if not edges:
            return ["any number", MISSING]
        between = [f"from {low} to below {high}" for low, high in pairwise(edges)]
        return [f"below {edges[0]}", *between, f"from {edges[-1]}", MISSING]

    @cached_property
    def _codes(self) -> dict[str | None, int]:
        return {category: code for code, group in enumerate(self.groups) for category in group}

    @cached_property
    def _woe(self) -> Floats:
        return np.array(self.woe)

    @cached_property
    def _edges(self) -> Floats:
        return np.array(self.splits or ())

    def bin_of(self, column: pl.Series) -> NDArray[np.intp]:
        """Bin of each value of `column`, (rows,)."""
        last = len(self.woe) - 1
        if self.splits is None:
            texts = (column if column.dtype == pl.String else column.cast(pl.String)).to_list()
            return np.array([self._codes.get(text, last) for text in texts], dtype=np.intp)
        values = (column if column.dtype == pl.Float64 else column.cast(pl.Float64)).to_numpy()
        return np.where(np.isnan(values), last, np.searchsorted(self._edges, values, side="right"))

    def write(self, column: pl.Series, block: Floats) -> None:
        """Write the weight of evidence of `column` into `block` (rows, 1)."""
        block[:, 0] = self._woe[self.bin_of(column)]


class _Linear(Protocol):
    @property
    def coefficients(self) -> Floats: ...
    @property
    def intercept(self) -> float: ...


def points_table(encodings: Sequence[object], model: object, scale: PointsScale) -> pl.DataFrame | None:
    """Points of every bin of a scorecard; None when the model is not a scorecard.

    The points of the bins that an applicant falls into add up to `base_points` at `base_odds` of repaying, and to
    `points_to_double_odds` more when the odds double. Base points are spread evenly over the features. These are the
    points of the scorecard before calibration; those of a decision (`points.points`) follow from its probability.

    Args:
        encodings: of the encoder, one per column of the model.
        model: with `coefficients` per column and `intercept`, for log-odds of default.
        scale: of the portfolio.

    Returns:
        feature, bin, woe, coefficient, points (rounded), points_exact, applicants, share, default_rate (null for an
        empty bin); a row per bin in the order of the features, null last.
    """
    woe = [encoding for encoding in encodings if isinstance(encoding, WoeEncoding)]
    if not woe or len(woe) != len(encodings) or not hasattr(model, "coefficients"):
        return None
    linear: _Linear = model  # type: ignore[assignment]  # checked by the attribute above
    factor = scale.points_to_double_odds / math.log(2)
    base = (scale.base_points - factor * (math.log(scale.base_odds) + linear.intercept)) / len(woe)
    return pl.concat(
        _feature_points(encoding, float(coefficient), base, factor)
        for encoding, coefficient in zip(woe, linear.coefficients, strict=True)
    )


def _feature_points(encoding: WoeEncoding, coefficient: float, base: float, factor: float) -> pl.DataFrame:
    exact = [base - factor * coefficient * woe for woe in encoding.woe]
    counts, defaults = np.array(encoding.counts), np.array(encoding.defaults)
    return pl.DataFrame(
        {
            "feature": [encoding.name] * len(exact),
            "bin": encoding.bins,
            "woe": list(encoding.woe),
            "coefficient": [coefficient] * len(exact),
            "points": [round(value) for value in exact],
            "points_exact": exact,
            "applicants": counts,
            "share": counts / max(int(counts.sum()), 1),
            "default_rate": [d / n if n else None for d, n in zip(defaults.tolist(), counts.tolist(), strict=True)],
        },
        schema_overrides={"default_rate": pl.Float64},
    )
