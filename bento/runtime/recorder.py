"""From what was scored to what is answered: nothing leaves the service that is not in the decision log.

What is here: `Scored`, and `Recorder`, which writes decisions and hands out the answers.
What to add here: what an endpoint that decides needs from the log.
What must not be here: SQL and threads (`credit_platform.monitoring.decision_log`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from bento.errors import ApiError, ErrorCode
from bento.requests.json_text import write_json
from bento.runtime.metrics import ServiceMetrics
from credit_platform.clock import SYSTEM_CLOCK, Clock
from credit_platform.errors import DecisionLogError
from credit_platform.features.inputs import unused_columns
from credit_platform.monitoring.decision_log.record import (
    Conflict,
    DecisionRecord,
    InputsKept,
    Recorded,
    canonical_inputs,
    namespace,
)

if TYPE_CHECKING:
    from credit_platform.features.one_applicant import FeatureRow
    from credit_platform.scoring import Decision, Request, Scorer


@dataclass(frozen=True, slots=True)
class Scored:
    """One applicant after scoring, before the answer."""

    request: Request
    """What was asked, as the scorer took it."""
    decision: Decision
    features: FeatureRow
    """Values that the model used, by feature."""
    notes: Mapping[str, object] | None = None
    """What the answer holds besides the decision, such as the inputs that were missing; JSON values."""


@dataclass(frozen=True, slots=True)
class Client:
    """Who asked; nobody knows without authentication."""

    id: str | None = None
    """Of the API key."""
    name: str | None = None
    """Of the API key: request ids belong to it, so that a key can be replaced by another of its name."""

    @property
    def namespace(self) -> str:
        """Within what request ids are unique."""
        return namespace(self.name, self.id)


NOBODY = Client()


@dataclass(frozen=True, slots=True)
class Written:
    """What was committed, or had been before."""

    answers: list[str]
    """To send, as JSON texts, in the order of what was scored."""
    place: str | None
    """Where the decisions lie in the log: `writer:sequence`, of several `writer:first-last`; None where that is not
    known."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What decisions came in together."""

    id: str
    """Request id of the whole."""
    refused: Mapping[int, str]
    """What stands for each row that was not decided, by its place."""

    def digest(self, decided: Sequence[str]) -> str:
        """SHA-256 over all rows: digests of the inputs of those that were decided, in their order, and the others."""
        others = iter(decided)
        rows = [self.refused.get(row) or next(others) for row in range(len(decided) + len(self.refused))]
        return sha256(json.dumps(rows).encode()).hexdigest()


class Log(Protocol):
    """What the recorder needs of a decision log; `DecisionWriter` is one."""

    async def append(self, records: Sequence[DecisionRecord]) -> Sequence[Recorded | Conflict]:
        """Commit all of `records`; say for each what to answer, and whether an equal request had brought it before."""
        ...


_USED = "This X-Request-ID was used for another request; choose a new one."
_USED_IN_BATCH = (
    "This X-Request-ID, or the one of a row (it, a colon, and the row), was used for another request, and nothing of "
    "this batch was decided; choose a new one."
)


