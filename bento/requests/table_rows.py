"""A row of a table (CSV, Parquet) as the document of a request.

What is here: `document`, which finds out whose row it is and leaves the cells to the rule of their columns.
What to add here: another field of the envelope that a table may have a column for.
What must not be here: reading files (`batch.py`), and what a value is (`credit_platform.values`).
"""

from __future__ import annotations

import math
from typing import Any

from bento.errors import ApiError, ErrorCode
from bento.requests.validation import read_applicant, read_key
from credit_platform.features.request_rows import Cells
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import EMPTY_NUMBERS, EMPTY_TEXTS
from credit_platform.values.grammar import BLANKS

_ENVELOPE = ("applicant_id", "language")


def document(row: dict[str, Any], portfolio: Portfolio) -> dict[str, Any] | ApiError:
    """A table row as the document of a request, its cells still to be read by the rule of their columns.

    An error in its place when it does not say whose row it is.
    """
    given = {name: value for name, value in row.items() if value is not None}
    envelope = {name: given.pop(name) for name in _ENVELOPE if name in given}
    try:
        applicant = _applicant(envelope.pop("applicant_id", None), given.pop(portfolio.applicant_key, None), portfolio)
    except ApiError as error:
        return error
    language = {name: text for name, text in envelope.items() if text not in EMPTY_TEXTS}
    return {"applicant_id": applicant, **language, "application": Cells(given)}


def _applicant(sent: object, key: object, portfolio: Portfolio) -> str | None:
    """Whose row it is, by the client's identifier and by the portfolio's key, either or both of which may be there.

    Raises:
        ApiError: 422; one of them names nobody, the key is no key, or they name two people.
    """
    name = None if _is_empty(sent) else read_applicant(portfolio, sent, "applicant_id")
    if _is_empty(key):
        return name
    known = read_key(portfolio, key)
    if name not in (None, known):
        message = f"applicant_id and {portfolio.applicant_key} name two applicants; give one of them."
        raise ApiError(ErrorCode.NOT_ALLOWED, message, "applicant_id")
    return known


def _is_empty(name: object) -> bool:
    if isinstance(name, str):
        return name.strip(BLANKS) in EMPTY_NUMBERS
    return name is None or (isinstance(name, float) and math.isnan(name))
