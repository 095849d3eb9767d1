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
"""What an answer can be written in."""
Outcome = Literal["accepted", "refused", "review"]
"""What can be decided; `review` leaves it to a person."""


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
class DataUsed:
    """Which records beside the application an answer looked at."""

    histories: tuple[str, ...] = ()
    """Raw tables that were looked at for this applicant, whether or not anything was found in them."""
    stored: str | None = None
    """What they were taken from when the request did not bring them: a table and its version; None when it did."""

    def any_of(self, tables: Sequence[str]) -> bool:
        """Whether one of `tables` was looked at."""
        return any(table in self.histories for table in tables)

    def all_of(self, tables: Sequence[str]) -> bool:
        """Whether each of `tables` was looked at."""
        return all(table in self.histories for table in tables)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> DataUsed:
        """What an answer holds under `data_used`."""
        return cls(histories=tuple(value["histories"]), stored=value["stored"])


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What somebody who was refused may ask for, in words for them."""

    review: str
    """That a person reviews the decision, and what else they may do."""
    how: str
    """How to ask for it."""
    contact: Mapping[str, str | bool]
    """`name`, `email`, `address`, `phone` of whom to ask; `example` is true when it is made up."""
    data_used: tuple[str, ...]
    """Which data the decision rests on, in words."""
    grounds: str
    """Articles that these rights come from."""


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
    data_used: DataUsed = DataUsed()
    rights: Rights | None = None
    """What the applicant may ask for; None when the loan is granted."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON, with the keys of the service's answer."""
        # Not `dataclasses.asdict`: it copies every value deeply, which took a tenth of the service's time per request.
        return {
            **vars(self),
            "reasons": [dict(vars(reason)) for reason in self.reasons],
            "model": dict(vars(self.model)),
            "data_used": {"histories": list(self.data_used.histories), "stored": self.data_used.stored},
            "rights": None if self.rights is None else {**vars(self.rights), "data_used": list(self.rights.data_used)},
        }
