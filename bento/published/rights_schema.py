"""JSON Schema of what an answer says about data and rights.

What is here: the schemas of `data_used` and `rights`.
What to add here: a field of either.
What must not be here: the words (`credit_platform.scoring.rights`).
"""

from __future__ import annotations

from bento.published.shapes import Schema, object_of, text
from bento.requests.validation import history_tables
from credit_platform.portfolios.portfolio import Portfolio


def data_used_schema(portfolio: Portfolio) -> Schema:
    """Which records beside the application an answer looked at."""
    tables = [table.name for table in history_tables(portfolio)]
    items: Schema = {"type": "string", "enum": tables} if tables else {"type": "string"}
    return object_of(
        {
            "histories": {
                "type": "array",
                "items": items,
                "description": "Tables that were looked at for this applicant, whether or not anything was found.",
            },
            "stored": {
                "type": ["string", "null"],
                "description": "Table and version that they were taken from; null when the request brought them.",
            },
        },
        "Which records beside the application were looked at. Reasons say nothing of those that were not.",
    )


def rights_schema() -> Schema:
    """What somebody who is refused may ask for."""
    contact = object_of(
        {
            "name": text("Who answers."),
            "email": text("E-mail address."),
            "address": text("Postal address."),
            "phone": text("Telephone number."),
            "example": {"type": "boolean", "description": "Whether this contact is made up."},
        },
        "Whom to ask, as the portfolio declares it.",
    )
    rights = object_of(
        {
            "review": text("That a person reviews the decision, and what else the applicant may do."),
            "how": text("How to ask for it."),
            "contact": contact,
            "data_used": {
                "type": "array",
                "minItems": 1,
                "items": {"type": "string"},
                "description": "Which data the decision rests on, in words.",
            },
            "grounds": text("Articles of law that these rights come from."),
        },
        "For the applicant, in the language asked for.",
    )
    return {
        "anyOf": [rights, {"type": "null"}],
        "description": "What the applicant may ask for: present when the decision is refused or review, else null.",
    }
