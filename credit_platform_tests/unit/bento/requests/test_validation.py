"""Strict reading: each way a request can be wrong has its code and names its field; nothing is guessed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bento.errors import ApiError, ErrorCode
from bento.requests.validation import RequestReader
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.feature_group import FeatureGroup
from credit_platform.portfolios.source_table import Column, ColumnType, SourceTable
from credit_platform.scoring import Request

PORTFOLIO = get_portfolio("german_credit")
READER = RequestReader(PORTFOLIO)
HISTORY = SourceTable(
    name="loans",
    file_name="loans.csv",
    description="Earlier loans.",
    columns=(
        Column(name="applicant_id", type=ColumnType.INT32, description="Applicant."),
        Column(name="debt", type=ColumnType.FLOAT64, description="Debt.", nullable=True, minimum=0),
        Column(name="status", type=ColumnType.STRING, description="Status."),
    ),
)
WITH_HISTORY = replace(
    PORTFOLIO,
    tables=(*PORTFOLIO.tables, HISTORY),
    feature_groups=(
        *PORTFOLIO.feature_groups,
        FeatureGroup(name="loans", table="loans", description="Earlier loans.", features=(), history=True),
    ),
)


def application(**changes: object) -> dict[str, object]:
    return {**PORTFOLIO.examples["accepted"], **changes}


def body(**envelope: object) -> bytes:
    return json.dumps({"application": application(), **envelope}).encode()


def failure(content: bytes, reader: RequestReader = READER) -> ApiError:
    with pytest.raises(ApiError) as caught:
        reader.read(content)
    return caught.value


def test_a_valid_request_is_read_as_it_stands() -> None:
    request = READER.read(body(applicant_id="A-1", language="fr"), request_id="r1")
    assert request.application == PORTFOLIO.examples["accepted"]
    assert (request.applicant_id, request.language, request.request_id) == ("A-1", "fr", "r1")
    assert request.histories is None


def test_english_is_spoken_when_no_language_is_named() -> None:
    assert READER.read(body()).language == "en"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": "1500"}, ErrorCode.WRONG_TYPE),
        ({"amount": 1500.5}, ErrorCode.WRONG_TYPE),
        ({"amount": True}, ErrorCode.WRONG_TYPE),
        ({"amount": None}, ErrorCode.WRONG_TYPE),
        ({"amount": [1500]}, ErrorCode.WRONG_TYPE),
        ({"amount": float("nan")}, ErrorCode.WRONG_TYPE),
        ({"amount": float("inf")}, ErrorCode.WRONG_TYPE),
        ({"amount": -1}, ErrorCode.OUT_OF_RANGE),
        ({"amount": 10**400}, ErrorCode.OUT_OF_RANGE),
        ({"purpose": 7}, ErrorCode.WRONG_TYPE),
        ({"purpose": "a yacht"}, ErrorCode.NOT_ALLOWED),
        ({"purpose": "\ud800"}, ErrorCode.WRONG_TYPE),
        ({"shoe_size": 44}, ErrorCode.UNKNOWN_FIELD),
        ({"foreign_worker": "yes"}, ErrorCode.PROTECTED_FIELD),
        ({"personal_status_sex": "male single"}, ErrorCode.PROTECTED_FIELD),
        ({"default": 0}, ErrorCode.UNKNOWN_FIELD),
    ],
)
def test_a_bad_value_names_its_field(change: dict[str, Any], code: ErrorCode) -> None:
    error = failure(body(application=application(**change)))
    assert (error.code, error.field) == (code, f"application.{next(iter(change))}")
    assert error.code.status == 422


def test_the_message_says_what_is_wanted_and_not_what_was_sent() -> None:
    error = failure(body(application=application(duration_months=987654)))
    assert error.message == "application.duration_months must be a whole number from 1 to 120 (months)."


def test_a_missing_column_is_named() -> None:
    short = application()
    del short["purpose"]
    error = failure(body(application=short))
    assert (error.code, error.field) == (ErrorCode.MISSING_FIELD, "application.purpose")


@pytest.mark.parametrize(
    ("content", "code", "field"),
    [
        (b"[]", ErrorCode.WRONG_TYPE, "body"),
        (b"NaN", ErrorCode.WRONG_TYPE, "body"),
        (b"{}", ErrorCode.MISSING_FIELD, "application"),
        (body(application=[]), ErrorCode.WRONG_TYPE, "application"),
        (body(language="de"), ErrorCode.NOT_ALLOWED, "language"),
        (body(language=None), ErrorCode.NOT_ALLOWED, "language"),
        (body(language=["fr"]), ErrorCode.NOT_ALLOWED, "language"),
        (body(applicant_id="a\n"), ErrorCode.WRONG_TYPE, "applicant_id"),
        (body(applicant_id="x" * 65), ErrorCode.WRONG_TYPE, "applicant_id"),
        (body(histories=[]), ErrorCode.WRONG_TYPE, "histories"),
        (body(histories={"bureau": []}), ErrorCode.UNKNOWN_FIELD, "histories.bureau"),
        (body(threshold=0.9), ErrorCode.UNKNOWN_FIELD, "threshold"),
        (b'{"application": {}, "application": {}}', ErrorCode.DUPLICATE_FIELD, "application"),
        (b'{"application": {"amount": 1, "amount": 2}}', ErrorCode.DUPLICATE_FIELD, "amount"),
        (b'{"application": {"purpose": "a:b:c", "amount": 1, "amount": 2}}', ErrorCode.DUPLICATE_FIELD, "amount"),
        (b'{"application": {"purpose": "\\u003a", "amount": 1, "amount": 2}}', ErrorCode.DUPLICATE_FIELD, "amount"),
        (b'{"histories": {"bureau": [{"x": 1}, {"x": 1, "x": 1}]}}', ErrorCode.DUPLICATE_FIELD, "x"),
        (b'{"application": [[{"y": 1, "y": 1}]]}', ErrorCode.DUPLICATE_FIELD, "y"),
    ],
)
def test_a_bad_envelope_names_its_field(content: bytes, code: ErrorCode, field: str) -> None:
    error = failure(content)
    assert (error.code, error.field) == (code, field)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe{}", b"[" * 200_000, b'{"application": ' + b"9" * 5000 + b"}", b"{'a': 1}"],
    ids=["empty", "cut off", "not UTF-8", "too deep", "too many digits", "single quotes"],
)
def test_what_is_not_json_is_a_400(content: bytes) -> None:
    error = failure(content)
    assert (error.code, error.code.status, error.field) == (ErrorCode.INVALID_JSON, 400, None)


def test_names_of_unknown_fields_are_shortened_and_made_printable() -> None:
    error = failure(body(**{"é" + "x" * 500: 1}))
    assert error.field is not None
    assert error.field.isascii()
    assert len(error.field) < 80


def test_a_whole_float_counts_as_a_whole_number() -> None:
    assert READER.read(body(application=application(amount=1500.0))).application["amount"] == 1500


class TestColumns:
    """What a client is told; what a value is, is tested with `values`, and for this door in `test_doors.py`."""

    @pytest.mark.parametrize(
        ("column", "value", "code"),
        [
            (Column(name="x", type=ColumnType.INT8, description="X."), 128, ErrorCode.OUT_OF_RANGE),
            (Column(name="x", type=ColumnType.FLOAT32, description="X."), 3.5e38, ErrorCode.OUT_OF_RANGE),
            (Column(name="x", type=ColumnType.STRING, description="X."), "x" * 257, ErrorCode.WRONG_TYPE),
        ],
    )
    def test_a_fault_has_its_code(self, column: Column, value: object, code: ErrorCode) -> None:
        table = replace(HISTORY, columns=(*HISTORY.columns, column))
        reader = RequestReader(replace(WITH_HISTORY, tables=(*PORTFOLIO.tables, table)))
        error = failure(body(histories={"loans": [{"status": "a", "x": value}]}), reader)
        assert (error.code, error.field) == (code, "histories.loans[0].x")
        assert error.message.startswith("histories.loans[0].x must be ")

    def test_null_is_told_from_what_is_not_there(self) -> None:
        without = application()
        del without["amount"]
        assert failure(body(application=without)).code is ErrorCode.MISSING_FIELD
        error = failure(body(application=application(amount=None)))
        assert (error.code, error.message.endswith(", not null.")) == (ErrorCode.WRONG_TYPE, True)

    def test_null_in_a_column_that_may_be_left_out_is_the_same_as_leaving_it_out(self) -> None:
        assert "job" not in PORTFOLIO.express_columns
        request = READER.read(body(application=application(job=None)))
        assert request.application["job"] is None
        with pytest.raises(ApiError, match=r"application\.job must be .*, not null"):
            RequestReader(PORTFOLIO, reduced=False).read(body(application=application(job=None)))


class TestApplicants:
    """The key of german_credit is a whole number: whatever says the same number is the same person."""

    @pytest.mark.parametrize("sent", [7, 7.0, "7", "007", "7.0", " 7", "+7", "0.7e1"])
    def test_a_number_in_any_spelling_is_one_applicant(self, sent: object) -> None:
        assert READER.read(body(applicant_id=sent)).applicant_id == "7"

    def test_a_text_that_is_no_number_is_the_clients_own_identifier(self) -> None:
        assert READER.read(body(applicant_id="A-17")).applicant_id == "A-17"

    @pytest.mark.parametrize(
        "sent",
        [7.5, "7.5", True, 1e300, "1e300", 0, "0", -7, 2**31, "9" * 30, "NA", "", "-7", "7 0", [7], float("nan")],
    )
    def test_what_names_nobody_is_refused_by_name(self, sent: object) -> None:
        error = failure(body(applicant_id=sent))
        assert (error.code, error.field) == (ErrorCode.WRONG_TYPE, "applicant_id")


class TestHistories:
    READER = RequestReader(WITH_HISTORY)

    def test_rows_are_read_and_may_leave_out_the_applicant(self) -> None:
        rows = [{"debt": 10, "status": "active"}, {"status": "closed"}]
        request = self.READER.read(body(histories={"loans": rows}))
        assert request.histories == {"loans": [{"debt": 10.0, "status": "active"}, {"status": "closed"}]}

    @pytest.mark.parametrize(
        ("rows", "field"),
        [
            ({}, "histories.loans"),
            ([1], "histories.loans[0]"),
            ([{"status": "closed"}, {"status": "closed", "debt": -1}], "histories.loans[1].debt"),
            ([{}], "histories.loans[0].status"),
            ([{"status": "closed"}] * 10_001, "histories.loans"),
        ],
    )
    def test_a_bad_row_is_named(self, rows: object, field: str) -> None:
        assert failure(body(histories={"loans": rows}), self.READER).field == field


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def outcome(content: bytes) -> Request | ApiError:
    try:
        return READER.read(content)
    except ApiError as error:
        return error


@given(column=st.sampled_from([*PORTFOLIO.examples["accepted"], "unknown"]), value=JSON)
def test_any_json_in_a_column_is_valid_or_refused_by_name(column: str, value: object) -> None:
    result = outcome(json.dumps({"application": application(**{column: value})}).encode())
    if isinstance(result, ApiError):
        assert result.code.status == 422
        assert result.code is ErrorCode.DUPLICATE_FIELD or f"application.{column}" == result.field
    else:
        assert result.application[column] == value


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    result = outcome(content)
    assert isinstance(result, ApiError)
    assert result.code.status in (400, 422)