class Recorder:
    """Writes decisions to the log and returns the answers that may then be sent."""

    def __init__(
        self,
        log: Log,
        metrics: ServiceMetrics,
        scorer: Scorer,
        inputs: InputsKept = "full",
        *,
        committed: Callable[[Sequence[Scored], str], None] | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """Write to `log` what `scorer` decides.

        Args:
            log: where decisions go.
            metrics: where they are counted.
            scorer: names the model in the records.
            inputs: whether the log keeps what clients sent, or only a digest.
            committed: told what was newly decided, and in whose namespace of request ids, after the commit; returns at
                once and raises nothing.
            clock: when it is decided.
        """
        self._log = log
        self._metrics = metrics
        self._portfolio = scorer.portfolio.name
        self._unused = unused_columns(scorer.portfolio)
        self._digest = scorer.digest
        self._inputs = inputs
        self._committed = committed
        self._clock = clock

    async def record(
        self, scored: Sequence[Scored], *, started: float, client: Client = NOBODY, batch: Batch | None = None
    ) -> Written:
        """Commit decisions, all or none, and return the answers to send.

        A request id that this client gave before, with the same request, gives the stored answer, letter for letter.

        Args:
            scored: what was decided.
            started: `time.perf_counter()` when the request came.
            client: who asked.
            batch: what they came in, when they did not come alone.

        Raises:
            ApiError: 503, the log cannot take them, nothing was decided; 409, a request id is taken by another request.
        """
        latency = (time.perf_counter() - started) * 1000
        now = self._clock.now()
        records = [self._record(one, client, now, latency) for one in scored]
        if batch is not None:
            records = _of_batch(records, batch)
        try:
            outcomes = await self._log.append(records)
        except DecisionLogError:
            # Its text names hosts and files, which are not the client's business.
            message = "The decision cannot be recorded now, so none was made; try again with the same X-Request-ID."
            raise ApiError(ErrorCode.LOG_UNAVAILABLE, message, headers={"Retry-After": "1"}) from None
        recorded: list[Recorded] = []
        for outcome in outcomes:
            if isinstance(outcome, Conflict):
                message = _USED if batch is None else _USED_IN_BATCH
                raise ApiError(ErrorCode.REQUEST_ID_CONFLICT, message, "X-Request-ID")
            recorded.append(outcome)
        new = []
        for one, outcome in zip(scored, recorded, strict=True):
            if outcome.repeated:
                self._metrics.repeated()
            else:
                self._metrics.decided(one.decision)
                new.append(one)
        if self._committed is not None:
            self._committed(new, client.namespace)
        return Written([outcome.answer for outcome in recorded], place_of([outcome.place for outcome in recorded]))

    def _record(self, one: Scored, client: Client, now: datetime, latency: float) -> DecisionRecord:
        request, decision = one.request, one.decision
        inputs, digest = canonical_inputs(
            self._portfolio,
            request.application,
            applicant_id=request.applicant_id,
            histories=request.histories,
            language=request.language,
            unused=self._unused,
        )
        return DecisionRecord(
            decided_at=now,
            request_id=decision.request_id,
            applicant_id=decision.applicant_id,
            client=client.id,
            client_name=client.name,
            portfolio=self._portfolio,
            inputs=inputs if self._inputs == "full" else None,
            inputs_digest=digest,
            # NaN and Infinity by name: the log must give back what the model saw.
            features=write_json(one.features, nulls=list(one.features.values()).count(None), allow_nan=True),
            probability=decision.probability_of_default,
            decision=decision.decision,
            threshold=decision.threshold,
            points=decision.points,
            language=request.language,
            answer=answer_json(decision, one.notes),
            model_name=decision.model.name,
            model_version=decision.model.version,
            model_digest=self._digest,
            feature_version=decision.model.feature_version,
            latency_ms=latency,
        )


def place_of(places: Sequence[str]) -> str | None:
    """One place for all: decisions that came together lie together, in the order in which they came."""
    if not places or not places[0]:
        return None
    return places[0] if len(places) == 1 else f"{places[0]}-{places[-1].rpartition(':')[2]}"


def _of_batch(records: Sequence[DecisionRecord], batch: Batch) -> list[DecisionRecord]:
    """The records as those of one batch; the first of them takes its request id."""
    digest = batch.digest([record.inputs_digest for record in records])
    first, *others = [replace(record, batch_digest=digest) for record in records]
    return [replace(first, batch_id=batch.id), *others]


def answer_json(decision: Decision, notes: Mapping[str, object] | None = None) -> str:
    """The answer to a decided request, as JSON."""
    content = {**decision.to_dict(), **(notes or {})}
    empty = (decision.applicant_id, decision.rights, decision.data_used.stored)
    return write_json(content, nulls=sum(value is None for value in empty))
