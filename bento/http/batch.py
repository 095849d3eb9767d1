"""`POST /predict_batch`: many applicants in one request, as JSON, CSV or Parquet.

What is here: the handler, and its answer.
What to add here: what the answer says about the whole of a batch.
What must not be here: reading the rows (`requests/batch_body.py`), rules about fields (`requests/validation.py`).

All decisions of a batch are committed to the log in one transaction before the answer is sent. What a body may become
is in `requests/bounds.py`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from bento.errors import ApiError
from bento.http.handling import json_response, read_body, read_request_id, record_decisions, state_of
from bento.requests.batch_body import read_rows
from bento.requests.bounds import Bounds
from bento.requests.json_text import write_json
from bento.requests.media_types import JSON, MEDIA_TYPES
from bento.requests.patience import Patience
from bento.runtime.recorder import Batch, Scored
from credit_platform.monitoring.decision_log.record import row_id

if TYPE_CHECKING:
    from bento.runtime.engine import Engine

_PIECE = 100
"""Rows scored in one go; between two it is seen whether anybody still waits."""


async def predict_batch(request: Request) -> Response:
    """Handle `POST /predict_batch`."""
    state = state_of(request)
    engine = state.ready_engine()
    request_id = read_request_id(request)
    settings = state.settings
    body = await read_body(request, settings, media_types=MEDIA_TYPES, max_bytes=settings.max_batch_bytes)
    media_type = request.headers.get("Content-Type", JSON).partition(";")[0].strip().lower()
    bounds = Bounds.of(engine.portfolio, settings.max_batch_rows, settings.max_batch_unpacked_bytes)
    async with Patience(request, settings.batch_seconds) as patience, state.batches:
        # In threads: a thousand applicants take a second, and others are waiting.
        documents = await asyncio.to_thread(read_rows, body, media_type, engine.portfolio, bounds, patience)
        del body
        state.gatekeeper.charge(request, len(documents))
        results = await asyncio.to_thread(score_rows, engine, documents, request_id, patience)
    scored = [result for result in results if not isinstance(result, ApiError)]
    refused = {
        row: refusal(result, documents[row]) for row, result in enumerate(results) if isinstance(result, ApiError)
    }
    answers = iter(await record_decisions(request, scored, Batch(request_id, refused)) if scored else [])
    rows = [
        _error_row(row, result) if isinstance(result, ApiError) else f'{{"row":{row},"decision":{next(answers)}}}'
        for row, result in enumerate(results)
    ]
    counts = f'"rows":{len(rows)},"scored":{len(scored)},"failed":{len(rows) - len(scored)}'
    return json_response(f'{{"request_id":{write_json(request_id)},{counts},"results":[{",".join(rows)}]}}')


def score_rows(
    engine: Engine, documents: Sequence[object], request_id: str, patience: Patience
) -> list[Scored | ApiError]:
    """Score every row; an error in the place of a row that cannot be scored.

    Raises:
        ApiError: nobody waits for it any more.
    """
    results: list[Scored | ApiError] = []
    for start in range(0, len(documents), _PIECE):
        patience.check()
        read: list[Any] = []
        for row, document in enumerate(documents[start : start + _PIECE], start):
            if isinstance(document, ApiError):
                read.append(document)
                continue
            try:
                read.append(engine.reader.read_document(document, row_id(request_id, row)))
            except ApiError as error:
                read.append(error)
        scored = iter(engine.score_many([one for one in read if not isinstance(one, ApiError)]))
        results += [one if isinstance(one, ApiError) else next(scored) for one in read]
    return results


def refusal(error: ApiError, document: object) -> str:
    """What stands for a row that was not decided, in the digest of its batch: what was said of it, and what it was."""
    said = [error.code.value, error.field, error.message]
    sent = None if isinstance(document, ApiError) else document
    return json.dumps([said, sent], sort_keys=True, default=repr)


def _error_row(row: int, error: ApiError) -> str:
    content: dict[str, str] = {"code": error.code.value, "message": error.message}
    if error.field is not None:
        content["field"] = error.field
    return write_json({"row": row, "error": content})
