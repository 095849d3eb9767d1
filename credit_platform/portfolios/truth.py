"""The vocabulary of a made-up truth: who of simulated applicants defaults, and when.

What is here: `Truth`, its terms, and `Concept`, a named change of what applicants do.
What to add here: a form that the truth of every portfolio could need.
What must not be here: the name of a portfolio's feature, drawing outcomes (`simulation/truth.py`).

Nothing that watches a model may read a truth: it stands for the world, which a lender sees through outcomes only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

_MOST_SPREADS = 3.0


@dataclass(frozen=True, kw_only=True)
class Term:
    """What one feature adds to the log-odds of default."""

    feature: str
    weight: float = 0.0
    """For each `spread` by which a number lies above `centre`; beyond three of them nothing more is added."""
    centre: float = 0.0
    spread: float = 1.0
    missing: float = 0.0
    """Where the value is not known."""
    by_category: Mapping[str, float] = field(default_factory=dict)
    """For each category; another one adds nothing."""

    def add(self, value: object) -> float:
        """What a value of the feature adds; null, NaN and what is of another type count as not known."""
        if isinstance(value, str) and self.by_category:
            return self.by_category.get(value, 0.0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return self.missing
        spreads = (value - self.centre) / self.spread
        return self.weight * min(max(spreads, -_MOST_SPREADS), _MOST_SPREADS)


@dataclass(frozen=True, kw_only=True)
class Concept:
    """A named change: applicants with the same features default more or less often than before."""

    meaning: str
    intercept: float = 0.0
    """Added to the log-odds of everybody."""
    times: Mapping[str, float] = field(default_factory=dict)
    """By what the terms of some features are multiplied."""


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Log-odds of default within `len(timing)` months: `intercept` plus the terms."""

    source: str
    """Where the figures come from."""
    intercept: float
    terms: tuple[Term, ...]
    timing: tuple[float, ...]
    """Of those who default, the share that does so in each month on book, from the first on; adds up to 1."""
    loss_share: float
    """Of the amount lent that a default loses."""
    concepts: Mapping[str, Concept] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The shares add up and concepts name features that have a term.

        Raises:
            ValueError: they do not.
        """
        if not math.isclose(sum(self.timing), 1.0, abs_tol=1e-9) or min(self.timing) < 0:
            raise ValueError("The shares of defaults by month are not negative and add up to 1.")
        known = {term.feature for term in self.terms}
        if unknown := {name for one in self.concepts.values() for name in one.times} - known:
            raise ValueError(f"Concepts change terms that are not there: {sorted(unknown)}.")

    def log_odds(self, features: Mapping[str, object], concept: Concept | None = None) -> float:
        """Log-odds of default of an applicant with these feature values."""
        changed = concept or Concept(meaning="as ever")
        terms = (changed.times.get(t.feature, 1.0) * t.add(features.get(t.feature)) for t in self.terms)
        return self.intercept + changed.intercept + math.fsum(terms)
