"""JSON Schema of what goes in and out, generated from the portfolio.

What is here: schemas of a column, of an application, of a history row, and of every answer.
What to add here: the schema of a new body.
What must not be here: paths and status codes (`openapi.py`), and checks (`validation.py` applies the same columns).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from bento.errors import ErrorCode
from bento.identifiers import IDENTIFIER
from bento.published.answers import more_schemas, notes_schema
from bento.published.rights_schema import data_used_schema, rights_schema
from bento.published.shapes import Schema, number, object_of, text
from bento.requests.validation import (
    LANGUAGES,
    MAX_HISTORY_ROWS,
    accepted_columns,
    history_tables,
    unprotected,
)
from credit_platform.features.inputs import unused_columns
from credit_platform.features.required import required_columns, required_of_row
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.source_table import Column
from credit_platform.values import MAX_TEXT, ValueRule, has_number_as_key, key_column


def column_schema(column: Column, *, required: bool = True) -> Schema:
    """Type, unit, allowed values, range and description of one column."""
    schema: Schema = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}
    if column.type.is_numeric:
        low, high = ValueRule(column).low, ValueRule(column).high
        whole = column.type.is_integer
        schema = {"type": "integer" if whole else "number"}
        schema |= {"minimum": int(low) if whole else low, "maximum": int(high) if whole else high}
    if column.allowed is not None:
        schema = {"type": schema["type"], "enum": list(column.allowed)}
    if column.sentinel is not None:
        schema = {"anyOf": [schema, {"const": column.sentinel, "description": "Stands for unknown."}]}
    if column.nullable or not required:
        schema = {"anyOf": [schema, {"type": "null"}]}
    if not column.nullable and not required:
        schema["x-left-out-if-reduced"] = True
    unit = f" Unit: {column.unit}." if column.unit else ""
    schema["description"] = column.description + unit
    if column.unit:
        schema["x-unit"] = column.unit
    if column.influenceable:
        schema["x-influenceable"] = True
    return schema


def record_schema(columns: Iterable[Column], description: str, *, required: Collection[str]) -> Schema:
    """Schema of an object whose keys are columns; nothing else may be in it. What is not `required` may be null."""
    columns = tuple(columns)
    return {
        "type": "object",
        "description": description,
        "properties": {column.name: column_schema(column, required=column.name in required) for column in columns},
        "required": [column.name for column in columns if column.name in required],
        "additionalProperties": False,
    }


def _application(portfolio: Portfolio) -> Schema:
    protected = [c.name for c in portfolio.application_columns if c.protected is not None]
    note = f" Protected attributes are refused: {', '.join(protected)}." if protected else ""
    if portfolio.express_columns:
        note += (
            " A reduced application with the required fields alone is accepted where the model can bear missing values;"
            " `missing_inputs` of the answer lists what was missing."
        )
    unused = unused_columns(portfolio)
    if unused:
        note += (
            " No feature reads what is marked `x-used: false`: leave it out; it is checked when it comes, and not kept."
        )
    required = required_columns(portfolio)
    schema = record_schema(accepted_columns(portfolio), f"The application, by column.{note}", required=required)
    for name in sorted(unused):
        schema["properties"][name]["x-used"] = False
    return schema


def _histories(portfolio: Portfolio) -> Schema:
    return {
        "type": ["object", "null"],
        "description": "Raw rows of the other tables of this portfolio, where it has any.",
        "properties": {
            table.name: {
                "type": "array",
                "maxItems": MAX_HISTORY_ROWS,
                "items": record_schema(
                    unprotected(table.columns), table.description, required=required_of_row(table, portfolio)
                ),
            }
            for table in history_tables(portfolio)
        },
        "additionalProperties": False,
    }


def _request(portfolio: Portfolio) -> Schema:
    by_number = has_number_as_key(portfolio)
    return {
        "type": "object",
        "required": ["application"],
        "additionalProperties": False,
        "properties": {
            "applicant_id": {
                "type": ["string", "integer", "null"] if by_number else ["string", "null"],
                "pattern": IDENTIFIER,
                **_key_range(portfolio),
                "description": "Whose application it is; comes back in the answer."
                + (
                    " A whole number in any spelling is the applicant's key; a text is your own identifier." * by_number
                ),
            },
            "application": {"$ref": "#/components/schemas/Application"},
            "histories": {"$ref": "#/components/schemas/Histories"},
            "language": {
                "type": "string",
                "enum": list(LANGUAGES),
                "default": "en",
                "description": "Language of the reasons.",
            },
        },
    }


def _key_range(portfolio: Portfolio) -> Schema:
    """Bounds of a number that names an applicant; a text is bound by the pattern alone."""
    if not has_number_as_key(portfolio):
        return {}
    rule = ValueRule(key_column(portfolio))
    return {"minimum": int(rule.low), "maximum": int(rule.high)}


_PROBABILITY = {"type": "number", "minimum": 0, "maximum": 1}
_NULLABLE_TEXT = {"type": ["string", "null"]}


def _decision(portfolio: Portfolio) -> Schema:
    codes = [reason.code for reason in portfolio.reasons]
    reason = object_of(
        {
            "code": {"type": "string", "enum": codes, "description": "Reason family."},
            "text": text("For the applicant, in the language asked for."),
            "contribution": number("Share in the log-odds of default; positive raised the risk."),
        },
        "One reason for the decision.",
    )
    model = object_of(
        {
            "name": text("Name of the model."),
            "version": text("Version of the model."),
            "feature_version": text("Version of the feature definitions it was trained on."),
        },
        "Which model answered.",
    )
    return object_of(
        {
            "request_id": text("Identifies this answer; also the header X-Request-ID."),
            "applicant_id": {
                **_NULLABLE_TEXT,
                "description": "As it was sent, a whole number in plain decimal form; null when none was sent.",
            },
            "probability_of_default": {**_PROBABILITY, "description": "Calibrated probability of default."},
            "decision": {"type": "string", "enum": ["accepted", "refused", "review"]},
            "threshold": {**_PROBABILITY, "description": "Refused at this probability of default or above."},
            "points": {"type": "integer", "description": "Scorecard points; more points, less risk."},
            "reasons": {"type": "array", "maxItems": 4, "items": reason, "description": "The strongest first."},
            "model": model,
            "data_used": data_used_schema(portfolio),
            "rights": rights_schema(),
            **notes_schema(),
        },
        "The decision about one applicant.",
    )


def _health() -> Schema:
    return object_of(
        {
            "status": {
                "type": "string",
                "enum": ["healthy", "unhealthy"],
                "description": "`healthy` when ready.",
            },
            "live": {"type": "boolean", "description": "The process answers."},
            "ready": {"type": "boolean", "description": "A scorer is loaded and requests are scored."},
            "reason": {**_NULLABLE_TEXT, "description": "Why the service is not ready; null when it is."},
            "api_version": text("Version of the API."),
            "model_version": {**_NULLABLE_TEXT, "description": "Version of the model; null before it is loaded."},
        },
        "State of the service.",
    )


def _model_info() -> Schema:
    feature = object_of({"name": text("Feature."), "description": text("What it says."), "unit": _NULLABLE_TEXT}, "")
    return object_of(
        {
            "name": text("Name of the model."),
            "version": text("Version of the model."),
            "digest": text("SHA-256 over the scorer's files."),
            "portfolio": text("Product line."),
            "threshold": {**_PROBABILITY, "description": "Refused at this probability of default or above."},
            "feature_version": text("Version of the feature definitions."),
            "features": {"type": "array", "items": feature, "description": "Features the model uses."},
            "candidate": text("Kind of model that was trained."),
            "training_metrics": {"type": "object", "description": "Metrics of training, by name."},
            "data_versions": {"type": "object", "description": "Version of each table it was trained on."},
            "promoted_at": {**_NULLABLE_TEXT, "description": "When it was promoted (ISO 8601); null if it was not."},
            "deployed_at": text("Since when it is told to answer here (ISO 8601)."),
            "accepts_reduced_applications": {
                "type": "boolean",
                "description": "Whether the required fields of Application are enough.",
            },
            "stored_applicants": {"type": "integer", "description": "Applicants whose histories are stored here."},
            "stored_histories": {
                "type": ["object", "null"],
                "description": "What they are: feature table and version they were taken from, its content hash, "
                "licence (synthetic, or personal data), applicants when they were written. Null when there are none.",
            },
            "metadata": {
                "type": "object",
                "description": "What the model is made of: candidate, metrics, data and code versions.",
            },
            "provenance": {"type": "object", "description": "When and by which run it was made."},
            "client": {**_NULLABLE_TEXT, "description": "Who asks: name of the API key; null without authentication."},
            "scopes": {"type": "array", "items": {"type": "string"}, "description": "What this key may do."},
        },
        "The model behind the service.",
    )


def _error() -> Schema:
    return {
        "type": "object",
        "required": ["error"],
        "additionalProperties": False,
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "message"],
                "additionalProperties": False,
                "properties": {
                    "code": {"type": "string", "enum": [code.value for code in ErrorCode]},
                    "message": text("For a person. Never repeats a value that was sent."),
                    "field": text("Path of the field at fault, such as `application.amount`."),
                },
            }
        },
    }


def component_schemas(portfolio: Portfolio) -> dict[str, Schema]:
    """Every named schema of the service."""
    decision, error = _decision(portfolio), _error()
    return {
        "Application": _application(portfolio),
        "Histories": _histories(portfolio),
        "PredictRequest": _request(portfolio),
        "Decision": decision,
        "Health": _health(),
        "ModelInfo": _model_info(),
        "Error": error,
        **more_schemas(decision, error),
    }
