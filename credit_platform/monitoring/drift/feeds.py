"""Broken feeds: a feature that was filled and is not any more, or that has one value for everybody.

What is here: `broken_feeds`, of the counts of a day or of a window.
What to add here: another way in which a source of data breaks.
What must not be here: drift. A broken feed is mended by a data engineer; a model trained on it would learn the damage.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from credit_platform.monitoring.drift.cells import Floats
from credit_platform.monitoring.drift.questions import MATERIAL, Booleans, indices, totals
from credit_platform.monitoring.drift.reference import Reference

SOUND, MISSING, CONSTANT = 0, 1, 2
LEAST_DECISIONS = 30
"""Fewer may all be about one applicant who asked again."""
_CHANCE = 1e-6
"""Over all features: how often chance may look like a broken feed."""
_LOST = 0.5
"""Share of the values that were known, which are lost when a feature is mostly missing."""
_MORE_MISSING = 0.25
"""Share of all decisions by which the missing grew, while what is known is distributed as before."""

Codes = npt.NDArray[np.int64]


def broken_feeds(reference: Reference, expected: Floats, counts: Floats, single: Booleans, rows: Floats) -> Codes:
    """(measured,) `SOUND`, `MISSING` or `CONSTANT`.

    Args:
        reference: whose cells they are.
        expected: (all cells,) shares for applicants with histories from the same sources.
        counts: (all cells,) of now.
        single: (all cells,) whether all values in the cell are equal.
        rows: (measured,) rows of the reference.
    """
    n = totals(reference, counts)
    enough = n >= LEAST_DECISIONS
    if not enough.any():
        return np.full(n.size, SOUND)
    chance = _CHANCE / max(n.size, 1)
    missing = enough & _missing(reference, expected, counts, rows, chance)
    constant = enough & ~missing & _constant(reference, expected, counts, single, chance)
    return np.where(missing, MISSING, np.where(constant, CONSTANT, SOUND))


def _missing(reference: Reference, expected: Floats, counts: Floats, rows: Floats, chance: float) -> Booleans:
    n, first = totals(reference, counts), reference.starts[:-1]
    known, usual = n - counts[first], 1.0 - expected[first]
    unlikely = special.bdtr(known, n.astype(np.int64), usual) < chance
    mostly = known < _LOST * n * usual
    grown = counts[first] / np.maximum(n, 1.0) - expected[first] >= _MORE_MISSING
    asked = unlikely & grown & ~mostly & (known > 0)
    if asked.any():
        grown &= asked & (_known_alone(reference, expected, counts, rows, asked) <= MATERIAL)
        return np.asarray(unlikely & (mostly | grown))
    return np.asarray(unlikely & mostly)


def _known_alone(reference: Reference, expected: Floats, counts: Floats, rows: Floats, asked: Booleans) -> Floats:
    """PSI among those whose value is known."""
    first = reference.starts[:-1]
    before, after = expected.copy(), counts.astype(np.float64)
    before[first], after[first] = 0.0, 0.0
    return indices(reference, before, after, rows, chosen=asked)


def _constant(reference: Reference, expected: Floats, counts: Floats, single: Booleans, chance: float) -> Booleans:
    """All known values are equal, which they were not when the model was made."""
    first = reference.starts[:-1]
    values = counts.astype(np.float64)
    values[first] = 0.0
    known, largest = totals(reference, values), np.maximum.reduceat(values, first)
    several = np.add.reduceat(((values > 0) & ~single).astype(np.int64), first) > 0
    there = np.add.reduceat(np.where(values > 0, expected, 0.0), first) / np.maximum(1.0 - expected[first], 1e-300)
    unlikely = known * np.log(np.clip(there, 1e-300, 1.0)) < np.log(chance)
    return np.asarray((known > 0) & (largest == known) & ~several & unlikely)
