"""The OpenAPI 3.1 document.

What is here: paths, status codes and examples.
What to add here: a path, when `app.py` gets a route. A test compares the two.
What must not be here: schemas of bodies (`schema.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bento.identifiers import IDENTIFIER
from bento.published.answers import batch_operation, explain_operation
from bento.published.schema import component_schemas
from bento.requests.validation import accepted_columns
from credit_platform import __version__
from credit_platform.features.inputs import unused_columns
from credit_platform.portfolios.portfolio import Portfolio

_JSON = "application/json"
_ERRORS: Mapping[int, str] = {
    400: "The body is not valid JSON in UTF-8.",
    401: "There is no valid API key in the request.",
    403: "The API key does not have the scope.",
    408: "The body did not arrive in time.",
    409: "The X-Request-ID was used for another request.",
    413: "The body is too large.",
    415: "The body is not announced as application/json.",
    422: "A field is unknown, missing, protected, of the wrong type, or has an impossible value; `field` names it.",
    429: "The API key is above its rate; `Retry-After` says how many seconds to wait.",
    503: "The service is not ready, or the decision log cannot be reached; no decision was made.",
}
_TAGS = {
    "decisions": "Score applicants: each answer is in the decision log before it is sent.",
    "explanations": "Why a score is what it is; nothing is decided or logged.",
    "model": "What answers.",
    "operation": "For whoever runs the service: readiness, metrics, probes.",
}
PROBES: Mapping[str, str] = {
    "/livez": "Whether the process lives.",
    "/readyz": "Whether requests may be sent here: not before a scorer is loaded, nor once the service leaves.",
    "/healthz": "The same as /livez, by its older name.",
}
"""Routes of BentoML, not of `app.py`."""
_RETRY = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}
_KEYED = (401, 403, 429)
SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"header": []}]
"""Of an operation that needs an API key, in either of two headers."""

_REQUEST_ID = {
    "name": "X-Request-ID",
    "in": "header",
    "required": False,
    "description": "Your identifier of the request; made up when absent. No personal data: it is logged.",
    "schema": {"type": "string", "pattern": IDENTIFIER},
}


def example_requests(portfolio: Portfolio) -> dict[str, dict[str, Any]]:
    """Bodies of `POST /predict` that work as they stand, by the portfolio's names for them."""
    names = {column.name for column in accepted_columns(portfolio)} - unused_columns(portfolio)
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
        "servers": [
            {"url": "/", "description": "The service that this document came from."},
            {
                "url": "http://127.0.0.1:3001",
                "description": "The first service of `make up`, unless its port was taken.",
            },
        ],
        "tags": [{"name": name, "description": what} for name, what in _TAGS.items()],
        "paths": {
            "/predict": {"post": _predict(portfolio)},
            "/predict_batch": {"post": _predict_batch(portfolio)},
            "/explain": {"post": _explain(portfolio)},
            "/health": {"get": _health()},
            "/model-info": {"get": _model_info()},
            "/metrics": {"get": _metrics()},
            **{path: {"get": _probe(path)} for path in PROBES},
        },
        "components": {"schemas": component_schemas(portfolio), "securitySchemes": _security_schemes()},
    }


def _content(schema: str, **more: Any) -> dict[str, Any]:
    return {_JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}, **more}}


def failures(*statuses: int) -> dict[str, Any]:
    """Responses of these statuses, with the body that all errors have."""
    answers: dict[str, Any] = {}
    for status in statuses:
        answers[str(status)] = {"description": _ERRORS[status], "content": _content("Error")}
        if status == 429:  # noqa: PLR2004  # the status itself says most
            answers[str(status)]["headers"] = _RETRY
    return answers


def _security_schemes() -> dict[str, Any]:
    text = "API key, as `credit-platform keys create` prints it; docs/API.md says which scope a route needs."
    return {
        "bearer": {"type": "http", "scheme": "bearer", "description": text},
        "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": text},
    }


def _predict(portfolio: Portfolio) -> dict[str, Any]:
    examples = {key: {"value": body} for key, body in example_requests(portfolio).items()}
    return {
        "operationId": "predict",
        "tags": ["decisions"],
        "summary": "Score one applicant.",
        "description": "Answers with the probability of default, the decision and up to four reasons, once the "
        "decision is in the decision log. The same X-Request-ID with the same body gives the same answer again and "
        "no second decision. Scope: score.",
        "security": SECURITY,
        "parameters": [_REQUEST_ID],
        "requestBody": {"required": True, "content": _content("PredictRequest", examples=examples)},
        "responses": {
            "200": {"description": "The applicant was scored.", "content": _content("Decision")},
            **failures(*_ERRORS),
        },
    }


def _predict_batch(portfolio: Portfolio) -> dict[str, Any]:
    answer = {"200": {"description": "Every row has its decision or its error.", "content": _content("BatchAnswer")}}
    shared = {
        "security": SECURITY,
        "parameters": [_REQUEST_ID],
        "responses": {**answer, **failures(*_ERRORS)},
    }
    return batch_operation(portfolio, list(example_requests(portfolio).values()), shared)


def _explain(portfolio: Portfolio) -> dict[str, Any]:
    examples = {key: {"value": body} for key, body in example_requests(portfolio).items()}
    statuses = [status for status in _ERRORS if status != 409]  # noqa: PLR2004  # nothing is logged that could conflict
    answer = {"200": {"description": "The explanation.", "content": _content("Explanation")}}
    shared = {
        "security": SECURITY,
        "parameters": [_REQUEST_ID],
        "responses": {**answer, **failures(*statuses)},
    }
    return explain_operation(examples, shared)


def _health() -> dict[str, Any]:
    return {
        "operationId": "health",
        "tags": ["operation"],
        "summary": "Whether the service is live and ready.",
        "responses": {
            "200": {"description": "Ready to score.", "content": _content("Health")},
            "503": {"description": "Live, but not ready; `reason` says why.", "content": _content("Health")},
        },
    }


def _model_info() -> dict[str, Any]:
    return {
        "operationId": "model_info",
        "tags": ["model"],
        "summary": "The model behind the service: version, digest, threshold, training metrics, features.",
        "description": "Any API key.",
        "security": SECURITY,
        "responses": {
            "200": {"description": "The model.", "content": _content("ModelInfo")},
            **failures(*_KEYED, 503),
        },
    }


def _probe(path: str) -> dict[str, Any]:
    """A probe for Kubernetes: it answers with its status alone."""
    return {
        "operationId": path.strip("/"),
        "tags": ["operation"],
        "summary": PROBES[path],
        "responses": {
            "200": {"description": "Yes."},
            "503": {"description": "No."},
        },
    }


def _metrics() -> dict[str, Any]:
    return {
        "operationId": "metrics",
        "tags": ["operation"],
        "summary": "Metrics in the Prometheus text format.",
        "description": "Scope: admin, unless the operator made it public.",
        "security": SECURITY,
        "responses": {
            "200": {"description": "Metrics.", "content": {"text/plain": {"schema": {"type": "string"}}}},
            **failures(*_KEYED),
        },
    }
