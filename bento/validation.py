"""Strict reading of a request: bytes in, `scoring.Request` out, or an `ApiError` that names the field.

What is here: rules derived from the portfolio's columns, and `RequestReader` that applies them to a body.
What to add here: a rule that a `Column` can declare.
What must not be here: a rule about one portfolio's column, coercion ("12" is not 12), defaults for missing values, and
JSON as a text (`json_text.py`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from bento.errors import ApiError, ErrorCode, shown
from bento.identifiers import IDENTIFIER_IN_WORDS, is_identifier
from bento.json_text import parse_json
from credit_platform.features.inputs import unused_columns
from credit_platform.portfolios.portfolio import Column, ColumnType, Portfolio, SourceTable
from credit_platform.scoring import Request

LANGUAGES = ("en", "fr")
MAX_TEXT = 256
"""Longest text of a column that has no list of allowed values, in characters."""
MAX_HISTORY_ROWS = 10_000
"""Most rows of one table in a request."""
_ENVELOPE = frozenset({"applicant_id", "application", "histories", "language"})
_FLOAT32_MAX = 3.4028234663852886e38


def accepted_columns(portfolio: Portfolio) -> tuple[Column, ...]:
    """Columns of an application that the service takes: all but the protected ones, which no model may see."""
    return unprotected(portfolio.application_columns)


def optional_columns(portfolio: Portfolio, *, reduced: bool = True) -> tuple[str, ...]:
    """Columns that may be left out though they may not be null.

    Those that no feature reads, and with `reduced` all but those of the express form, if there is one.
    """
    unused = unused_columns(portfolio)
    express = portfolio.express_columns if reduced else ()
    return tuple(
        c.name for c in portfolio.application_columns if c.name in unused or (express and c.name not in express)
    )


def unprotected(columns: Iterable[Column]) -> tuple[Column, ...]:
    """The columns that a decision may use."""
    return tuple(column for column in columns if column.protected is None)


def history_tables(portfolio: Portfolio) -> tuple[SourceTable, ...]:
    """Tables whose rows may come with a request: those that feed features of the applicant's history."""
    named = {group.table for group in portfolio.feature_groups if group.history}
    return tuple(table for table in portfolio.tables if table.name in named)


def number_bounds(column: Column) -> tuple[float, float]:
    """Least and greatest valid number of a column: its declared range, else what its type can hold."""
    if column.type.is_integer:
        bits = int(column.type.value.removeprefix("int"))
        low, high = float(-(2 ** (bits - 1))), float(2 ** (bits - 1) - 1)
    else:
        high = _FLOAT32_MAX if column.type is ColumnType.FLOAT32 else 1.7976931348623157e308
        low = -high
    return (
        low if column.minimum is None else column.minimum,
        high if column.maximum is None else column.maximum,
    )


