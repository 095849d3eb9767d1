"""Short ways to declare claims: what the other modules of this folder say it with."""

from __future__ import annotations

import polars as pl

from credit_platform.portfolios.claims import Claim


def only(column: str, *values: str) -> tuple[pl.Expr, str]:
    """A claim that is true of these values only."""
    return ~pl.col(column).is_in(values), f"{column} is not {' or '.join(values)}"


def not_given(*columns: str) -> tuple[pl.Expr, str]:
    """A claim that the application was silent."""
    return pl.any_horizontal(pl.col(*columns).is_not_null()), f"{' or '.join(columns)} was given"


def claim(en: str, fr: str, false_when: tuple[pl.Expr, str]) -> Claim:
    """A sentence in both languages and when it is false."""
    return Claim(en=en, fr=fr, contradicted=false_when[0], rule=false_when[1])
