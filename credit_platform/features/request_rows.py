"""Rows of a scoring request, read by the one rule of a value (`credit_platform.values`) and checked once.

What is here: `RowReader`, and what it returns: a row or rows that are known to be right, with what features read.
What to add here: another form in which an engine wants the rows.
What must not be here: what a value is, and HTTP: `FieldError` says what is wrong, and each caller finds words.

A value is taken as it is or refused with the name of its field; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from credit_platform.errors import RequestError
from credit_platform.features.engines.direct import Column as Values
from credit_platform.features.engines.direct.program import ROWS
from credit_platform.features.reading import clean_schema, key_columns, readable_columns, widened
from credit_platform.features.required import required_columns, required_of_row
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import Column, SourceTable
from credit_platform.values import MAX_TEXT, Fault, Value, ValueRule

Row = Mapping[str, object]


class Cells(dict[str, object]):
    """A row that comes from a file: a text in a number column is to be read, and what is empty is not given."""


class CheckedRow(dict[str, Value]):
    """A row as it was given, every value of its column's type; `values` is what features read, null as None."""

    __slots__ = ("reader", "values_read")
    reader: RowReader
    values_read: dict[str, Value]


class CheckedRows(list[Mapping[str, object]]):
    """Rows that are right; `columns` is what features read of them, as arrays."""

    __slots__ = ("columns", "reader")
    reader: RowReader
    columns: dict[str, Values]


class FieldError(RequestError):
    """A field of a request is at fault."""

    def __init__(self, row: str, name: str, column: Column | None, fault: Fault | None, said: tuple[str, str]) -> None:
        """Keep what a caller needs to say it otherwise.

        Args:
            row: path of the row.
            name: of the field.
            column: what it should be; None for a field that is none of the table.
            fault: what is wrong with its value; None for a field that is none of the table.
            said: what is wrong and the cure, which may quote the value.
        """
        path = f"{row}.{name}"
        super().__init__(f"{path} {said[0]}", said[1], path)
        self.row, self.name, self.column, self.fault = row, name, column, fault


@dataclass(frozen=True, slots=True)
class _Field:
    """One column: its rule, and what features read of a value."""

    column: Column
    rule: ValueRule
    required: bool
    """Whether a request must give it."""
    widen: bool

    def check(self, value: object, row: str, *, cell: bool) -> Value:
        """The value, of the column's type.

        Raises:
            FieldError: it is missing, or at fault.
        """
        clean = self.rule.read_cell(value) if cell else self.rule.read(value)
        if clean is None:
            if self.required:
                raise self.error(Fault.MISSING, value, row)
        elif type(clean) is Fault:
            raise self.error(clean, value, row)
        return clean

    def feature(self, clean: Value) -> Value:
        """What features read: the sentinel is null, numbers other than keys are floats."""
        if clean is None or clean == self.column.sentinel:
            return None
        return float(clean) if self.widen else clean

    def features(self, found: Values) -> Values:
        """As `feature`, of many values as `ValueRule.read_all` gives them."""
        array, known = found
        if self.column.sentinel is not None:
            meant = array != self.column.sentinel
            known = meant if known is None else known & meant
            known = None if known.all() else known
        if self.column.type.is_integer and not self.widen:
            array = (array if known is None else np.where(known, array, 0)).astype(np.int64)
        return array, known

    def error(self, fault: Fault, value: object, row: str) -> FieldError:
        """What is wrong, in words for whoever calls the library."""
        return FieldError(row, self.column.name, self.column, fault, self._said(fault, value))

    def _said(self, fault: Fault, value: object) -> tuple[str, str]:
        column = self.column
        if fault is Fault.MISSING:
            return "is missing.", f"Give it: {column.description}"
        if fault is Fault.NOT_ALLOWED:
            allowed = ", ".join(map(repr, column.allowed or ()))
            return f"is {value!r}, which is no value it can have.", f"Use one of: {allowed}."
        return _no_number(self.rule, fault, value) if column.type.is_numeric else _no_text(fault, value)


def _no_text(fault: Fault, value: object) -> tuple[str, str]:
    if fault is Fault.TOO_LONG:
        return "is too long a text.", f"Send at most {MAX_TEXT} characters."
    if isinstance(value, str):
        return f"is {value!r}, which is no text.", "Leave it out, or send null, if it is not known; NUL is in no text."
    return f"is of type {type(value).__name__}, not text.", "Send a string."


def _no_number(rule: ValueRule, fault: Fault, value: object) -> tuple[str, str]:
    if fault is Fault.NOT_WHOLE:
        return f"is {value}, not a whole number.", "Send an integer."
    if fault in (Fault.BELOW, Fault.ABOVE, Fault.BEYOND_TYPE):
        return f"is {value}, out of range.", _range(rule, fault)
    return f"is {value!r}, not a number.", "Send a finite number."


