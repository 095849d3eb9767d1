"""A short way to declare a claim."""

from __future__ import annotations

import polars as pl

from credit_platform.portfolios.claims import Claim


def claim(en: str, fr: str, false_when: pl.Expr, rule: str) -> Claim:
    """A sentence in both languages and when it is false of somebody's facts."""
    return Claim(en=en, fr=fr, contradicted=false_when, rule=rule)
