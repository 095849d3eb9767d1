"""The vocabulary of claims: what a sentence says of a person, in terms of the raw tables.

What is here: frozen dataclasses only: `Claim` and `Claims`.
What to add here: nothing that a portfolio could say with an expression.
What must not be here: feature values, and the conditions under which a sentence is said: claims are there to find out
when those are wrong, so they are written apart from them and read the raw rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

LOOKED_AT = "histories_looked_at"
"""Column of the facts: whether the applicant's histories were looked at for the answer."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A sentence, by its very texts, and when it is false."""

    en: str
    fr: str
    contradicted: pl.Expr
    """Over the facts of an applicant: true, or null, when the sentence is not true of them."""
    rule: str
    """The same in words, for whoever reads a refusal: names columns, never a person's value."""


@dataclass(frozen=True, kw_only=True)
class Claims:
    """Everything that a portfolio's sentences claim."""

    facts: Callable[[Mapping[str, pl.LazyFrame], pl.LazyFrame], pl.LazyFrame]
    """From the raw tables by name, and the applicants' keys, to the facts: one row for each of the keys."""
    claims: tuple[Claim, ...]
    claimless: tuple[re.Pattern[str], ...] = ()
    """Whole sentences that say nothing that could be false of a person: they only name what did not suffice."""

    def by_text(self) -> dict[str, Claim]:
        """Each claim by its texts in both languages."""
        return {text: claim for claim in self.claims for text in (claim.en, claim.fr)}

    def is_claimless(self, text: str) -> bool:
        """Whether a sentence is listed as one that claims nothing."""
        return any(pattern.fullmatch(text) for pattern in self.claimless)
