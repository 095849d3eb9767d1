"""The population stability index (PSI): the one way in which two sets of values are binned and compared.

What is here: `stability_index` of two columns, `index_of_counts` of two sets of counts.
What to add here: nothing that decides: how much is too much is said where a table, a model or a population is judged.
What must not be here: drawing, sampling, thresholds.

Binning contract. Numbers: at most ten groups of equally many of the first column, by its own quantiles; a value that
equals an edge lies below it, so that a column of two values keeps two groups. Anything else: its values, those too rare
on both sides to be counted as one. Null, and NaN with it, is a group of its own. Half a row more in each group: an
empty group of a small sample is no infinite difference.

Sources: N. Siddiqi, Credit Risk Scorecards (2006), chapters 8 and 9; B. Yurdakul, Statistical Properties of Population
Stability Index (2018), for what chance gives with so many groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

BINS = 10
RARE = 1e-4
"""Share of its column under which a value is rare."""
_HALF = 0.5

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class StabilityIndex:
    """How far two columns differ."""

    psi: float
    """Sum of (a - b) ln(a / b) over groups: >= 0, and 0 for equal distributions."""
    groups: int
    """Groups that any value lies in."""


def stability_index(before: pl.Series, after: pl.Series, *, bins: int = BINS) -> StabilityIndex:
    """Compare two columns of any number of rows.

    Raises:
        ValueError: one of them is empty.
    """
    if before.is_empty() or after.is_empty():
        raise ValueError("There is nothing to compare.")
    if before.dtype.is_numeric() and after.dtype.is_numeric():
        first, second = _numbers(before, after, bins)
    else:
        first, second = _values(before, after)
    present = (first + second) > 0
    return StabilityIndex(psi=index_of_counts(first[present], second[present]), groups=int(present.sum()))


def index_of_counts(before: npt.ArrayLike, after: npt.ArrayLike) -> float:
    """PSI of two sets of counts (groups,) over the same groups."""
    expected, actual = (_shares(np.asarray(side, dtype=np.float64)) for side in (before, after))
    return float(((actual - expected) * np.log(actual / expected)).sum())


def _shares(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray((counts + _HALF) / (counts.sum() + _HALF * counts.size))


def _numbers(before: pl.Series, after: pl.Series, bins: int) -> tuple[Counts, Counts]:
    first, second = (side.cast(pl.Float64).fill_nan(None) for side in (before, after))
    known = first.drop_nulls().to_numpy()
    edges = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1])) if known.size else np.empty(0)
    return _counted(first, edges), _counted(second, edges)


def _counted(side: pl.Series, edges: npt.NDArray[np.float64]) -> Counts:
    """Rows in each group; the last is that of null."""
    groups = np.searchsorted(edges, side.drop_nulls().to_numpy(), side="left")
    return np.append(np.bincount(groups, minlength=edges.size + 1), side.null_count()).astype(np.int64)


def _values(before: pl.Series, after: pl.Series) -> tuple[Counts, Counts]:
    first, second = (side.cast(pl.String).alias("value").value_counts() for side in (before, after))
    both = first.join(second, on="value", how="full", coalesce=True, nulls_equal=True, suffix="_after")
    counts = pl.col("count", "count_after")
    both = both.with_columns(counts.fill_null(0).cast(pl.Int64))
    few = (pl.col("count") < RARE * len(before)) & (pl.col("count_after") < RARE * len(after))
    rare = (few & pl.col("value").is_not_null()).alias("rare")
    groups = both.group_by(rare, pl.when(~rare).then("value"), maintain_order=True).agg(counts.sum())
    return groups["count"].to_numpy(), groups["count_after"].to_numpy()
