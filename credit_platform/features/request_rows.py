"""Rows of a scoring request, checked against the contract.

A value is taken as it is or refused with the name of its field; nothing is guessed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from credit_platform.errors import RequestError
from credit_platform.features.engines.direct import Column as Values
from credit_platform.features.engines.direct.program import ROWS
from credit_platform.features.reading import clean_schema, key_columns, readable_columns, widened
from credit_platform.portfolios.portfolio import Column, ColumnType, Portfolio, SourceTable

INTEGER_BITS = {ColumnType.INT8: 8, ColumnType.INT16: 16, ColumnType.INT32: 32, ColumnType.INT64: 64}
Value = float | int | str | None
_EXACT_INTEGERS = 2.0**53
"""Below this every whole number is a float64."""


@dataclass(frozen=True, kw_only=True)
class _Field:
    """What a value of one column has to satisfy."""

    column: Column
    required: bool
    """Whether a request must give it: not nullable, not protected, not a key that the platform fills in."""
    widen: bool
    low: float
    high: float
    integer: bool

    def check(self, value: object, row: str) -> Value:
        """Return the value as the features read it; `row` is the path of its row.

        Raises:
            RequestError: missing, wrong type, not an allowed value, or out of range.
        """
        if value is None:
            if self.required:
                raise self._error(row, "is missing.", f"Give it: {self.column.description}")
            return None
        clean = self._text(value, row) if self.column.type is ColumnType.STRING else self._number(value, row)
        if clean == self.column.sentinel:
            return None
        if self.column.allowed is not None and clean not in self.column.allowed:
            allowed = ", ".join(map(repr, self.column.allowed))
            raise self._error(row, f"is {clean!r}, which is no value it can have.", f"Use one of: {allowed}.")
        return clean

    def check_all(self, values: list[object]) -> Values | None:
        """The values as an array and which of them are known, or None when one of them may be at fault."""
        types = set(map(type, values))
        if self.required and type(None) in types:
            return None
        if self.column.type is ColumnType.STRING:
            return self._texts(values) if types <= {str, type(None)} else None
        return self._numbers(values, types) if types <= {int, float, type(None)} else None

    def _texts(self, values: list[object]) -> Values | None:
        allowed, sentinel = self.column.allowed, self.column.sentinel
        if allowed is not None and not set(values) <= {*allowed, sentinel, None}:
            return None
        array = np.array(values, dtype=object)
        known: NDArray[np.bool_] = (array != None) & (array != sentinel)  # noqa: E711  # for each of them
        return array, None if known.all() else known

    def _numbers(self, values: list[object], types: set[type]) -> Values | None:
        array = np.array(values, dtype=np.float64)
        known: NDArray[np.bool_] | None = None
        sentinel = self.column.sentinel
        if type(None) in types:
            known = array == array  # noqa: PLR0124  # NaN is not
            if np.count_nonzero(known) != len(array) - values.count(None):
                return None
        if sentinel is not None:
            known = (array != sentinel) if known is None else known & (array != sentinel)
        given = array if known is None else array[known]
        if len(given) and not self._fit(given, whole=float not in types):
            return None
        if self.column.type is ColumnType.FLOAT32:
            array = array.astype(np.float32).astype(np.float64)
        elif self.integer and not self.widen:
            array = (array if known is None else np.where(known, array, 0)).astype(np.int64)
        return array, None if known is None or known.all() else known

    def _fit(self, given: NDArray[np.float64], *, whole: bool) -> bool:
        """Whether all of these numbers are valid; NaN is not."""
        least, greatest = given.min(), given.max()
        if not (self.low <= least and greatest <= self.high and math.isfinite(least) and math.isfinite(greatest)):
            return False
        if not self.integer:
            return True
        exact = max(abs(least), abs(greatest)) < _EXACT_INTEGERS
        return bool(exact and (whole or (given == np.floor(given)).all()))

    def _text(self, value: object, row: str) -> Value:
        if not isinstance(value, str):
            raise self._error(row, f"is of type {type(value).__name__}, not text.", "Send a string.")
        return value

    def _number(self, value: object, row: str) -> Value:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self._error(row, f"is {value!r}, not a number.", "Send a finite number.")
        if value != self.column.sentinel and not self.low <= value <= self.high:
            raise self._error(row, f"is {value}, out of range.", f"It lies between {self.low:g} and {self.high:g}.")
        if self.integer:
            if value != int(value):
                raise self._error(row, f"is {value}, not a whole number.", "Send an integer.")
            return float(value) if self.widen else int(value)
        if self.column.type is ColumnType.FLOAT32:
            # Stored tables hold the nearest float32, so the request must compute with that one too.
            return float(np.float32(value))
        return float(value)

    def _error(self, row: str, what: str, cure: str) -> RequestError:
        path = f"{row}.{self.column.name}"
        return RequestError(f"{path} {what}", cure, path)


class RowReader:
    """Turns request rows of one table into a frame with the types that features read."""

    def __init__(
        self, table: SourceTable, portfolio: Portfolio, *, needed: Iterable[str], is_application: bool
    ) -> None:
        """Prepare the checks of `table`, and keep only the columns `needed` by features."""
        self._table = table
        keys = key_columns(table, portfolio)
        express = portfolio.express_columns if is_application else ()
        absent = {portfolio.applicant_key, portfolio.target} if is_application else {portfolio.target}
        self._fields = {
            column.name: _field(column, portfolio, widen=widened(column, keys), express=express)
            for column in table.columns
            if column.name not in absent
        }
        readable = {column.name for column in readable_columns(table, portfolio)}
        wanted = set(needed)
        types = clean_schema(table, portfolio)
        self._schema = {name: types[name] for name in self._fields if name in wanted and name in readable}
        # Window expressions may partition by the applicant key; there is one applicant, so any constant does.
        key = portfolio.applicant_key
        self._schema.pop(key, None)
        self._key = pl.lit(0).cast(types[key]).alias(key) if key in wanted and key in readable else None

    def values(self, row: Mapping[str, object], path: str) -> dict[str, Value]:
        """Check one row and return its values, null as None.

        Raises:
            RequestError: as `frame`.
        """
        return self._read(row, path)

    def columns(self, rows: list[Mapping[str, object]], path: str) -> dict[str, Values]:
        """Check `rows` and return the needed columns as arrays, and `ROWS`, whose length is their number.

        Raises:
            RequestError: as `frame`.
        """
        unknown = set().union(*rows) - self._fields.keys()
        columns: dict[str, Values] = {ROWS: (np.empty(len(rows)), None)}
        for name, field in self._fields.items():
            values = field.check_all([row.get(name) for row in rows])
            if values is None or unknown:
                return self._columns_one_by_one(rows, path)
            if name in self._schema:
                columns[name] = values
        return columns

    def _columns_one_by_one(self, rows: list[Mapping[str, object]], path: str) -> dict[str, Values]:
        """As `columns`, finding the first value at fault."""
        clean = [self._read(row, f"{path}[{n}]") for n, row in enumerate(rows)]
        columns: dict[str, Values] = {ROWS: (np.empty(len(rows)), None)}
        for name, dtype in self._schema.items():
            given = [row[name] for row in clean]
            known = np.array([value is not None for value in given], dtype=bool)
            kind = object if dtype == pl.String else np.int64 if dtype.is_integer() else np.float64
            filled = [(None if kind is object else 0) if value is None else value for value in given]
            columns[name] = np.array(filled, dtype=kind), None if known.all() else known
        return columns

    def frame(self, rows: list[Mapping[str, object]], path: str, *, numbered: bool) -> pl.DataFrame:
        """Check `rows` and return a frame of the needed columns.

        Raises:
            RequestError: a field is unknown, missing, of another type, or impossible; `field` is its path.
        """
        clean = [self._read(row, f"{path}[{n}]" if numbered else path) for n, row in enumerate(rows)]
        frame = pl.DataFrame(clean, schema=self._schema)
        return frame if self._key is None else frame.with_columns(self._key)

    def _read(self, row: Mapping[str, object], path: str) -> dict[str, Value]:
        unknown = row.keys() - self._fields.keys()
        if unknown:
            name = f"{path}.{min(unknown)}"
            columns = ", ".join(self._fields)
            raise RequestError(f"{name} is not a column of {self._table.name}.", f"Columns: {columns}.", name)
        # Every field is checked, those that no feature reads too: a request is right or it is refused.
        return {name: field.check(row.get(name), path) for name, field in self._fields.items()}


def _field(column: Column, portfolio: Portfolio, *, widen: bool, express: tuple[str, ...]) -> _Field:
    bits = INTEGER_BITS.get(column.type)
    low = -math.inf if bits is None else -(2 ** (bits - 1))
    high = math.inf if bits is None else 2 ** (bits - 1) - 1
    needed = not column.nullable and column.protected is None and column.name != portfolio.applicant_key
    return _Field(
        column=column,
        required=needed and (not express or column.name in express),
        widen=widen,
        low=low if column.minimum is None else column.minimum,
        high=high if column.maximum is None else column.maximum,
        integer=column.type.is_integer,
    )
