"""What a challenger said of requests that the champion decided: kept beside the decisions, and never answered.

What is here: `ShadowRecord`, `ShadowLog`, which writes records and reads them together with their decisions, and the
pairs it gives.
What to add here: a field, together with its column and migration in `schema.py`.
What must not be here: scoring (`bento.runtime.shadow`), and judging the pairs (`credit_platform.governance.swap_set`).

A record belongs to its decision: retention and erasure remove both. A request that is already forgotten when its record
comes gets none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, insert, select

from credit_platform.monitoring.decision_log.record import batch_of
from credit_platform.monitoring.decision_log.schema import CLAIM, DECISIONS, SHADOW_DECISIONS, WHOSE
from credit_platform.monitoring.decision_log.store import DecisionStore

_PAGE = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowRecord:
    """What a challenger said of one decided request."""

    request_id: str
    """Of the decision."""
    namespace: str
    """Whose request id it is; see `record.namespace`."""
    model_digest: str
    scored_at: datetime
    """When the challenger scored it, in UTC."""
    model_name: str
    model_version: str
    feature_version: str
    probability: float
    """Probability of default, by the challenger."""
    decision: str
    """What the challenger would have decided."""
    threshold: float
    reasons: str | None = None
    """Codes of the reasons that it would have given, the weightiest first, as JSON; None where not worked out."""
    latency_ms: float | None = None
    """What scoring it with reasons took, in milliseconds: of several at once the share of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowBehaviour:
    """One request as both models answered it, as far as applicants and callers notice."""

    champion_probability: float
    champion_decision: str
    champion_answer: str
    """As it was sent, JSON."""
    champion_latency_ms: float
    """From the request to the decision."""
    challenger_probability: float
    challenger_decision: str
    challenger_reasons: str | None
    challenger_latency_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowPair:
    """One request as both models see it."""

    request_id: str
    decided_at: datetime
    champion_probability: float
    champion_decision: str
    challenger_probability: float
    challenger_decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two models that scored the same requests, and how many."""

    champion: str
    """Digest of the model that answered."""
    challenger: str
    """Digest of the model that scored along."""
    decisions: int
    first: datetime
    last: datetime
    """When the first and the last of the requests were decided, in UTC."""


class ShadowLog:
    """The part of a decision log that holds what challengers said."""

    def __init__(self, store: DecisionStore) -> None:
        """Use the database of `store`."""
        self._store = store

    def append(self, records: Sequence[ShadowRecord]) -> None:
        """Commit records; one that is there already, or whose decision is not, is left out.

        Raises:
            DecisionLogError: the database cannot be reached or refuses; then nothing was committed.
        """
        if not records:
            return
        with self._store.session() as connection:
            connection.execute(_INSERT, [_parameters(one) for one in records])
            connection.commit()

    def comparisons(self, portfolio: str) -> list[Comparison]:
        """Which models were compared, the newest first.

        Raises:
            DecisionLogError: the database cannot be reached.
        """
        moments = (func.min(DECISIONS.c.decided_at).label("first"), func.max(DECISIONS.c.decided_at).label("last"))
        query = (
            select(
                DECISIONS.c.model_digest.label("champion"),
                SHADOW_DECISIONS.c.model_digest.label("challenger"),
                func.count().label("decisions"),
                *moments,
            )
            .join_from(SHADOW_DECISIONS, DECISIONS)
            .where(DECISIONS.c.portfolio == portfolio)
            .group_by(DECISIONS.c.model_digest, SHADOW_DECISIONS.c.model_digest)
            .order_by(moments[1].desc())
        )
        with self._store.session(reading=True) as connection:
            return [Comparison(**row) for row in connection.execute(query).mappings()]

    def pairs(
        self,
        portfolio: str,
        *,
        champion: str,
        challenger: str,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[ShadowPair]:
        """Requests that both models scored, in the order of deciding, without holding all of them at once.

        Args:
            portfolio: whose requests.
            champion: digest of the model that answered.
            challenger: digest of the model that scored along.
            since: decided from then on.
            until: decided before.

        Raises:
            DecisionLogError: the database cannot be reached.
        """
        query = _PAIRS.where(DECISIONS.c.portfolio == portfolio, DECISIONS.c.model_digest == champion)
        query = query.where(SHADOW_DECISIONS.c.model_digest == challenger)
        if since is not None:
            query = query.where(DECISIONS.c.decided_at >= since)
        if until is not None:
            query = query.where(DECISIONS.c.decided_at < until)
        return self._paged(query)

    def behaviours(self, portfolio: str, *, champion: str, challenger: str, most: int) -> list[ShadowBehaviour]:
        """The newest requests that both models scored, at most so many.

        Raises:
            DecisionLogError: the database cannot be reached.
        """
        query = (
            _BEHAVIOURS.where(DECISIONS.c.portfolio == portfolio, DECISIONS.c.model_digest == champion)
            .where(SHADOW_DECISIONS.c.model_digest == challenger)
            .order_by(DECISIONS.c.id.desc())
            .limit(most)
        )
        with self._store.session(reading=True) as connection:
            return [ShadowBehaviour(**row) for row in connection.execute(query).mappings()]

    def _paged(self, query: Select[Any]) -> Iterator[ShadowPair]:
        last = 0
        while True:
            page = query.where(DECISIONS.c.id > last).order_by(DECISIONS.c.id).limit(_PAGE)
            with self._store.session(reading=True) as connection:
                rows = connection.execute(page).all()
            for row in rows:
                yield ShadowPair(**{name: getattr(row, name) for name in ShadowPair.__slots__})
            if len(rows) < _PAGE:
                return
            last = rows[-1].id


def _parameters(record: ShadowRecord) -> dict[str, Any]:
    values = {f"new_{name}": value for name, value in asdict(record).items()}
    # The first decision of a batch holds the id of the batch.
    return values | {"batch": batch_of(record.request_id) or record.request_id}


_NAMES = tuple(column.name for column in SHADOW_DECISIONS.columns if column.name != "decision_id")
_TAKEN = select(SHADOW_DECISIONS.c.decision_id).where(
    SHADOW_DECISIONS.c.decision_id == DECISIONS.c.id,
    SHADOW_DECISIONS.c.model_digest == bindparam("new_model_digest"),
)
_INSERT = insert(SHADOW_DECISIONS).from_select(
    ("decision_id", *_NAMES),
    select(DECISIONS.c.id, *(bindparam(f"new_{name}", type_=SHADOW_DECISIONS.c[name].type) for name in _NAMES)).where(
        CLAIM.in_([bindparam("new_request_id"), bindparam("batch")]),
        bindparam("new_namespace") == WHOSE,
        DECISIONS.c.request_id == bindparam("new_request_id"),
        ~_TAKEN.exists(),
    ),
)
_PAIRS = select(
    DECISIONS.c.id,
    DECISIONS.c.request_id,
    DECISIONS.c.decided_at,
    DECISIONS.c.probability.label("champion_probability"),
    DECISIONS.c.decision.label("champion_decision"),
    SHADOW_DECISIONS.c.probability.label("challenger_probability"),
    SHADOW_DECISIONS.c.decision.label("challenger_decision"),
).join_from(DECISIONS, SHADOW_DECISIONS)
_BEHAVIOURS = select(
    DECISIONS.c.probability.label("champion_probability"),
    DECISIONS.c.decision.label("champion_decision"),
    DECISIONS.c.answer.label("champion_answer"),
    DECISIONS.c.latency_ms.label("champion_latency_ms"),
    SHADOW_DECISIONS.c.probability.label("challenger_probability"),
    SHADOW_DECISIONS.c.decision.label("challenger_decision"),
    SHADOW_DECISIONS.c.reasons.label("challenger_reasons"),
    SHADOW_DECISIONS.c.latency_ms.label("challenger_latency_ms"),
).join_from(DECISIONS, SHADOW_DECISIONS)