class ColumnRule:
    """What a value of one column must satisfy; built once, applied to each request."""

    def __init__(self, column: Column) -> None:
        """Take from the contract what the check needs at each request."""
        self.column = column
        self.low, self.high = number_bounds(column) if column.type.is_numeric else (0.0, 0.0)
        self._allowed = None if column.allowed is None else frozenset(column.allowed)
        self._is_numeric, self._is_integer = column.type.is_numeric, column.type.is_integer

    def check(self, value: object, path: str) -> object:
        """Return the value as the scorer wants it.

        Raises:
            ApiError: 422; the value is null, of the wrong type, not among the allowed ones, or outside the range.
        """
        if value is None:
            if self.column.nullable:
                return None
            raise ApiError(ErrorCode.WRONG_TYPE, f"{path} must be {self._wanted()}, not null.", path)
        typed = self._typed(value, path)
        if self.column.sentinel is not None and typed == self.column.sentinel:
            return typed
        if self._allowed is not None and typed not in self._allowed:
            raise ApiError(ErrorCode.NOT_ALLOWED, f"{path} must be {self._wanted()}.", path)
        if not isinstance(typed, str) and not self.low <= typed <= self.high:
            raise ApiError(ErrorCode.OUT_OF_RANGE, f"{path} must be {self._wanted()}.", path)
        return typed if isinstance(typed, str) or self._is_integer else float(typed)

    def accepts(self, values: list[object]) -> bool:
        """Whether `check` would return all of these as they are; False may also mean "look closer"."""
        types = set(map(type, values))
        if type(None) in types:
            if not self.column.nullable:
                return False
            types.discard(type(None))
            values = [value for value in values if value is not None]
        if not values:
            return True
        if self.column.sentinel is not None:
            values = [value for value in values if value != self.column.sentinel]
        if self.column.type.is_numeric:
            return types <= ({int} if self.column.type.is_integer else {int, float}) and self._in_range(values)
        if types != {str}:
            return False
        distinct: set[Any] = set(values)
        return distinct <= self._allowed if self._allowed is not None else all(map(_is_text, distinct))

    def _in_range(self, values: list[Any]) -> bool:
        if self._allowed is not None and not set(values) <= self._allowed:
            return False
        # NaN is in no comparison true, but min and max may miss it: the sum does not.
        return not values or (self.low <= min(values) and max(values) <= self.high and math.isfinite(sum(values)))

    def _typed(self, value: object, path: str) -> str | int | float:
        if self._is_numeric and isinstance(value, int | float) and not isinstance(value, bool):
            number = self._number(value)
            if number is not None:
                return number
        elif not self._is_numeric and isinstance(value, str) and _is_text(value):
            return value
        raise ApiError(ErrorCode.WRONG_TYPE, f"{path} must be {self._wanted()}.", path)

    def _number(self, value: int | float) -> int | float | None:
        if isinstance(value, float) and not math.isfinite(value):
            return None
        if not self._is_integer:
            return value
        # JSON knows one kind of number: 24.0 is as whole as 24.
        return int(value) if value == int(value) else None

    def _wanted(self) -> str:
        column = self.column
        if column.allowed is not None:
            return "one of " + ", ".join(json.dumps(value, ensure_ascii=False) for value in column.allowed)
        if not column.type.is_numeric:
            return f"a text of at most {MAX_TEXT} characters"
        kind = "a whole number" if column.type.is_integer else "a finite number"
        unit = f" ({column.unit})" if column.unit else ""
        return f"{kind} from {self.low:.15g} to {self.high:.15g}{unit}"


class RecordRules:
    """The rules of one JSON object whose keys are columns."""

    def __init__(
        self, columns: Iterable[Column], *, optional: Iterable[str] = (), protected: Iterable[str] = ()
    ) -> None:
        """Accept `columns`; `optional` may be missing though not nullable; `protected` are refused by name."""
        self._rules = {column.name: ColumnRule(column) for column in columns}
        free = frozenset(optional)
        self._required = tuple(
            name for name, rule in self._rules.items() if not rule.column.nullable and name not in free
        )
        self._protected = frozenset(protected)

    def read(self, record: object, path: str) -> dict[str, object]:
        """Check every value of `record`.

        Raises:
            ApiError: 422; the record is no object, or a field is unknown, protected, missing or invalid.
        """
        if not isinstance(record, dict):
            raise ApiError(ErrorCode.WRONG_TYPE, f"{path} must be an object of column names and values.", path)
        values: dict[str, object] = {}
        for name, value in record.items():
            rule = self._rules.get(name)
            if rule is None:
                self._refuse(name, path)
            values[name] = rule.check(value, f"{path}.{name}")
        for name in self._required:
            if name not in values:
                field = f"{path}.{name}"
                raise ApiError(ErrorCode.MISSING_FIELD, f"{field} is required.", field)
        return values

    def read_all(self, records: list[object], path: str) -> list[dict[str, object]]:
        """Check every value of many records; the same as `read` for each of them, and quicker.

        Raises:
            ApiError: 422; as `read`, for the first record at fault.
        """
        if all(type(record) is dict for record in records):
            rows: list[dict[str, object]] = records  # type: ignore[assignment]  # just checked
            known = set().union(*rows) <= self._rules.keys()
            if known and all(self._surely_right(name, rule, rows) for name, rule in self._rules.items()):
                return rows
        return [self.read(record, f"{path}[{index}]") for index, record in enumerate(records)]

    def _surely_right(self, name: str, rule: ColumnRule, rows: list[dict[str, object]]) -> bool:
        """Whether no row has a fault in this column; False may also mean "look closer"."""
        given = [row[name] for row in rows if name in row]
        return (len(given) == len(rows) or name not in self._required) and rule.accepts(given)

    def _refuse(self, name: str, path: str) -> NoReturn:
        field = f"{path}.{shown(name)}"
        if name in self._protected:
            message = f"{field} is a protected attribute that no decision may use; leave it out."
            raise ApiError(ErrorCode.PROTECTED_FIELD, message, field)
        raise ApiError(ErrorCode.UNKNOWN_FIELD, f"{field} is not a field of this service; see /docs.", field)


