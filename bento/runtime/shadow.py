"""Shadow mode: a challenger scores what the champion decided, and nobody is answered by it.

What is here: `Shadow`, a bounded queue and the thread behind it; `load_shadow` and `open_shadow`.
What to add here: another figure about the challenger that the decision log should keep.
What must not be here: anything that an answer waits for or that could change one.

A decision is offered once it is committed, with the feature values that the champion used. The thread gathers for a
moment, scores what has come together in one call (probabilities; of the first few reasons, too, and how long that
takes), and writes it in one transaction of its own. When the queue is full, what comes is dropped and counted; when
scoring or writing fails, that is counted and the next ones are tried. A killed service loses what was still waiting:
shadow scores are evidence, and the decisions themselves are all in the log.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Protocol

from bento.runtime.logs import log_without_values
from bento.runtime.metrics import ServiceMetrics
from bento.runtime.recorder import Scored
from bento.runtime.settings import PlatformSettings, ServiceSettings
from credit_platform.errors import DecisionLogError, ScorerError
from credit_platform.monitoring.decision_log import DecisionStore, ShadowLog, ShadowRecord, default_url
from credit_platform.scoring import Scorer

LOGGER = logging.getLogger("credit_platform.service")
GATHER_SECONDS = 0.2
"""How long the thread lets cases come together: one call and one commit for all of them, after their answers."""
MOST_AT_ONCE = 250
EXPLAINED_AT_ONCE = 25
"""Cases of a call whose reasons are worked out, too: contributions cost many times a probability; a sample will do."""
STOP_SECONDS = 5.0
"""How long a service that ends lets the thread finish."""
_CURE = "Name the folder of another scorer in CREDIT_PLATFORM_SHADOW_SCORER, or unset it to serve without a shadow."


class Log(Protocol):
    """What a shadow needs of the decision log; `ShadowLog` is one."""

    def append(self, records: Sequence[ShadowRecord]) -> None:
        """Commit records."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A decided request, as far as the challenger needs it."""

    request_id: str
    namespace: str
    """Whose request id it is."""
    decision: str
    """What the champion decided."""
    features: Mapping[str, float | str | None]

    @property
    def key(self) -> tuple[str, str]:
        """Which request of all clients it is."""
        return self.namespace, self.request_id


