"""Why a set of applicants got their scores, as numbers.

What is here: `Margins`, which everything else that a scorer says is made from, and `Explanation`.
What to add here: another figure of the same kind.
What must not be here: computing it (`scorer.py`), and words (`reasons.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Margins:
    """What the model says of a set of applicants before calibration; computed once, whatever is asked of it."""

    margin: Floats
    """(rows,): log-odds of default."""
    contributions: Floats
    """(rows, features + 1): contribution of each feature to the margin, the base value last."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Why a set of applicants got their scores."""

    features: list[str]
    """Names of the features, in the order of the columns of `contributions`."""
    contributions: Floats
    """(rows, features): contribution of each feature to the calibrated log-odds of default."""
    base_value: Floats
    """(rows,): what is left without them. Contributions and base value add up to `log_odds`."""
    log_odds: Floats
    """(rows,): calibrated log-odds of default."""
