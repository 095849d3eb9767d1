"""A loaded scorer and everything derived from it once, so that a request only pays for its own work.

What is here: `Engine` (reading, scoring, prepared documents) and `load_engine`.
What to add here: what an endpoint needs from the scorer, prepared at start-up where that is possible.
What must not be here: HTTP, and rules of how to score: they belong to `credit_platform.scoring`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bento.errors import ApiError, ErrorCode
from bento.published.openapi import example_requests, openapi_document
from bento.requests.validation import RequestReader
from bento.runtime.micro_batcher import MicroBatcher
from bento.runtime.recorder import Scored
from credit_platform.errors import RequestError, ScorerError
from credit_platform.features.inputs import used_columns
from credit_platform.features.one_applicant import FeatureRow
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Case, Decision, Margins, Request, Scorer
from credit_platform.scoring.folder import PROMOTION
from credit_platform.scoring.served_source import PROMOTED_BY, SOURCE_DIGEST
from credit_platform.scoring.stored_histories import FOLDER, HistoriesFacts, StoredHistories

LOGGER = logging.getLogger("credit_platform.service")


class Engine:
    """Answers requests with one scorer."""

    def __init__(
        self,
        scorer: Scorer,
        stored: StoredHistories | None = None,
        *,
        promoted_at: str | None = None,
        promoted_by: str | None = None,
        deployed_at: str | None = None,
    ) -> None:
        """Prepare rules and documents of the scorer's portfolio.

        Args:
            scorer: what answers.
            stored: knows the histories of some applicants.
            promoted_at: when the scorer was promoted (ISO 8601); None when it was not.
            promoted_by: id of the run that promoted it; None when none did, or it is not known.
            deployed_at: since when it is told to answer here (ISO 8601); by default since now, when it begins to.
        """
        self.scorer = scorer
        self.promoted_by = promoted_by
        self.portfolio: Portfolio = scorer.portfolio
        self.reader = RequestReader(self.portfolio, reduced=scorer.accepts_missing, readers=scorer.readers)
        used = used_columns(self.portfolio)
        self._asked = tuple(name for name in self.reader.columns if name in used)
        self.stored = stored or StoredHistories(self.portfolio)
        facts = self.stored.facts
        self._stored_in = None if facts is None else f"{facts.table} version {facts.table_version}"
        self._micro_batcher = MicroBatcher(self.score_many)
        self.timed: Callable[[int, float], None] = _untold
        """Told of each call of the model: applicants, and seconds."""
        self.openapi = json.dumps(openapi_document(self.portfolio), ensure_ascii=False).encode()
        self.model_info = json.dumps(
            model_info(scorer, self.stored, promoted_at=promoted_at, deployed_at=deployed_at or _now()),
            ensure_ascii=False,
            allow_nan=False,
        ).encode()

    async def predict(self, body: bytes, request_id: str | None) -> Scored:
        """Read a body and score the applicant in it, together with the other requests that are there.

        Raises:
            ApiError: the body is not acceptable, or the scorer refuses the values in it.
        """
        return await self._micro_batcher.score(self.reader.read(body, request_id))

    def score_many(self, requests: Sequence[Request]) -> list[Scored | ApiError]:
        """Score many applicants, each as if it were alone; an error in the place of one who cannot be scored."""
        rows: list[FeatureRow | ApiError] = []
        for request in requests:
            try:
                rows.append(self.features(request))
            except ApiError as error:
                rows.append(error)
        pairs = [(r, f) for r, f in zip(requests, rows, strict=True) if not isinstance(f, ApiError)]
        decisions = iter(self._decide(pairs) if pairs else [])
        return [
            row if isinstance(row, ApiError) else Scored(request, next(decisions), row, notes=self.notes(request))
            for request, row in zip(requests, rows, strict=True)
        ]

    def _decide(self, pairs: Sequence[tuple[Request, FeatureRow]]) -> list[Decision]:
        margins = self.margins([features for _, features in pairs])
        return self.scorer.decide(margins, [self.case_of(request, features) for request, features in pairs])

    def margins(self, rows: Sequence[FeatureRow]) -> Margins:
        """Ask the model about applicants, all at once, and tell how long that took."""
        started = time.perf_counter()
        margins = self.scorer.margins(rows)
        self.timed(len(rows), time.perf_counter() - started)
        return margins

    def features(self, request: Request) -> FeatureRow:
        """Feature values of one applicant.

        Raises:
            ApiError: the scorer refuses the values of the request, or what is stored of the applicant is damaged.
        """
        try:
            return self.scorer.features_of(request, stored=self.stored_for(request))
        except ScorerError as error:
            LOGGER.error("stored histories: %s", error)  # noqa: TRY400  # the cause is in the message, it has no values
            message = "What is stored of this applicant cannot be read; the log of the service says more."
            raise ApiError(ErrorCode.INTERNAL_ERROR, message) from None
        except RequestError as error:
            # Its message quotes the value; ours must not.
            message = f"{error.field} cannot be scored as given; see /docs."
            raise ApiError(ErrorCode.NOT_SCORABLE, message, error.field) from None

    def stored_for(self, request: Request) -> Mapping[str, Any] | None:
        """What is known of the applicant's histories, when the request brings none."""
        return None if request.histories else self.stored.find(request.applicant_id)

    def case_of(self, request: Request, features: FeatureRow) -> Case:
        """What an answer depends on beside the score: an applicant who is named is looked up in what is stored."""
        asked = self._stored_in if request.applicant_id is not None else None
        return self.scorer.case_of(request, features, self.scorer.data_used(request, stored_in=asked))

    def notes(self, request: Request) -> dict[str, object]:
        """What an answer says about its inputs: which were missing, and where the histories came from."""
        given = request.application
        source = "request" if request.histories else "none"
        if source == "none" and self.stored.knows(request.applicant_id):
            source = "stored"
        return {"missing_inputs": [n for n in self._asked if given.get(n) is None], "histories": source}

    def warm_up(self) -> None:
        """Send the portfolio's examples the way of a live request, so that no client pays for what is used first.

        In a thread with an event loop of its own: who loads an engine may sit in a loop that is running already.
        """
        with ThreadPoolExecutor(1, thread_name_prefix="warm-up") as pool:
            pool.submit(asyncio.run, self._predict_examples()).result()

    async def _predict_examples(self) -> None:
        for body in example_requests(self.portfolio).values():
            await self.predict(json.dumps(body).encode(), request_id="warm-up")