class Shadow:
    """Scores committed decisions again with a challenger, in a thread."""

    def __init__(
        self,
        scorer: Scorer,
        log: Log,
        metrics: ServiceMetrics,
        *,
        capacity: int = 1000,
        gather_seconds: float = GATHER_SECONDS,
    ) -> None:
        """Set up; `start` starts.

        Args:
            scorer: the challenger.
            log: where its scores go.
            metrics: where they are counted.
            capacity: cases that may wait; more are dropped.
            gather_seconds: how long cases may come together.
        """
        self.scorer = scorer
        self._log = log
        self._metrics = metrics
        self._gather_seconds = gather_seconds
        self._queue: queue.Queue[_Case] = queue.Queue(capacity)
        self._over = threading.Event()
        self._failing: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="shadow", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._metrics.shadow_loaded(name=self.scorer.name, version=self.scorer.version)
        self._thread.start()
        LOGGER.info("shadow: %s %s scores along and answers nobody", self.scorer.name, self.scorer.version)

    def offer(self, scored: Sequence[Scored], namespace: str = "") -> None:
        """Take what was committed for the client of that namespace, or drop and count it; returns at once."""
        for place, one in enumerate(scored):
            try:
                self._queue.put_nowait(_Case(one.decision.request_id, namespace, one.decision.decision, one.features))
            except queue.Full:
                self._metrics.shadow_dropped(len(scored) - place)
                break
        self._metrics.shadow_waiting(self._queue.qsize())

    def stop(self, wait_seconds: float = STOP_SECONDS) -> None:
        """Score what waits, and end the thread. Safe to call twice, and before `start`."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(wait_seconds)

    # What follows runs in the thread.

    def _run(self) -> None:
        while not (self._over.is_set() and self._queue.empty()):
            self._over.wait(self._gather_seconds)
            cases = self._take()
            if cases:
                self._serve(cases)
                self._metrics.shadow_waiting(self._queue.qsize())

    def _take(self) -> list[_Case]:
        """Some of those that wait."""
        cases: list[_Case] = []
        try:
            while len(cases) < MOST_AT_ONCE:
                cases.append(self._queue.get_nowait())
        except queue.Empty:
            pass
        return cases

    def _serve(self, cases: Sequence[_Case]) -> None:
        records = self._score(cases)
        try:
            self._log.append(list(records.values()))
        except DecisionLogError as error:
            self._failed("log", len(records), error, cases[0].request_id)
            return
        self._failing.discard("log")
        for case in cases:
            if (record := records.get(case.key)) is not None:
                self._metrics.shadow_scored(champion=case.decision, challenger=record.decision)

    def _score(self, cases: Sequence[_Case]) -> dict[tuple[str, str], ShadowRecord]:
        """What the challenger says, by request; those that it cannot score are counted and left out."""
        try:
            probabilities = self.scorer.score_features([case.features for case in cases]).tolist()
            reasons, spent = self._explained(cases[:EXPLAINED_AT_ONCE])
        except Exception as error:  # noqa: BLE001  # whatever a challenger does wrong, the thread must go on
            if len(cases) > 1:  # one of them, or all: the others must not suffer
                return {name: record for case in cases for name, record in self._score([case]).items()}
            self._failed("scoring", 1, error, cases[0].request_id)
            return {}
        self._failing.discard("scoring")
        now = datetime.now(UTC)
        return {
            case.key: self._record(case, probability, now, codes, None if codes is None else spent)
            for case, probability, codes in zip_longest(cases, probabilities, reasons)
        }

    def _explained(self, cases: Sequence[_Case]) -> tuple[list[str], float]:
        """Codes of the reasons that the challenger would give each, as JSON, and the milliseconds that one took."""
        started = time.perf_counter()
        codes = self.scorer.reason_codes(self.scorer.margins([case.features for case in cases]))
        spent = (time.perf_counter() - started) * 1000 / len(cases)
        return [json.dumps(each) for each in codes], spent

    def _record(
        self, case: _Case, probability: float, now: datetime, reasons: str | None, latency_ms: float | None
    ) -> ShadowRecord:
        scorer = self.scorer
        return ShadowRecord(
            request_id=case.request_id,
            namespace=case.namespace,
            model_digest=scorer.digest,
            scored_at=now,
            model_name=scorer.name,
            model_version=scorer.version,
            feature_version=scorer.feature_version,
            probability=probability,
            decision=scorer.outcome(probability),
            threshold=scorer.threshold,
            reasons=reasons,
            latency_ms=latency_ms,
        )

    def _failed(self, cause: str, count: int, error: Exception, request_id: str) -> None:
        """Count failures, and log the first of a series."""
        self._metrics.shadow_failed(cause, count)
        if cause not in self._failing:
            self._failing.add(cause)
            log_without_values(error, request_id, what="shadow of request")


def open_shadow(
    platform: PlatformSettings, settings: ServiceSettings, champion: Scorer, metrics: ServiceMetrics
) -> Shadow | None:
    """The shadow that the settings name, not started yet; None when they name none.

    Raises:
        ScorerError: see `load_shadow`.
        DecisionLogError: the URL of the decision log cannot be used.
    """
    if not platform.shadow_scorer:
        return None
    scorer = load_shadow(Path(platform.shadow_scorer), champion)
    store = DecisionStore(platform.decision_log_url or platform.database_url or default_url(platform.home))
    return Shadow(scorer, ShadowLog(store), metrics, capacity=settings.shadow_queue)


def load_shadow(folder: Path, champion: Scorer) -> Scorer:
    """The challenger in `folder`, verified against its digest.

    Raises:
        ScorerError: it is incomplete, altered, made for other feature definitions or another portfolio, or it is the
            champion itself, with which nothing could be compared.
    """
    try:
        scorer = Scorer.load(folder, verify=True)
    except ScorerError as error:
        raise ScorerError(f"The shadow scorer cannot be used: {error.what}", f"{error.cure} {_CURE}") from error
    if scorer.portfolio.name != champion.portfolio.name:
        raise ScorerError(
            f"The shadow scorer {folder} scores {scorer.portfolio.name}, the service {champion.portfolio.name}.", _CURE
        )
    if scorer.digest == champion.digest:
        raise ScorerError(f"The shadow scorer {folder} is the one that answers, {champion.version}.", _CURE)
    # Imports the library of its model now, and not beside the first requests.
    scorer.fitted.margin([dict.fromkeys(scorer.fitted.features)])
    return scorer
