"""Out-of-fold scores of a candidate.

What is here: `cross_validate`, which gives each training applicant a score by a model that never saw them.
What to add here: another scheme of resampling.
What must not be here: metrics, thresholds (they read the result), and the holdout, which no fold contains.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl


@dataclass(frozen=True, kw_only=True)
class CrossValidation:
    """Out-of-fold scores of one candidate with one set of parameters."""

    candidate: str
    params: dict[str, Any]
    oof: pl.DataFrame
    """Columns `applicant_key` (as in the data), `target` (int8), `fold` (int8), `margin`, `probability` (float64); one
    row per applicant outside the holdout, sorted by key. `probability` is calibrated on the other folds."""
    seconds: float
    """Wall time of all folds."""
