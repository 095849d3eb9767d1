"""What goes into a scorer and what comes out: the final shapes of a request and of a decision.

What is here: frozen dataclasses, made of plain values.
What to add here: an optional field, with a default, that every portfolio could need.
What must not be here: HTTP, computing, and the name of a portfolio's column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Language = Literal["fr", "en"]
Outcome = Literal["accepted", "refused", "review"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """One applicant to score."""

    application: Mapping[str, object]
    """The application row: raw column to value; a column that may be null can be left out."""
    applicant_id: str | None = None
    histories: Mapping[str, Sequence[Mapping[str, object]]] | None = None
    """Raw rows of the other tables, where the portfolio has any: table name to rows."""
    language: Language = "en"
    """Language of the reasons."""
    request_id: str | None = None
    """Identifies the request in answers and logs; made up when absent."""


@dataclass(frozen=True, kw_only=True)
class ReasonGiven:
    """One reason for a decision."""

    code: str
    """Reason family of the portfolio."""
    text: str
    """For the applicant, in the language of the request."""
    contribution: float
    """Sum of the family's contributions to the calibrated log-odds of default; positive raised the risk."""


@dataclass(frozen=True, kw_only=True)
class ModelInfo:
    """Which model answered."""

    name: str
    version: str
    feature_version: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a scorer answers."""

    request_id: str
    applicant_id: str | None
    probability_of_default: float
    decision: Outcome
    threshold: float
    points: int
    reasons: tuple[ReasonGiven, ...]
    """At most four, the strongest first: what raised the risk of a refused applicant, lowered that of an accepted."""
    model: ModelInfo

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON, with the keys of the service's answer."""
        # Not `dataclasses.asdict`: it copies every value deeply, which took a tenth of the service's time per request.
        return {
            **vars(self),
            "reasons": [dict(vars(reason)) for reason in self.reasons],
            "model": dict(vars(self.model)),
        }
