"""Features that look as if they were made from the outcome.

What is here: `made_from_outcome`, the check that finds a copy of the outcome under so much noise that it separates no
better than an honest feature.
What to add here: another trace that a leak leaves.
What must not be here: the AUC of a feature alone (`features.checks`), judging a promotion (`assurance.py`).

A strong honest feature goes with other features also among applicants of one outcome: who has little in the bank has
other debts, fewer years in the job, a longer loan. A copy of the outcome with noise does not: given the outcome, what
is left of it is noise. So a feature that tells the outcome well, and nothing of any other feature among the defaulted
and among the repaid, is a suspect. What this cannot see: a leak from which other features are derived (their
correlation hides it), and one that happens after the application but has causes of its own, such as a collection call.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import polars as pl

from credit_platform.features.checks import auc_interval
from credit_platform.modelling.metrics import midranks

SUSPECT_AUC = 0.65
"""A feature that is weaker than this alone cannot carry a model."""
MOST_ROWS = 20_000
LEAST_OTHERS = 10
"""Among fewer other features an honest one may well have no relative."""
_NO_SKILL = 0.5
_FALSE_CLEARANCE = 0.01
"""How often a feature made from the outcome seems to be related to another by chance."""

Floats = npt.NDArray[np.float64]


def made_from_outcome(rows: pl.DataFrame, target: npt.ArrayLike, alone: Mapping[str, float]) -> list[str]:
    """Strong features that are related to no other feature once the outcome is known.

    Args:
        rows: columns of `alone`, of at least some hundred applicants; at most `MOST_ROWS` are used.
        target: (n,) outcome of each row.
        alone: AUC of each feature of the model alone, from 0.5.

    Returns:
        Names of features with an AUC of `SUSPECT_AUC` or more whose strongest rank correlation within outcomes with any
        other feature is no larger than chance gives (Bonferroni over the others). Among few defaults, features that may
        owe such an AUC to chance are no suspects.
    """
    defaults = int(np.count_nonzero(np.asarray(target) == 1))
    suspects = [
        name
        for name, auc in alone.items()
        if auc >= SUSPECT_AUC and auc_interval(auc, defaults, rows.height - defaults, among=len(alone))[0] > _NO_SKILL
    ]
    if len(alone) <= LEAST_OTHERS or not suspects:
        return []
    step = max(1, -(-rows.height // MOST_ROWS))
    used, outcome = rows[::step], np.asarray(target)[::step]
    ranks = {name: _within_outcomes(used[name], outcome) for name in alone}
    chance = NormalDist().inv_cdf(1 - _FALSE_CLEARANCE / 2 / (len(alone) - 1)) / np.sqrt(outcome.size)
    everything = np.stack(list(ranks.values()))
    names = list(ranks)
    found = []
    for name in suspects:
        related = np.abs(everything @ ranks[name])
        related[names.index(name)] = 0.0
        if float(related.max()) <= chance:
            found.append(name)
    return found


def _within_outcomes(column: pl.Series, outcome: npt.NDArray[np.int8]) -> Floats:
    """(n,) ranks within each outcome, centred there, of length 1; null ranks lowest, a category by its name."""
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        values = np.nan_to_num(column.cast(pl.Float64).to_numpy(), nan=-np.inf)
    else:
        values = column.cast(pl.String).rank("dense").fill_null(0).to_numpy().astype(np.float64)
    ranks = np.zeros(values.size)
    for value in (0, 1):
        members = outcome == value
        if members.any():
            inside = midranks(values[members])
            ranks[members] = inside - inside.mean()
    length = float(np.linalg.norm(ranks))
    return ranks / length if length > 0 else ranks