class RequestReader:
    """Reads the bodies of `POST /predict` for one portfolio."""

    def __init__(self, portfolio: Portfolio, *, reduced: bool = True) -> None:
        """Derive the rules of the application and of each history table once.

        Args:
            portfolio: whose applicants are read.
            reduced: whether the portfolio's express form, if it has one, is enough.
        """
        protected = [c.name for c in portfolio.application_columns if c.protected is not None]
        columns = accepted_columns(portfolio)
        optional = optional_columns(portfolio, reduced=reduced)
        self._application = RecordRules(columns, optional=optional, protected=protected)
        self.columns = tuple(column.name for column in columns)
        self._histories = {
            table.name: RecordRules(
                unprotected(table.columns),
                optional=(portfolio.applicant_key,),
                protected=[column.name for column in table.columns if column.protected is not None],
            )
            for table in history_tables(portfolio)
        }

    def read(self, body: bytes, request_id: str | None = None) -> Request:
        """Turn a body into a request.

        Raises:
            ApiError: 400 when the body is not JSON in UTF-8; 422 when a field is at fault.
        """
        return self.read_document(parse_json(body), request_id)

    def read_document(self, document: object, request_id: str | None = None) -> Request:
        """As `read`, of parsed JSON."""
        if not isinstance(document, dict):
            raise ApiError(ErrorCode.WRONG_TYPE, "The body must be a JSON object.", "body")
        for name in document:
            if name not in _ENVELOPE:
                field = shown(name)
                raise ApiError(ErrorCode.UNKNOWN_FIELD, f"{field} is not a field of a request; see /docs.", field)
        if "application" not in document:
            raise ApiError(ErrorCode.MISSING_FIELD, "application is required.", "application")
        return Request(
            application=self._application.read(document["application"], "application"),
            applicant_id=read_identifier(document.get("applicant_id"), "applicant_id"),
            histories=self._read_histories(document.get("histories")),
            language=_read_language(document.get("language", "en")),
            request_id=request_id,
        )

    def _read_histories(self, histories: object) -> Mapping[str, Sequence[Mapping[str, object]]] | None:
        if histories is None:
            return None
        if not isinstance(histories, dict):
            raise ApiError(ErrorCode.WRONG_TYPE, "histories must be an object of tables and rows.", "histories")
        return {name: self._read_rows(name, rows) for name, rows in histories.items()}

    def _read_rows(self, name: str, rows: object) -> list[dict[str, object]]:
        path = f"histories.{shown(name)}"
        rules = self._histories.get(name)
        if rules is None:
            raise ApiError(ErrorCode.UNKNOWN_FIELD, f"{path} is not a history of this portfolio; see /docs.", path)
        if not isinstance(rows, list):
            raise ApiError(ErrorCode.WRONG_TYPE, f"{path} must be a list of rows.", path)
        if len(rows) > MAX_HISTORY_ROWS:
            raise ApiError(ErrorCode.OUT_OF_RANGE, f"{path} may have at most {MAX_HISTORY_ROWS} rows.", path)
        return rules.read_all(rows, path)


def read_identifier(value: object, field: str) -> str | None:
    """Check an identifier that the client chose; None stays None.

    Raises:
        ApiError: 422; it is no text, or not of the form of an identifier.
    """
    if value is None or (isinstance(value, str) and is_identifier(value)):
        return value
    raise ApiError(ErrorCode.WRONG_TYPE, f"{field} must be {IDENTIFIER_IN_WORDS}.", field)


def _read_language(value: object) -> Any:
    if value in LANGUAGES and isinstance(value, str):
        return value
    raise ApiError(ErrorCode.NOT_ALLOWED, f"language must be one of {', '.join(LANGUAGES)}.", "language")


def _is_text(value: str) -> bool:
    # Half of a surrogate pair is legal in JSON and cannot be written anywhere.
    return len(value) <= MAX_TEXT and not any("\ud800" <= letter <= "\udfff" for letter in value)
