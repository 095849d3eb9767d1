"""The target: do those who were accepted default as often as was expected of them?

What is here: `TargetDrift` and `target_drift`, of outcomes that are known.
What to add here: another view of the default rate.
What must not be here: reading outcomes, vintages (`monitoring` has them elsewhere), discrimination and calibration.

Outcomes are known of the accepted only. So they are compared with the holdout applicants whom the model would have
accepted, never with all of training. After a change of threshold other people are accepted, and the rate moves by
design: a model with another threshold has a reference of its own.

Source: L. Brown, T. Cai, A. DasGupta, Interval Estimation for a Binomial Proportion (2001), for Jeffreys' interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import special

from credit_platform.errors import ModellingError
from credit_platform.monitoring.drift.questions import LEVEL, MATERIAL, chi_square_p
from credit_platform.monitoring.drift.reference import TARGET, Reference
from credit_platform.quality.stability_index import index_of_counts

OUTCOME_COLUMNS = ("outcomes", "defaults")
"""Columns of a frame of outcome rates: known outcomes, and how many of them are defaults; whole numbers."""


@dataclass(frozen=True, kw_only=True)
class TargetDrift:
    """Default rates of the accepted: expected and come true."""

    outcomes: int
    defaults: int
    least: int
    """Outcomes from which something can be said."""
    rate: float
    """Share of defaults; 0 without an outcome."""
    low: float
    high: float
    """Jeffreys' interval of 95% around it; 0 to 1 without an outcome."""
    expected: float
    """Share of defaults among holdout applicants whom the model accepts; 0 where none is known."""
    p: float
    psi: float
    verdict: str
    """`stable`, `moved` or `too few`."""

    @property
    def sentence(self) -> str:
        """The same for people."""
        if not self.outcomes:
            return "No outcome is mature yet, so nothing can be said of the default rate."
        seen = f"{self.defaults} of {self.outcomes} accepted applicants defaulted ({self.rate:.1%}, 95% interval "
        told = f"{seen}{self.low:.1%} to {self.high:.1%}); {self.expected:.1%} of those accepted in the reference did."
        return f"{told} {_WORDS[self.verdict].format(least=self.least)}"


def target_drift(outcomes: pl.DataFrame, reference: Reference, stratum: str | None = None) -> TargetDrift:
    """Compare default rates with those of training.

    Args:
        outcomes: rows with `outcomes` and `defaults`, such as one per month of decision; they are added up. Only mature
            ones, and only of decisions of the reference's model.
        reference: what was frozen with the model.
        stratum: whose holdout is compared with; the first by default.

    Raises:
        ModellingError: a count is negative, or there are more defaults than outcomes.
    """
    n, defaults = (int(outcomes[name].sum()) for name in OUTCOME_COLUMNS)
    if not 0 <= defaults <= n:
        raise ModellingError(f"{defaults} defaults among {n} outcomes cannot be.", "Count defaults among the outcomes.")
    before = reference.part(reference.counts[stratum or next(iter(reference.counts))], TARGET).astype(np.float64)[1:3]
    rows = float(before.sum())
    now = np.array([n - defaults, defaults], dtype=np.float64)
    low, high = (special.betaincinv(defaults + 0.5, n - defaults + 0.5, q) for q in (0.025, 0.975))
    p = chi_square_p(before / max(rows, 1.0), now, rows)[1]
    psi = max(index_of_counts(before, now), 0.0) if n and rows else 0.0
    least = int(np.ceil(special.chdtri(1, LEVEL) / MATERIAL))
    enough = n >= least and rows > 0
    moved = enough and p < LEVEL and psi > MATERIAL
    return TargetDrift(
        outcomes=n,
        defaults=defaults,
        least=least,
        rate=defaults / n if n else 0.0,
        low=float(low) if n else 0.0,
        high=float(high) if n else 1.0,
        expected=float(before[1] / rows) if rows else 0.0,
        p=p,
        psi=psi,
        verdict="moved" if moved else "stable" if enough else "too few",
    )


_WORDS = {
    "stable": "That is no material difference.",
    "moved": "The difference is certain and material: what features say of risk has changed.",
    "too few": "Below {least} outcomes, or without outcomes in the holdout, nothing is concluded.",
}
