"""Short ways to declare claims: what the other modules of this folder say it with."""

from __future__ import annotations

import re

import polars as pl

from credit_platform.portfolios.claims import Claim, Claimless, Speaks


def only(column: str, *values: str) -> tuple[pl.Expr, str]:
    """A claim that is true of these values only."""
    return ~pl.col(column).is_in(values), f"{column} is not {' or '.join(values)}"


def not_given(*columns: str) -> tuple[pl.Expr, str]:
    """A claim that the application was silent."""
    return pl.any_horizontal(pl.col(*columns).is_not_null()), f"{' or '.join(columns)} was given"


def claim(en: str, fr: str, false_when: tuple[pl.Expr, str], speaks: Speaks | None = None) -> Claim:
    """A sentence in both languages and when it is false."""
    return Claim(en=en, fr=fr, contradicted=false_when[0], rule=false_when[1], speaks=speaks)


def claimless(of_en: str, of_fr: str) -> tuple[Claimless, ...]:
    """Sentences about something that only say that it was not enough, or was no hindrance, in both languages."""
    return (
        Claimless(pattern=re.compile(rf"{of_en} does not speak enough for this application\."), speaks="against"),
        Claimless(pattern=re.compile(rf"{of_fr} ne parle pas assez pour cette demande\."), speaks="against"),
        Claimless(pattern=re.compile(rf"{of_en} does not stand in the way of this loan\."), speaks="for"),
        Claimless(pattern=re.compile(rf"{of_fr} ne s'oppose pas à ce prêt\."), speaks="for"),
    )