def _untold(_applicants: int, _seconds: float) -> None:
    """Nobody counts before the engine is used."""


def load_engine(folder: Path, *, deployed_at: str | None = None) -> Engine:
    """Load the scorer in `folder`, verified against its digest, and score once.

    Args:
        folder: of the scorer.
        deployed_at: since when it is told to answer here (ISO 8601); by default since now.

    Raises:
        ScorerError: the folder is incomplete, altered, or made for other feature definitions.
    """
    scorer = Scorer.load(folder, verify=True)
    stored = StoredHistories(scorer.portfolio, folder.parent / FOLDER)
    promotion = folder.parent / PROMOTION
    engine = Engine(
        scorer,
        stored,
        promoted_at=_promoted_at(promotion),
        promoted_by=_promoted_by(promotion),
        deployed_at=deployed_at,
    )
    engine.warm_up()
    return engine


def _promoted_at(file: Path) -> str | None:
    """What whoever promoted the scorer wrote beside it."""
    if not file.is_file():
        return None
    try:
        said = json.loads(file.read_bytes())
        # Built, and not promoted yet.
        return None if "promoted_at" not in said and SOURCE_DIGEST in said else str(said["promoted_at"])
    except (ValueError, KeyError, TypeError):
        raise ScorerError(f"{file} does not say when the scorer was promoted.", "Build the Bento again.") from None


def _promoted_by(file: Path) -> str | None:
    """The run that wrote it; None in a Bento of before runs were recorded."""
    run = json.loads(file.read_bytes()).get(PROMOTED_BY) if file.is_file() else None
    return None if run is None else str(run)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def model_info(scorer: Scorer, stored: StoredHistories, *, promoted_at: str | None, deployed_at: str) -> dict[str, Any]:
    """What `GET /model-info` answers."""
    metadata, provenance = scorer.metadata, scorer.provenance
    declared = {feature.name: feature for feature in scorer.portfolio.features}
    used = [declared[name] for name in scorer.fitted.features]
    return {
        "name": scorer.name,
        "version": scorer.version,
        "digest": scorer.digest,
        "portfolio": scorer.portfolio.name,
        "threshold": scorer.threshold,
        "feature_version": scorer.feature_version,
        "features": [{"name": f.name, "description": f.description, "unit": f.unit} for f in used],
        "candidate": scorer.candidate,
        "training_metrics": metadata.get("training_metrics", {}),
        "data_versions": provenance.get("data_versions", {}),
        "promoted_at": promoted_at,
        "deployed_at": deployed_at,
        "accepts_reduced_applications": bool(scorer.portfolio.express_columns) and scorer.accepts_missing,
        "stored_applicants": len(stored),
        "stored_histories": None if stored.facts is None else _histories_info(stored.facts),
        "metadata": scorer.metadata,
        "provenance": scorer.provenance,
    }


def _histories_info(facts: HistoriesFacts) -> dict[str, Any]:
    """What a client may know of the stored histories."""
    told = asdict(facts)
    return {name: told[name] for name in ("table", "table_version", "content_hash", "licence", "applicants")}
