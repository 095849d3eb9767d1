"""The frozen cells of one feature, of the score or of the decisions: what is counted, day after day.

What is here: `Cells`, made of the values that a model learnt from (`cells_of_numbers`, `cells_of_categories`), and how
cells are merged into the bins of the PSI.
What to add here: another kind of measured value.
What must not be here: comparing, and reading or writing tables.

Order of the cells. The first counts what is missing (null and NaN). Of numbers there follow what lies below the least
value of training, at most 256 cells with their upper edge included (a cell for each value where there are so few, else
quantiles), and what lies above the greatest. Of
categories there follow the values of training by name, and everything else: a category that training did not have.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import polars as pl

QUANTILE_CELLS = 256
MOST_BINS = 10
"""Bins of the PSI, those of the missing and of the unseen among them."""
MISSING_CELL = 0
_VALUE_BINS = MOST_BINS - 2
_ROUNDING = 1e-9
"""Of a value: less than this is no difference."""

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Kind(StrEnum):
    """How values are ordered."""

    NUMBER = "number"
    CATEGORY = "category"


class Role(StrEnum):
    """What a measured value is to the model."""

    FEATURE = "feature"
    SCORE = "score"
    """Probability of default."""
    DECISION = "decision"
    TARGET = "target"
    """The outcome of those whom the model accepts."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """The cells of one measured value, and the bins that they are merged to."""

    name: str
    role: Role
    kind: Kind
    edges: Floats
    """Of numbers: the upper edge of each cell but the last, ascending; the first lies below the least of training,
    the last at or above its greatest. Empty for categories, and where training had no number."""
    categories: tuple[str, ...]
    """Of categories: the values of training, by name."""
    bins: Counts
    """(cells,) bin of each cell, from 0."""

    @property
    def size(self) -> int:
        """Number of cells."""
        values = len(self.categories) if self.kind is Kind.CATEGORY else max(self.edges.size, 1)
        return values + 2

    @property
    def unseen(self) -> tuple[int, ...]:
        """Cells of values that training did not have: outside of its range, or no category of it."""
        if self.kind is Kind.NUMBER and self.edges.size:
            return (1, self.size - 1)
        return (self.size - 1,)

    def cells_of_categories(self, values: pl.Series) -> Counts:
        """(rows,) cell of each value of a category."""
        known = values.cast(pl.Enum(self.categories), strict=False).to_physical().cast(pl.Int64) + 1
        cells = known.fill_null(self.size - 1).to_numpy()
        return np.where(values.is_null().to_numpy(), MISSING_CELL, cells) if values.null_count() else cells

    def counts_of_sorted(self, values: Floats) -> Counts:
        """(cells,) counts of numbers in ascending order, NaN last: what `np.sort` gives."""
        known = int(np.searchsorted(values, np.nan, side="left"))
        ends = np.searchsorted(values[:known], self.edges, side="right") if self.edges.size else np.zeros(1, np.int64)
        inner = np.diff(ends, prepend=0, append=known)
        return np.concatenate(([values.size - known], inner)).astype(np.int64)


def as_numbers(values: pl.Series) -> Floats:
    """(rows,) float64, NaN for null and for what is no number."""
    numbers = values if values.dtype == pl.Float64 else values.cast(pl.Float64, strict=False)
    return numbers.to_numpy()


def as_categories(values: pl.Series) -> pl.Series:
    """The same as text."""
    return values if values.dtype == pl.String else values.cast(pl.String, strict=False)


def cells_of_numbers(name: str, values: Floats, *, role: Role = Role.FEATURE, cuts: tuple[float, ...] = ()) -> Cells:
    """Freeze at most 256 quantile cells of numbers.

    Args:
        name: of the feature.
        values: (rows,) of training; NaN and infinite ones make no cell.
        role: what they are to the model.
        cuts: further edges, such as a threshold.
    """
    known = np.sort(values[np.isfinite(values)])
    if not known.size:
        return Cells(name=name, role=role, kind=Kind.NUMBER, edges=known, categories=(), bins=np.arange(3))
    distinct = np.unique(known)
    inner = _between(distinct) if distinct.size <= QUANTILE_CELLS else _quantiles(known)
    within = [cut for cut in cuts if known[0] <= cut < known[-1]]
    edges = np.unique(np.concatenate((inner, within)))
    bare = Cells(name=name, role=role, kind=Kind.NUMBER, edges=edges, categories=(), bins=np.zeros(0, np.int64))
    return _binned(bare, bare.counts_of_sorted(np.sort(values)))


def _between(distinct: Floats) -> Floats:
    """Edges halfway between the values, and as far outside: 12 is 12 also where another machine gives 12.0000001."""
    halves = np.diff(distinct / 2)
    slack = np.maximum(np.abs(distinct[[0, -1]]), 1.0) * _ROUNDING
    if halves.size:
        slack = np.maximum(halves[[0, -1]], slack)
    return np.concatenate(([distinct[0] - slack[0]], distinct[:-1] + halves, [distinct[-1] + slack[1]]))


def _quantiles(ordered: Floats) -> Floats:
    """Edges so that equally many lie in each cell, between just below the least value and the greatest."""
    ranks = np.ceil(np.arange(1, QUANTILE_CELLS) / QUANTILE_CELLS * ordered.size).astype(np.int64) - 1
    return np.concatenate(([np.nextafter(ordered[0], -np.inf)], ordered[ranks], ordered[-1:]))


def cells_of_categories(name: str, values: pl.Series, *, role: Role = Role.FEATURE) -> Cells:
    """Freeze a cell for each value of a category; beyond 254 the rarest are counted with what training did not have."""
    known = as_categories(values).drop_nulls().alias("value").value_counts(name="rows")
    kept = known.sort("rows", "value", descending=[True, False]).head(QUANTILE_CELLS - 2)["value"].sort()
    bare = Cells(
        name=name,
        role=role,
        kind=Kind.CATEGORY,
        edges=np.zeros(0),
        categories=tuple(kept.to_list()),
        bins=np.zeros(0, np.int64),
    )
    counts = np.bincount(bare.cells_of_categories(as_categories(values)), minlength=bare.size)
    return _binned(bare, counts)


def _binned(cells: Cells, counts: Counts) -> Cells:
    """The same cells, merged: missing and unseen are bins, the others share the eight that are left."""
    merge = _adjacent if cells.kind is Kind.NUMBER else _commonest
    bins = np.zeros(cells.size, np.int64)
    inside = np.setdiff1d(np.arange(cells.size), [MISSING_CELL, *cells.unseen])
    bins[inside] = 1 + merge(counts[inside])
    bins[list(cells.unseen)] = bins.max() + 1
    return Cells(
        name=cells.name,
        role=cells.role,
        kind=cells.kind,
        edges=cells.edges,
        categories=cells.categories,
        bins=bins,
    )


def _adjacent(counts: Counts) -> Counts:
    """Neighbours together, so that each bin holds about an eighth of the rows."""
    if counts.size <= _VALUE_BINS:
        return np.arange(counts.size)
    middle = (np.cumsum(counts) - counts / 2) / max(int(counts.sum()), 1)
    wanted = np.minimum((middle * _VALUE_BINS).astype(np.int64), _VALUE_BINS - 1)
    return np.unique(wanted, return_inverse=True)[1].astype(np.int64)


def _commonest(counts: Counts) -> Counts:
    """The seven commonest by themselves, the others together."""
    if counts.size <= _VALUE_BINS:
        return np.arange(counts.size)
    order = np.argsort(-counts, kind="stable")
    bins = np.full(counts.size, _VALUE_BINS - 1)
    bins[order[: _VALUE_BINS - 1]] = np.arange(_VALUE_BINS - 1)
    return bins.astype(np.int64)
