"""Every endpoint keeps what its OpenAPI document promises, whatever is sent: schemathesis makes requests of it.

The same requests each time, few enough for seconds. `CREDIT_PLATFORM_TEST_EXAMPLES=500` makes it a search.
"""

from __future__ import annotations

import os
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
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

from credit_platform_tests.e2e.conftest import Served

pytestmark = pytest.mark.e2e

EXAMPLES = int(os.environ.get("CREDIT_PLATFORM_TEST_EXAMPLES", "15"))
POSTS, GETS = ["/predict", "/predict_batch", "/explain"], ["/health", "/model-info", "/metrics"]
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


@pytest.fixture(scope="module")
def document(served: Served) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{served.service.url}/openapi.json", trust_env=False).json()
    assert sorted(found["paths"]) == sorted(POSTS + GETS)
    return found


@pytest.mark.parametrize(("path", "mode"), CASES)
def test_answers_are_as_documented(served: Served, document: dict[str, Any], path: str, mode: GenerationMode) -> None:
    (method,) = document["paths"][path]
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=served.service.url)
    operation = schema[path][method.upper()]

    @hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case[Any]) -> None:
        by_mode = [BY_MODE[mode]] if _shows_in_the_status(case, path, mode) else []
        case.call_and_validate(headers=served.service.headers, checks=[*CHECKS, *by_mode], timeout=10)

    ask()


def _shows_in_the_status(case: schemathesis.Case[Any], path: str, mode: GenerationMode) -> bool:
    """Whether what is valid is accepted as a whole, and what is not refused."""
    if case.media_type not in (None, "application/json"):
        return False  # what a CSV or Parquet file must hold cannot be said in a schema
    return path != "/predict_batch" or mode is GenerationMode.POSITIVE  # a row at fault has its error in a 200
