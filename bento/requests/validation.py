"""Strict reading of a request: bytes in, `scoring.Request` out, or an `ApiError` that names the field.

What is here: `RequestReader`, which reads the envelope of a body and hands rows to the scorer's own readers, and what a
client is told of a fault that they find.
What to add here: a field of the envelope.
What must not be here: what a value is (`credit_platform.values`: a request is checked once, by that rule), defaults for
missing values, and JSON as a text (`json_text.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bento.errors import ApiError, ErrorCode, shown
from bento.identifiers import IDENTIFIER_IN_WORDS, is_identifier
from bento.requests.json_text import parse_json
from credit_platform.errors import RequestError
from credit_platform.features.request_rows import CheckedRow, CheckedRows, FieldError, RowReader
from credit_platform.features.required import required_columns
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import Column, SourceTable
from credit_platform.scoring import Request
from credit_platform.scoring.whose_rows import check_whose
from credit_platform.values import MAX_TEXT, Fault, ValueRule, has_number_as_key, identify, key_column

LANGUAGES = ("en", "fr")
MAX_HISTORY_ROWS = 10_000
"""Most rows of one table in a request."""
_ENVELOPE = frozenset({"applicant_id", "application", "histories", "language"})
_CODES = {
    Fault.WRONG_TYPE: ErrorCode.WRONG_TYPE,
    Fault.NOT_FINITE: ErrorCode.WRONG_TYPE,
    Fault.NOT_WHOLE: ErrorCode.WRONG_TYPE,
    Fault.TOO_LONG: ErrorCode.WRONG_TYPE,
    Fault.NOT_ALLOWED: ErrorCode.NOT_ALLOWED,
    Fault.BEYOND_TYPE: ErrorCode.OUT_OF_RANGE,
    Fault.BELOW: ErrorCode.OUT_OF_RANGE,
    Fault.ABOVE: ErrorCode.OUT_OF_RANGE,
}


def accepted_columns(portfolio: Portfolio) -> tuple[Column, ...]:
    """Columns of an application that the service takes: all but the protected ones, which no model may see."""
    return unprotected(portfolio.application_columns)


def unprotected(columns: Iterable[Column]) -> tuple[Column, ...]:
    """The columns that a decision may use."""
    return tuple(column for column in columns if column.protected is None)


def history_tables(portfolio: Portfolio) -> tuple[SourceTable, ...]:
    """Tables whose rows may come with a request: those that feed features of the applicant's history."""
    named = {group.table for group in portfolio.feature_groups if group.history}
    return tuple(table for table in portfolio.tables if table.name in named)


def wanted(column: Column) -> str:
    """What a value of a column must be, in words that repeat nothing of what was sent."""
    if column.allowed is not None:
        return "one of " + ", ".join(json.dumps(value, ensure_ascii=False) for value in column.allowed)
    if not column.type.is_numeric:
        return f"a text of at most {MAX_TEXT} characters"
    rule = ValueRule(column)
    kind = "a whole number" if column.type.is_integer else "a finite number"
    unit = f" ({column.unit})" if column.unit else ""
    return f"{kind} from {rule.low:.15g} to {rule.high:.15g}{unit}"


def api_error(error: FieldError, row: Mapping[str, object]) -> ApiError:
    """What a client is told of a field at fault; never its value."""
    if error.column is None or error.fault is None:
        field = f"{error.row}.{shown(error.name)}"
        return ApiError(ErrorCode.UNKNOWN_FIELD, f"{field} is not a field of this service; see /docs.", field)
    if error.fault is Fault.MISSING:
        return _missing(error.column, error.field, row)
    return ApiError(_CODES[error.fault], f"{error.field} must be {wanted(error.column)}.", error.field)


def _missing(column: Column, field: str, row: Mapping[str, object]) -> ApiError:
    """A column that is not there, or null where it may not be; an empty cell of a file is not there."""
    if column.name in row and row[column.name] is None:
        return ApiError(ErrorCode.WRONG_TYPE, f"{field} must be {wanted(column)}, not null.", field)
    return ApiError(ErrorCode.MISSING_FIELD, f"{field} is required.", field)


class RecordReader:
    """Reads JSON objects whose keys are columns, by the rows' own reader: what it has checked is not checked again."""

    def __init__(self, table: SourceTable, reader: RowReader, required: Iterable[str] = ()) -> None:
        """Refuse the protected columns of `table` by name, and miss those of `required` that `reader` does not."""
        self._reader = reader
        self._protected = frozenset(column.name for column in table.columns if column.protected is not None)
        self._required = tuple(column for column in table.columns if column.name in frozenset(required))

    def read(self, record: object, path: str) -> CheckedRow:
        """Check every value of `record`.

        Raises:
            ApiError: 422; the record is no object, or a field is unknown, protected, missing or invalid.
        """
        row = self._object(record, path)
        try:
            checked = self._reader.read(row, path)
        except FieldError as error:
            raise api_error(error, row) from None
        for column in self._required:
            if checked.get(column.name) is None:
                raise _missing(column, f"{path}.{column.name}", row)
        return checked

    def read_all(self, records: list[object], path: str) -> CheckedRows:
        """Check every value of many records; the same as `read` for each of them, and quicker.

        Raises:
            ApiError: 422; as `read`, for the first record at fault.
        """
        rows = [self._object(record, f"{path}[{index}]") for index, record in enumerate(records)]
        try:
            return self._reader.read_all(rows, path)
        except FieldError as error:
            raise api_error(error, rows[int(error.row.rpartition("[")[2].rstrip("]"))]) from None

    def _object(self, record: object, path: str) -> dict[str, object]:
        if not isinstance(record, dict):
            raise ApiError(ErrorCode.WRONG_TYPE, f"{path} must be an object of column names and values.", path)
        if self._protected and not self._protected.isdisjoint(record):
            field = f"{path}.{min(self._protected & record.keys())}"
            message = f"{field} is a protected attribute that no decision may use; leave it out."
            raise ApiError(ErrorCode.PROTECTED_FIELD, message, field)
        return record


