"""Short constructors for the kinds of columns that the Home Credit files are made of.

What is here: one function per kind (flag, category, amount, day, …) that fills in type, unit and the usual range.
What to add here: a kind that several columns share.
What must not be here: columns.

Fractions and amounts are float64, and so are whole numbers that the files spell "-1134.0": float32 would change sums in
the ninth digit and so part the engines, while on disk dictionary encoding makes both cost the same.
"""

from __future__ import annotations

from typing import Literal

from credit_platform.portfolios.source_table import Column, ColumnType

MONEY = "currency units"
LARGEST_AMOUNT = 1e10
"""No amount in the real files reaches 6e8; sums of many such amounts are finite and features of them too."""
UNKNOWN_DAY = 365243
"""What the files write where a day is unknown or does not apply: a thousand years ahead."""


def identifier(name: str, description: str) -> Column:
    """A key: a positive whole number, never null."""
    return Column(name=name, type=ColumnType.INT32, description=description, minimum=1)


def flag(name: str, description: str) -> Column:
    """Yes (1) or no (0)."""
    return Column(name=name, type=ColumnType.INT8, description=description, allowed=(0, 1))


def category(name: str, description: str, allowed: tuple[str, ...], *, nullable: bool = False) -> Column:
    """One of a closed list of words."""
    return Column(name=name, type=ColumnType.STRING, description=description, allowed=allowed, nullable=nullable)


def amount(
    name: str,
    description: str,
    *,
    nullable: bool = False,
    minimum: float = 0,
    maximum: float = LARGEST_AMOUNT,
    influenceable: bool = False,
    advice: Literal["lower", "higher", "any"] | None = None,
    typical: tuple[float, float] | None = None,
) -> Column:
    """A sum of money; `minimum` below 0 where the files hold negative ones; its median lies in the range `typical`."""
    return Column(
        name=name,
        type=ColumnType.FLOAT64,
        description=description,
        unit=MONEY,
        nullable=nullable,
        minimum=minimum,
        maximum=maximum,
        influenceable=influenceable,
        advice=advice,
        typical_median=typical,
    )


def day(
    name: str,
    description: str,
    *,
    minimum: float,
    maximum: float = 0,
    storage: ColumnType = ColumnType.INT16,
    typical: tuple[float, float] | None = None,
    audited: str | None = None,
) -> Column:
    """A day counted from the application (negative = before it), a whole number, never null; median as in `amount`."""
    return Column(
        name=name,
        type=storage,
        description=description,
        unit="days",
        minimum=minimum,
        maximum=maximum,
        typical_median=typical,
        audited=audited,
    )


def float_day(
    name: str,
    description: str,
    *,
    minimum: float,
    maximum: float = 0,
    nullable: bool = True,
    sentinel: int | None = None,
) -> Column:
    """A day counted from the application that the files spell with a decimal point.

    The sentinel is valid beside the range, never a part of it.
    """
    return Column(
        name=name,
        type=ColumnType.FLOAT64,
        description=description,
        unit="days",
        nullable=nullable,
        minimum=minimum,
        maximum=maximum,
        sentinel=sentinel,
    )


def count(
    name: str,
    description: str,
    *,
    maximum: float,
    minimum: float = 0,
    unit: str | None = None,
    storage: ColumnType = ColumnType.INT16,
) -> Column:
    """A whole number, never null."""
    return Column(name=name, type=storage, description=description, unit=unit, minimum=minimum, maximum=maximum)


def float_count(name: str, description: str, *, maximum: float, minimum: float = 0, unit: str | None = None) -> Column:
    """A whole number that may be missing and that the files spell with a decimal point."""
    return Column(
        name=name,
        type=ColumnType.FLOAT64,
        description=description,
        unit=unit,
        nullable=True,
        minimum=minimum,
        maximum=maximum,
    )


def share(name: str, description: str, *, nullable: bool = True, minimum: float = 0, maximum: float = 1) -> Column:
    """A number between 0 and 1."""
    return Column(
        name=name,
        type=ColumnType.FLOAT64,
        description=description,
        nullable=nullable,
        minimum=minimum,
        maximum=maximum,
    )
