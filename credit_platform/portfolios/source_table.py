"""The vocabulary of raw tables: what a column holds, which rows a table points at, what is usual in a sound file.

What is here: frozen dataclasses only: columns and their types, foreign keys, the file of descriptions, the table.
What to add here: a fact of a column or table that every portfolio could declare.
What must not be here: the name of a column or table of any portfolio, and reading or judging (`values`, `quality`).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

FLOAT32_MAX = 3.4028234663852886e38
"""Greatest number of 32 bits."""
EMPTY_TEXTS = ("", "\\N")
"""Null in a text column: an empty field, quoted or not, and what PostgreSQL and MySQL write."""
EMPTY_NUMBERS = ("", "NA", "NaN", ".", "\\N")
"""Null in a number column: besides those, what R (`NA`), Python (`NaN`) and SAS (`.`) write."""


class ColumnType(StrEnum):
    """Storage types of raw columns; no wider than the contract needs."""

    INT8 = "int8"
    INT16 = "int16"
    INT32 = "int32"
    INT64 = "int64"
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    STRING = "string"

    @property
    def is_integer(self) -> bool:
        """Whether values of this type are whole numbers."""
        return self.value.startswith("int")

    @property
    def is_numeric(self) -> bool:
        """Whether values of this type are numbers."""
        return self is not ColumnType.STRING

    @property
    def bits(self) -> int:
        """Bits that a stored number takes; 0 for text."""
        return int(self.value.lstrip("intfloa")) if self.is_numeric else 0

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest number of this type, integers as int; infinite for text, which has no order here."""
        if self.is_integer:
            half: int = 1 << (self.bits - 1)
            return -half, half - 1
        greatest = {"float32": FLOAT32_MAX, "float64": sys.float_info.max}.get(self.value, math.inf)
        return -greatest, greatest

    @property
    def empty_texts(self) -> tuple[str, ...]:
        """Texts of a file that stand for null in a column of this type; for numbers blanks around them do not count."""
        return EMPTY_NUMBERS if self.is_numeric else EMPTY_TEXTS


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a raw table: what it means and what a valid value is."""

    name: str
    type: ColumnType
    description: str
    """In the project's own words."""
    unit: str | None = None
    """Unit of a number ("months", "DM"); None for categories and pure numbers."""
    nullable: bool = False
    allowed: tuple[str | int, ...] | None = None
    """Every value that is valid; None when any value of the type is."""
    minimum: float | None = None
    maximum: float | None = None
    """Inclusive range of valid numbers. Null passes a range; `nullable` decides about null."""
    sentinel: int | float | str | None = None
    """A value that stands for "unknown"; it is valid, and becomes null once, before features are computed."""
    protected: str | None = None
    """The attribute that this column reveals, for which it must not reach the model ("gender"); None when it may."""
    audited: str | None = None
    """The attribute that this column reveals and features may read, while the audit watches it ("age"); None for none.
    Documents name it, with the features that read it, and fairness is measured without them."""
    influenceable: bool = False
    """Whether the applicant can change this value by asking for another loan (amount, duration, …)."""
    advice: Literal["lower", "higher", "any"] | None = None
    """Which way the lender would advise an applicant to change this value, to be accepted; None for no advice. Never
    for what somebody is (age, family, work), nor where the advice would be to say something else (purpose)."""
    typical_median: tuple[float, float] | None = None
    """Range in which the median lies when unit and column are right; outside it a finding asks, no row is rejected."""
    usual_null_share: float | None = None
    """Share of nulls in a sound file, 0 to 1. Clearly more is a finding; None where nobody knows what is usual."""


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How many of the parents have rows in a table, in a sound file: "95% of applicants have instalments"."""

    share: float
    """Of the parents, 0 to 1."""
    parents: str
    """What the parents are, in the plural: "applicants"."""
    rows: str
    """What the rows are, in the plural: "instalments"."""


@dataclass(frozen=True, kw_only=True)
class ForeignKey:
    """Rows of a table point at rows of `parent`; rows whose parent is absent are orphans."""

    column: str
    parent: str
    parent_column: str
    also: tuple[str, ...] = ()
    """Further tables whose rows, by the same column, are parents as well."""
    usual_orphan_share: float = 0.0
    """Share of rows whose parent is absent, in a sound file, 0 to 1. Clearly more is a finding."""
    usual_coverage: Coverage | None = None
    """Share of parents that have rows here, in a sound file; below half of it is a finding. None: it may be any."""


@dataclass(frozen=True, kw_only=True)
class DescriptionFile:
    """A file in the raw folder that describes the columns of the others in words, for people."""

    file_name: str
    table_column: str
    """Column of the file that says of which table it speaks."""
    name_column: str
    """Column of the file with the name of the described column."""
    tables: Mapping[str, tuple[str, ...]]
    """How the file calls each table, by the table's name."""
    slips: Mapping[str, str] = field(default_factory=dict)
    """Names that the file is known to misspell, and the right ones."""
    left_out: tuple[str, ...] = ()
    """Names that the file is known to describe though no table has them, or to describe for another table only."""


@dataclass(frozen=True, kw_only=True)
class SourceTable:
    """One raw CSV file and its contract."""

    name: str
    file_name: str
    description: str
    columns: tuple[Column, ...]
    """In the order of the file's header."""
    primary_key: tuple[str, ...] = ()
    """Columns that identify a row; empty when the table has no key."""
    foreign_keys: tuple[ForeignKey, ...] = ()
    sort_by: tuple[str, ...] = ()
    """Columns by which stored rows are sorted, where that pays."""
    max_rejected_share: float = 0.01
    """Above this share of rejected rows the asset's blocking check fails."""
    contract_version: str = "1"
    described_in: DescriptionFile | None = None
    """File beside this one that describes its columns; where it is there, it is compared with the contract."""

    def column(self, name: str) -> Column:
        """Return the column called `name`; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names in the order of the file's header."""
        return tuple(column.name for column in self.columns)
