"""From what was scored to what is answered: nothing leaves the service that is not in the decision log.

What is here: `Scored`, and `Recorder`, which writes decisions and hands out the answers.
What to add here: what an endpoint that decides needs from the log.
What must not be here: SQL and threads (`credit_platform.monitoring.decision_log`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from bento.errors import ApiError, ErrorCode
from bento.requests.json_text import write_json
from bento.runtime.metrics import ServiceMetrics
from credit_platform.errors import DecisionLogError
from credit_platform.features.inputs import unused_columns
from credit_platform.monitoring.decision_log.record import (
    Conflict,
    DecisionRecord,
    InputsKept,
    Recorded,
    canonical_inputs,
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


class Log(Protocol):
    """What the recorder needs of a decision log; `DecisionWriter` is one."""

    async def append(self, records: Sequence[DecisionRecord]) -> Sequence[Recorded | Conflict]:
        """Commit all of `records`; say for each what to answer, and whether an equal request had brought it before."""
        ...


class Recorder:
    """Writes decisions to the log and returns the answers that may then be sent."""

    def __init__(
        self,
        log: Log,
        metrics: ServiceMetrics,
        scorer: Scorer,
        inputs: InputsKept = "full",
        *,
        committed: Callable[[Sequence[Scored]], None] | None = None,
    ) -> None:
        """Write to `log` what `scorer` decides.

        Args:
            log: where decisions go.
            metrics: where they are counted.
            scorer: names the model in the records.
            inputs: whether the log keeps what clients sent, or only a digest.
            committed: told what was newly decided, after the commit; returns at once and raises nothing.
        """
        self._log = log
        self._metrics = metrics
        self._portfolio = scorer.portfolio.name
        self._unused = unused_columns(scorer.portfolio)
        self._digest = scorer.digest
        self._inputs = inputs
        self._committed = committed

    async def record(self, scored: Sequence[Scored], *, client: str | None, started: float) -> list[str]:
        """Commit decisions, all or none, and return the answers to send, as JSON texts in the same order.

        A request id that is in the log with the same request gives the stored answer, letter for letter.

        Args:
            scored: what was decided.
            client: id of the API key that asked.
            started: `time.perf_counter()` when the request came.

        Raises:
            ApiError: 503, the log cannot take them, nothing was decided; 409, a request id is taken by another request.
        """
        latency = (time.perf_counter() - started) * 1000
        now = datetime.now(UTC)
        records = [self._record(one, client, now, latency) for one in scored]
        try:
            outcomes = await self._log.append(records)
        except DecisionLogError:
            # Its text names hosts and files, which are not the client's business.
            message = "The decision cannot be recorded now, so none was made; try again with the same X-Request-ID."
            raise ApiError(ErrorCode.LOG_UNAVAILABLE, message, headers={"Retry-After": "1"}) from None
        recorded: list[Recorded] = []
        for outcome in outcomes:
            if isinstance(outcome, Conflict):
                message = "This X-Request-ID was used for another request; choose a new one."
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
            self._committed(new)
        return [outcome.answer for outcome in recorded]

    def _record(self, one: Scored, client: str | None, now: datetime, latency: float) -> DecisionRecord:
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
            client=client,
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


def answer_json(decision: Decision, notes: Mapping[str, object] | None = None) -> str:
    """The answer to a decided request, as JSON."""
    content = {**decision.to_dict(), **(notes or {})}
    empty = (decision.applicant_id, decision.rights, decision.data_used.stored)
    return write_json(content, nulls=sum(value is None for value in empty))
