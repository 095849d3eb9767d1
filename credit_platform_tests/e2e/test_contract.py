"""Every endpoint keeps what its OpenAPI document promises, whatever is sent: schemathesis makes requests of it.

What a status cannot say of a batch is looked up in its rows: one that is not valid never gets a score, in a JSON list
(judged by the document's own schema of a request) or in a CSV or Parquet file (made of cells known to be good or bad).

The same requests each time, few enough for seconds. `CREDIT_PLATFORM_TEST_EXAMPLES=500` makes it a search.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import hypothesis
import polars as pl
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bento.requests.media_types import CSV, PARQUET
from credit_platform.values import plain_number
from credit_platform_tests.e2e.conftest import Served

pytestmark = pytest.mark.e2e

EXAMPLES = int(os.environ.get("CREDIT_PLATFORM_TEST_EXAMPLES", "15"))
POSTS, GETS = (
    ["/predict", "/predict_batch", "/explain"],
    ["/health", "/model-info", "/metrics", "/healthz", "/livez", "/readyz"],
)
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
BY_MODE = {GenerationMode.POSITIVE: positive_data_acceptance, GenerationMode.NEGATIVE: negative_data_rejection}
CASES = [
    *((path, GenerationMode.POSITIVE) for path in POSTS + GETS),
    *((path, GenerationMode.NEGATIVE) for path in POSTS),  # the others take nothing that could be wrong
]


SEARCH = hypothesis.settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def document(served: Served) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{served.service.url}/openapi.json", trust_env=False).json()
    assert sorted(found["paths"]) == sorted(POSTS + GETS)
    return found


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[httpx.Client]:
    """One for all files: making a client takes longer than most answers."""
    service = served.service
    with httpx.Client(base_url=service.url, headers=service.headers, trust_env=False) as client:
        yield client


@pytest.mark.parametrize(("path", "mode"), CASES)
def test_answers_are_as_documented(served: Served, document: dict[str, Any], path: str, mode: GenerationMode) -> None:
    (method,) = document["paths"][path]
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=served.service.url)
    operation = schema[path][method.upper()]

    is_valid = request_validator(document)

    @SEARCH
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case[Any]) -> None:
        by_mode = [BY_MODE[mode]] if _shows_in_the_status(case, path, mode) else []
        response = case.call_and_validate(headers=served.service.headers, checks=[*CHECKS, *by_mode], timeout=10)
        if path == "/predict_batch" and response.status_code == 200 and case.media_type == "application/json":
            rows: Any = case.body
            for row in response.json()["results"]:
                asked = rows[row["row"]]
                assert "error" in row or is_valid(asked), asked

    ask()


@pytest.mark.parametrize("media_type", [CSV, PARQUET])
def test_a_bad_cell_of_a_file_never_gets_a_score(served: Served, client: httpx.Client, media_type: str) -> None:
    """The first row is the example, in every other one a cell is replaced by one that is wrong for its column."""
    faults = st.sampled_from(COLUMNS).flatmap(lambda name: st.tuples(st.just(name), bad_cells(name, media_type)))

    @SEARCH
    @hypothesis.given(rows=st.lists(faults, min_size=1, max_size=8))
    def ask(rows: list[tuple[str, Any]]) -> None:
        example = example_of(served)
        body = file_of([example, *({**example, column: cell} for column, cell in rows)], media_type)
        response = send(client, body, media_type)
        assert response.status_code == 200, response.text
        scored = ["decision" in result for result in response.json()["results"]]
        assert scored == [True, *([False] * len(rows))], rows

    ask()


@pytest.mark.parametrize("media_type", [CSV, PARQUET])
def test_a_spoilt_file_is_refused_and_never_a_fault(served: Served, client: httpx.Client, media_type: str) -> None:
    """Random bytes, a good file cut off or with bytes overwritten: every answer is a documented one."""
    example = example_of(served)
    good = file_of([example] * 3, media_type)
    overwritten = st.tuples(st.integers(0, len(good) - 1), st.binary(min_size=1, max_size=9)).map(
        lambda change: good[: change[0]] + change[1] + good[change[0] + len(change[1]) :]
    )
    cut = st.integers(0, len(good) - 1).map(lambda length: good[:length])

    @SEARCH
    @hypothesis.given(body=st.one_of(st.binary(max_size=200), cut, overwritten))
    def ask(body: bytes) -> None:
        response = send(client, body, media_type)
        assert response.status_code in (200, 400, 422), (response.status_code, body)
        assert response.status_code == 200 or set(response.json()["error"]) >= {"code", "message"}

    ask()
    assert served.service.client.health()["ready"]


COLUMNS = ["amount", "age_years", "duration_months", "purpose"]
TEXTS = ["banana", "-5", "1_000", "1 2", "٣٤", "0x10", "1.5", "nan", "inf", "1e999", "9" * 5000, "1,2", "true"]
"""No column takes any of these: not as text, and not as the number that somebody could read in it."""
NUMBERS = [-5.0, 1.5, float("-inf"), float("inf"), 1e300]


def bad_cells(column: str, media_type: str) -> st.SearchStrategy[Any]:
    return st.sampled_from(NUMBERS if media_type == PARQUET and column != "purpose" else TEXTS)


def example_of(served: Served) -> dict[str, Any]:
    """An application that is accepted as it is; numbers as floats, which a Parquet column of mixed numbers has."""
    portfolio = served.scorer.portfolio
    protected = {column.name for column in portfolio.application_columns if column.protected is not None}
    # With a column that no feature reads: it may be left out, and is checked where it comes.
    row = {"age_years": 29, **{n: value for n, value in portfolio.examples["refused"].items() if n not in protected}}
    return row | {name: float(str(row[name])) for name in COLUMNS if name != "purpose"}


def file_of(rows: list[dict[str, Any]], media_type: str) -> bytes:
    """The rows as a file; a CSV file holds texts."""
    output = io.BytesIO()
    if media_type == CSV:
        pl.DataFrame([{name: str(cell) for name, cell in row.items()} for row in rows]).write_csv(output)
    else:
        pl.DataFrame(rows).write_parquet(output)
    return output.getvalue()


def send(client: httpx.Client, body: bytes, media_type: str) -> httpx.Response:
    return client.post("/predict_batch", content=body, headers={"Content-Type": media_type})


def request_validator(document: dict[str, Any]) -> Callable[[object], bool]:
    """Whether something is a request as the document describes it."""
    schema = {"$ref": "#/components/schemas/PredictRequest", "components": document["components"]}
    return Draft202012Validator(schema).is_valid


def _shows_in_the_status(case: schemathesis.Case[Any], path: str, mode: GenerationMode) -> bool:
    """Whether what is valid is accepted as a whole, and what is not refused."""
    if case.media_type not in (None, "application/json"):
        return False  # what a CSV or Parquet file must hold cannot be said in a schema
    asked = case.body.get("applicant_id") if isinstance(case.body, dict) else None
    if isinstance(asked, str) and plain_number(asked) is not None:
        return False  # nor that a text which is a number has to be one that a key can be
    return path != "/predict_batch" or mode is GenerationMode.POSITIVE  # a row at fault has its error in a 200
