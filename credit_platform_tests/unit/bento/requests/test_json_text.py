"""JSON read and written as text: what orjson does not do as Python's own module does is left to that."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bento.errors import ApiError, ErrorCode
from bento.requests.json_text import parse_json, write_json

DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet='a:"\\é{}', max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(alphabet="ab:é", max_size=2), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(document=DOCUMENTS, ascii_only=st.booleans())
def test_a_body_is_read_as_python_reads_it(document: object, ascii_only: bool) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only)
    read = parse_json(text.encode())
    assert read == document
    assert json.dumps(read) == json.dumps(document), "types and signs of numbers, order of names"


@given(document=DOCUMENTS, name=st.text(alphabet="ab:é", max_size=2))
def test_a_name_that_comes_twice_is_found_wherever_it_is(document: object, name: str) -> None:
    named, other = json.dumps(name), json.dumps(document)
    twice = f'{{{named}: 1, "other": {other}, {named}: 2}}'
    with pytest.raises(ApiError) as caught:
        parse_json(f"[{json.dumps(document)}, {twice}]".encode())
    assert caught.value.code is ErrorCode.DUPLICATE_FIELD


def count_of_none(document: object) -> int:
    if isinstance(document, dict | list):
        return sum(map(count_of_none, document.values() if isinstance(document, dict) else document))
    return int(document is None)


@given(document=DOCUMENTS, known=st.booleans())
def test_what_is_written_reads_the_same(document: object, known: bool) -> None:
    text = write_json(document, nulls=count_of_none(document) if known else 0)
    assert json.dumps(json.loads(text)) == json.dumps(document), "types and signs of numbers, order of names"


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("document", [[], [None], ["null"]])
def test_what_json_does_not_know_is_refused_unless_asked_for(number: float, document: list[object]) -> None:
    content = [{"x": number}, *document]
    nulls = document.count(None)
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(content, nulls=nulls)
    back = json.loads(write_json(content, nulls=nulls, allow_nan=True))
    assert repr(back) == repr(content)


def test_half_of_a_surrogate_pair_is_written_as_python_writes_it() -> None:
    assert write_json({"a": "\ud800"}) == '{"a":"\ud800"}'
