"""JSON as a text: read from clients strictly, written for clients, the decision log and operators quickly.

What is here: `parse_json` and `write_json`: orjson for what it does exactly, Python's own module for the rest.
What to add here: another way in which a text may mean two things.
What must not be here: rules about fields (`validation.py`), and what a text says.
"""

from __future__ import annotations

import json
from collections import Counter

import orjson

from bento.errors import ApiError, ErrorCode, shown


def write_json(content: object, *, nulls: int = 0, allow_nan: bool = False) -> str:
    """`content` as JSON without spaces.

    Args:
        content: lists, dictionaries with texts as keys, texts, numbers, booleans, None.
        nulls: how many None it holds at least; that they are known saves time.
        allow_nan: whether to write NaN and Infinity by these names, which JSON does not know, or to refuse them.

    Raises:
        ValueError: a number is NaN or infinite, and `allow_nan` is not set.
    """
    try:
        text = orjson.dumps(content)
    except orjson.JSONEncodeError:  # a whole number of more than 64 bits, half of a surrogate pair
        text = None
    # orjson writes null for NaN and Infinity, so each null must be accounted for.
    if text is not None and text.count(b"null") == nulls:
        return text.decode()
    return json.dumps(content, ensure_ascii=False, allow_nan=allow_nan, separators=(",", ":"))


def parse_json(body: bytes) -> object:
    """Parse a body; NaN and Infinity become floats that the rules refuse by the name of their field.

    Raises:
        ApiError: 400 when the body is not JSON in UTF-8; 422 when an object has a name twice.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _parse_closely(body)
    # A colon follows each name, and the others are in texts: written again, a document that lost a name has fewer,
    # unless a colon that was sent in disguise makes up for it.
    if b"\\u003" in body or body.count(b":") != _colons(document):
        return _parse_closely(body)
    return document


def _colons(document: object) -> int:
    """How many colons a parsed document has when it is written; -1 when it is nested too deeply to write."""
    try:
        return orjson.dumps(document).count(b":")
    except orjson.JSONEncodeError:
        return -1


def _parse_closely(body: bytes) -> object:
    """As `parse_json`, a third of its speed: finds out which name came twice, and reads what only Python takes."""
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_without_duplicates)
    # ValueError: not UTF-8, not JSON, or a number of more than 4,300 digits. RecursionError: nested beyond reason.
    except (ValueError, RecursionError):
        raise ApiError(ErrorCode.INVALID_JSON, "The body is not valid JSON in UTF-8.") from None


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    if len(record) != len(pairs):
        # Which of the two was meant? A score from a guess is worse than none.
        repeated = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise ApiError(ErrorCode.DUPLICATE_FIELD, f"{shown(repeated)} is given more than once.", shown(repeated))
    return record
