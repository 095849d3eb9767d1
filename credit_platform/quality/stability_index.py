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
Floats = npt.NDArray[np.float64]


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


def _shares(counts: Floats) -> Floats:
    return np.asarray((counts + _HALF) / (counts.sum() + _HALF * counts.size))


def _numbers(before: pl.Series, after: pl.Series, bins: int) -> tuple[Counts, Counts]:
    # NumPy throughout: an expression waits for Polars' threads, which is most of the time for so few rows.
    first, second = (side.cast(pl.Float64).to_numpy() for side in (before, after))
    known, others = (side[~np.isnan(side)] for side in (first, second))
    edges = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1])) if known.size else np.empty(0)
    return _counted(known, first.size, edges), _counted(others, second.size, edges)


def _counted(known: Floats, rows: int, edges: Floats) -> Counts:
    """Rows in each group; the last is that of null."""
    counts = np.bincount(np.searchsorted(edges, known, side="left"), minlength=edges.size + 1)
    return np.append(counts, rows - known.size)


def _values(before: pl.Series, after: pl.Series) -> tuple[Counts, Counts]:
    first, second = (_by_value(side) for side in (before, after))
    # In an order of their own: counting gives them in any, and sums of floats differ with the order in the last bits.
    values = sorted(first.keys() | second.keys(), key=lambda value: (value is None, value or ""))
    pairs = {value: (first.get(value, 0), second.get(value, 0)) for value in values}
    rare = {value for value, pair in pairs.items() if value is not None and _rare(pair, (len(before), len(after)))}
    kept = [pair for value, pair in pairs.items() if value not in rare]
    pooled = [sum(pairs[value][side] for value in rare) for side in (0, 1)]
    counts = np.array([*kept, pooled], dtype=np.int64)
    return counts[:, 0], counts[:, 1]


def _by_value(side: pl.Series) -> dict[str | None, int]:
    counts = side.cast(pl.String).alias("value").value_counts()
    return dict(zip(counts["value"].to_list(), counts["count"].to_list(), strict=True))


def _rare(counts: tuple[int, int], rows: tuple[int, int]) -> bool:
    return all(count < RARE * total for count, total in zip(counts, rows, strict=True))
