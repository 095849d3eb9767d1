"""The vocabulary of claims: what a sentence says of a person, in terms of the raw tables.

What is here: frozen dataclasses only: `Claim` and `Claims`.
What to add here: nothing that a portfolio could say with an expression.
What must not be here: feature values, and the conditions under which a sentence is said: claims are there to find out
when those are wrong, so they are written apart from them and read the raw rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import polars as pl

LOOKED_AT = "histories_looked_at"
"""Column of the facts: whether the applicant's histories were looked at for the answer."""
Speaks = Literal["for", "against"]
"""Which side a sentence takes: `for` the loan, or `against` it."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A sentence, by its very texts, and when it is false."""

    en: str
    fr: str
    contradicted: pl.Expr
    """Over the facts of an applicant: true, or null, when the sentence is not true of them."""
    rule: str
    """The same in words, for whoever reads a refusal: names columns, never a person's value."""
    speaks: Speaks | None = None
    """A sentence that takes a side is false as a reason for the other decision; None when it takes none."""

    @property
    def no_hindrance(self) -> Claim:
        """The same of the sentence that goes on to say that this does not stand in the way of the loan."""
        en = f"{self.en.removesuffix('.')}; that does not stand in the way of this loan."
        fr = f"{self.fr.removesuffix('.')} ; cela ne s'oppose pas à ce prêt."
        return replace(self, en=en, fr=fr, speaks="for")


@dataclass(frozen=True, kw_only=True)
class Claimless:
    """Sentences that say nothing of a person, but which side they are on."""

    pattern: re.Pattern[str]
    """Matches the whole sentence."""
    speaks: Speaks


@dataclass(frozen=True, kw_only=True)
class Claims:
    """Everything that a portfolio's sentences claim."""

    facts: Callable[[Mapping[str, pl.LazyFrame], pl.LazyFrame], pl.LazyFrame]
    """From the raw tables by name, and the applicants' keys, to the facts: one row for each of the keys."""
    claims: tuple[Claim, ...]
    claimless: tuple[Claimless, ...] = ()
    """Sentences that only name what did not suffice, or did not stand in the way."""

    subjects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What sentences call that which a family, by its code, is about."""

    def of_another(self, code: str, text: str) -> bool:
        """Whether a sentence of the family `code` names the subject of another family, and not its own."""
        named = {one for one, phrases in self.subjects.items() if any(phrase in text for phrase in phrases)}
        return bool(named) and code not in named

    def claim_of(self, text: str) -> Claim | None:
        """What a sentence claims; None when nobody has said it."""
        for claim in self.claims:
            if text in (claim.en, claim.fr):
                return claim
        for one in self.claimless:
            if one.pattern.fullmatch(text):
                return Claim(en=text, fr=text, contradicted=pl.lit(value=False), rule="never", speaks=one.speaks)
        return None
