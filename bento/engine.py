"""A loaded scorer and everything derived from it once, so that a request only pays for its own work.

What is here: `Engine` (reading, scoring, prepared documents) and `load_engine`.
What to add here: what an endpoint needs from the scorer, prepared at start-up where that is possible.
What must not be here: HTTP, and rules of how to score: they belong to `credit_platform.scoring`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bento.errors import ApiError, ErrorCode
from bento.openapi import example_requests, openapi_document
from bento.recorder import Scored
from bento.validation import RequestReader
from credit_platform.errors import RequestError
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import Request, Scorer


class Engine:
    """Answers requests with one scorer."""

    def __init__(self, scorer: Scorer) -> None:
        """Prepare rules and documents of the scorer's portfolio."""
        self.scorer = scorer
        self.portfolio: Portfolio = scorer.portfolio
        self._reader = RequestReader(self.portfolio)
        self.openapi = json.dumps(openapi_document(self.portfolio), ensure_ascii=False).encode()
        self.model_info = json.dumps(model_info(scorer), ensure_ascii=False, allow_nan=False).encode()

    def predict(self, body: bytes, request_id: str | None) -> Scored:
        """Read a body and score the applicant in it.

        Raises:
            ApiError: the body is not acceptable, or the scorer refuses the values in it.
        """
        return self.score(self._reader.read(body, request_id))

    def score(self, request: Request) -> Scored:
        """Score one applicant.

        Raises:
            ApiError: the scorer refuses the values of the request.
        """
        try:
            decision, features = self.scorer.assess(request)
        except RequestError as error:
            # Its message quotes the value; ours must not.
            message = f"{error.field} cannot be scored as given; see /docs."
            raise ApiError(ErrorCode.NOT_SCORABLE, message, error.field) from None
        return Scored(request, decision, features)

    def warm_up(self) -> None:
        """Score the portfolio's examples: lazy imports and first-use costs are paid before the first client comes."""
        for body in example_requests(self.portfolio).values():
            self.predict(json.dumps(body).encode(), request_id="warm-up")


def load_engine(folder: Path) -> Engine:
    """Load the scorer in `folder`, verified against its digest, and score once.

    Raises:
        ScorerError: the folder is incomplete, altered, or made for other feature definitions.
    """
    engine = Engine(Scorer.load(folder, verify=True))
    engine.warm_up()
    return engine


def model_info(scorer: Scorer) -> dict[str, Any]:
    """What `GET /model-info` answers."""
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
        "metadata": scorer.metadata,
        "provenance": scorer.provenance,
    }
