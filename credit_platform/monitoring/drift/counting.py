"""Decisions to daily counts: a row per day, model, stratum, measured value and cell that is not empty.

What is here: `count_cells`, and the names of the columns that it reads and gives.
What to add here: nothing; what is counted is said by the reference.
What must not be here: who was counted. Counts of a window are sums of those of its days.

Numbers are sorted and the edges looked up in them, a column at a time on each processor: sorting 300,000 numbers and
looking up 256 edges takes an eighth of the time of looking up each number among the edges (measured).
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from credit_platform.monitoring.drift.cells import Cells, Counts, Floats, Kind, Role, as_categories, as_numbers
from credit_platform.monitoring.drift.reference import NONE, Reference
from credit_platform.native_threads import usable_cores

DAY, MODEL, HISTORIES = "day", "model_digest", "histories"
"""Columns of a batch of decisions beside its features, `probability` and `decision`."""

DAILY_COLUMNS: dict[str, Any] = {
    "day": pl.Date,
    "model": pl.String,
    "stratum": pl.String,
    "feature": pl.String,
    "cell": pl.Int32,
    "count": pl.Int64,
    "single": pl.Boolean,
}
"""`single` says whether all values counted in the row are equal."""


@dataclass(frozen=True)
class _Groups:
    """Rows of the batch in the order of their groups."""

    keys: pl.DataFrame
    """`day` and `stratum` of each group."""
    order: Counts
    ends: Counts
    """(groups,) where each group ends in `order`."""

    @property
    def bounds(self) -> list[tuple[int, int]]:
        """Start and end of each group."""
        return list(zip([0, *self.ends[:-1].tolist()], self.ends.tolist(), strict=True))


_Found = tuple[Counts, Counts, Counts, npt.NDArray[np.bool_]]
"""Group, cell, count and whether the values are equal, of each cell that is not empty."""


def count_cells(batch: pl.DataFrame, reference: Reference, *, threads: int | None = None) -> pl.DataFrame:
    """Count the decisions of a model in its frozen cells.

    A feature that is not a column of the batch counts as missing; what is no number of a number, too.

    Args:
        batch: decisions, with `day` (date), `histories` (request, stored, none) and, where it holds the decisions of
            several models, `model_digest`; those of other models are left out.
        reference: what was frozen with the model.
        threads: processors to use; all by default.

    Returns:
        Columns `DAILY_COLUMNS`, sorted by day, stratum, order of the reference and cell.
    """
    if MODEL in batch.columns:
        batch = batch.filter(pl.col(MODEL) == reference.model)
    if batch.is_empty():
        return pl.DataFrame(schema=DAILY_COLUMNS)
    groups = _grouped(batch)

    def counted(cells: Cells) -> _Found:
        return _count(cells, batch, groups)

    with ThreadPoolExecutor(max_workers=threads or math.ceil(usable_cores())) as pool:
        # Outcomes are not known when somebody is decided about.
        found = list(pool.map(counted, [cells for cells in reference.cells if cells.role is not Role.TARGET]))
    return _frame(found, groups, reference)


def _grouped(batch: pl.DataFrame) -> _Groups:
    source = pl.col(HISTORIES).fill_null(NONE) if HISTORIES in batch.columns else pl.lit(NONE)
    rows = batch.lazy().select(pl.col(DAY).cast(pl.Date), source.alias("stratum")).with_row_index("_row").collect()
    grouped = rows.group_by("day", "stratum").agg("_row").sort("day", "stratum")
    lengths = grouped["_row"].list.len().to_numpy()
    order = grouped["_row"].explode(empty_as_null=False).to_numpy().astype(np.int64)
    return _Groups(grouped.select("day", "stratum"), order, np.cumsum(lengths).astype(np.int64))


def _count(cells: Cells, batch: pl.DataFrame, groups: _Groups) -> _Found:
    if cells.name not in batch.columns:
        sizes = np.diff(groups.ends, prepend=0)
        zeros = np.zeros(sizes.size, np.int64)
        return np.arange(sizes.size), zeros, sizes, np.ones(sizes.size, np.bool_)
    values = batch[cells.name]
    if cells.kind is Kind.CATEGORY:
        return _categories(cells, as_categories(values), groups)
    numbers = as_numbers(values)
    # Rows of one group are in their order already.
    return _numbers(cells, numbers if len(groups.ends) == 1 else numbers[groups.order], groups)


def _numbers(cells: Cells, values: Floats, groups: _Groups) -> _Found:
    found = [_one_group(cells, np.sort(values[start:end])) for start, end in groups.bounds]
    sizes = [counts.size for _, counts, _ in found]
    cell, count, single = (np.concatenate([one[n] for one in found]) for n in range(3))
    return np.repeat(np.arange(len(found)), sizes), cell, count, single


def _one_group(cells: Cells, ordered: Floats) -> tuple[Counts, Counts, npt.NDArray[np.bool_]]:
    counts = cells.counts_of_sorted(ordered)
    filled = np.flatnonzero(counts)
    missing = int(counts[0])
    starts = np.cumsum(counts) - counts - missing
    first = ordered[np.where(filled > 0, starts[filled], 0)]
    last = ordered[np.where(filled > 0, starts[filled] + counts[filled] - 1, 0)]
    return filled, counts[filled], (first == last) | (filled == 0)


def _categories(cells: Cells, values: pl.Series, groups: _Groups) -> _Found:
    cell = cells.cells_of_categories(values)[groups.order]
    group = np.repeat(np.arange(groups.ends.size), np.diff(groups.ends, prepend=0))
    counts = np.bincount(group * cells.size + cell, minlength=groups.ends.size * cells.size)
    filled = np.flatnonzero(counts)
    inside = filled % cells.size
    # What training did not have may be several values: from outside they cannot be told apart.
    return filled // cells.size, inside, counts[filled], inside != cells.size - 1


def _frame(found: list[_Found], groups: _Groups, reference: Reference) -> pl.DataFrame:
    group, cell, count, single = (np.concatenate([one[n] for one in found]) for n in range(4))
    owner = np.repeat(np.arange(len(found)), [one[0].size for one in found])
    order = np.lexsort((cell, owner, group))
    names = pl.Series([one.name for one in reference.cells])
    return pl.DataFrame(
        {
            "day": groups.keys["day"].gather(group[order]),
            "model": pl.repeat(reference.model, order.size, eager=True),
            "stratum": groups.keys["stratum"].gather(group[order]),
            "feature": names.gather(owner[order]),
            "cell": cell[order].astype(np.int32),
            "count": count[order],
            "single": single[order],
        }
    )
