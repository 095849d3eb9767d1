"""What is written about a decision.

What is here: `DecisionRecord` as the service hands it in, `StoredDecision` as the log gives it back, and the canonical
form of a request by which two requests are the same.
What to add here: a field, together with its column and migration in `schema.py`.
What must not be here: SQL, and the name of a portfolio's column.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import orjson

from credit_platform.accounts import account

InputsKept = Literal["full", "digest"]
"""Whether the log keeps what a client sent, or only its SHA-256 digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """One decision, ready to be written."""

    decided_at: datetime
    """When it was decided, in UTC."""
    request_id: str
    """Unique among the requests of a client."""
    applicant_id: str | None
    client: str | None
    """Id of the API key that asked; None without authentication."""
    portfolio: str
    inputs: str | None
    """What the client sent, as canonical JSON; None where only the digest is kept."""
    inputs_digest: str
    """SHA-256 of the canonical JSON, 64 hex digits."""
    features: str
    """Values that the model used, as a JSON object of feature and value."""
    probability: float
    """Probability of default."""
    decision: str
    threshold: float
    points: int
    language: str
    answer: str
    """The answer, letter for letter, as JSON: it holds the reasons, and is given again when the request comes again."""
    model_name: str
    model_version: str
    model_digest: str
    feature_version: str
    latency_ms: float
    """From the request's head to the moment when the decision was handed to the log, in milliseconds."""
    client_name: str | None = None
    """Name of the API key that asked: request ids are the client's own. None without authentication, and in rows that
    were written before names were kept."""
    batch_id: str | None = None
    """Request id of the batch that brought this decision, on the first decision of each batch only: with it the batch
    takes the id, so that no other request can."""
    batch_digest: str | None = None
    """SHA-256 over all rows of the batch that brought this decision, 64 hex digits; None when it came alone."""

    @property
    def claim(self) -> tuple[str, str]:
        """The request id that this record takes, and whose it is: no two records of a log have the same."""
        name = self.client_name  # as `namespace` says, without a call: every decision waits for this
        return self.batch_id or self.request_id, name if name is not None else self.client or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDecision(DecisionRecord):
    """One decision, as it lies in the log."""

    id: int
    """Number in the order of writing."""

    @property
    def reasons(self) -> list[dict[str, Any]]:
        """Reasons as they were answered: code, text, contribution."""
        reasons: list[dict[str, Any]] = json.loads(self.answer)["reasons"]
        return reasons

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON, with the JSON texts parsed."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in ("id", *DecisionRecord.__slots__)}
        plain["decided_at"] = self.decided_at.isoformat()
        for name in ("inputs", "features", "answer"):
            plain[name] = None if plain[name] is None else json.loads(plain[name])
        return plain


def namespace(client_name: str | None, client: str | None) -> str:
    """Within what request ids are unique: the name of the key; its id in older rows; empty without authentication."""
    return client_name if client_name is not None else client or ""


def client_of(record: DecisionRecord) -> str:
    """The client that asked, for people to read."""
    return record.client_name or record.client or "no key"


def row_id(batch_id: str, row: int) -> str:
    """Request id of the decision about one row of a batch."""
    return f"{batch_id}:{row}"


def batch_of(request_id: str) -> str | None:
    """Id of the batch whose row would have this request id; None when it does not look like one."""
    batch, _, row = request_id.rpartition(":")
    return batch if batch and row.isdecimal() else None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision is in the log: the answer to give, and whether an equal request had brought it before."""

    answer: str
    """Its own, or letter for letter that of the equal request which came first."""
    repeated: bool
    """Whether nothing was written, because the decision was there."""
    place: str = field(default="", compare=False)
    """Where it lies in the log: its writer and its number there, `writer:sequence`; for whoever looks for it."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """The request id is in the log with another request: nothing was written."""

    request_id: str


@dataclass(frozen=True, kw_only=True)
class Act:
    """Who removes decisions or declares them lost, and why."""

    person: str
    """As they gave it; the account beside it is what the machine knows."""
    reason: str
    account: str = field(default_factory=account)


def canonical_inputs(
    portfolio: str,
    application: Mapping[str, object],
    *,
    applicant_id: str | None,
    histories: object,
    language: str,
    unused: Set[str] = frozenset(),
) -> tuple[str, str]:
    """Canonical JSON of a request and its SHA-256 digest; equal for equal requests, whatever the order of keys.

    What no feature reads (`unused`) decides nothing and is not kept: with it or without it, the request is the same.
    Numbers are finite: the rules of the service let no others through.
    """
    if not unused.isdisjoint(application):
        application = {name: value for name, value in application.items() if name not in unused}
    content = {
        "portfolio": portfolio,
        "applicant_id": applicant_id,
        "application": application,
        "histories": histories,
        "language": language,
    }
    try:
        text = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # a whole number of more than 64 bits
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return text.decode(), hashlib.sha256(text).hexdigest()
