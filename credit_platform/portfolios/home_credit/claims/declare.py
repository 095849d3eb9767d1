"""A short way to declare a claim."""

from __future__ import annotations

import re

import polars as pl

from credit_platform.portfolios.claims import Claim, Claimless, Speaks


def claim(en: str, fr: str, false_when: pl.Expr, rule: str, speaks: Speaks | None = None) -> Claim:
    """A sentence in both languages and when it is false of somebody's facts."""
    return Claim(en=en, fr=fr, contradicted=false_when, rule=rule, speaks=speaks)


def claimless(of_en: str, of_fr: str) -> tuple[Claimless, ...]:
    """Sentences about something that only say that it was not enough, or was no hindrance, in both languages."""
    return (
        Claimless(pattern=re.compile(rf"{of_en} does not speak enough for this application\."), speaks="against"),
        Claimless(pattern=re.compile(rf"{of_fr} ne parle pas assez pour cette demande\."), speaks="against"),
        Claimless(pattern=re.compile(rf"{of_en} does not stand in the way of this loan\."), speaks="for"),
        Claimless(pattern=re.compile(rf"{of_fr} ne s'oppose pas à ce prêt\."), speaks="for"),
    )
