"""The rule for single values, and for lists of them.

What is here: `ValueRule`.
What to add here: the scalar form of what `columns.py` says of whole columns; the two are tested against one another.
What must not be here: paths, messages, what is required (`required.py`).

There are two kinds of source. A *document* (JSON, Python) has types: its null is null, its text is no number and never
stands for null. A *cell* of a file may be a text that has to be read, and a NaN in it is what its writer had for null.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from credit_platform.portfolios.source_table import Column, ColumnType
from credit_platform.values.faults import Fault
from credit_platform.values.grammar import BLANKS, EXACT, NO_NUMBER, NUMBER, WHOLE

Value = float | int | str | None
Values = tuple[NDArray[Any], NDArray[np.bool_] | None]
"""Values as float64 or objects, and which of them are known; None when all are."""
MAX_TEXT = 256
"""Longest text of a column that has no list of allowed values, in characters."""

_number, _whole, _no_number = re.compile(NUMBER), re.compile(WHOLE), re.compile(NO_NUMBER)


class ValueRule:
    """What a value of one column is. Built once; a fault is returned, never raised, so that each door finds words."""

    def __init__(self, column: Column) -> None:
        """Take from the contract what each value is held against."""
        self.column = column
        kind = column.type
        self.least, self.greatest = kind.bounds
        self.low = self.least if column.minimum is None else column.minimum
        self.high = self.greatest if column.maximum is None else column.maximum
        self._is_integer, self._is_numeric = kind.is_integer, kind.is_numeric
        self._narrow = kind is ColumnType.FLOAT32
        # As Polars compares: a float32 with the nearest float32 of the bound.
        fit = _narrowed if self._narrow else lambda bound: bound
        self._low, self._high = max(fit(self.low), self.least), min(fit(self.high), self.greatest)
        self._allowed = None if column.allowed is None else frozenset(column.allowed)
        self._sentinel = column.sentinel
        self._empty = frozenset(kind.empty_texts)
        self._nothing = Fault.WRONG_TYPE if column.allowed is None else Fault.NOT_ALLOWED

    def read(self, value: object) -> Value | Fault:
        """A value of a document: of the column's type, None for null, or what is wrong with it."""
        kind = type(value)
        if kind is str:
            return Fault.WRONG_TYPE if self._is_numeric else self._text(value, empty=self._nothing)  # type: ignore[arg-type]  # it is a str
        if kind is int or kind is float:
            return self._number(value) if self._is_numeric else Fault.WRONG_TYPE  # type: ignore[arg-type]  # it is int or float
        if value is None:
            return None
        plain = value.item() if isinstance(value, np.generic) else value
        if isinstance(plain, bool) or not isinstance(plain, int | float | str | Decimal):
            return Fault.WRONG_TYPE
        if isinstance(plain, Decimal):
            return self._decimal(plain)
        return self.read(
            str(plain) if isinstance(plain, str) else float(plain) if isinstance(plain, float) else int(plain)
        )

    def read_cell(self, value: object) -> Value | Fault:
        """A cell of a file: as `read`, but a text in a number column is read, and NaN is null."""
        if type(value) is str:
            return self._written(value) if self._is_numeric else self._text(value, empty=None)
        if self._is_numeric and isinstance(value, float | np.floating) and math.isnan(value):
            return None
        return self.read(value)

    def read_all(self, values: list[object]) -> Values | None:
        """Many values of a document, all of them valid; None when one may be at fault, which `read` then finds.

        Nulls and sentinels pass. Numbers are float64 in the array, also those of integer columns.
        """
        types = set(map(type, values))
        if not self._is_numeric:
            return self._texts(values) if types <= {str, type(None)} else None
        if self._is_integer and float in types:
            return None
        return self._numbers(values, nulls=type(None) in types) if types <= {int, float, type(None)} else None

    def _number(self, value: int | float) -> Value | Fault:
        if value == self._sentinel:
            return self._sentinel
        typed = self._integer(value) if self._is_integer else self._float(value)
        return typed if type(typed) is Fault else self._within(typed)

    def _integer(self, value: int | float) -> int | Fault:
        if type(value) is float:
            fault = _not_whole(value)
            if fault is not None:
                return fault
        whole = int(value)
        return whole if self.least <= whole <= self.greatest else Fault.BEYOND_TYPE

    def _float(self, value: int | float) -> float | Fault:
        try:
            number = float(value)
        except OverflowError:
            return Fault.BEYOND_TYPE
        if not math.isfinite(number):
            return Fault.NOT_FINITE
        if not self._narrow:
            return number
        # Stored tables hold the nearest float32, so whatever is computed must start from that one, too.
        narrow: float = _narrowed(number)
        return narrow if math.isfinite(narrow) else Fault.BEYOND_TYPE

    def _within(self, value: Any) -> Value | Fault:
        if self._allowed is not None and value not in self._allowed:
            return Fault.NOT_ALLOWED
        if value < self._low:
            return Fault.BELOW
        return Fault.ABOVE if value > self._high else value

    def _text(self, value: str, *, empty: Fault | None) -> Value | Fault:
        """The text, or `empty` for one that stands for null: in a document, which has a null, it is none."""
        if value in self._empty:
            return empty
        if value == self._sentinel or (self._allowed is not None and value in self._allowed):
            return value
        # Half of a surrogate pair is legal in JSON and cannot be written anywhere; NUL ends a text elsewhere.
        if "\0" in value or (not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value)):
            return Fault.WRONG_TYPE
        if self._allowed is not None:
            return Fault.NOT_ALLOWED
        return Fault.TOO_LONG if len(value) > MAX_TEXT else value

    def _written(self, text: str) -> Value | Fault:
        """The number that a text says."""
        bare = text.strip(BLANKS)
        if bare in self._empty:
            return None
        if _number.fullmatch(bare) is None:
            return Fault.NOT_FINITE if _no_number.fullmatch(bare) else Fault.WRONG_TYPE
        if self._is_integer and (whole := _whole.fullmatch(bare)):
            return self._number(int(whole[1] + whole[2]))
        number = float(bare)
        return self._number(number) if math.isfinite(number) else Fault.BEYOND_TYPE

    def _decimal(self, value: Decimal) -> Value | Fault:
        if not self._is_numeric:
            return Fault.WRONG_TYPE
        return self._written(format(value, "f")) if value.is_finite() else Fault.NOT_FINITE

    def _texts(self, values: list[object]) -> Values | None:
        distinct: set[Any] = set(values)
        if distinct & self._empty:
            return None
        if self._allowed is not None:
            if not distinct <= {*self._allowed, self._sentinel, None}:
                return None
        elif any(type(self._text(text, empty=None)) is Fault for text in distinct if text is not None):
            return None
        array = np.array(values, dtype=object)
        known: NDArray[np.bool_] = array != None  # noqa: E711  # for each of them
        return array, None if known.all() else known

    def _numbers(self, values: list[object], *, nulls: bool) -> Values | None:
        try:
            array = np.array(values, dtype=np.float64)
        except OverflowError:
            return None
        known: NDArray[np.bool_] | None = None
        if nulls:
            known = array == array  # noqa: PLR0124  # NaN is not
            if np.count_nonzero(known) != len(array) - values.count(None):
                return None
        judged = known
        if self._sentinel is not None:
            judged = (array != self._sentinel) if known is None else known & (array != self._sentinel)
        if self._narrow:
            array = _narrowed(array)
        given = array if judged is None else array[judged]
        if len(given) and not self._fit(given):
            return None
        return array, None if known is None or known.all() else known

    def _fit(self, given: NDArray[np.float64]) -> bool:
        """Whether all of these numbers are valid; NaN is not."""
        least, greatest = given.min(), given.max()
        # NaN is in no comparison true, and `min` of an array that holds one is NaN.
        if not (self._low <= least and greatest <= self._high):
            return False
        if self._allowed is not None and not set(given.tolist()) <= self._allowed:
            return False
        return not self._is_integer or max(abs(least), abs(greatest)) < EXACT


def _not_whole(value: float) -> Fault | None:
    if not math.isfinite(value):
        return Fault.NOT_FINITE
    if not value.is_integer():
        return Fault.NOT_WHOLE
    return None if abs(value) < EXACT else Fault.BEYOND_TYPE


def _narrowed(value: Any) -> Any:
    """The nearest float32, as float64; infinite beyond the greatest."""
    with np.errstate(over="ignore"):
        if isinstance(value, np.ndarray):
            return value.astype(np.float32).astype(np.float64)
        return float(np.float32(value))
