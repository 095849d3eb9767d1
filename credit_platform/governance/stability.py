"""Whether the holdout looks like the training applicants, and features mean the same in both.

What is here: the population stability index (PSI) of scores and features, features whose meaning flipped, features
that tell too much.
What to add here: another measure of stability between two sets of applicants.
What must not be here: drift of the applicants to come (`monitoring`), judging a promotion (`gate.py`).

Sources: N. Siddiqi, Credit Risk Scorecards (2006), chapter 9 (PSI below 0.1 no shift, above 0.25 a shift);
B. Yurdakul, Statistical Properties of Population Stability Index (2018): with B bins and samples of n and m, the PSI of
two samples of one population is distributed as (1/n + 1/m) times chi-square with B - 1 degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from credit_platform.modelling.intervals import auc_error
from credit_platform.modelling.metrics import roc_auc
from credit_platform.quality.stability_index import BINS, stability_index

SHIFT = 0.25
"""PSI from which two populations differ."""
_LEAST_BINS, _LEAST_IN_BIN = 2, 10
TOP_FEATURES = 10
"""The strongest features, whose stability is watched."""
_Z = NormalDist().inv_cdf(0.99)


@dataclass(frozen=True, kw_only=True)
class Shift:
    """How far one column differs between two sets of applicants."""

    name: str
    psi: float
    bound: float
    """`SHIFT`, or on small samples what chance alone exceeds once in a hundred times, if that is more."""

    @property
    def shifted(self) -> bool:
        """Whether the difference is a shift."""
        return self.psi > self.bound

    def to_dict(self) -> dict[str, Any]:
        """Fields and verdict as JSON values."""
        return {**asdict(self), "shifted": self.shifted}


def population_shift(name: str, before: pl.Series, after: pl.Series, *, bins: int = BINS) -> Shift:
    """PSI of a column, and what chance alone could make of it.

    Of few applicants fewer groups are made, so that each group of the smaller side holds about ten.

    Raises:
        ValueError: one of the sides is empty.
    """
    if before.is_empty() or after.is_empty():
        raise ValueError(f"{name}: there is nobody to compare.")
    bins = max(_LEAST_BINS, min(bins, min(len(before), len(after)) // _LEAST_IN_BIN))
    index = stability_index(before, after, bins=bins)
    chance = (1 / len(before) + 1 / len(after)) * _chi_square_99(max(index.groups - 1, 1))
    return Shift(name=name, psi=index.psi, bound=max(SHIFT, chance))


def feature_shifts(features: Sequence[str], before: pl.DataFrame, after: pl.DataFrame) -> list[Shift]:
    """`population_shift` of each feature, in their order."""
    return [population_shift(name, before[name], after[name]) for name in features]


def flipped_features(
    features: Sequence[str],
    before: pl.DataFrame,
    y_before: npt.ArrayLike,
    after: pl.DataFrame,
    y_after: npt.ArrayLike,
) -> list[str]:
    """Numeric features that raise the risk in one set and lower it in the other, each beyond chance (99%, one-sided).

    With ten features and no flip, a false alarm takes two errors of one in a hundred at once.
    """
    found = []
    for name in features:
        if before[name].dtype.is_numeric():
            directions = [_direction(frame[name], y) for frame, y in ((before, y_before), (after, y_after))]
            if directions[0] * directions[1] < 0:
                found.append(name)
    return found


def dominant_feature(shares: Mapping[str, float]) -> tuple[str, float]:
    """The feature with the largest share of all contributions, and the share; ("", 0) when there is none."""
    name = max(shares, key=lambda one: shares[one], default="")
    return name, float(shares.get(name, 0.0))


def _direction(values: pl.Series, y: npt.ArrayLike) -> int:
    """+1 when higher values go with defaults, -1 when with repayment, 0 when chance could explain it."""
    known = values.is_not_null().to_numpy()
    outcomes, numbers = np.asarray(y)[known], values.cast(pl.Float64).to_numpy()[known]
    if np.unique(outcomes).size < 2 or np.unique(numbers).size < 2:  # noqa: PLR2004  # nothing to compare
        return 0
    distance = roc_auc(outcomes, numbers) - 0.5
    return int(np.sign(distance)) if abs(distance) > _Z * auc_error(outcomes, numbers) else 0


def _chi_square_99(freedom: int) -> float:
    """99% quantile of chi-square by E. Wilson and M. Hilferty, PNAS 17 (1931) 684-688."""
    part = 2 / (9 * freedom)
    return float(freedom * (1 - part + _Z * sqrt(part)) ** 3)
