"""The rows in the body of `POST /predict_batch`: JSON, CSV or Parquet.

What is here: `read_rows`, which gives them as documents of the shape of `POST /predict`.
What to add here: another format of rows.
What must not be here: rules about fields (`validation.py`): each row is read by the same rules as one applicant. What a
body may become is in `bounds.py`.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from bento.errors import ApiError, ErrorCode, shown
from bento.requests.bounds import Bounds, check_cells, check_csv, check_json, check_parquet, check_rows
from bento.requests.json_text import parse_json
from bento.requests.media_types import CSV, JSON
from bento.requests.patience import Patience
from credit_platform.errors import RawFileError
from credit_platform.files.csv_text import CsvBody, check_text, listed, read_names
from credit_platform.scoring.header import unwanted_columns

if TYPE_CHECKING:
    from credit_platform.portfolios.portfolio import Portfolio

_ENVELOPE: Final = ("applicant_id", "language")


def read_rows(body: bytes, media_type: str, portfolio: Portfolio, bounds: Bounds, patience: Patience) -> list[object]:
    """Rows of a body as documents of the shape of `POST /predict`, within bounds.

    A row of a file that does not say whose it is, is an error in that place.

    Raises:
        ApiError: 400, it is not of that format, or broken as a whole (the line is named); 413, it has too many rows, or
            becomes too large; 422, JSON but no list, or a list without rows, or a file with columns that it must not
            have; 408, nobody waits for it any more.
    """
    patience.check()
    if media_type == JSON:
        check_json(body, bounds)
        documents = parse_json(body)
        if not isinstance(documents, list) or not documents:
            raise ApiError(ErrorCode.WRONG_TYPE, "The body must be a list of requests, at least one.", "body")
        check_rows(len(documents), bounds)
        return documents
    rows = _table(body, media_type, portfolio, bounds)
    if not rows:
        raise ApiError(ErrorCode.INVALID_FILE, "The file has no rows.")
    check_rows(len(rows), bounds)
    from bento.requests.table_rows import document  # noqa: PLC0415  # it brings polars

    return [document(row, portfolio) for row in rows]


def _table(body: bytes, media_type: str, portfolio: Portfolio, bounds: Bounds) -> list[dict[str, Any]]:
    import polars as pl  # noqa: PLC0415  # the process that only supervises workers does not need it

    if media_type == CSV:
        check_csv(body, bounds)
    else:
        body = check_parquet(body, bounds)
    try:
        if media_type == CSV:
            names = _csv_names(body, portfolio)
            # As text: a type that is inferred would depend on the other rows.
            schema = dict.fromkeys(names, pl.String)
            frame = pl.read_csv(io.BytesIO(body), schema=schema, n_rows=bounds.rows + 1)
        else:
            frame = pl.read_parquet(io.BytesIO(body), n_rows=bounds.rows + 1)
            from credit_platform.files.parquet import flat_names  # noqa: PLC0415  # as above

            _check_columns(flat_names("The body", frame.schema), portfolio)
    except RawFileError as error:
        raise ApiError(ErrorCode.INVALID_FILE, str(error)) from None
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, OSError):
        raise ApiError(ErrorCode.INVALID_FILE, f"The body is not a readable {media_type} file.") from None
    check_cells(frame, bounds)
    return frame.to_dicts()


def _csv_names(body: bytes, portfolio: Portfolio) -> tuple[str, ...]:
    """Columns of a CSV, each line of which has proved to have a field for each."""
    source = CsvBody(body)
    names = read_names(source, portfolio.table(portfolio.training_table).column_names)
    _check_columns(names, portfolio)
    check_text(source, len(names))
    return names


def _check_columns(names: Sequence[str], portfolio: Portfolio) -> None:
    """Refuse a file for all columns that no application has, by kind.

    Raises:
        ApiError: 422; the columns are named, and `field` is the first.
    """
    found = unwanted_columns(portfolio, names, {portfolio.applicant_key, *_ENVELOPE})
    kinds = (
        (ErrorCode.PROTECTED_FIELD, found.protected, "protected attributes that no decision may use"),
        (ErrorCode.UNKNOWN_FIELD, found.target, "the outcome, which the model predicts"),
        (ErrorCode.UNKNOWN_FIELD, found.unknown, "no columns of this service, see /docs"),
    )
    faults = [(code, columns, words) for code, columns, words in kinds if columns]
    if faults:
        named = "; ".join(f"{listed([shown(c) for c in columns])}: {words}" for _, columns, words in faults)
        code, columns, _ = faults[0]
        message = f"The file has columns that it must not have. {named}. Leave them out."
        raise ApiError(code, message, f"application.{shown(columns[0])}")
