"""Certain? Material? The tests and the index, of all features at once, from counts in cells.

What is here: Kolmogorov-Smirnov and chi-square on cells, Holm's adjustment, the PSI on bins, and how many decisions the
PSI needs.
What to add here: another question that counts can answer.
What must not be here: words, windows, another PSI than `quality.stability_index`.

Sources: A. Kolmogorov (1933) and N. Smirnov (1948) for the distance of two distributions, here between cells in the
order of their values, the missing first: on cells it is never larger than on values, so the test errs on the side
of silence. S. Holm (1979). Least n: the PSI of two samples of one population is about chi-square with bins - 1 degrees
of freedom, divided by n (B. Yurdakul 2018).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from credit_platform.monitoring.drift.cells import Counts, Floats, Kind
from credit_platform.monitoring.drift.reference import Reference
from credit_platform.quality.stability_index import index_of_counts

LEVEL = 0.05
"""Chance of one false certainty among all features."""
MATERIAL = 0.10
"""PSI above which a difference is material."""
_LEAST_EXPECTED = 5.0
"""Cells with fewer expected decisions are counted together in chi-square."""

Booleans = npt.NDArray[np.bool_]


def totals(reference: Reference, counts: Counts | Floats) -> Floats:
    """(measured,) sums of (all cells,)."""
    return np.add.reduceat(counts, reference.starts[:-1]).astype(np.float64)


def distances(reference: Reference, expected: Floats, counts: Floats) -> Floats:
    """(measured,) largest distance between the distributions, 0 to 1; 0 where nothing was counted.

    Args:
        reference: whose cells they are.
        expected: (all cells,) shares.
        counts: (all cells,) of now.
    """
    n = totals(reference, counts)
    now = counts / np.maximum(n, 1.0)[reference.owner]
    running = np.cumsum(now - expected)
    before = np.concatenate(([0.0], running))[reference.starts[:-1]]
    gaps = np.abs(running - before[reference.owner])
    return np.where(n > 0, np.clip(np.maximum.reduceat(gaps, reference.starts[:-1]), 0.0, 1.0), 0.0)


def kolmogorov_p(distance: Floats, n: Floats, rows: Floats) -> Floats:
    """Probability of such a distance or a larger one between samples of `n` and `rows` of one population."""
    effective = np.sqrt(n * rows / np.maximum(n + rows, 1.0))
    return np.asarray(special.kolmogorov(effective * distance))


def chi_square_p(expected: Floats, counts: Floats, rows: float) -> tuple[float, float]:
    """Statistic and p of two samples of categories; (0, 1) where they hold one category or nobody.

    Args:
        expected: (cells,) shares in the reference.
        counts: (cells,) of now.
        rows: in the reference.
    """
    n = float(counts.sum())
    if n <= 0 or rows <= 0:
        return 0.0, 1.0
    both = np.stack([expected * rows, counts])
    small = both.sum(axis=0) * min(n, rows) / (n + rows) < _LEAST_EXPECTED
    pooled = np.column_stack([both[:, ~small], both[:, small].sum(axis=1)])
    pooled = pooled[:, pooled.sum(axis=0) > 0]
    if pooled.shape[1] < 2:  # noqa: PLR2004  # one category differs from nothing
        return 0.0, 1.0
    even = pooled.sum(axis=1, keepdims=True) * pooled.sum(axis=0, keepdims=True) / pooled.sum()
    statistic = float(((pooled - even) ** 2 / even).sum())
    return statistic, float(special.chdtrc(pooled.shape[1] - 1, statistic))


def test_all(reference: Reference, expected: Floats, counts: Floats, rows: Floats) -> tuple[Floats, Floats, Floats]:
    """Statistic, p, and p of the plain KS test of each measured value; all (measured,).

    Numbers by KS, categories by chi-square; the plain KS of a category is 1, it has no order.
    """
    statistic = distances(reference, expected, counts)
    p = kolmogorov_p(statistic, totals(reference, counts), rows)
    plain = p.copy()
    for number, cells in enumerate(reference.cells):
        if cells.kind is Kind.CATEGORY:
            inside = slice(reference.starts[number], reference.starts[number + 1])
            statistic[number], p[number] = chi_square_p(expected[inside], counts[inside], float(rows[number]))
            plain[number] = 1.0
    return statistic, p, plain


def holm(p: Floats) -> Floats:
    """(tests,) adjusted p: below a level, all of them together err once in 1 / level times at most."""
    order = np.argsort(p, kind="stable")
    stepped = p[order] * np.arange(p.size, 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1.0)
    return adjusted


def bins_of(reference: Reference) -> tuple[Counts, Counts]:
    """(all cells,) bin of each cell, numbered through, and (measured + 1,) where the bins of each begin."""
    sizes = [int(cells.bins.max()) + 1 for cells in reference.cells]
    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    own = np.concatenate([cells.bins for cells in reference.cells])
    return own + starts[:-1][reference.owner], starts


def indices(
    reference: Reference, expected: Floats, counts: Floats, rows: Floats, *, chosen: Booleans | None = None
) -> Floats:
    """(measured,) PSI on the frozen bins; bins that are empty on both sides count for nothing.

    Args:
        reference: whose cells they are.
        expected: (all cells,) shares.
        counts: (all cells,) of now.
        rows: (measured,) rows of the reference.
        chosen: (measured,) for which to compute it; 0 for the others.
    """
    numbers, starts = bins_of(reference)
    before = np.bincount(numbers, weights=expected * rows[reference.owner], minlength=int(starts[-1]))
    after = np.bincount(numbers, weights=counts, minlength=int(starts[-1]))
    found = np.zeros(len(reference.cells))
    for number in range(found.size) if chosen is None else np.flatnonzero(chosen):
        inside = slice(starts[number], starts[number + 1])
        first, second = before[inside], after[inside]
        present = (first + second) > 0
        if first.sum() > 0 and second.sum() > 0:
            found[number] = max(index_of_counts(first[present], second[present]), 0.0)
    return found


def least_decisions(reference: Reference, shares: Floats) -> Floats:
    """(measured,) decisions from which chance alone seldom gives a material PSI in any of the features.

    Args:
        reference: whose bins they are.
        shares: (all cells,) of the reference; empty bins do not count.
    """
    numbers, starts = bins_of(reference)
    filled = np.bincount(numbers, weights=shares, minlength=int(starts[-1])) > 0
    freedom = np.maximum(np.add.reduceat(filled.astype(np.float64), starts[:-1]) - 1, 1.0)
    return np.asarray(special.chdtri(freedom, LEVEL / max(reference.features.size, 1)) / MATERIAL)
