"""The OpenAPI 3.1 document.

What is here: paths, status codes and examples.
What to add here: a path, when `app.py` gets a route. A test compares the two.
What must not be here: schemas of bodies (`schema.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bento.identifiers import IDENTIFIER
from bento.schema import component_schemas
from bento.validation import accepted_columns
from credit_platform import __version__
from credit_platform.portfolios.portfolio import Portfolio

_JSON = "application/json"
_ERRORS: Mapping[int, str] = {
    400: "The body is not valid JSON in UTF-8.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    415: "The body is not announced as application/json.",
    422: "A field is unknown, missing, protected, of the wrong type, or has an impossible value; `field` names it.",
    503: "The service is not ready; see /health.",
}


def example_requests(portfolio: Portfolio) -> dict[str, dict[str, Any]]:
    """Bodies of `POST /predict` that work as they stand, by the portfolio's names for them."""
    names = {column.name for column in accepted_columns(portfolio)}
    return {
        key: {
            "applicant_id": f"example-{key}".replace(" ", "-")[:64],
            "application": {name: value for name, value in row.items() if name in names},
            "language": "en",
        }
        for key, row in portfolio.examples.items()
    }


def openapi_document(portfolio: Portfolio) -> dict[str, Any]:
    """The whole document; the same for every scorer of a portfolio, so that a golden file can hold it."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Credit scoring: {portfolio.title}",
            "version": __version__,
            "summary": "Probability of default, decision and reasons for one applicant.",
            "description": f"{portfolio.description}\n\nData: {portfolio.source}",
        },
        "paths": {
            "/predict": {"post": _predict(portfolio)},
            "/health": {"get": _health()},
            "/model-info": {"get": _model_info()},
            "/metrics": {"get": _metrics()},
        },
        "components": {"schemas": component_schemas(portfolio)},
    }


def _content(schema: str, **more: Any) -> dict[str, Any]:
    return {_JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}, **more}}


def _failures(*statuses: int) -> dict[str, Any]:
    return {str(status): {"description": _ERRORS[status], "content": _content("Error")} for status in statuses}


def _predict(portfolio: Portfolio) -> dict[str, Any]:
    examples = {key: {"value": body} for key, body in example_requests(portfolio).items()}
    return {
        "operationId": "predict",
        "summary": "Score one applicant.",
        "description": "Answers with the probability of default, the decision and up to four reasons.",
        "parameters": [
            {
                "name": "X-Request-ID",
                "in": "header",
                "required": False,
                "description": "Your identifier of the request; made up when absent.",
                "schema": {"type": "string", "pattern": IDENTIFIER},
            }
        ],
        "requestBody": {"required": True, "content": _content("PredictRequest", examples=examples)},
        "responses": {
            "200": {"description": "The applicant was scored.", "content": _content("Decision")},
            **_failures(*_ERRORS),
        },
    }


def _health() -> dict[str, Any]:
    return {
        "operationId": "health",
        "summary": "Whether the service is live and ready.",
        "responses": {
            "200": {"description": "Ready to score.", "content": _content("Health")},
            "503": {"description": "Live, but not ready; `reason` says why.", "content": _content("Health")},
        },
    }


def _model_info() -> dict[str, Any]:
    return {
        "operationId": "model_info",
        "summary": "The model behind the service: version, digest, threshold, training metrics, features.",
        "responses": {
            "200": {"description": "The model.", "content": _content("ModelInfo")},
            **_failures(503),
        },
    }


def _metrics() -> dict[str, Any]:
    return {
        "operationId": "metrics",
        "summary": "Metrics in the Prometheus text format.",
        "responses": {
            "200": {"description": "Metrics.", "content": {"text/plain": {"schema": {"type": "string"}}}},
        },
    }