def _range(rule: ValueRule, fault: Fault) -> str:
    column = rule.column
    if fault is Fault.BELOW and column.maximum is None:
        return f"It is at least {rule.low:g}."
    if fault is Fault.ABOVE and column.minimum is None:
        return f"It is at most {rule.high:g}."
    return f"It lies between {rule.low:g} and {rule.high:g}."


class RowReader:
    """Reads request rows of one table: checks them, and gives the values that features read."""

    def __init__(
        self, table: SourceTable, portfolio: Portfolio, *, needed: Iterable[str], is_application: bool
    ) -> None:
        """Prepare the checks of `table`, and keep only the columns `needed` by features."""
        self._table = table
        keys = key_columns(table, portfolio)
        absent = {portfolio.applicant_key, portfolio.target} if is_application else {portfolio.target}
        required = required_columns(portfolio) if is_application else required_of_row(table, portfolio)
        self._fields = {
            column.name: _Field(column, ValueRule(column), column.name in required, widened(column, keys))
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

    def read(self, row: Row, path: str) -> CheckedRow:
        """Check one row; one that this reader has checked already is returned as it is.

        Raises:
            FieldError: a field is unknown, missing, of another type, or impossible; `field` is its path.
        """
        if type(row) is CheckedRow and row.reader is self:
            return row
        if not row.keys() <= self._fields.keys():
            raise self._unknown(row, path)
        cells = type(row) is Cells
        checked = CheckedRow()
        checked.reader = self
        values = checked.values_read = dict.fromkeys(self._fields)
        missing = None
        # Every field is checked, those that no feature reads too: a request is right or it is refused.
        for name, field in self._fields.items():
            if name in row:
                clean = field.check(row[name], path, cell=cells)
                if clean is not None:
                    checked[name], values[name] = clean, field.feature(clean)
                elif not cells:
                    checked[name] = None
            elif field.required:
                missing = missing or field
        if missing is not None:
            raise missing.error(Fault.MISSING, None, path)
        return checked

    def read_all(self, rows: Sequence[Row], path: str) -> CheckedRows:
        """Check many rows, all at once where that can be; `columns` of the result has `ROWS`, as long as they are many.

        Raises:
            FieldError: as `read`, for the first row at fault.
        """
        if type(rows) is CheckedRows and rows.reader is self:
            return rows
        columns = self._columns_at_once(rows)
        if columns is None:
            checked = [self.read(row, f"{path}[{n}]") for n, row in enumerate(rows)]
            result, columns = CheckedRows(checked), self._columns_of(checked)
        else:
            result = CheckedRows(rows)
        result.reader, result.columns = self, columns
        return result

    def _columns_at_once(self, rows: Sequence[Row]) -> dict[str, Values] | None:
        """The needed columns, when all values are surely right."""
        if set().union(*rows) - self._fields.keys():
            return None
        columns: dict[str, Values] = {ROWS: (np.empty(len(rows)), None)}
        for name, field in self._fields.items():
            found = field.rule.read_all([row.get(name) for row in rows])
            if found is None or (field.required and found[1] is not None):
                return None
            if name in self._schema:
                columns[name] = field.features(found)
        return columns

    def _columns_of(self, rows: Sequence[CheckedRow]) -> dict[str, Values]:
        columns: dict[str, Values] = {ROWS: (np.empty(len(rows)), None)}
        for name, dtype in self._schema.items():
            given = [row.values_read[name] for row in rows]
            known = np.array([value is not None for value in given], dtype=bool)
            kind: Any = object if dtype == pl.String else np.int64 if dtype.is_integer() else np.float64
            filled = [(None if kind is object else 0) if value is None else value for value in given]
            columns[name] = np.array(filled, dtype=kind), None if known.all() else known
        return columns

    def frame(self, rows: Sequence[Row], path: str, *, numbered: bool) -> pl.DataFrame:
        """Check `rows` and return a frame of the needed columns.

        Raises:
            FieldError: as `read`.
        """
        clean = [self.read(row, f"{path}[{n}]" if numbered else path).values_read for n, row in enumerate(rows)]
        frame = pl.DataFrame(clean, schema=self._schema)
        return frame if self._key is None else frame.with_columns(self._key)

    def _unknown(self, row: Row, path: str) -> FieldError:
        name = str(min(map(str, row.keys() - self._fields.keys())))
        columns = ", ".join(self._fields)
        return FieldError(path, name, None, None, (f"is not a column of {self._table.name}.", f"Columns: {columns}."))
