"""Distributions of one column: histogram, commonest values, population stability index.

What is here: small functions over one sampled column.
What to add here: another way to describe or compare distributions.
What must not be here: sampling, thresholds, drawing; how the index is computed (`stability_index.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import polars as pl

from credit_platform.quality.stability_index import stability_index

HISTOGRAM_BINS = 20
TOP_VALUES = 8
OTHER = "(other)"

_PSI_LEAST_ROWS = 100

PSI_ALIKE = 0.1
"""Below this index two distributions are commonly taken for the same."""
_POWER_TOLERANCE = 0.1
"""How far the ratio of two medians may be from a power of ten, in powers of ten."""


def histogram(values: pl.Series) -> tuple[tuple[str, float], ...]:
    """Lower edge and share of each of 20 equal bins; the ends hold whatever lies beyond 3 interquartile ranges.

    One bin where float64 cannot tell twenty edges apart, or not count from the least value to the greatest.
    """
    if values.is_empty():
        return ()
    numbers = values.cast(pl.Float64).to_numpy()
    with np.errstate(over="ignore", invalid="ignore"):
        low, lower, upper, high = np.quantile(numbers, [0, 0.25, 0.75, 1]).tolist()
        reach = 3 * (upper - lower) if upper > lower else high - low
        low, high = max(low, lower - reach), min(high, upper + reach)
        edges = (
            np.linspace(low, high, HISTOGRAM_BINS + 1)
            if high > low
            else low + np.linspace(-0.5, 0.5, HISTOGRAM_BINS + 1)
        )
        if not np.isfinite(high - low) or not (np.diff(edges) > 0).all():
            return ((f"{low:.6g}", 1.0),)
    counts, edges = np.histogram(np.clip(numbers, low, high), bins=HISTOGRAM_BINS, range=(low, high))
    return tuple((f"{edge:.6g}", float(count / len(numbers))) for edge, count in zip(edges, counts, strict=False))


def top_values(values: pl.Series) -> tuple[tuple[str, float], ...]:
    """The 8 commonest values with their shares, then all others as one."""
    if values.is_empty():
        return ()
    name = "value"
    counts = values.cast(pl.String).alias(name).value_counts().sort("count", name, descending=[True, False])
    top = [(str(value), count / len(values)) for value, count in counts.head(TOP_VALUES).rows()]
    rest = 1.0 - sum(share for _, share in top)
    return tuple([*top, (OTHER, rest)] if counts.height > TOP_VALUES else top)


def population_stability(before: pl.Series, after: pl.Series) -> float | None:
    """The population stability index; None below 100 rows, where it is noise."""
    if min(len(before), len(after)) < _PSI_LEAST_ROWS:
        return None
    return stability_index(before, after).psi


def unit_factor(before: pl.Series, after: pl.Series) -> float | None:
    """Power of ten (1000, 0.01, …) by which `before` became `after`; None when no change of unit explains `after`.

    The medians of the values other than 0 give the power; the whole distribution has to agree with it.
    """
    old, new = _middle(before), _middle(after)
    if not old or not new or old * new < 0:
        return None
    power = float(np.log10(new / old))
    nearest = round(power)
    if nearest == 0 or abs(power - nearest) > _POWER_TOLERANCE:
        return None
    stability = population_stability(before.cast(pl.Float64) * 10.0**nearest, after.cast(pl.Float64))
    return 10.0**nearest if stability is not None and stability < PSI_ALIKE else None


def exchanged(before: Mapping[str, pl.Series], after: Mapping[str, pl.Series]) -> tuple[tuple[str, str], ...]:
    """Pairs of columns that hold each other's values of before: both moved, each onto the other. Keys are names.

    Columns that are distributed alike cannot be told apart so; the caller gives those that moved.
    """
    pairs = combinations(sorted(after), 2)
    return tuple((a, b) for a, b in pairs if _alike(before[a], after[b]) and _alike(before[b], after[a]))


def _alike(before: pl.Series, after: pl.Series) -> bool:
    if before.dtype.is_numeric() != after.dtype.is_numeric():
        return False
    stability = population_stability(before, after)
    return stability is not None and stability < PSI_ALIKE


def _middle(values: pl.Series) -> float | None:
    numbers = values.cast(pl.Float64)
    median = numbers.filter(numbers != 0).median()
    return float(median) if isinstance(median, float) else None
