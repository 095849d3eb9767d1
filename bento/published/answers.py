"""JSON Schema and OpenAPI operations of `/predict_batch` and `/explain`.

What is here: their bodies, answers and descriptions.
What to add here: a field that one of the two answers with.
What must not be here: what `/predict` has too (`schema.py`).
"""

from __future__ import annotations

import csv
import io
from typing import Any

from bento.published.shapes import Schema, number, object_of, text
from bento.requests.media_types import CSV, PARQUET
from credit_platform.portfolios.portfolio import Portfolio

_REFERENCE = "#/components/schemas/"


def _count(description: str) -> Schema:
    return {"type": "integer", "minimum": 0, "description": description}


def _list(items: Schema, description: str) -> Schema:
    return {"type": "array", "items": items, "description": description}


def notes_schema() -> dict[str, Schema]:
    """What an answer says about its inputs."""
    return {
        "missing_inputs": _list({"type": "string"}, "Columns of the application that were not given."),
        "histories": {
            "type": "string",
            "enum": ["request", "stored", "none"],
            "description": "Where the histories came from: the request, what the service has stored of this applicant, "
            "or nowhere.",
        },
    }


def more_schemas(decision: Schema, error: Schema) -> dict[str, Schema]:
    """Named schemas of the two endpoints, given those of a decision and of an error."""
    row = _count("Place of the row in what was sent, from 0.")
    result = {
        "oneOf": [
            object_of({"row": row, "decision": {"$ref": f"{_REFERENCE}Decision"}}, "A row that was scored."),
            object_of({"row": row, "error": error["properties"]["error"]}, "A row that was not."),
        ]
    }
    counts = {
        "rows": _count("Rows sent."),
        "scored": _count("Rows decided and logged."),
        "failed": _count("Rows not decided; each has its error."),
    }
    batch = {"request_id": text("Identifies this answer."), **counts, "results": _list(result, "In the order sent.")}
    return {
        "BatchRequest": {
            "type": "array",
            "minItems": 1,
            "items": {"$ref": f"{_REFERENCE}PredictRequest"},
            "description": "Applicants.",
        },
        "BatchAnswer": object_of(batch, "A decision or an error for each row."),
        "Explanation": _explanation(decision),
    }


def _explanation(decision: Schema) -> Schema:
    contribution = object_of(
        {
            "feature": text("Feature."),
            "description": text("What it says."),
            "unit": {"type": ["string", "null"]},
            "reason": text("Reason family."),
            "value": {"type": ["number", "string", "null"], "description": "Value of this applicant."},
            "contribution": number("Share in the log-odds of default; positive raised the risk."),
        },
        "One feature.",
    )
    step = object_of(
        {
            "reason": text("Reason family."),
            "contribution": number("Height of the step."),
            "start": number("Log-odds before the step."),
            "end": number("Log-odds after it."),
        },
        "One step of the waterfall.",
    )
    change = object_of({"field": text("Column of the application."), "from": {}, "to": {}}, "One input that changes.")
    option = object_of(
        {
            "changes": _list(change, "All of them together."),
            "probability_of_default": number("With these changes."),
            "accepted": {"type": "boolean", "description": "Whether that is enough."},
        },
        "Something the applicant could ask for instead.",
    )
    return object_of(
        {
            **decision["properties"],
            "base_value": number("Log-odds of default of the average applicant."),
            "log_odds": number("Log-odds of default of this one: base value and contributions added up."),
            "contributions": _list(contribution, "Every feature of the model, the strongest first."),
            "waterfall": _list(step, "From the base value to the log-odds, a step for each reason family."),
            "counterfactuals": _list(
                option,
                "The smallest changes with which a refused applicant would be accepted, among what an applicant can "
                "influence; when nothing is enough, the one that lowers the risk most. Empty for accepted applicants.",
            ),
        },
        "Why, and what would have to change. Nothing is decided and nothing is logged.",
    )


def batch_operation(portfolio: Portfolio, examples: list[Any], shared: Schema) -> Schema:
    """`POST /predict_batch`; `shared` holds what it has in common with `/predict`."""
    columns = list(dict.fromkeys(name for example in examples for name in example["application"]))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["applicant_id", "language", *columns])
    writer.writerows(
        [example["applicant_id"], example["language"], *(example["application"].get(name) for name in columns)]
        for example in examples
    )
    schema = {"type": "string", "description": f"Header: applicant_id and language (optional), then {portfolio.title}."}
    return {
        "operationId": "predict_batch",
        "tags": ["decisions"],
        "summary": "Score many applicants.",
        "description": "A JSON list of requests as for /predict, or a CSV or Parquet file with a column for each "
        "field of the application. Also at /predict/batch. A row at fault has its error, the others are decided; all "
        "decisions are in the decision log before the answer is sent. Request ids are that of the header, a colon, and "
        "the row. "
        "Scope: score.",
        **shared,
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": f"{_REFERENCE}BatchRequest"},
                    "examples": {"all": {"value": examples}},
                },
                CSV: {"schema": schema, "examples": {"all": {"value": text.getvalue()}}},
                PARQUET: {"schema": {"type": "string", "format": "binary"}},
            },
        },
    }


def explain_operation(examples: Schema, shared: Schema) -> Schema:
    """`POST /explain`."""
    return {
        "operationId": "explain",
        "tags": ["explanations"],
        "summary": "Explain the score of one applicant.",
        "description": "All contributions, the waterfall, and what would have to change. Scope: explain.",
        **shared,
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": f"{_REFERENCE}PredictRequest"}, "examples": examples},
            },
        },
    }
