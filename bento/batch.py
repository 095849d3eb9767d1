"""`POST /predict_batch`: many applicants in one request, as JSON, CSV or Parquet.

What is here: reading the rows, the handler, and its answer.
What to add here: another format of rows.
What must not be here: rules about fields (`validation.py`): each row is read by the same rules as one applicant.

All decisions of a batch are committed to the log in one transaction before the answer is sent.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from bento.errors import ApiError, ErrorCode, shown
from bento.handling import JSON, json_response, read_body, read_request_id, record_decisions, state_of
from bento.json_text import parse_json, write_json
from credit_platform.errors import RawFileError
from credit_platform.files.csv_text import CsvBody, check_text, listed, read_names
from credit_platform.scoring.header import unwanted_columns

if TYPE_CHECKING:
    from bento.engine import Engine
    from bento.recorder import Scored
    from credit_platform.portfolios.portfolio import Portfolio

CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"
MEDIA_TYPES = (JSON, CSV, PARQUET)
_ENVELOPE = ("applicant_id", "language")


async def predict_batch(request: Request) -> Response:
    """Handle `POST /predict_batch`."""
    state = state_of(request)
    engine = state.ready_engine()
    request_id = read_request_id(request)
    settings = state.settings
    body = await read_body(request, settings, media_types=MEDIA_TYPES, max_bytes=settings.max_batch_bytes)
    media_type = request.headers.get("Content-Type", JSON).partition(";")[0].strip().lower()
    # In a thread: a thousand applicants take a second, and others are waiting.
    results = await asyncio.to_thread(score_rows, engine, body, media_type, request_id, settings.max_batch_rows)
    scored = [result for result in results if not isinstance(result, ApiError)]
    answers = iter(await record_decisions(request, scored) if scored else [])
    rows = [
        _error_row(row, result) if isinstance(result, ApiError) else f'{{"row":{row},"decision":{next(answers)}}}'
        for row, result in enumerate(results)
    ]
    counts = f'"rows":{len(rows)},"scored":{len(scored)},"failed":{len(rows) - len(scored)}'
    return json_response(f'{{"request_id":{write_json(request_id)},{counts},"results":[{",".join(rows)}]}}')


def score_rows(
    engine: Engine, body: bytes, media_type: str, request_id: str, most_rows: int
) -> list[Scored | ApiError]:
    """Score every row of a body; an error in the place of a row that cannot be scored.

    Raises:
        ApiError: the body as a whole cannot be read, or has too many rows.
    """
    documents = read_rows(body, media_type, engine.portfolio, most_rows)
    if len(documents) > most_rows:
        message = f"A batch may have at most {most_rows} rows; send several, or use credit-platform score."
        raise ApiError(ErrorCode.BODY_TOO_LARGE, message)
    read: list[Any] = []
    for row, document in enumerate(documents):
        if isinstance(document, ApiError):
            read.append(document)
            continue
        try:
            read.append(engine.reader.read_document(document, f"{request_id[:56]}:{row}"))
        except ApiError as error:
            read.append(error)
    scored = iter(engine.score_many([one for one in read if not isinstance(one, ApiError)]))
    return [one if isinstance(one, ApiError) else next(scored) for one in read]


def read_rows(body: bytes, media_type: str, portfolio: Portfolio, most_rows: int) -> list[object]:
    """Rows of a body as documents of the shape of `POST /predict`; of a file at most one more than `most_rows`.

    A row of a file that does not say whose it is, is an error in that place.

    Raises:
        ApiError: 400, it is not of that format, or broken as a whole (the line is named); 422, JSON but no list, or a
            list without rows, or a file with columns that it must not have.
    """
    if media_type == JSON:
        documents = parse_json(body)
        if not isinstance(documents, list) or not documents:
            raise ApiError(ErrorCode.WRONG_TYPE, "The body must be a list of requests, at least one.", "body")
        return documents
    rows = _table(body, media_type, portfolio, most_rows)
    if not rows:
        raise ApiError(ErrorCode.INVALID_FILE, "The file has no rows.")
    from bento.table_rows import document  # noqa: PLC0415  # it brings polars

    return [document(row, portfolio) for row in rows]


def _table(body: bytes, media_type: str, portfolio: Portfolio, most_rows: int) -> list[dict[str, Any]]:
    import polars as pl  # noqa: PLC0415  # the process that only supervises workers does not need it

    try:
        if media_type == CSV:
            names = _csv_names(body, portfolio)
            # As text: a type that is inferred would depend on the other rows.
            schema = dict.fromkeys(names, pl.String)
            return pl.read_csv(io.BytesIO(body), schema=schema, n_rows=most_rows + 1).to_dicts()
        frame = pl.read_parquet(io.BytesIO(body), n_rows=most_rows + 1)
        from credit_platform.files.parquet import flat_names  # noqa: PLC0415  # as above

        _check_columns(flat_names("The body", frame.schema), portfolio)
        return frame.to_dicts()
    except RawFileError as error:
        raise ApiError(ErrorCode.INVALID_FILE, str(error)) from None
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, OSError):
        raise ApiError(ErrorCode.INVALID_FILE, f"The body is not a readable {media_type} file.") from None


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


def _error_row(row: int, error: ApiError) -> str:
    content: dict[str, str] = {"code": error.code.value, "message": error.message}
    if error.field is not None:
        content["field"] = error.field
    return write_json({"row": row, "error": content})