class RequestReader:
    """Reads the bodies of `POST /predict` for one portfolio."""

    def __init__(
        self, portfolio: Portfolio, *, reduced: bool = True, readers: Mapping[str, RowReader] | None = None
    ) -> None:
        """Prepare the reading of applications and of each history table once.

        Args:
            portfolio: whose applicants are read.
            reduced: whether the portfolio's express form, if it has one, is enough.
            readers: those of the scorer (`Scorer.readers`), so that what is read here is not read again there.
        """
        self._portfolio = portfolio
        training = portfolio.table(portfolio.training_table)
        readers = readers or {
            table.name: RowReader(table, portfolio, needed=(), is_application=table is training)
            for table in (training, *history_tables(portfolio))
        }
        required = required_columns(portfolio, reduced=reduced)
        self._application = RecordReader(training, readers[training.name], required)
        self.columns = tuple(column.name for column in accepted_columns(portfolio))
        self._histories = {table.name: RecordReader(table, readers[table.name]) for table in history_tables(portfolio)}

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
        application = self._application.read(document["application"], "application")
        applicant = read_applicant(self._portfolio, document.get("applicant_id"), "applicant_id")
        return Request(
            application=application,
            applicant_id=applicant,
            histories=self._read_histories(document.get("histories"), applicant),
            language=_read_language(document.get("language", "en")),
            request_id=request_id,
        )

    def _read_histories(
        self, histories: object, applicant: str | None
    ) -> Mapping[str, Sequence[Mapping[str, object]]] | None:
        if histories is None:
            return None
        if not isinstance(histories, dict):
            raise ApiError(ErrorCode.WRONG_TYPE, "histories must be an object of tables and rows.", "histories")
        checked = {name: self._read_rows(name, rows) for name, rows in histories.items()}
        try:
            check_whose(self._portfolio, checked, applicant)
        except RequestError as error:
            raise ApiError(ErrorCode.NOT_ALLOWED, str(error), error.field) from None
        return checked

    def _read_rows(self, name: str, rows: object) -> CheckedRows:
        path = f"histories.{shown(name)}"
        rules = self._histories.get(name)
        if rules is None:
            raise ApiError(ErrorCode.UNKNOWN_FIELD, f"{path} is not a history of this portfolio; see /docs.", path)
        if not isinstance(rows, list):
            raise ApiError(ErrorCode.WRONG_TYPE, f"{path} must be a list of rows.", path)
        if len(rows) > MAX_HISTORY_ROWS:
            raise ApiError(ErrorCode.OUT_OF_RANGE, f"{path} may have at most {MAX_HISTORY_ROWS} rows.", path)
        return rules.read_all(rows, path)


def read_applicant(portfolio: Portfolio, value: object, field: str) -> str | None:
    """The one name of an applicant (`values.identify`), under which everything about him is looked up and logged.

    None stays None. Where the portfolio's key is a whole number, `100002.0` and `"0100002"` are `100002`; a text that
    is no number is an identifier that the client chose, and nobody's key.

    Raises:
        ApiError: 422; it names nobody: a number that no key can be, a boolean, or not of the form of an identifier.
    """
    if value is None:
        return None
    name = identify(portfolio, value)
    if not isinstance(name, Fault) and is_identifier(name):
        return name
    raise ApiError(ErrorCode.WRONG_TYPE, f"{field} must be {_name_wanted(portfolio)}.", field)


def _name_wanted(portfolio: Portfolio) -> str:
    if not has_number_as_key(portfolio):
        return IDENTIFIER_IN_WORDS
    return f"{wanted(key_column(portfolio))}, or {IDENTIFIER_IN_WORDS} and is neither a number nor NA or NaN"


def read_key(portfolio: Portfolio, value: object) -> str:
    """The one name of an applicant from a cell of the portfolio's key column, in which a name from elsewhere is none.

    Raises:
        ApiError: 422; it is no key.
    """
    known = identify(portfolio, value)
    if isinstance(known, Fault) or (has_number_as_key(portfolio) and not known.isdecimal()):
        column = key_column(portfolio)
        raise ApiError(ErrorCode.WRONG_TYPE, f"{column.name} must be {wanted(column)}.", column.name)
    return known


def _read_language(value: object) -> Any:
    if value in LANGUAGES and isinstance(value, str):
        return value
    raise ApiError(ErrorCode.NOT_ALLOWED, f"language must be one of {', '.join(LANGUAGES)}.", "language")
